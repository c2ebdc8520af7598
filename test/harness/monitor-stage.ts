import { expect } from '@jest/globals';
import type { Look, OpenPage, TestBrowser } from './browser.js';
import { untilFace } from './monitor-page.js';
import { monitoredHost, type MonitoredHost, type MonitoredOptions } from './monitored-host.js';
import { temporaryFolder } from './temporary-folder.js';

export type StageOptions = Omit<MonitoredOptions, 'folder'>;

/** A recorder, and a browser's page that looks at it: all that one test of the monitor has for itself. */
export class MonitorStage {
  readonly #ends: (() => Promise<unknown>)[] = [];

  private constructor(
    readonly browser: TestBrowser,
    /** Its own. */
    readonly folder: string,
  ) {}

  /** Plays it, and takes everything away afterwards, whatever became of it. */
  static async play(browser: TestBrowser, act: (stage: MonitorStage) => Promise<void>): Promise<void> {
    const folder = await temporaryFolder();
    const stage = new MonitorStage(browser, folder.path);
    try {
      await act(stage);
    } finally {
      for (const end of stage.#ends.toReversed()) await end();
      await folder.remove();
    }
  }

  /** To be called at the end; what was given last comes first. */
  atEnd(end: () => Promise<unknown>): void {
    this.#ends.push(end);
  }

  async record(options: StageOptions = {}): Promise<MonitoredHost> {
    const recorder = await monitoredHost({ folder: this.folder, ...options });
    this.atEnd(() => recorder.host.end());
    return recorder;
  }

  async look(url: string, look: Look = {}): Promise<OpenPage> {
    const opened = await this.browser.open(url, look);
    this.atEnd(async () => {
      await opened.close();
      // What no script of the page may do, whatever happens to the recorder.
      expect(opened.mistakes).toEqual([]);
    });
    return opened;
  }

  /** Starts a recorder and looks at it. */
  async open(options: StageOptions = {}, look: Look = {}): Promise<MonitoredHost & { readonly page: OpenPage }> {
    const recorder = await this.record(options);
    return { ...recorder, page: await this.look(recorder.url, look) };
  }

  /** The same, with a camera that records trial 3 into the folder. */
  async openRecording(options: StageOptions = {}, folder = this.folder): ReturnType<MonitorStage['open']> {
    const opened = await this.open(options);
    await opened.host.expect('device_ready', { command: 'assign_device', device_id: 'picam:0' });
    await opened.host.expect('recording_started', startIn(folder));
    await untilFace(opened.page, 'recording');
    return opened;
  }
}

/** The command that starts trial 3 of all cameras in a session of this folder. */
export function startIn(folder: string) {
  return { command: 'start_recording', session_dir: `${folder}/session_1`, trial_number: 3 };
}

import { join } from 'node:path';
import { freePort } from '../../../bench/free-port.mjs';
import type { StatusMessage } from '../../../src/protocol/statuses.js';
import { cameraControl, type CameraControl } from '../camera-control.js';
import { childHost, type ChildHost } from '../child-host.js';
import { waitForFrames } from '../whole-recording.js';

/** One thing that happens in a session: what the host sends, if it sends something, and what it hears of it. */
export interface Scene {
  readonly title: string;
  /** What is to be known of it, beyond its title. */
  readonly remark?: string;
  readonly sent?: Command;
  readonly heard: readonly StatusMessage[];
}

type Command = Readonly<Record<string, unknown>> & { readonly command: string };

const SESSION = 'session_20260106_081726';

/** Drives the built program with the virtual camera through every command and every status, and returns what was said. */
export async function driveSession(folder: string): Promise<readonly Scene[]> {
  const camera = await cameraControl(folder);
  const port = await freePort();
  const host = await childHost({
    folder,
    config: { camera: { fps: 60 }, reconnect: { firstDelayMs: 100 } },
    args: ['--monitor', String(port)],
    env: { ...camera.env, DISPLAY: '', WAYLAND_DISPLAY: '' },
  });
  const play = new Play(host);
  try {
    await host.log.wait('monitor_started');
    play.heard('The program starts', 'A host launches it with `--monitor`; without that no `monitor_started` comes.');
    await play.asks({ command: 'assign_device', device_id: 'picam:0', display_name: 'Left eye' });
    await play.asks(
      { command: 'assign_device', device_id: 'picam:7' },
      'assign_device, of a camera that is not there',
      'With `keep_trying` the error has a `retry_in_ms`, and the camera is tried again.',
    );
    await play.asks({ command: 'start_session', session_dir: join(folder, SESSION) });
    await play.asks({ command: 'set_log_level', level: 'info' });
    await play.asks({ command: 'toggle_preview', enabled: true });
    await play.asks({ command: 'show_window' }, undefined, 'Of a process that has no display.');
    await play.asks({ command: 'hide_window' });
    await play.asks({ command: 'get_geometry' });
    await settings(play);
    await play.asks({ command: 'take_snapshot', device_id: 'picam:0' });
    await trial(play, host, camera);
    await play.asks(
      { command: 'start_recording', session_dir: '../elsewhere' },
      'start_recording, into a folder that is not allowed',
    );
    await play.asks({ command: 'stop_session' });
    await play.asks({ command: 'unassign_device', device_id: 'picam:0' });
    await play.asks({ command: 'unassign_all_devices' });
    await play.asks({ command: 'quit' });
    await host.exited;
    return play.scenes;
  } finally {
    await host.end();
  }
}

/** Changes and questions about what the camera is asked for. */
async function settings(play: Play): Promise<void> {
  await play.asks(
    { command: 'set_settings', device_id: 'picam:0', settings: { exposureTimeUs: 5000, gain: 2 } },
    undefined,
    'The camera is restarted, so that `device_ready` comes first.',
  );
  await play.asks({ command: 'get_settings', device_id: 'picam:0' });
  await play.asks({ command: 'fix_settings', device_id: 'picam:0' });
  const same = 'The camera gives this already: it is kept, and nothing is restarted.';
  await play.asks({ command: 'set_resolution', width: 640, height: 480 }, undefined, same);
  await play.asks({ command: 'set_fps', fps: 60 }, undefined, same);
}

/** A trial in which the camera is lost once. */
async function trial(play: Play, host: ChildHost, camera: CameraControl): Promise<void> {
  await play.asks(
    { command: 'start_recording', trial_number: 1, trial_label: 'left\u0007paw' },
    undefined,
    'The label holds a control character: a `warning` says that it was replaced.',
  );
  await waitForFrames(host, 30);
  await play.asks({ command: 'get_status' });
  await host.log.wait('heartbeat', ({ data }) => (data.cameras[0]?.recording?.frames ?? 0) > 0);
  play.heard('A heartbeat', 'Every 2 s, with the same data as `status_report`.', 'heartbeat');
  await play.asks({ command: 'set_settings', settings: { gain: 4 } }, 'set_settings, while it records');
  const from = host.log.all.length;
  await camera.misbehave('fail-after=1');
  await host.log.wait('device_error', undefined, from);
  await camera.misbehave('');
  await host.log.wait('recording_started', undefined, from);
  play.heard('The camera is lost and comes back', 'No command caused these, so that no `in_reply_to` is there.');
  await play.asks({ command: 'stop_recording' });
}

/** What may come at any time. */
const BY_THE_WAY = new Set<StatusMessage['status']>(['heartbeat', 'status_report', 'warning']);

/** The first of each name: a camera that is slow to come back is tried more often. */
function onceEach(statuses: readonly StatusMessage[]): readonly StatusMessage[] {
  return statuses.filter(({ status }, index) => statuses.findIndex((other) => other.status === status) === index);
}

/** Collects scenes: each has what was heard since the last one. */
class Play {
  readonly scenes: Scene[] = [];
  readonly #host: ChildHost;
  #from = 0;
  #asked = 0;

  constructor(host: ChildHost) {
    this.#host = host;
  }

  async asks(command: Command, title = command.command, remark?: string): Promise<void> {
    this.#asked += 1;
    const sent = { ...command, command_id: `${command.command}_${String(this.#asked).padStart(3, '0')}` };
    await this.#host.ask(sent);
    const heard = this.#since().filter((status) => status.in_reply_to === sent.command_id);
    this.#add({ title, sent, heard }, remark);
  }

  /** What came by itself. With `only` the last one of this name. */
  heard(title: string, remark: string, only?: StatusMessage['status']): void {
    const heard =
      only === undefined
        ? onceEach(this.#since()).filter(({ status }) => !BY_THE_WAY.has(status))
        : this.#host.log.named(only).slice(-1);
    this.#add({ title, heard }, remark);
  }

  #add(scene: Scene, remark?: string): void {
    this.scenes.push(remark === undefined ? scene : { ...scene, remark });
  }

  #since(): readonly StatusMessage[] {
    const since = this.#host.log.all.slice(this.#from);
    this.#from = this.#host.log.all.length;
    return since;
  }
}

import { writeFile } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { CameraStream, CaptureSettings } from '../../../src/capture/camera-source.js';
import { RpicamSource } from '../../../src/capture/rpicam-source.js';
import { TestClock } from './test-clock.js';
import { frameStream, HeardStream, processEnd, requestFor, ToolFolder } from './tool-fixtures.js';

const NO_FRAMES: Buffer = Buffer.alloc(0);
const SILENT = 'exec sleep 1000';
/** No pipe: where the tool is killed before its time, a test that fails must not hang. */
const UNTIL_TOLD = 'until [ -e "$FOLDER/go" ]; do sleep 0.01; done';
/** Gives its frames when it is told, as a client does when it hears its server. */
const MEETS = `${UNTIL_TOLD}; cat "$FRAMES"; ${SILENT}`;
const OLD = `case "$*" in *--sync*) echo "ERROR: *** unrecognised option '--sync' ***" >&2; exit 255;; esac`;
const SYNCHRONISED = { FrameDuration: 16_666, ExposureTime: 4000, SyncReady: 1, SyncTimer: 12 };

describe('synchronised cameras', () => {
  let folder: ToolFolder;
  let clock: TestClock;
  let heard: Heard;
  let stream: CameraStream;

  beforeEach(async () => {
    folder = await ToolFolder.make();
    clock = new TestClock();
  });

  afterEach(async () => {
    await stream.close(10_000);
    expect(clock.pendingTimers).toBe(0);
    await folder.remove();
  });

  /** What was told, with the time. */
  class Heard extends HeardStream {
    readonly told: [atS: number, code: string][] = [];

    override onWarning(code: string, message: string): void {
      super.onWarning(code, message);
      this.told.push([seconds(), code]);
    }

    override onLost(...loss: Parameters<HeardStream['onLost']>): void {
      super.onLost(...loss);
      this.told.push([seconds(), loss[0].code]);
    }
  }

  const seconds = (): number => Math.round((clock.wallMs() - startMs) / 1000);
  let startMs = 0;

  async function open(settings: Partial<CaptureSettings>, script = SILENT, frames: Buffer = NO_FRAMES): Promise<void> {
    const tool = await folder.tool(`echo "$*" >> "$FOLDER/arguments"\n${script}`, frames);
    const source = new RpicamSource({ captureTool: [tool], clock, noteFolder: folder.path('notes') });
    heard = new Heard();
    stream = await source.open(requestFor({ fps: 30, ...settings }), heard, new AbortController().signal);
    startMs = clock.wallMs();
  }

  async function pass(wait: number): Promise<void> {
    for (let tenths = 0; tenths < wait * 10; tenths += 1) {
      clock.advance(100);
      await turn();
    }
  }

  const warnedEvery10s = (until: number): [number, string][] =>
    Array.from({ length: until / 10 }, (_, index) => [10 * (index + 1), 'sync_waiting']);

  it.each([5, 30, 120])('tell of a client alone at %d fps every 10 s, and lose it once after a minute', async (fps) => {
    await open({ sync: 'client', fps });
    await pass(59.9);
    expect(heard.told).toEqual(warnedEvery10s(50));
    expect(heard.warnings[1]?.[1]).toBe(
      'The camera waits for its synchronising server, for 20 s so far, and is given up after 60 s. Check that the server runs (sync: server), that both have the same rate, and that UDP multicast passes between them.',
    );
    await pass(60);
    expect(heard.told).toEqual([...warnedEvery10s(50), [60, 'sync_timeout']]);
    const [loss] = heard.losses;
    expect(loss?.message).toMatch(/^The camera found no synchronising server\. .* Start the server \(sync: server\)/);
    expect(loss?.message).not.toMatch(/cable|sends no frames|reboot/);
  });

  it('wait as long as is configured, and never less than 150 frames of the server take', async () => {
    await open({ sync: 'client', syncTimeoutMs: 3_000 });
    await pass(4.8);
    expect(heard.told).toEqual([]);
    await pass(1);
    expect(heard.told).toEqual([[5, 'sync_timeout']]);
  });

  it('are no more waited for once the server came after 34 s, and then have the limit of every camera', async () => {
    await open({ sync: 'client' }, MEETS, frameStream(3, SYNCHRONISED));
    await pass(34);
    await writeFile(folder.path('go'), '\n');
    await heard.frames(3);
    expect(heard.told).toEqual(warnedEvery10s(30));
    expect(heard.metadata[0]).toMatchObject({ isSyncReady: true, syncTimerUs: 12 });
    await pass(3);
    expect(heard.told).toEqual([...warnedEvery10s(30), [36, 'frame_timeout']]);
  });

  it('are not told as waiting where a client that met its server is silent later', async () => {
    await open({ sync: 'client', frameTimeoutMs: 30_000 }, `cat "$FRAMES"; ${SILENT}`, frameStream(3, SYNCHRONISED));
    await heard.frames(3);
    await pass(32);
    expect(heard.told).toEqual([[30, 'frame_timeout']]);
  });

  it('lose a client whose process ends with its usual error', async () => {
    await open({ sync: 'client' }, `${UNTIL_TOLD}; exit 3`);
    await pass(15);
    await writeFile(folder.path('go'), '\n');
    await heard.lost;
    expect(heard.told).toEqual([...warnedEvery10s(10), [15, 'capture_failed']]);
    await pass(60);
    expect(heard.losses).toHaveLength(1);
  });

  it('lose a client whose tool complains of the camera with that, and not with its server', async () => {
    await open({ sync: 'client' }, `echo "Camera frontend has timed out!" >&2; touch "$FOLDER/said"; ${SILENT}`);
    await folder.file('said');
    await pass(61);
    expect(heard.losses).toMatchObject([{ code: 'frame_timeout' }]);
  });

  it('end the wait of a client at once when it is closed', async () => {
    await open({ sync: 'client' });
    await pass(15);
    const { pid } = heard;
    expect(await stream.close(10_000)).toEqual({ portReleased: true });
    await processEnd(Number(pid));
    expect(seconds()).toBe(15);
    expect(clock.pendingTimers).toBe(0);
    await pass(60);
    expect(heard.told).toEqual(warnedEvery10s(10));
  });

  it('do not count the time in which nobody read', async () => {
    await open({ sync: 'client' });
    await pass(9);
    stream.pause();
    await pass(100);
    expect(heard.told).toEqual([]);
    stream.resume();
    await pass(9);
    expect(heard.told).toEqual([]);
    await pass(2);
    expect(heard.told).toHaveLength(1);
    await pass(48);
    expect(heard.losses).toEqual([]);
    await pass(2);
    expect(heard.losses).toMatchObject([{ code: 'sync_timeout' }]);
  });

  it('count and tell anew after a time in which nobody read', async () => {
    await open({ sync: 'client' });
    await pass(25);
    stream.pause();
    stream.resume();
    await pass(25);
    expect(heard.warnings.map(([, message]) => /for \d+ s so far/.exec(message)?.[0])).toEqual([
      'for 10 s so far',
      'for 20 s so far',
      'for 10 s so far',
      'for 20 s so far',
    ]);
  });

  it('do not count the time in which this process stood still', async () => {
    await open({ sync: 'client' });
    await pass(9);
    for (let stalls = 0; stalls < 10; stalls += 1) {
      clock.stall(30_000);
      await turn();
    }
    expect(heard.told).toEqual([]);
    await pass(2);
    expect(heard.warnings).toHaveLength(1);
    expect(heard.losses).toEqual([]);
  });

  it.each([
    [5, 37],
    [30, 10.3],
    [120, 6.3],
  ])('give a server at %d fps %d s for its 100 frames, and then call it a dead camera', async (fps, limitS) => {
    await open({ sync: 'server', fps });
    await pass(limitS - 0.3);
    expect(heard.told).toEqual([]);
    await pass(1);
    expect(heard.losses).toMatchObject([{ code: 'frame_timeout' }]);
    expect(heard.warnings).toEqual([]);
  });

  it('give a camera that is off the time of every camera', async () => {
    await open({ sync: 'off' });
    await pass(5.8);
    expect(heard.losses).toMatchObject([{ code: 'frame_timeout' }]);
  });

  it('stream unsynchronised from a tool that does not know them, and say so', async () => {
    await open({ sync: 'client', width: 1456 }, `${OLD}\ncat "$FRAMES"; ${SILENT}`, frameStream(3));
    await heard.frames(3);
    expect(heard.warnings).toEqual([
      ['option_left_out', expect.stringMatching(/left out: --sync\. Without effect are the settings sync\.$/)],
    ]);
    const lines = (await folder.read('arguments')).trim().split('\n');
    expect(lines.map((line) => line.includes('--sync client'))).toEqual([true, false]);
  });

  it('do not call an old tool a client that waits', async () => {
    await open({ sync: 'client' }, `${OLD}\ntouch "$FOLDER/again"; ${SILENT}`);
    await folder.file('again');
    await pass(6);
    expect(heard.told.map(([, code]) => code)).toEqual(['frame_timeout']);
  });
});

import { writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { CameraStream } from '../../../../src/capture/camera-source.js';
import { RpicamSource } from '../../../../src/capture/rpicam-source.js';
import { TestClock } from '../test-clock.js';
import { frameStream, HeardStream, requestFor, ToolFolder } from '../tool-fixtures.js';

const FIRST = 10;
const NEXT = 3;

/** The clock stands still, so nothing that waits for a time to pass ever happens by itself. */
describe('frames that are handed over together', () => {
  let folder: ToolFolder;
  let clock: TestClock;
  let stream: CameraStream;
  let heard: HeardStream;

  beforeEach(async () => {
    folder = await ToolFolder.make();
    clock = new TestClock();
    const all = frameStream(FIRST + 2 * NEXT, { FrameDuration: 16_666 });
    const frameBytes = all.length / (FIRST + 2 * NEXT);
    const send = (from: number, count: number): string =>
      `tail -c +${from * frameBytes + 1} "$FRAMES" | head -c ${count * frameBytes}`;
    const waitFor = (name: string): string => `while [ ! -e "$FOLDER/${name}" ]; do sleep 0.01; done`;
    const tool = await folder.tool(
      [
        send(0, FIRST),
        waitFor('go1'),
        send(FIRST, NEXT),
        waitFor('go2'),
        send(FIRST + NEXT, NEXT),
        waitFor('go3'),
      ].join('\n'),
      all,
    );
    const source = new RpicamSource({ captureTool: [tool], clock, noteFolder: folder.path('notes') });
    heard = new HeardStream();
    stream = await source.open(requestFor(), heard, new AbortController().signal);
    await heard.frames(FIRST); // the first ones come at once
  });

  afterEach(async () => {
    for (const name of ['go1', 'go2', 'go3']) await go(name);
    const closed = stream.close(20_000);
    await when(() => {
      clock.advance(10);
      return heard.pid === null;
    });
    await closed;
    await folder.remove();
  });

  const go = (name: string): Promise<void> => writeFile(folder.path(name), '');

  async function when(isSo: () => boolean): Promise<void> {
    while (!isSo()) await pause(2);
  }

  it('wait for each other, and come when somebody wants to catch up', async () => {
    await go('go1');
    await pause(100);
    expect(heard.timestamps).toHaveLength(FIRST);
    await when(() => {
      stream.catchUp?.();
      return heard.timestamps.length === FIRST + NEXT;
    });
  });

  it('come when the camera is silent, long before it counts as lost', async () => {
    await go('go1');
    let waitedMs = 0;
    await when(() => {
      clock.advance(1);
      waitedMs += 1;
      return heard.timestamps.length === FIRST + NEXT;
    });
    expect(heard.losses).toEqual([]);
    expect(waitedMs).toBeLessThan(requestFor().settings.frameTimeoutMs / 2);
  });

  it('come as soon as they were read where somebody waits for them', async () => {
    stream.catchUp?.(NEXT);
    await go('go1');
    await heard.frames(FIRST + NEXT);
    await go('go2');
    await pause(100);
    expect(heard.timestamps).toHaveLength(FIRST + NEXT);
  });

  it('are all there when the process ended', async () => {
    for (const name of ['go1', 'go2', 'go3']) await go(name);
    await when(() => {
      clock.advance(1);
      return heard.timestamps.length === FIRST + 2 * NEXT;
    });
    expect(heard.corrupt).toEqual([]);
  });
});

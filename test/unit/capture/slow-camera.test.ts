import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RpicamSource } from '../../../src/capture/rpicam-source.js';
import { TestClock } from './test-clock.js';
import { frameStream, HeardStream, requestFor, ToolFolder } from './tool-fixtures.js';

describe('a slow camera', () => {
  let folder: ToolFolder;
  let clock: TestClock;

  beforeEach(async () => {
    folder = await ToolFolder.make();
    clock = new TestClock();
  });

  afterEach(async () => {
    await folder.remove();
  });

  async function open(script: string, frames: Buffer, fps: number) {
    const source = new RpicamSource({
      captureTool: [await folder.tool(script, frames)],
      clock,
      noteFolder: folder.path('notes'),
    });
    const heard = new HeardStream();
    const stream = await source.open(requestFor({ fps }), heard, new AbortController().signal);
    return { heard, stream };
  }

  async function pass(seconds: number): Promise<void> {
    for (let tenths = 0; tenths < seconds * 10; tenths += 1) {
      clock.advance(100);
      await turn();
    }
  }

  it('has five seconds and ten of the frame times that were asked for, until its first frame', async () => {
    const { heard, stream } = await open('exec sleep 1000', Buffer.alloc(0), 0.5);
    await pass(24.9);
    expect(heard.losses).toEqual([]);
    await pass(2);
    expect(heard.losses).toMatchObject([{ code: 'frame_timeout' }]);
    await stream.close(10_000);
  });

  it('has five of its own frame times, however fast it was asked to be', async () => {
    const frames = frameStream(3, { FrameDuration: 4_000_000 });
    const { heard, stream } = await open('cat "$FRAMES"; exec sleep 1000', frames, 60);
    await heard.frames(3);
    await pass(19.9);
    expect(heard.losses).toEqual([]);
    await pass(2);
    expect(heard.losses).toMatchObject([{ code: 'frame_timeout' }]);
    await stream.close(10_000);
  });
});

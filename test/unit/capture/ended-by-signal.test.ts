import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RpicamSource } from '../../../src/capture/rpicam-source.js';
import { isEndFromOutside } from '../../../src/capture/rpicam-errors.js';
import { frameStream, HeardStream, requestFor, ToolFolder } from './tool-fixtures.js';
import { TestClock } from './test-clock.js';

const LIMIT_MS = 20_000;
const HELD_MS = 500;

describe('an end from outside', () => {
  it.each([
    [{ code: null, signal: 'SIGTERM' as const }, true],
    [{ code: null, signal: 'SIGINT' as const }, true],
    [{ code: null, signal: 'SIGHUP' as const }, true],
    [{ code: 143, signal: null }, true], // a wrapper's words for SIGTERM
    [{ code: 130, signal: null }, true],
    [{ code: 129, signal: null }, true],
    [{ code: 0, signal: null }, true], // rpicam-vid's answer to SIGINT
    [{ code: null, signal: 'SIGKILL' as const }, false],
    [{ code: null, signal: 'SIGSEGV' as const }, false],
    [{ code: 137, signal: null }, false],
    [{ code: 255, signal: null }, false],
    [{ code: 1, signal: null }, false],
    [undefined, false],
  ])('is %j: %s', (exit, isOne) => {
    expect(isEndFromOutside(exit)).toBe(isOne);
  });
});

describe('a capture process that somebody asked to end', () => {
  let folder: ToolFolder;
  let clock: TestClock;

  beforeEach(async () => {
    folder = await ToolFolder.make();
    clock = new TestClock();
  });

  afterEach(async () => {
    await folder.remove();
  });

  /** A stream that gave 300 frames, whose process then ended by this script; all of it was heard. */
  async function ended(script: string) {
    const tool = await folder.listingTool(
      `case "$*" in *--list-cameras*) exit 0;; esac\ncat "$FRAMES"\n${script}`,
      frameStream(300),
    );
    const heard = new HeardStream();
    let onJudged = (): void => {};
    const judged = new Promise<void>((resolve) => {
      onJudged = resolve;
    });
    const log = (_level: string, message: string): void => {
      if (message === 'Somebody else ended the capture process.') onJudged();
    };
    const source = new RpicamSource({ captureTool: [tool], clock, log, noteFolder: folder.path('notes') });
    const stream = await source.open(requestFor(), heard, new AbortController().signal);
    await heard.frames(300);
    await Promise.race([judged, heard.lost]);
    return { heard, stream };
  }

  /** Lets a held back loss be told: its timer, then the reads of one more turn. */
  async function pass(ms: number): Promise<void> {
    clock.advance(ms);
    await new Promise(setImmediate);
    await new Promise(setImmediate);
  }

  it.each(['kill -TERM $$', 'kill -INT $$', 'kill -HUP $$', 'exit 143', 'exit 0'])(
    'belongs to a stop that follows within 500 ms (%s)',
    async (script) => {
      const { heard, stream } = await ended(script);
      await pass(HELD_MS - 10);
      expect(await stream.close(LIMIT_MS)).toEqual({ portReleased: true });
      await pass(10_000);
      expect(heard.losses).toEqual([]);
      expect(heard.timestamps).toHaveLength(300);
    },
  );

  it('is a loss 500 ms later where no stop follows, and its time is that of the end', async () => {
    const { heard, stream } = await ended('kill -TERM $$');
    const endedNs = clock.monotonicNs();
    await pass(HELD_MS - 10);
    expect(heard.losses).toEqual([]);
    await pass(20);
    expect(heard.losses).toMatchObject([
      { code: 'capture_failed', message: expect.stringContaining('was ended by SIGTERM after 300 frames') },
    ]);
    expect(heard.endedNs).toBe(endedNs);
    expect(await stream.close(LIMIT_MS)).toEqual({ portReleased: true });
    expect(heard.losses).toHaveLength(1);
  });

  it('may be paused and resumed meanwhile', async () => {
    const { heard, stream } = await ended('kill -TERM $$');
    stream.pause();
    stream.resume();
    await pass(HELD_MS + 10);
    expect(heard.losses).toHaveLength(1);
  });

  it('is a loss at once where it was killed, or failed', async () => {
    for (const script of ['kill -KILL $$', 'exit 255']) {
      const { heard } = await ended(script);
      expect(await heard.lost).toMatchObject({ code: 'capture_failed' });
      expect(heard.endedNs).toBeUndefined();
    }
  });
});

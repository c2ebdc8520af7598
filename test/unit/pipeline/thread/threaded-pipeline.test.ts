import { MessageChannel } from 'node:worker_threads';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { fromNow } from '../../../../src/core/deadline.js';
import type { PipelineEvent, ThreadEvent, ThreadWord } from '../../../../src/pipeline/pipeline-messages.js';
import { ThreadedPipeline } from '../../../../src/pipeline/thread/threaded-pipeline.js';
import type { PipelineThread, ThreadListener } from '../../../../src/pipeline/thread/worker-threads.js';
import { FAKE_FORMAT } from '../../../harness/fake-camera-source.js';
import { NO_FIGURES } from '../../../harness/fake-pipeline.js';
import { FaultyFileSystem } from '../../../harness/faulty-file-system.js';
import { ManualClock, settled } from '../../../harness/manual-clock.js';
import { PreviewReader } from '../../../harness/preview-reader.js';
import { OPTIONS, ORDER, REQUEST } from '../pipeline-rig.js';

/** A thread that the test plays. */
class FakeThread implements PipelineThread {
  readonly words: ThreadWord[] = [];
  isKilled = false;

  constructor(readonly listener: ThreadListener) {}

  post(word: ThreadWord): void {
    this.words.push(structuredClone(word, { transfer: word.type === 'connectPreview' ? [word.port] : [] }));
  }

  kill(): void {
    this.isKilled = true;
  }

  say(...events: ThreadEvent[]): void {
    for (const event of events) this.listener.onEvent(event);
  }
}

const FIRST_FRAME: PipelineEvent = { type: 'firstFrame', run: 1, format: FAKE_FORMAT, fps: 60 };
const FIGURES: PipelineEvent = { type: 'figures', run: 1, figures: NO_FIGURES };
const OPEN = { type: 'open', run: 1, request: REQUEST } as const;

/** Real threads are in `test/process`; here it is what their owner makes of them. */
describe('ThreadedPipeline', () => {
  let clock: ManualClock;
  let threads: FakeThread[];
  let events: PipelineEvent[];
  let disk: FaultyFileSystem;
  let pipeline: ThreadedPipeline;
  let startError: Error | null;

  beforeEach(() => {
    clock = new ManualClock();
    threads = [];
    events = [];
    disk = new FaultyFileSystem();
    startError = null;
    pipeline = new ThreadedPipeline({
      options: OPTIONS,
      startThread: (_options, listener) => {
        if (startError !== null) throw startError;
        const thread = new FakeThread(listener);
        threads.push(thread);
        return thread;
      },
      clock,
      fileSystem: disk.fileSystem,
      onEvent: (event) => {
        events.push(event);
      },
    });
  });

  const thread = (): FakeThread => {
    const last = threads.at(-1);
    if (last === undefined) throw new Error('No thread was started.');
    return last;
  };

  const said = (): string[] => events.filter(({ type }) => type !== 'log').map(({ type }) => type);

  it('starts no thread before a camera is opened, and one for all of its runs', async () => {
    pipeline.send({ type: 'stopRecording', run: 1, reason: 'command', stopNs: null });
    pipeline.send({ type: 'close', run: 1, reason: 'command', untilNs: 100n });
    expect(threads).toHaveLength(0);
    expect(said()).toEqual(['closed']);
    pipeline.send(OPEN);
    thread().say(FIRST_FRAME, { type: 'closed', run: 1, portReleased: true });
    pipeline.send({ ...OPEN, run: 2 });
    expect(threads).toHaveLength(1);
  });

  it('tells a new thread what was set before', async () => {
    pipeline.send({ type: 'setLoadLevel', level: 'previewThinned' });
    pipeline.send({ type: 'setLoadLevel', level: 'previewPaused' });
    pipeline.send(OPEN);
    pipeline.send({ type: 'setPreview', enabled: true });
    const lasting = [
      { type: 'setLoadLevel', level: 'previewPaused' },
      { type: 'setPreview', enabled: true },
    ];
    expect(thread().words).toEqual([lasting[0], OPEN, lasting[1]]);
    thread().listener.onEnded(new Error('gone'));
    await settled();
    pipeline.send({ ...OPEN, run: 2 });
    expect(thread().words).toEqual([...lasting, { ...OPEN, run: 2 }]);
  });

  it('says lost where no thread can be started', () => {
    startError = new Error('too many threads');
    pipeline.send(OPEN);
    expect(events).toMatchObject([
      { type: 'lost', run: 1, error: { code: 'capture_failed', message: expect.stringContaining('too many threads') } },
    ]);
  });

  it('answers what comes between a death and its last word with the rest', async () => {
    pipeline.send(OPEN);
    thread().say(FIRST_FRAME);
    thread().listener.onEnded(new Error('gone'));
    pipeline.send({ type: 'startRecording', run: 1, order: ORDER });
    pipeline.send({ type: 'close', run: 1, reason: 'command', untilNs: 500n });
    await settled();
    expect(said()).toEqual(['firstFrame', 'recordingFailed', 'closed']);
    expect(events.filter(({ type }) => type === 'log')).toMatchObject([
      { level: 'error', context: { stack: expect.stringContaining('gone') } },
    ]);
  });

  it('answers for a dead thread and for the one that was started after it, each for its own run', async () => {
    pipeline.send(OPEN);
    thread().say(FIRST_FRAME);
    thread().listener.onEnded(new Error('gone'));
    pipeline.send({ ...OPEN, run: 2 });
    expect(threads).toHaveLength(2);
    await settled();
    expect(events.filter(({ type }) => type === 'lost')).toMatchObject([{ run: 1 }]);
    thread().listener.onEnded(new Error('gone too'));
    await settled();
    expect(events.filter(({ type }) => type === 'lost')).toMatchObject([{ run: 1 }, { run: 2 }]);
  });

  it('says that a recording which cannot be read any more is known by its last figures', async () => {
    pipeline.send(OPEN);
    pipeline.send({ type: 'startRecording', run: 1, order: ORDER });
    const paths = { take: 1, videoPath: '/nowhere/a.avi', timingPath: '/nowhere/a_timing.csv' };
    thread().say(FIRST_FRAME, { type: 'recordingStarted', run: 1, paths, firstFrameNs: 1n });
    thread().listener.onEnded(undefined);
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (said().includes('lost')) resolve();
        else setImmediate(look);
      };
      look();
    });
    expect(events.find(({ type }) => type === 'recordingStopped')).toMatchObject({
      summary: { paths, error: { message: expect.stringMatching(/without being asked.*last figures/s) } },
    });
  });

  it('gives a thread up that has said nothing for 15 s, and hears no more of it', async () => {
    pipeline.send(OPEN);
    thread().say(FIRST_FRAME);
    await clock.advance(14_000);
    thread().say(FIGURES);
    await clock.advance(14_000);
    expect(said()).toEqual(['firstFrame', 'figures']);
    await clock.advance(6_000);
    expect(thread().isKilled).toBe(true);
    expect(said()).toEqual(['firstFrame', 'figures', 'lost']);
    thread().say(FIGURES);
    thread().listener.onEnded(undefined);
    await settled();
    expect(said()).toHaveLength(3);
    expect(clock.timers).toBe(0);
  });

  it('does not take its own late timer for the silence of the other thread', async () => {
    pipeline.send(OPEN);
    thread().say(FIRST_FRAME);
    await clock.advance(14_000);
    // The host was busy: the timer fires before what waits to be heard.
    const firing = clock.advance(5_000);
    setImmediate(() => {
      thread().say(FIGURES);
    });
    await firing;
    await clock.advance(9_000);
    expect(said()).toEqual(['firstFrame', 'figures']);
  });

  it('expects no word of a thread without a camera', async () => {
    pipeline.send(OPEN);
    thread().say(FIRST_FRAME, { type: 'closed', run: 1, portReleased: true });
    await clock.advance(60_000);
    expect(thread().isKilled).toBe(false);
  });

  it('leaves the end to the thread, and closes when that is gone', async () => {
    pipeline.send(OPEN);
    let isClosed = false;
    const closing = pipeline.end(fromNow(clock, 1_000)).then(() => {
      isClosed = true;
    });
    await settled();
    expect(thread().words.at(-1)).toEqual({ type: 'end', untilNs: fromNow(clock, 750) });
    expect(isClosed).toBe(false);
    thread().say({ type: 'closed', run: 1, portReleased: true });
    thread().listener.onEnded(undefined);
    await closing;
    expect(events).toEqual([{ type: 'closed', run: 1, portReleased: true }]);
    expect(clock.timers).toBe(0);
  });

  it('ends a thread that does not end within the limit, and answers for it', async () => {
    pipeline.send(OPEN);
    thread().say(FIRST_FRAME);
    const closing = pipeline.end(fromNow(clock, 1_000));
    await clock.advance(1_000);
    await closing;
    expect(thread().isKilled).toBe(true);
    expect(said()).toEqual(['firstFrame', 'closed']);
  });

  it('waits two seconds for the files of a thread that cannot be ended, and leaves them alone as long as it is there', async () => {
    const opened = disk.inject({ operation: 'open', effect: { kind: 'fail', errno: 'ENOENT' } });
    pipeline.send(OPEN);
    thread().say(FIRST_FRAME, { type: 'takeFiles', videoPath: '/nowhere/a.avi', isOpen: true });
    await clock.advance(20_000);
    await clock.advance(1_500);
    expect(thread().isKilled).toBe(true);
    expect(said()).not.toContain('lost');
    await clock.advance(1_000);
    expect(said()).toContain('lost');
    expect(said()).not.toContain('takeFiles');
    expect(opened.hits).toBe(0);
    thread().listener.onEnded(undefined);
    while (opened.hits === 0) await new Promise(setImmediate);
    expect(clock.timers).toBe(0);
  });

  it('opens nothing once it is closed', async () => {
    await pipeline.end(fromNow(clock, 1_000));
    pipeline.send(OPEN);
    expect(events).toMatchObject([{ type: 'lost', error: { code: 'shutting_down' } }]);
    expect(threads).toHaveLength(0);
  });

  it('reports a word that it cannot pass on, and goes on', () => {
    pipeline.send(OPEN);
    thread().post = () => {
      throw new Error('could not be cloned');
    };
    pipeline.send({ type: 'setPreview', enabled: true });
    expect(events).toMatchObject([{ type: 'log', level: 'error', message: 'The pipeline failed at setPreview.' }]);
  });

  describe('and the ports of previews', () => {
    const read = (): PreviewReader =>
      new PreviewReader((port) => {
        pipeline.connectPreview(port);
      });
    const portsIn = (words: readonly ThreadWord[]): number =>
      words.filter(({ type }) => type === 'connectPreview').length;

    it('waits with them for the thread, and for the next one after a death', async () => {
      read();
      pipeline.send(OPEN);
      read();
      expect(thread().words.map(({ type }) => type)).toEqual(['connectPreview', 'open', 'connectPreview']);
      thread().listener.onEnded(new Error('dead'));
      await clock.advance(5_000);
      const reader = read();
      pipeline.send({ ...OPEN, run: 2 });
      expect(threads.map(({ words }) => portsIn(words))).toEqual([2, 1]);
      expect(reader.isClosed).toBe(false);
    });

    it('closes those that wait when it ends, and those that come later', async () => {
      const early = read();
      await pipeline.end(clock.monotonicNs() + 1_000_000_000n);
      const late = read();
      await settled();
      expect([early.isClosed, late.isClosed]).toEqual([true, true]);
    });

    it('hands over none that was closed meanwhile, whenever that is noticed', async () => {
      const gone = read();
      await gone.close();
      pipeline.send(OPEN);
      expect(portsIn(thread().words)).toBe(0);
      const { port1, port2 } = new MessageChannel();
      port1.close();
      await settled();
      pipeline.connectPreview(port2);
      expect(portsIn(thread().words)).toBe(0);
      expect(said()).toEqual([]);
    });
  });
});

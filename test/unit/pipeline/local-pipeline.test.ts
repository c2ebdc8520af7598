import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { fromNow } from '../../../src/core/deadline.js';
import { CsiCamerasError } from '../../../src/core/errors.js';
import type { PipelineCommand, PipelineEvent } from '../../../src/pipeline/pipeline-messages.js';
import { FAKE_FORMAT } from '../../harness/fake-camera-source.js';
import { settled } from '../../harness/manual-clock.js';
import { OPTIONS, ORDER, PipelineRig, REQUEST, SLOW_FPS } from './pipeline-rig.js';

const GONE = new CsiCamerasError('camera_disconnected', 'The camera stopped answering.', { index: 0 });
const NEVER = new Promise<void>(() => undefined);

describe('LocalPipeline', () => {
  let rig: PipelineRig;

  beforeEach(() => {
    rig = new PipelineRig();
  });

  afterEach(async () => {
    const closing = rig.pipeline.end(fromNow(rig.clock, 2_000));
    await rig.clock.advance(10_000);
    await closing;
    expect(rig.clock.timers).toBe(0);
    expect(rig.source.ledger.held).toBe(0);
  });

  it('opens, records and closes, with an answer for each command in order', async () => {
    await rig.openStream();
    await rig.startRecording();
    await rig.frames(30);
    await rig.stopRecording();
    await rig.closeRun();

    expect(rig.said).toEqual(['firstFrame', 'recordingStarted', 'recordingStopped', 'closed']);
    expect(rig.last('closed')).toEqual({ type: 'closed', run: 1, portReleased: true });
  });

  it('records at one frame in 200 seconds, shows that rate, and is never silent between the frames', async () => {
    const request = { ...REQUEST, settings: { ...REQUEST.settings, fps: 0.005 } };
    const heardAtNs: bigint[] = [];
    rig.onEvent = () => heardAtNs.push(rig.clock.monotonicNs());
    rig.send({ type: 'open', run: 1, request });
    await settled();
    rig.stream.giveFormat();
    await rig.frames(1);
    await rig.startRecording();
    for (let frame = 0; frame < 3; frame += 1) {
      await rig.clock.advance(200_000);
      await rig.frames(1);
    }
    await rig.clock.advance(500);
    expect(rig.last('figures').figures).toMatchObject({ captureFps: 0.005, recordFps: 0.005 });
    await rig.stopRecording();
    expect(rig.said).toEqual(['firstFrame', 'recordingStarted', 'recordingStopped']);
    expect(rig.last('recordingStopped').summary).toMatchObject({ frames: 3, error: null, counts: { delivered: 3 } });
    // A thread that says nothing for 15 s is taken for dead.
    const silences = heardAtNs.slice(1).map((atNs, index) => Number(atNs - (heardAtNs[index] ?? 0n)) / 1e9);
    expect(Math.max(...silences)).toBeLessThanOrEqual(2.5);
  });

  describe('opening', () => {
    it('says what the stream gives with the first frame, and the rate asked for', async () => {
      await rig.openStream();
      await rig.frames(3);
      expect(rig.all('firstFrame')).toEqual([{ type: 'firstFrame', run: 1, format: FAKE_FORMAT, fps: 30 }]);
    });

    it('says the rate that the metadata give, where they give one', async () => {
      rig.send({ type: 'open', run: 1, request: REQUEST });
      await settled();
      rig.stream.giveFormat();
      rig.stream.giveFrame({ frameDurationUs: 40_000 });
      expect(rig.last('firstFrame').fps).toBe(25);
    });

    it('takes frames that come before the source says that it is open', async () => {
      rig.source.onOpen = (stream) => {
        stream.giveFormat();
        stream.giveFrames(2);
      };
      rig.send({ type: 'open', run: 1, request: REQUEST });
      await settled();
      expect(rig.said).toEqual(['firstFrame']);
    });

    it('says lost, with the reason, when the source cannot be opened', async () => {
      rig.source.openError = new CsiCamerasError('camera_not_found', 'No cameras.', { index: 3 });
      rig.send({ type: 'open', run: 1, request: REQUEST });
      await settled();
      const error = { code: 'camera_not_found', message: 'No cameras.', context: { index: 3 } };
      expect(rig.all('lost')).toEqual([{ type: 'lost', run: 1, error, portReleased: true }]);
    });

    it('makes an error of ours of anything that the source throws', async () => {
      rig.source.openError = new TypeError('spawn went wrong');
      rig.send({ type: 'open', run: 1, request: REQUEST });
      await settled();
      expect(rig.last('lost').error).toEqual({ code: 'capture_failed', message: 'spawn went wrong', context: {} });
    });

    it('passes on when the stream ended, where its loss is told later', async () => {
      await rig.openStream();
      rig.stream.lose(GONE, 7n);
      await settled();
      expect(rig.last('lost')).toMatchObject({ endedNs: 7n });
    });

    it('can be opened again after it was lost', async () => {
      await rig.openStream();
      rig.stream.lose(GONE);
      await settled();
      await rig.openStream(2);
      expect(rig.said).toEqual(['firstFrame', 'lost', 'firstFrame']);
      expect(rig.last('firstFrame').run).toBe(2);
    });

    it('refuses a second camera while it has one', async () => {
      await rig.openStream();
      rig.send({ type: 'open', run: 2, request: REQUEST });
      await settled();
      expect(rig.last('lost')).toMatchObject({ run: 2, error: { code: 'camera_in_use' } });
      expect(rig.source.streams).toHaveLength(1);
      await rig.frames(1);
      expect(rig.said).toEqual(['firstFrame', 'lost']);
    });

    it('reports a source that gives a frame before its format, and goes on', async () => {
      rig.send({ type: 'open', run: 1, request: REQUEST });
      await settled();
      rig.stream.giveFrames(1);
      expect(rig.last('log')).toMatchObject({ level: 'error', context: { error: { code: 'capture_failed' } } });
      rig.stream.giveFormat();
      rig.stream.giveFrames(1);
      expect(rig.said).toEqual(['log', 'firstFrame']);
    });
  });

  describe('closing', () => {
    it('ends the wait for a camera at once', async () => {
      rig.source.opening = NEVER;
      rig.send({ type: 'open', run: 1, request: REQUEST });
      await settled();
      await rig.closeRun();
      expect(rig.said).toEqual(['closed']);
      expect(rig.last('closed').portReleased).toBe(true);
    });

    it('ends the wait for a first frame at once, without announcing a frame that still comes', async () => {
      rig.send({ type: 'open', run: 1, request: REQUEST });
      await settled();
      rig.stream.giveFormat();
      rig.stream.onClose = () => {
        rig.stream.giveFrames(1);
      };
      await rig.closeRun();
      expect(rig.said).toEqual(['closed']);
    });

    it('gives up an opening that takes no notice, and closes what comes of it later', async () => {
      let open = (): void => undefined;
      rig.source.heedsAbort = false;
      rig.source.opening = new Promise((resolve) => {
        open = resolve;
      });
      rig.send({ type: 'open', run: 1, request: REQUEST });
      await rig.closeRun(1, 1_000);
      await rig.clock.advance(1_000);
      expect(rig.last('closed').portReleased).toBe(false);
      open();
      await settled();
      expect(rig.stream.isClosed).toBe(true);
      expect(rig.said).toEqual(['closed']);
    });

    it('records the frames that still arrive, then finishes the recording, then says closed', async () => {
      await rig.openStream();
      await rig.startRecording();
      await rig.frames(3);
      rig.stream.onClose = () => {
        rig.stream.giveFrames(2);
      };
      await rig.closeRun();
      expect(rig.said).toEqual(['firstFrame', 'recordingStarted', 'recordingStopped', 'closed']);
      expect(rig.session.recording.numbers).toEqual([2, 3, 4, 5, 6]);
      expect(rig.last('recordingStopped').summary).toMatchObject({ frames: 5, reason: 'shutdown', error: null });
    });

    it('finishes the recording without waiting for a camera that does not end', async () => {
      await rig.openStream();
      await rig.startRecording();
      await rig.frames(3);
      rig.stream.closing = NEVER;
      await rig.closeRun(1, 1_000);
      await rig.clock.advance(500);
      expect(rig.said).toEqual(['firstFrame', 'recordingStarted', 'recordingStopped']);
      await rig.clock.advance(500);
      expect(rig.last('closed')).toEqual({ type: 'closed', run: 1, portReleased: false });
    });

    it('answers within the limit when the disk is stuck, and says what was lost', async () => {
      await rig.openStream();
      await rig.startRecording();
      await rig.frames(1);
      rig.session.disk.appends.close();
      await rig.frames(4);
      await rig.closeRun(1, 1_000);
      await rig.clock.advance(1_000);
      expect(rig.said.filter((type) => type !== 'drop')).toEqual([
        'firstFrame',
        'recordingStarted',
        'recordingStopped',
        'closed',
      ]);
      expect(rig.last('recordingStopped').summary).toMatchObject({
        frames: 1,
        counts: { delivered: 5, recorded: 1, dropped: 4 },
        reason: 'shutdown',
        error: { code: 'io_error' },
      });
      expect(rig.source.ledger.held).toBe(4);
      rig.session.disk.appends.open();
      await settled();
      expect(rig.source.ledger.held).toBe(0);
      expect(rig.session.recording.isClosed).toBe(true);
      expect(rig.last('log').message).toContain('5 frames');
    });

    it('says that the port is not free when the source says so', async () => {
      await rig.openStream();
      rig.stream.portReleased = false;
      await rig.closeRun();
      expect(rig.last('closed').portReleased).toBe(false);
      rig.send({ type: 'close', run: 1, reason: 'command', untilNs: fromNow(rig.clock, 100) });
      await settled();
      expect(rig.all('closed').map((event) => event.portReleased)).toEqual([false, false]);
    });

    it('reports a source that fails to close', async () => {
      await rig.openStream();
      rig.stream.closing = Promise.reject(new Error('kill: EPERM'));
      await rig.closeRun();
      expect(rig.said).toEqual(['firstFrame', 'log', 'closed']);
      expect(rig.last('closed').portReleased).toBe(false);
    });

    it('hurries an end that is under way already', async () => {
      await rig.openStream();
      await rig.startRecording();
      await rig.frames(1);
      rig.session.disk.appends.close();
      await rig.frames(2);
      rig.stream.closing = NEVER;
      rig.stream.lose(GONE);
      await settled();
      await rig.closeRun(1, 1_000);
      await rig.clock.advance(1_000);
      expect(rig.said.slice(-2)).toEqual(['recordingStopped', 'closed']);
      await rig.clock.advance(5_000);
      expect(rig.all('lost')).toEqual([]);
      await rig.openStream(2);
      expect(rig.last('firstFrame').run).toBe(2);
      rig.session.disk.appends.open();
    });

    it('answers closed after lost when both cross', async () => {
      await rig.openStream();
      rig.stream.lose(GONE);
      await rig.closeRun();
      expect(rig.said).toEqual(['firstFrame', 'lost', 'closed']);
    });

    it('answers for a run that is not there', async () => {
      await rig.closeRun(9);
      expect(rig.events).toEqual([{ type: 'closed', run: 9, portReleased: true }]);
    });
  });

  describe('losing the camera', () => {
    it('finishes the recording first, with everything that arrived', async () => {
      await rig.openStream();
      await rig.startRecording();
      rig.stream.giveFrames(5);
      rig.stream.lose(GONE);
      await settled();
      expect(rig.said).toEqual(['firstFrame', 'recordingStarted', 'recordingStopped', 'lost']);
      expect(rig.last('recordingStopped').summary).toMatchObject({ frames: 5, reason: 'device_error', error: null });
      expect(rig.last('lost')).toEqual({ type: 'lost', run: 1, error: GONE.toData(), portReleased: true });
    });

    it('says so without a recording too', async () => {
      await rig.openStream();
      rig.stream.lose(GONE);
      await settled();
      expect(rig.said).toEqual(['firstFrame', 'lost']);
    });

    it('does not wait for ever for a process that cannot be ended', async () => {
      await rig.openStream();
      rig.stream.closing = NEVER;
      rig.stream.lose(GONE);
      await rig.clock.advance(3_000);
      expect(rig.last('lost').portReleased).toBe(false);
    });

    it('waits for a disk that is slow, and not for one that is dead', async () => {
      await rig.openStream();
      await rig.startRecording();
      await rig.frames(1);
      rig.session.disk.appends.close();
      await rig.frames(2, SLOW_FPS);
      await rig.frames(3);
      rig.stream.lose(GONE);
      await rig.clock.advance(9_000);
      rig.session.disk.appends.letThrough();
      await rig.clock.advance(9_000);
      expect(rig.said).not.toContain('lost');
      await rig.clock.advance(2_000);
      expect(rig.last('recordingStopped').summary).toMatchObject({
        frames: 3,
        counts: { delivered: 6, recorded: 3, dropped: 3 },
        reason: 'device_error',
        error: { code: 'io_error' },
      });
      expect(rig.said.at(-1)).toBe('lost');
      rig.session.disk.appends.open();
      await settled();
    });

    it('ignores what the source says afterwards', async () => {
      await rig.openStream();
      const { stream } = rig;
      stream.lose(GONE);
      await settled();
      const before = rig.events.length;
      stream.giveFormat();
      stream.giveFrames(3);
      stream.lose(GONE);
      stream.listener.onCorrupt(100);
      stream.listener.onWarning('late', 'too late');
      await settled();
      expect(rig.events).toHaveLength(before);
    });

    it('lets no word of an older run touch the present one', async () => {
      await rig.openStream();
      const ghost = rig.stream;
      ghost.lose(GONE);
      await settled();
      await rig.openStream(2);
      await rig.startRecording(2);
      ghost.giveFrames(5);
      ghost.lose(GONE);
      await rig.frames(2);
      await rig.stopRecording(2);
      expect(rig.session.recording.numbers).toEqual([2, 3]);
      expect(rig.all('lost')).toHaveLength(1);
    });
  });

  describe('what the source says', () => {
    it('passes warnings on', async () => {
      await rig.openStream();
      rig.stream.listener.onWarning('no_metadata', 'Frames come without metadata.');
      expect(rig.last('warning')).toEqual({
        type: 'warning',
        run: 1,
        code: 'no_metadata',
        message: 'Frames come without metadata.',
      });
    });

    it('reports garbage as a drop, and how much it was twice a second', async () => {
      await rig.openStream();
      rig.stream.listener.onCorrupt(1_000);
      rig.stream.listener.onCorrupt(234);
      expect(rig.all('drop').map(({ drop }) => [drop.reason, drop.frameNumber])).toEqual([
        ['corrupt', 2],
        ['corrupt', 2],
      ]);
      await rig.clock.advance(1_000);
      expect(rig.all('log')).toMatchObject([{ level: 'warn', context: { bytes: 1_234 } }]);
    });

    it('reports frames that the camera lost', async () => {
      await rig.openStream();
      const at = (ms: number) => 1_000_000_000_000n + BigInt(ms) * 1_000_000n;
      for (const ms of [40, 200, 240]) rig.stream.giveFrame({ sensorTimestampNs: at(ms), frameDurationUs: 40_000 });
      expect(rig.last('drop').drop).toEqual({
        reason: 'source_gap',
        monoNs: at(200),
        frameNumber: 3,
        deviceId: 'picam:0',
        trial: null,
        count: 3,
      });
    });

    it('finds no gaps in the times of arrival, where the camera gives no timestamps', async () => {
      await rig.openStream();
      for (const arrivedMs of [2_000n, 2_040n, 2_400n, 2_440n]) {
        rig.stream.giveFrame({
          sensorTimestampNs: 0n,
          arrivedMonotonicNs: arrivedMs * 1_000_000n,
          frameDurationUs: 40_000,
        });
      }
      expect(rig.said).toEqual(['firstFrame']);
    });
  });

  describe('figures', () => {
    it('come twice a second while it is open, and no longer', async () => {
      await rig.openStream();
      await rig.clock.advance(2_000);
      expect(rig.all('figures')).toHaveLength(4);
      await rig.closeRun();
      await rig.clock.advance(2_000);
      expect(rig.all('figures')).toHaveLength(4);
    });

    it('show no rate of a camera that hangs, although its frames tell no time any more', async () => {
      await rig.openStream();
      await rig.frames(10);
      await rig.clock.advance(500);
      expect(rig.last('figures').figures.captureFps).toBeGreaterThan(0);
      await rig.clock.advance(1_500);
      expect(rig.last('figures').figures).toMatchObject({ captureFps: 0, framesDelivered: 11 });
    });

    it('show the rates, the buffer, the counts and the recording', async () => {
      await rig.openStream();
      await rig.startRecording();
      await rig.frames(59);
      rig.session.disk.appends.close();
      await rig.frames(8);
      await rig.clock.advance(500);
      const { figures } = rig.last('figures');
      expect(figures).toMatchObject({
        bufferedFrames: 8,
        bufferedBytes: 800,
        bufferFill: 0.125,
        framesDelivered: 68,
        drops: { buffer_full: 0, source_gap: 0 },
        recording: { counts: { delivered: 67, recorded: 59, dropped: 0 }, bytes: 5_900 },
      });
      expect(figures.captureFps).toBeCloseTo(30, 3);
      expect(figures.recordFps).toBeCloseTo(30, 3);
      expect(figures.recording?.durationS).toBeCloseTo(59 / 30, 3);
      rig.session.disk.appends.open();
    });

    it('measure the time from the sensor to the disk', async () => {
      await rig.openStream();
      await rig.startRecording();
      rig.session.disk.appends.close();
      await rig.clock.advance(1_000);
      rig.stream.giveFrame({ sensorTimestampNs: rig.clock.monotonicNs() });
      await rig.clock.advance(120);
      rig.session.disk.appends.open();
      await rig.clock.advance(500);
      const { latencyMs } = rig.last('figures').figures;
      expect(latencyMs.median).toBeCloseTo(120, 3);
      expect(latencyMs.max).toBeCloseTo(120, 3);
    });
  });

  describe('frames that the source hands over together', () => {
    const small = { ...OPTIONS.buffer, maxFrames: 63, maxBytes: 64 * 1024 * 1024 };
    const large = { ...small, maxFrames: 64, maxBytes: 8 * 1024 * 1024 };

    it('come before a command that waits for frames, and one by one for a while after it', async () => {
      const own = new PipelineRig({ buffer: large });
      await own.openStream();
      expect(own.stream.catchUps).toEqual([]);
      await own.startRecording();
      own.snapshot(1);
      await own.stopRecording();
      expect(own.stream.catchUps).toEqual([30, 30, 30]);
      await own.closeRun();
    });

    it('that were read before a start or a stop without an instant are not after it', async () => {
      const own = new PipelineRig({ buffer: large });
      await own.openStream();
      await own.startRecording();
      await own.frames(1);
      own.stream.onCatchUp = () => {
        own.stream.giveFrames(2);
      };
      await own.stopRecording();
      expect(own.last('recordingStopped').summary.frames).toBe(3);
      await own.closeRun();
    });

    it.each([
      ['frames', small],
      ['bytes', { ...large, maxBytes: 8 * 1024 * 1024 - 1 }],
    ])('come one by one where the buffer has no room for so many %s', async (_what, buffer) => {
      const own = new PipelineRig({ buffer });
      await own.openStream();
      expect(own.stream.catchUps).toEqual([Number.POSITIVE_INFINITY]);
      await own.closeRun();
    });

    it('come one by one then also where the first one came before the stream was open', async () => {
      const own = new PipelineRig({ buffer: small });
      own.source.onOpen = (stream) => {
        stream.giveFormat();
        stream.giveFrames(1);
      };
      own.send({ type: 'open', run: 1, request: REQUEST });
      await settled();
      expect(own.stream.catchUps).toEqual([Number.POSITIVE_INFINITY]);
      await own.closeRun();
    });
  });

  describe('a listener that throws', () => {
    it('is told of it, and nothing else happens', async () => {
      rig.onEvent = (event) => {
        if (event.type === 'firstFrame') throw new Error('host trouble');
      };
      await rig.openStream();
      expect(rig.said).toEqual(['firstFrame', 'log']);
      expect(rig.last('log')).toMatchObject({ level: 'error', context: { error: { message: 'host trouble' } } });
      await rig.startRecording();
      await rig.frames(2);
      expect(rig.said.at(-1)).toBe('recordingStarted');
    });

    it('harms nothing even if it throws always', async () => {
      const unhandled = jest.fn();
      process.on('unhandledRejection', unhandled);
      rig.onEvent = () => {
        throw new Error('host trouble');
      };
      await rig.openStream();
      await rig.startRecording();
      await rig.frames(2);
      await rig.stopRecording();
      await rig.closeRun();
      await rig.clock.advance(1_000);
      process.off('unhandledRejection', unhandled);
      expect(unhandled).not.toHaveBeenCalled();
      expect(rig.session.recording.numbers).toEqual([2, 3]);
    });

    it('may send commands from within an event', async () => {
      rig.onEvent = (event) => {
        if (event.type === 'firstFrame') rig.send({ type: 'startRecording', run: 1, order: ORDER });
        if (event.type === 'recordingStarted')
          rig.send({ type: 'stopRecording', run: 1, reason: 'command', stopNs: null });
        if (event.type === 'recordingStopped')
          rig.send({ type: 'close', run: 1, reason: 'command', untilNs: fromNow(rig.clock, 500) });
      };
      await rig.openStream();
      expect(rig.said).toEqual(['firstFrame', 'recordingStarted', 'recordingStopped', 'closed']);
      expect(rig.session.recording.numbers).toEqual([1]);
    });
  });

  describe('end()', () => {
    it('ends a recording and the run, and may be called twice', async () => {
      await rig.openStream();
      await rig.startRecording();
      await rig.frames(2);
      await Promise.all([rig.pipeline.end(fromNow(rig.clock, 1_000)), rig.pipeline.end(fromNow(rig.clock, 1_000))]);
      expect(rig.said).toEqual(['firstFrame', 'recordingStarted', 'recordingStopped', 'closed']);
      expect(rig.last('recordingStopped').summary.reason).toBe('shutdown');
    });

    it('resolves within its limit when camera and disk are stuck', async () => {
      await rig.openStream();
      await rig.startRecording();
      rig.session.disk.appends.close();
      await rig.frames(2);
      rig.stream.closing = NEVER;
      const isClosed = jest.fn();
      const closing = rig.pipeline.end(fromNow(rig.clock, 1_000)).then(isClosed);
      await rig.clock.advance(999);
      expect(isClosed).toHaveBeenCalledTimes(1);
      await closing;
      expect(rig.said.at(-1)).toBe('closed');
      rig.session.disk.appends.open();
    });

    it('has nothing to do where nothing is open', async () => {
      await rig.pipeline.end(fromNow(rig.clock, 1_000));
      expect(rig.events).toEqual([]);
    });

    it('answers every command afterwards, and opens nothing', async () => {
      await rig.pipeline.end(fromNow(rig.clock, 1_000));
      rig.send({ type: 'open', run: 1, request: REQUEST });
      rig.send({ type: 'startRecording', run: 1, order: ORDER });
      rig.send({ type: 'stopRecording', run: 1, reason: 'command', stopNs: null });
      rig.snapshot(5);
      rig.send({ type: 'setPreview', enabled: true });
      await rig.closeRun();
      expect(rig.said).toEqual(['lost', 'recordingFailed', 'snapshotFailed', 'closed']);
      expect(rig.last('lost').error.code).toBe('shutting_down');
      expect(rig.source.streams).toHaveLength(0);
    });
  });

  it('reports a command that it fails at, and goes on', async () => {
    const every = jest.spyOn(rig.clock, 'every').mockImplementationOnce(() => {
      throw new Error('no more timers');
    });
    rig.send({ type: 'open', run: 1, request: REQUEST });
    every.mockRestore();
    expect(rig.last('log')).toMatchObject({ level: 'error', message: 'The pipeline failed at open.' });
    await rig.closeRun();
    expect(rig.said).toEqual(['log', 'closed']);
  });

  it('takes every command and says every event as plain data that a thread boundary leaves as it is', async () => {
    const commands: PipelineCommand[] = [
      { type: 'open', run: 1, request: REQUEST },
      { type: 'startRecording', run: 1, order: ORDER },
      { type: 'takeSnapshot', run: 1, request: 1, sessionDir: '/data', cameraLabel: 'a' },
      { type: 'setPreview', enabled: true },
      { type: 'stopRecording', run: 1, reason: 'command', stopNs: null },
      { type: 'close', run: 1, reason: 'command', untilNs: fromNow(rig.clock, 100) },
    ];
    for (const command of commands) expect(structuredClone(command)).toEqual(command);
    const originals: PipelineEvent[] = [];
    rig.onEvent = (event) => originals.push(event);
    rig.session.disk.closeFailure = new CsiCamerasError('io_error', 'close failed', { errno: 'EIO' });
    await rig.openStream();
    await rig.startRecording();
    rig.snapshot(1);
    rig.stream.listener.onCorrupt(5);
    rig.stream.listener.onWarning('w', 'm');
    await rig.frames(2);
    await rig.clock.advance(500);
    await rig.stopRecording();
    rig.snapshotWriter.error = new Error('no');
    rig.snapshot(2);
    await rig.frames(1);
    rig.session.beginError = new Error('no');
    await rig.startRecording();
    rig.stream.lose(GONE);
    await rig.closeRun();
    expect(new Set(originals.map((event) => event.type)).size).toBe(12);
    expect(rig.events).toEqual(originals);
  });
});

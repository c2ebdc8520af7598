import { NO_EXTENTS } from '../../../../src/core/given-settings.js';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { fromNow } from '../../../../src/core/deadline.js';
import { CsiCamerasError } from '../../../../src/core/errors.js';
import type { PipelineOptions } from '../../../../src/pipeline/camera-pipeline.js';
import { settled } from '../../../harness/manual-clock.js';
import { ORDER, PipelineRig, REQUEST, SLOW_FPS } from '../pipeline-rig.js';

const GONE = new CsiCamerasError('camera_disconnected', 'The camera stopped answering.');
const FULL = new CsiCamerasError('disk_full', 'The disk is full.', { errno: 'ENOSPC' });
const BROKEN = new CsiCamerasError('io_error', 'The disk failed.', { errno: 'EIO' });

describe('recording in a pipeline', () => {
  let rig: PipelineRig;

  /** A pipeline whose first frame came. */
  async function streaming(options: Partial<PipelineOptions> = {}): Promise<void> {
    rig = new PipelineRig(options);
    await rig.openStream();
  }

  /** The same with a recording whose first frame is in the file. */
  async function recording(options: Partial<PipelineOptions> = {}): Promise<void> {
    await streaming(options);
    await rig.startRecording();
    await rig.frames(1);
  }

  const counts = () => rig.last('recordingStopped').summary.counts;

  afterEach(async () => {
    rig.session.disk.appends.open();
    rig.session.disk.checkpoints.open();
    rig.session.disk.closes.open();
    const closing = rig.pipeline.end(fromNow(rig.clock, 2_000));
    await rig.clock.advance(10_000);
    await closing;
    expect(rig.clock.timers).toBe(0);
    expect(rig.source.ledger.held).toBe(0);
    for (const { summary } of rig.all('recordingStopped')) {
      const { delivered, recorded, dropped, skipped } = summary.counts;
      expect(delivered).toBe(recorded + dropped + skipped);
    }
    for (const one of rig.session.recordings) expect(one.isClosed).toBe(true);
  });

  describe('starting', () => {
    it('asks for a recording of the size and rate that the stream has', async () => {
      await streaming();
      await rig.startRecording();
      expect(rig.session.recording.request).toEqual({ ...ORDER, width: 1456, height: 1088, fps: 30 });
    });

    it('asks for the rate of the gate where that is lower', async () => {
      await streaming({ recordFps: 10 });
      await rig.startRecording();
      expect(rig.session.recording.request.fps).toBe(10);
    });

    it('says started once the first frame is in the file, not before', async () => {
      await streaming();
      rig.session.disk.appends.close();
      await rig.startRecording();
      await rig.frames(1);
      expect(rig.said).not.toContain('recordingStarted');
      rig.session.disk.appends.open();
      await settled();
      expect(rig.last('recordingStarted')).toEqual({
        type: 'recordingStarted',
        run: 1,
        paths: {
          take: 1,
          videoPath: '/data/session_1/CSICameras/IMX296_picam:0/trial7_take1.avi',
          timingPath: '/data/session_1/CSICameras/IMX296_picam:0/trial7_take1_timing.csv',
        },
        firstFrameNs: 1_000_033_333_333n,
      });
    });

    it('is refused before the first frame', async () => {
      rig = new PipelineRig();
      rig.send({ type: 'open', run: 1, request: REQUEST });
      await rig.startRecording();
      expect(rig.last('recordingFailed').error.code).toBe('camera_disconnected');
      expect(rig.session.recordings).toHaveLength(0);
    });

    it('is refused for another run, which is named in the answer', async () => {
      await streaming();
      await rig.startRecording(5);
      expect(rig.last('recordingFailed')).toMatchObject({ run: 5, error: { code: 'camera_disconnected' } });
    });

    it('fails when the session says no', async () => {
      await streaming();
      rig.session.beginError = new CsiCamerasError('invalid_session_dir', 'No.');
      await rig.startRecording();
      expect(rig.last('recordingFailed').error.code).toBe('invalid_session_dir');
      rig.session.beginError = null;
      await rig.startRecording();
      await rig.frames(1);
      expect(rig.said).toContain('recordingStarted');
    });

    it('fails when the first frame cannot be written, and can be tried again', async () => {
      await streaming();
      rig.session.disk.appendFailure = { error: FULL };
      await rig.startRecording();
      await rig.frames(2);
      expect(rig.said.filter((type) => type !== 'drop')).toEqual(['firstFrame', 'recordingEnding', 'recordingFailed']);
      expect(rig.last('recordingFailed').error).toEqual({
        ...FULL.toData(),
        context: { ...FULL.context, device: 'picam:0', trial: 7 },
      });
      rig.session.disk.appendFailure = null;
      await rig.startRecording();
      await rig.frames(1);
      expect(rig.said.at(-1)).toBe('recordingStarted');
    });

    it('fails when the camera is lost before a frame came', async () => {
      await streaming();
      await rig.startRecording();
      rig.stream.lose(GONE);
      await settled();
      expect(rig.said).toEqual(['firstFrame', 'recordingFailed', 'lost']);
      expect(rig.last('recordingFailed')).toMatchObject({ error: { code: GONE.code }, isCameraLost: true });
    });
  });

  describe('stopping', () => {
    it('writes what came before the stop and nothing that came after', async () => {
      await recording();
      rig.session.disk.appends.close();
      await rig.frames(5);
      await rig.stopRecording();
      await rig.frames(5);
      rig.session.disk.appends.open();
      await settled();
      expect(rig.session.recording.numbers).toEqual([2, 3, 4, 5, 6, 7]);
      expect(counts()).toMatchObject({ delivered: 6, recorded: 6, dropped: 0 });
    });

    it('has a summary that agrees with the file', async () => {
      await recording();
      await rig.frames(29);
      await rig.stopRecording();
      const { summary } = rig.last('recordingStopped');
      expect(summary).toMatchObject({ frames: 30, bytes: 3_000, reason: 'command', error: null });
      expect(summary.durationS).toBeCloseTo(1, 6);
      expect(summary.paths).toEqual(rig.last('recordingStarted').paths);
    });

    it('leaves nothing of it in the figures', async () => {
      await recording();
      await rig.frames(29);
      await rig.stopRecording();
      await rig.clock.advance(500);
      expect(rig.last('figures').figures).toMatchObject({
        recordFps: 0,
        latencyMs: { median: 0, max: 0 },
        recording: null,
      });
    });

    it('answers with zeros where no frame came', async () => {
      await streaming();
      await rig.startRecording();
      await rig.stopRecording();
      expect(rig.said).toEqual(['firstFrame', 'recordingStopped']);
      expect(rig.last('recordingStopped').summary).toEqual({
        paths: null,
        frames: 0,
        durationS: 0,
        bytes: 0,
        counts: { delivered: 0, recorded: 0, dropped: 0, skipped: 0, missingAtSource: 0, disordered: 0 },
        reason: 'command',
        error: null,
        given: NO_EXTENTS,
        isGivenUp: false,
      });
    });

    it('answers with zeros where the run was closed before a frame came', async () => {
      await streaming();
      await rig.startRecording();
      await rig.closeRun();
      expect(rig.said).toEqual(['firstFrame', 'recordingStopped', 'closed']);
      expect(rig.last('recordingStopped').summary).toMatchObject({ paths: null, frames: 0, reason: 'shutdown' });
    });

    it('says nothing where nothing is recorded, or for another run: the end was told already', async () => {
      await streaming();
      await rig.stopRecording();
      await rig.stopRecording(8);
      expect(rig.said).toEqual(['firstFrame']);
    });

    it('answers two stops with one word while it is being finished', async () => {
      await recording();
      rig.session.disk.closes.close();
      await rig.stopRecording();
      await rig.stopRecording();
      rig.session.disk.closes.open();
      await settled();
      expect(rig.all('recordingStopped')).toHaveLength(1);
    });

    it('begins no other one before its end: that is a mistake, and is logged', async () => {
      await recording();
      rig.session.disk.closes.close();
      await rig.stopRecording();
      await rig.startRecording(1, { trialNumber: 8 });
      rig.session.disk.closes.open();
      await settled();
      await rig.frames(2);
      expect(rig.said).toEqual(['firstFrame', 'recordingStarted', 'log', 'recordingStopped']);
      expect(rig.last('log').message).toBe('The pipeline failed at startRecording.');
      await rig.startRecording(1, { trialNumber: 8 });
      await rig.frames(2);
      expect(rig.said.at(-1)).toBe('recordingStarted');
    });

    it('gives a dead disk up, and answers start and stop', async () => {
      await streaming();
      rig.session.disk.appends.close();
      await rig.startRecording();
      await rig.frames(3);
      await rig.stopRecording();
      await rig.clock.advance(10_000);
      expect(rig.said.filter((type) => type !== 'drop')).toEqual(['firstFrame', 'recordingStopped']);
      expect(rig.last('recordingStopped').summary).toMatchObject({
        paths: null,
        frames: 0,
        counts: { delivered: 3, dropped: 3 },
        error: { code: 'io_error' },
        isGivenUp: true,
      });
      rig.session.disk.appends.open();
      await settled();
      expect(rig.said).not.toContain('recordingStarted');
    });

    it('does not take a stall of its own process for a dead disk', async () => {
      await streaming();
      rig.session.disk.appends.close();
      await rig.startRecording();
      await rig.frames(3);
      await rig.stopRecording();
      await rig.clock.stall(60_000);
      expect(rig.said).not.toContain('recordingStopped');
      rig.session.disk.appends.open();
      await settled();
      expect(rig.last('recordingStopped').summary).toMatchObject({ frames: 3, counts: { delivered: 3, dropped: 0 } });
    });

    it('survives a hundred starts and stops in a row', async () => {
      await streaming();
      for (let cycle = 1; cycle <= 100; cycle += 1) {
        rig.send({ type: 'startRecording', run: 1, order: { ...ORDER, trialNumber: cycle } });
        if (cycle % 2 === 0) rig.stream.giveFrames(1);
        rig.send({ type: 'stopRecording', run: 1, reason: 'command', stopNs: null });
        await settled();
      }
      expect(rig.all('recordingStopped').map((event) => event.summary.frames)).toEqual(
        Array.from({ length: 100 }, (_, index) => index % 2),
      );
      expect(rig.all('recordingStarted')).toHaveLength(50);
    });
  });

  describe('writing', () => {
    it('keeps one call to the disk in flight and writes what has gathered meanwhile as one', async () => {
      await recording({ buffer: { maxFrames: 200, maxBytes: 1_000_000, whenFull: 'dropOldest' } });
      rig.session.disk.appends.close();
      await rig.frames(1, SLOW_FPS);
      await rig.frames(70);
      rig.session.disk.appends.open();
      await settled();
      expect(rig.session.recording.batches).toEqual([1, 1, 64, 6]);
    });

    /** One frame after another, each at its time on the sensor's clock. Resolves with how many frames each write took. */
    async function writesOf(...timesMs: readonly number[]): Promise<readonly number[]> {
      const before = rig.session.recording.batches.length;
      for (const timeMs of timesMs) {
        rig.stream.giveFrame({ sensorTimestampNs: rig.stream.startNs + BigInt(timeMs) * 1_000_000n });
        await settled();
      }
      return rig.session.recording.batches.slice(before);
    }

    it('lets frames that follow each other fast share a write, and no others', async () => {
      await recording();
      expect(await writesOf(1000, 1033, 1067, 1100, 1133, 1167, 1200)).toEqual([1, 3, 3]);
      expect(await writesOf(1300, 1400, 1500)).toEqual([1, 1, 1]);
    });

    it('writes what waits when it is told to stop', async () => {
      await recording();
      await writesOf(1000, 1017);
      const before = rig.session.recording.frames;
      await rig.stopRecording();
      expect(rig.session.recording.frames).toBe(before + 1);
    });

    it('lets frames wait no longer than until the next commit, and commits them', async () => {
      await recording();
      await writesOf(1000);
      expect(await writesOf(1017)).toEqual([]);
      const before = rig.session.recording.batches.length;
      await rig.clock.advance(400);
      expect(rig.session.recording.batches.slice(before)).toEqual([1]);
    });

    it('commits also what was read and waits to be handed over', async () => {
      await recording();
      await rig.clock.advance(400);
      const before = rig.session.recording.frames;
      rig.stream.onCatchUp = () => {
        rig.stream.giveFrames(2);
      };
      await rig.clock.advance(400);
      expect(rig.session.recording.frames).toBe(before + 2);
    });

    it('lets no frame wait in a buffer that is filling, nor behind a clock that jumped back', async () => {
      await recording({ buffer: { maxFrames: 4, maxBytes: 1_000_000, whenFull: 'dropOldest' } });
      expect(await writesOf(1000, 1017, 1033)).toEqual([1, 1, 1]);
      expect(await writesOf(500)).toEqual([1]);
    });

    it('never takes more than half of the buffer into one write', async () => {
      await recording({ buffer: { maxFrames: 6, maxBytes: 1_000_000, whenFull: 'dropOldest' } });
      rig.session.disk.appends.close();
      await rig.frames(5);
      rig.session.disk.appends.open();
      await settled();
      expect(rig.session.recording.batches).toEqual([1, 3, 2]);
    });

    it('works with a buffer of one frame', async () => {
      await recording({ buffer: { maxFrames: 1, maxBytes: 1_000, whenFull: 'dropOldest' } });
      await rig.frames(1);
      await rig.frames(1);
      await rig.stopRecording();
      expect(rig.session.recording.numbers).toEqual([2, 3, 4]);
    });

    it('gives a frame back as soon as it is written', async () => {
      await recording();
      expect(rig.source.ledger.held).toBe(0);
      rig.session.disk.appends.close();
      await rig.frames(5);
      expect(rig.source.ledger.held).toBe(5);
      rig.session.disk.appends.open();
      await settled();
      expect(rig.source.ledger.held).toBe(0);
    });

    it('commits right after the first frame, then by the clock', async () => {
      await recording();
      expect(rig.session.recording.checkpoints).toBe(1);
      for (let step = 0; step < 20; step += 1) {
        await rig.frames(1);
        await rig.clock.advance(100);
      }
      expect(rig.session.recording.checkpoints).toBe(6);
    });

    it('commits too when no more frames come', async () => {
      await recording();
      await rig.clock.advance(800);
      expect(rig.session.recording.checkpoints).toBe(3);
    });

    it('does not commit what does not exist', async () => {
      await streaming();
      await rig.startRecording();
      await rig.clock.advance(1_000);
      expect(rig.session.recording.checkpoints).toBe(0);
    });

    it('holds frames in the buffer during a slow commit and loses none', async () => {
      await recording();
      rig.session.disk.checkpoints.close();
      await rig.clock.advance(400);
      await rig.frames(20);
      rig.session.disk.checkpoints.open();
      await rig.stopRecording();
      expect(counts()).toMatchObject({ delivered: 21, recorded: 21, dropped: 0 });
    });

    it('leaves the buffer empty while nothing is recorded', async () => {
      await streaming();
      await rig.frames(100);
      expect(rig.source.ledger.held).toBe(0);
      await rig.clock.advance(500);
      expect(rig.last('figures').figures).toMatchObject({ bufferedFrames: 0, recording: null, framesDelivered: 101 });
    });
  });

  describe('a disk that is slower than the camera', () => {
    it('costs the oldest frames, each reported, and the recording goes on', async () => {
      await recording({ buffer: { maxFrames: 4, maxBytes: 1_000_000, whenFull: 'dropOldest' } });
      rig.session.disk.appends.close();
      await rig.frames(1);
      await rig.frames(6);
      expect(rig.all('drop').map(({ drop }) => [drop.reason, drop.frameNumber, drop.trial])).toEqual([
        ['buffer_full', 4, 7],
        ['buffer_full', 5, 7],
        ['buffer_full', 6, 7],
      ]);
      rig.session.disk.appends.open();
      await settled();
      await rig.frames(1);
      await rig.stopRecording();
      expect(rig.session.recording.numbers).toEqual([2, 3, 7, 8, 9, 10]);
      expect(counts()).toMatchObject({ delivered: 9, recorded: 6, dropped: 3 });
    });

    it('says where a dropped frame stood in time', async () => {
      await recording({ buffer: { maxFrames: 1, maxBytes: 1_000_000, whenFull: 'dropOldest' } });
      rig.session.disk.appends.close();
      rig.stream.giveFrame({ sensorTimestampNs: 1_000_066_000_000n });
      rig.stream.giveFrame({ sensorTimestampNs: 1_000_099_000_000n });
      expect(rig.last('drop').drop).toMatchObject({ monoNs: 1_000_066_000_000n, frameNumber: 3 });
    });

    it('pauses a source that can wait, and resumes it at half', async () => {
      await recording({ buffer: { maxFrames: 8, maxBytes: 1_000_000, whenFull: 'pauseSource' } });
      rig.session.disk.appends.close();
      await rig.frames(5);
      expect(rig.stream.isPaused).toBe(false);
      await rig.frames(1);
      expect(rig.stream.isPaused).toBe(true);
      await rig.frames(10);
      rig.session.disk.appends.letThrough();
      await settled();
      expect(rig.stream.isPaused).toBe(true);
      rig.session.disk.appends.open();
      await settled();
      expect(rig.stream.isPaused).toBe(false);
      await rig.stopRecording();
      expect(counts()).toMatchObject({ delivered: 17, recorded: 17, dropped: 0 });
    });

    it('resumes a paused source when the recording ends', async () => {
      await recording({ buffer: { maxFrames: 4, maxBytes: 1_000_000, whenFull: 'pauseSource' } });
      rig.session.disk.appends.close();
      await rig.frames(4);
      expect(rig.stream.isPaused).toBe(true);
      await rig.stopRecording();
      expect(rig.stream.isPaused).toBe(false);
    });

    it('pauses a source as soon as there is one', async () => {
      rig = new PipelineRig({ buffer: { maxFrames: 2, maxBytes: 1_000_000, whenFull: 'pauseSource' } });
      rig.session.disk.appends.close();
      rig.onEvent = (event) => {
        if (event.type === 'firstFrame') rig.send({ type: 'startRecording', run: 1, order: ORDER });
      };
      rig.source.onOpen = (stream) => {
        stream.giveFormat();
        stream.giveFrames(3);
      };
      rig.send({ type: 'open', run: 1, request: REQUEST });
      await settled();
      expect(rig.stream.isPaused).toBe(true);
    });
  });

  describe('a write that fails', () => {
    it('ends the recording, counts what is not in the file, and leaves the stream alone', async () => {
      await recording();
      rig.session.disk.appends.close();
      await rig.frames(3);
      await rig.frames(4);
      rig.session.disk.appendFailure = { error: FULL, fitted: 2 };
      rig.session.disk.appends.open();
      await settled();
      const { summary } = rig.last('recordingStopped');
      expect(summary).toMatchObject({
        frames: 3,
        counts: { delivered: 8, recorded: 3, dropped: 5 },
        reason: 'disk_full',
        error: FULL.toData(),
      });
      expect(rig.all('drop').map(({ drop }) => [drop.reason, drop.frameNumber])).toEqual(
        [5, 6, 7, 8, 9].map((number) => ['write_error', number]),
      );
      expect(rig.all('drop').every(({ drop }) => drop.trial === 7)).toBe(true);
      await rig.frames(2);
      expect(rig.said.at(-1)).toBe('recordingStopped');
    });

    it('says io_error where the disk is not full', async () => {
      await recording();
      rig.session.disk.appendFailure = { error: BROKEN };
      await rig.frames(1, SLOW_FPS);
      expect(rig.last('recordingStopped').summary).toMatchObject({ reason: 'io_error', error: BROKEN.toData() });
    });

    it('does not count frames that come while the files are being closed', async () => {
      await recording();
      rig.session.disk.closes.close();
      rig.session.disk.appendFailure = { error: BROKEN };
      await rig.frames(1, SLOW_FPS);
      await rig.frames(10);
      rig.session.disk.closes.open();
      await settled();
      expect(counts().delivered).toBe(2);
    });

    it('is announced first where something of the first write fitted', async () => {
      await streaming();
      rig.session.disk.appendFailure = { error: FULL, fitted: 1 };
      await rig.startRecording();
      await rig.frames(2);
      expect(rig.said.filter((type) => type !== 'drop')).toEqual([
        'firstFrame',
        'recordingStarted',
        'recordingEnding',
        'recordingStopped',
      ]);
      expect(rig.last('recordingStopped').summary).toMatchObject({ frames: 1, reason: 'disk_full' });
    });

    it('keeps the reason of a stop that came before', async () => {
      await recording();
      rig.session.disk.appends.close();
      await rig.frames(2);
      await rig.stopRecording();
      rig.session.disk.appendFailure = { error: FULL };
      rig.session.disk.appends.open();
      await settled();
      expect(rig.last('recordingStopped').summary).toMatchObject({ reason: 'command', error: FULL.toData() });
    });

    it('ends the recording as well when a commit fails', async () => {
      await recording();
      rig.session.disk.checkpointError = BROKEN;
      await rig.clock.advance(400);
      expect(rig.last('recordingStopped').summary).toMatchObject({ frames: 1, reason: 'io_error' });
    });

    it('counts frames that are missing when the file is closed', async () => {
      await recording();
      await rig.frames(9);
      rig.session.disk.lostAtClose = 3;
      rig.session.disk.closeFailure = BROKEN;
      await rig.stopRecording();
      expect(rig.last('recordingStopped').summary).toMatchObject({
        frames: 7,
        counts: { delivered: 10, recorded: 7, dropped: 3 },
        reason: 'command',
        error: BROKEN.toData(),
      });
      expect(rig.last('drop').drop).toMatchObject({ reason: 'write_error', count: 3, frameNumber: 11, trial: 7 });
    });

    it('survives a recording that breaks its word and fails to close', async () => {
      await recording();
      rig.session.disk.closeThrows = new TypeError('a bug');
      await rig.stopRecording();
      expect(rig.last('recordingStopped').summary).toMatchObject({
        frames: 1,
        error: { code: 'io_error', message: 'a bug' },
      });
    });

    it('says when the file holds more than was counted', async () => {
      await recording();
      rig.session.disk.lostAtClose = -2;
      await rig.stopRecording();
      expect(rig.last('log')).toMatchObject({ level: 'error', message: 'The counts of a recording do not agree.' });
      rig.session.disk.lostAtClose = 0;
    });

    it('leaves no rejection unhandled', async () => {
      const unhandled = jest.fn();
      process.on('unhandledRejection', unhandled);
      await recording();
      rig.session.disk.appendFailure = { error: BROKEN };
      rig.session.disk.closeThrows = new Error('and closing too');
      await rig.frames(3);
      rig.stream.closing = Promise.reject(new Error('and the camera too'));
      await rig.closeRun();
      process.off('unhandledRejection', unhandled);
      expect(unhandled).not.toHaveBeenCalled();
      expect(rig.said.at(-1)).toBe('closed');
    });
  });

  describe('the gate', () => {
    it('skips frames on purpose, counts them, and keeps its rate', async () => {
      await streaming({ recordFps: 10, buffer: { maxFrames: 500, maxBytes: 1e6, whenFull: 'dropOldest' } });
      await rig.startRecording();
      await rig.frames(300);
      await rig.stopRecording();
      expect(counts()).toMatchObject({ delivered: 300, dropped: 0 });
      expect(Math.abs(counts().recorded - 100)).toBeLessThanOrEqual(1);
      expect(counts().skipped).toBe(300 - counts().recorded);
      expect(rig.all('drop')).toEqual([]);
      await rig.clock.advance(500);
      expect(rig.last('figures').figures.drops.gate_skip).toBe(counts().skipped);
    });

    it('reports skips where they are wanted', async () => {
      await streaming({ recordFps: 10, reportGateSkips: true });
      await rig.startRecording();
      await rig.frames(30);
      await rig.stopRecording();
      expect(rig.all('drop')).toMatchObject([{ drop: { reason: 'gate_skip', trial: 7, count: counts().skipped } }]);
    });
  });

  describe('frames lost in the camera', () => {
    const at = (frame: number) => ({
      sensorTimestampNs: 1_000_000_000_000n + BigInt(40 + frame * 40) * 1_000_000n,
      frameDurationUs: 40_000,
    });

    it('are counted beside those that were delivered', async () => {
      await streaming();
      rig.stream.giveFrame(at(0));
      await rig.startRecording();
      for (const frame of [1, 2, 5, 6, 8]) rig.stream.giveFrame(at(frame));
      await rig.stopRecording();
      expect(counts()).toEqual({
        delivered: 5,
        recorded: 5,
        dropped: 0,
        skipped: 0,
        missingAtSource: 3,
        disordered: 0,
      });
      expect(rig.all('drop').map(({ drop }) => [drop.reason, drop.count ?? 1, drop.trial])).toEqual([
        ['source_gap', 2, 7],
        ['source_gap', 1, 7],
      ]);
    });

    it('are counted too where the camera was lost right after', async () => {
      await streaming();
      await rig.startRecording();
      await rig.frames(20);
      rig.stream.giveFrame({ sensorTimestampNs: 1_000_000_000_000n + 800_000_000n });
      rig.stream.lose(GONE);
      await settled();
      expect(counts()).toMatchObject({ recorded: 21, missingAtSource: 3 });
      expect(rig.last('drop').drop).toMatchObject({ reason: 'source_gap', count: 3, trial: 7 });
    });

    it.each([
      ['a write fails', { appendFailure: { error: BROKEN } }],
      ['its file is removed', { whereabouts: { kind: 'removed', path: '/data/trial7.avi' } as const }],
    ])('are counted too where %s right after', async (_what, fault) => {
      await streaming();
      rig.stream.giveFrame(at(0));
      await rig.startRecording();
      for (const frame of [1, 2]) rig.stream.giveFrame(at(frame));
      await settled();
      Object.assign(rig.session.disk, fault);
      rig.stream.giveFrame(at(6));
      await rig.clock.advance(1_000);
      expect(counts()).toMatchObject({ delivered: 3, missingAtSource: 3 });
      expect(rig.all('drop').map(({ drop }) => [drop.reason, drop.trial])).toContainEqual(['source_gap', 7]);
    });

    it("are not the recording's when they were lost before its first frame", async () => {
      await streaming();
      rig.stream.giveFrame(at(0));
      await rig.startRecording();
      rig.stream.giveFrame(at(5));
      await rig.stopRecording();
      expect(counts().missingAtSource).toBe(0);
      expect(rig.last('drop').drop).toMatchObject({ reason: 'source_gap', count: 4, trial: null });
    });
  });
});

import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ErrorData } from '../../../../src/core/errors.js';
import type { PipelineEvent, RecordingCounts } from '../../../../src/pipeline/pipeline-messages.js';
import { RunLedger, type Death } from '../../../../src/pipeline/thread/run-ledger.js';
import { NO_FIGURES } from '../../../harness/fake-pipeline.js';
import { ORDER } from '../pipeline-rig.js';

const ERROR: ErrorData = { code: 'capture_failed', message: 'The thread is dead.', context: {} };
const DEATH: Death = { error: ERROR, portReleased: true, left: null, atNs: 5_000n };
const PATHS = { take: 1, videoPath: '/data/a.avi', timingPath: '/data/a_timing.csv' };

describe('RunLedger', () => {
  let ledger: RunLedger;

  beforeEach(() => {
    ledger = new RunLedger(3, 'picam:0');
  });

  const typesOf = (events: readonly PipelineEvent[]): string[] => events.map(({ type }) => type);

  const start = (): void => {
    ledger.noteCommand({ type: 'startRecording', run: 3, order: ORDER });
    ledger.noteEvent({ type: 'recordingStarted', run: 3, paths: PATHS, firstFrameNs: 1n });
  };

  const figures = (counts: Partial<RecordingCounts>): void => {
    const all = { delivered: 0, recorded: 0, dropped: 0, skipped: 0, missingAtSource: 0, disordered: 0, ...counts };
    const recording = { counts: all, bytes: 1_000, durationS: 2, foundPaths: null, disk: null };
    ledger.noteEvent({ type: 'figures', run: 3, figures: { ...NO_FIGURES, framesDelivered: 200, recording } });
  };

  const summaryOf = (death: Death) => {
    const words = ledger.lastWords(death);
    const stopped = words.find((event) => event.type === 'recordingStopped');
    if (stopped?.type !== 'recordingStopped') throw new Error('No recordingStopped.');
    return { words, summary: stopped.summary };
  };

  it('has only the loss to tell where nothing was asked, and then the run is over', () => {
    expect(ledger.lastWords(DEATH)).toEqual([{ type: 'lost', run: 3, error: ERROR, portReleased: true }]);
    expect(ledger.isOver).toBe(true);
  });

  it('is over with the last event of the run', () => {
    ledger.noteEvent({ type: 'closed', run: 3, portReleased: true });
    expect(ledger.isOver).toBe(true);
  });

  it('answers a close instead of telling of a loss', () => {
    ledger.noteCommand({ type: 'close', run: 3, reason: 'command', untilNs: 900n });
    expect(ledger.lastWords({ ...DEATH, portReleased: false })).toEqual([
      { type: 'closed', run: 3, portReleased: false },
    ]);
  });

  it('answers what was not answered, in the order of the pipeline itself', () => {
    ledger.noteCommand({ type: 'takeSnapshot', run: 3, request: 1, sessionDir: '/data', cameraLabel: 'a' });
    ledger.noteCommand({ type: 'takeSnapshot', run: 3, request: 2, sessionDir: '/data', cameraLabel: 'a' });
    ledger.noteEvent({ type: 'snapshotTaken', run: 3, request: 1, path: '/data/a.jpg', bytes: 5 });
    ledger.noteCommand({ type: 'startRecording', run: 3, order: ORDER });
    const words = ledger.lastWords(DEATH);
    expect(typesOf(words)).toEqual(['recordingFailed', 'snapshotFailed', 'lost']);
    expect(words[1]).toMatchObject({ request: 2 });
  });

  it('answers a stop of what never began with zeros and the reason', () => {
    ledger.noteCommand({ type: 'startRecording', run: 3, order: ORDER });
    ledger.noteCommand({ type: 'stopRecording', run: 3, reason: 'command', stopNs: null });
    const { words, summary } = summaryOf(DEATH);
    expect(typesOf(words)).toEqual(['recordingStopped', 'lost']);
    expect(summary).toMatchObject({ paths: null, frames: 0, reason: 'command', error: ERROR });
  });

  it('tells of a take that waited for its instant as of one that never began, so that it is remembered', () => {
    ledger.noteCommand({ type: 'startRecording', run: 3, order: { ...ORDER, startNs: 1n << 62n } });
    figures({ delivered: 0 });
    expect(ledger.lastWords(DEATH)).toEqual([
      { type: 'recordingFailed', run: 3, error: ERROR, isCameraLost: true },
      { type: 'lost', run: 3, error: ERROR, portReleased: true },
    ]);
  });

  it('takes a stop that crossed the end of its recording for no stop of the next one', () => {
    start();
    ledger.noteEvent({ type: 'recordingFailed', run: 3, error: ERROR, isCameraLost: false });
    ledger.noteCommand({ type: 'stopRecording', run: 3, reason: 'command', stopNs: null });
    expect(typesOf(ledger.lastWords(DEATH))).toEqual(['lost']);
    ledger.noteCommand({ type: 'startRecording', run: 3, order: ORDER });
    expect(typesOf(ledger.lastWords(DEATH))).toEqual(['recordingFailed', 'lost']);
  });

  it('takes the number of frames from the file, and what is missing of those that were known is dropped and said', () => {
    start();
    figures({ delivered: 100, recorded: 95, dropped: 2, skipped: 1, missingAtSource: 4, disordered: 5 });
    const { words, summary } = summaryOf({ ...DEATH, left: { frames: 90, durationS: 1.5, bytes: 900 } });
    expect(summary).toMatchObject({
      paths: PATHS,
      frames: 90,
      durationS: 1.5,
      bytes: 900,
      counts: { delivered: 100, recorded: 90, dropped: 9, skipped: 1, missingAtSource: 4, disordered: 5 },
      reason: 'device_error',
      error: { code: 'capture_failed', message: expect.stringContaining('its first 90 frames') },
    });
    expect(words[0]).toEqual({
      type: 'drop',
      run: 3,
      drop: { reason: 'write_error', monoNs: 5_000n, frameNumber: 200, deviceId: 'picam:0', trial: 7, count: 7 },
    });
  });

  it('adds up the parts of a recording that went on in another take', () => {
    start();
    figures({ delivered: 150, recorded: 150 });
    const next = { take: 2, videoPath: '/data/b.avi', timingPath: '/data/b_timing.csv' };
    const ended = { paths: PATHS, frames: 100, durationS: 2, bytes: 1_000 };
    ledger.noteEvent({ type: 'recordingContinued', run: 3, ended, paths: next });
    expect(ledger.paths).toBe(next);
    const left = { frames: 40, durationS: 1, bytes: 400 };
    const { summary } = summaryOf({ ...DEATH, left });
    const parts = [ended, { paths: next, ...left }];
    expect(summary).toMatchObject({ paths: PATHS, frames: 140, durationS: 3, bytes: 1_400, parts });
    expect(summary.counts).toMatchObject({ delivered: 150, recorded: 140, dropped: 10 });
  });

  it('counts the parts that were ended where the last one cannot be read', () => {
    start();
    figures({ delivered: 150, recorded: 150 });
    const ended = { paths: PATHS, frames: 100, durationS: 2, bytes: 1_000 };
    ledger.noteEvent({ type: 'recordingContinued', run: 3, ended, paths: { ...PATHS, take: 2 } });
    const { summary } = summaryOf(DEATH);
    expect(summary).toMatchObject({ paths: PATHS, frames: 100 });
    expect(summary).not.toHaveProperty('parts');
  });

  it('counts what the file holds beyond the last figures as delivered', () => {
    start();
    figures({ delivered: 100, recorded: 95, dropped: 2, skipped: 1 });
    const { words, summary } = summaryOf({ ...DEATH, left: { frames: 110, durationS: 2, bytes: 900 } });
    expect(summary.counts).toMatchObject({ delivered: 113, recorded: 110, dropped: 2, skipped: 1 });
    expect(typesOf(words)).toEqual(['recordingStopped', 'lost']);
  });

  it('tells the last figures, and says that it does, where the files cannot be read', () => {
    start();
    figures({ delivered: 100, recorded: 100 });
    const { summary } = summaryOf(DEATH);
    expect(summary).toMatchObject({
      frames: 100,
      durationS: 2,
      error: { message: expect.stringContaining('last figures') },
    });
  });

  it('ends a recording for the reason it was asked to end for, so that it is not taken up again', () => {
    start();
    ledger.noteCommand({ type: 'stopRecording', run: 3, reason: 'command', stopNs: null });
    expect(summaryOf(DEATH).summary.reason).toBe('command');
  });
});

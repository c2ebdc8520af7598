import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CsiCamerasError } from '../../../src/core/errors.js';
import { FAKE_FORMAT } from '../../harness/fake-camera-source.js';
import { settled } from '../../harness/manual-clock.js';
import { PipelineRig, REQUEST } from './pipeline-rig.js';

const GONE = new CsiCamerasError('camera_disconnected', 'The camera stopped answering.', { index: 0 });

describe('LocalPipeline', () => {
  let rig: PipelineRig;

  beforeEach(() => {
    rig = new PipelineRig();
  });

  afterEach(async () => {
    const closing = rig.pipeline.close(2_000);
    await rig.clock.advance(2_000);
    await closing;
    expect(rig.clock.timers).toBe(0);
    expect(rig.source.ledger.held).toBe(0);
  });

  it('opens, records and closes, with an answer for each command in order', async () => {
    await rig.stream1();
    await rig.startRecording();
    await rig.frames(30);
    await rig.stopRecording();
    await rig.closeRun();

    expect(rig.said).toEqual(['firstFrame', 'recordingStarted', 'recordingStopped', 'closed']);
    expect(rig.session.recording.numbers).toEqual(Array.from({ length: 30 }, (_, index) => index + 2));
    expect(rig.last('recordingStopped').summary).toMatchObject({
      frames: 30,
      counts: { delivered: 30, recorded: 30, dropped: 0, skipped: 0, missingAtSource: 0 },
      reason: 'command',
      error: null,
    });
    expect(rig.last('closed')).toEqual({ type: 'closed', run: 1, portReleased: true });
  });
});

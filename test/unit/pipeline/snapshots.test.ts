import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fromNow } from '../../../src/core/deadline.js';
import { CsiCamerasError } from '../../../src/core/errors.js';
import { settled } from '../../harness/manual-clock.js';
import { PipelineRig } from './pipeline-rig.js';

const GONE = new CsiCamerasError('camera_disconnected', 'The camera stopped answering.');

let rig: PipelineRig;

beforeEach(async () => {
  rig = new PipelineRig();
  await rig.openStream();
});

afterEach(async () => {
  rig.snapshotWriter.barrier.open();
  const closing = rig.pipeline.end(fromNow(rig.clock, 2_000));
  await rig.clock.advance(5_000);
  await closing;
  expect(rig.clock.timers).toBe(0);
  expect(rig.source.ledger.held).toBe(0);
});

describe('a snapshot', () => {
  it('is made from the next frame of the stream', async () => {
    rig.snapshot(5);
    await settled();
    expect(rig.said).toEqual(['firstFrame']);
    await rig.frames(2);
    expect(rig.snapshotWriter.frames).toEqual([2]);
    expect(rig.last('snapshotTaken')).toEqual({
      type: 'snapshotTaken',
      run: 1,
      request: 5,
      path: '/data/session_1/snapshot_1.jpg',
      bytes: 100,
    });
  });

  it('holds its frame until it is written', async () => {
    rig.snapshotWriter.barrier.close();
    rig.snapshot(1);
    await rig.frames(3);
    expect(rig.source.ledger.held).toBe(1);
    rig.snapshotWriter.barrier.open();
    await settled();
    expect(rig.snapshotWriter.frames).toEqual([2]);
  });

  it('fails with the reason why it could not be written', async () => {
    rig.snapshotWriter.error = new CsiCamerasError('disk_full', 'Full.');
    rig.snapshot(2);
    await rig.frames(1);
    expect(rig.last('snapshotFailed')).toMatchObject({ request: 2, error: { code: 'disk_full' } });
  });

  it('fails when the camera is lost before a frame came', async () => {
    rig.snapshot(3);
    rig.stream.lose(GONE);
    await settled();
    expect(rig.said).toEqual(['firstFrame', 'snapshotFailed', 'lost']);
    expect(rig.last('snapshotFailed').error).toEqual(GONE.toData());
  });

  it('is finished before the run is closed, where it is being written', async () => {
    rig.snapshotWriter.barrier.close();
    rig.snapshot(3);
    await rig.frames(1);
    await rig.closeRun();
    expect(rig.said).toEqual(['firstFrame']);
    rig.snapshotWriter.barrier.open();
    await settled();
    expect(rig.said).toEqual(['firstFrame', 'snapshotTaken', 'closed']);
  });

  it('is answered once, and in time, when the disk is stuck', async () => {
    rig.snapshotWriter.barrier.close();
    rig.snapshot(3);
    rig.snapshot(4);
    await rig.frames(1);
    await rig.closeRun(1, 1_000);
    await rig.clock.advance(1_000);
    expect(rig.said).toEqual(['firstFrame', 'snapshotFailed', 'snapshotFailed', 'closed']);
    rig.snapshotWriter.barrier.letThrough();
    rig.snapshotWriter.error = new Error('too late');
    rig.snapshotWriter.barrier.open();
    await settled();
    expect(rig.said).toHaveLength(4);
  });

  it('is refused where too many wait', async () => {
    for (let request = 1; request <= 17; request += 1) rig.snapshot(request);
    expect(rig.all('snapshotFailed')).toMatchObject([{ request: 17, error: { code: 'io_error' } }]);
    await rig.frames(1);
    expect(rig.all('snapshotTaken')).toHaveLength(16);
  });

  it('is refused for another run and while the camera is being closed', async () => {
    rig.snapshot(1, 9);
    rig.stream.closing = new Promise(() => undefined);
    await rig.closeRun(1, 1_000);
    rig.snapshot(2);
    expect(rig.all('snapshotFailed')).toMatchObject([
      { run: 9, request: 1, error: { code: 'camera_disconnected' } },
      { run: 1, request: 2, error: { code: 'camera_disconnected' } },
    ]);
  });

  it('does not need a recording, and does not disturb one', async () => {
    await rig.startRecording();
    rig.snapshot(1);
    await rig.frames(3);
    await rig.stopRecording();
    expect(rig.session.recording.numbers).toEqual([2, 3, 4]);
    expect(rig.snapshotWriter.frames).toEqual([2]);
  });
});

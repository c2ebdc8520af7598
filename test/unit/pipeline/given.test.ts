import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fromNow } from '../../../src/core/deadline.js';
import type { FrameMetadata } from '../../../src/core/frame.js';
import { NO_EXTENTS } from '../../../src/core/given-settings.js';
import type { PipelineFigures } from '../../../src/pipeline/pipeline-messages.js';
import { FAKE_FORMAT } from '../../harness/fake-camera-source.js';
import { metadataOf } from '../../harness/frame-metadata.js';
import { settled } from '../../harness/manual-clock.js';
import { PipelineRig, REQUEST } from './pipeline-rig.js';

let rig: PipelineRig;

beforeEach(async () => {
  rig = new PipelineRig();
  rig.send({ type: 'open', run: 1, request: REQUEST });
  await settled();
});

afterEach(async () => {
  const closing = rig.pipeline.end(fromNow(rig.clock, 2_000));
  await rig.clock.advance(5_000);
  await closing;
  expect(rig.source.ledger.held).toBe(0);
});

function tell(wish: Partial<FrameMetadata> | null, byteLength = 100): void {
  rig.stream.metadata = wish === null ? null : metadataOf(wish);
  rig.stream.giveFrame({ frameDurationUs: 16_667 }, byteLength);
}

async function figures(): Promise<PipelineFigures> {
  await rig.clock.advance(500);
  return rig.last('figures').figures;
}

describe('what a camera gives', () => {
  it('is not known before the first frame', async () => {
    expect(await figures()).toMatchObject({ given: null, focus: null });
  });

  it('is what its last frame told, with the region as shares of the whole sensor', async () => {
    rig.stream.giveFormat({ ...FAKE_FORMAT, width: 640, height: 480, sensor: { width: 1456, height: 1088 } });
    tell({ exposureTimeUs: 9_999, gain: 8 });
    tell({
      exposureTimeUs: 4_993,
      gain: 1.984_375,
      redGain: 1.5,
      blueGain: 2.25,
      lensPositionDioptres: 2.5,
      scalerCrop: [364, 272, 728, 544],
    });
    expect((await figures()).given).toEqual({
      exposureTimeUs: 4_993,
      gain: 1.984_375,
      colourGains: [1.5, 2.25],
      lensPositionDioptres: 2.5,
      regionOfInterest: [0.25, 0.25, 0.5, 0.5],
      fps: 1_000_000 / 16_667,
      width: 640,
      height: 480,
    });
  });

  it('is null where the tool reports nothing, or the size of the sensor is not known', async () => {
    rig.stream.giveFormat();
    tell({ redGain: 1.5, scalerCrop: [0, 0, 728, 544] });
    expect((await figures()).given).toEqual({
      exposureTimeUs: null,
      gain: null,
      colourGains: null,
      lensPositionDioptres: null,
      regionOfInterest: null,
      fps: 1_000_000 / 16_667,
      width: 1456,
      height: 1088,
    });
    rig.stream.metadata = null;
    rig.stream.giveFrame();
    expect((await figures()).given).toMatchObject({ exposureTimeUs: null, fps: null, width: 1456 });
  });

  it('is told with the third frame of a run, before half a second is over', async () => {
    rig.stream.giveFormat();
    tell({ gain: 1 });
    tell({ gain: 2 });
    expect(rig.all('figures')).toHaveLength(0);
    tell({ gain: 3 });
    expect(rig.last('figures').figures.given).toMatchObject({ gain: 3 });
    tell({ gain: 4 });
    expect(rig.all('figures')).toHaveLength(1);
  });
});

describe('the figure of synchronised cameras', () => {
  it('is what the last frame told, and nothing before it or where it told nothing', async () => {
    expect((await figures()).sync).toBeNull();
    rig.stream.giveFormat();
    tell({ isSyncReady: true, syncTimerUs: 12 });
    tell({ isSyncReady: true, syncTimerUs: -16_655 });
    expect((await figures()).sync).toEqual({ isReady: true, timerUs: -16_655 });
    tell({ syncTimerUs: 0 });
    expect((await figures()).sync).toEqual({ isReady: null, timerUs: 0 });
    tell({ isSyncReady: false });
    expect((await figures()).sync).toEqual({ isReady: false, timerUs: null });
    tell({ gain: 1 });
    expect((await figures()).sync).toBeNull();
    tell(null);
    expect((await figures()).sync).toBeNull();
  });
});

describe('the focus figure', () => {
  beforeEach(() => {
    rig.stream.giveFormat();
  });

  it('is the mean of FocusFoM since the last figures', async () => {
    tell({ focusFoM: 1_000 });
    tell({ focusFoM: 1_300 });
    expect((await figures()).focus).toEqual({ value: 1_150, kind: 'FocusFoM' });
    tell({ focusFoM: 2_000 });
    expect(rig.last('figures').figures.focus).toEqual({ value: 2_000, kind: 'FocusFoM' });
    tell({ focusFoM: 3_000 });
    tell(null);
    expect((await figures()).focus).toEqual({ value: 3_000, kind: 'FocusFoM' });
  });

  it('is the size of the frames, by that name, where the tool gives none', async () => {
    tell(null, 1_000);
    tell(null, 1_501);
    expect((await figures()).focus).toEqual({ value: 1_251, kind: 'frame_bytes' });
  });

  it('stays while no frame comes', async () => {
    tell({ focusFoM: 1_000 });
    expect((await figures()).focus).toEqual({ value: 1_000, kind: 'FocusFoM' });
    expect((await figures()).focus).toEqual({ value: 1_000, kind: 'FocusFoM' });
  });
});

describe('what a recording was given', () => {
  beforeEach(async () => {
    rig.stream.giveFormat();
    tell({ exposureTimeUs: 1, gain: 100, lux: 1 });
    await settled();
  });

  it('is the least and the most that its own frames told', async () => {
    await rig.startRecording();
    tell({ exposureTimeUs: 5_000, gain: 2, colourTemperatureK: 4_500, lensPositionDioptres: 0, lux: 400 });
    tell({ exposureTimeUs: 4_993, gain: 2, colourTemperatureK: 4_510 });
    tell(null);
    tell({ exposureTimeUs: 5_007, gain: 2, colourTemperatureK: 4_490 });
    await settled();
    await rig.stopRecording();
    tell({ exposureTimeUs: 1, gain: 100 });
    expect(rig.last('recordingStopped').summary.given).toEqual({
      exposureTimeUs: [4_993, 5_007],
      gain: [2, 2],
      colourTemperatureK: [4_490, 4_510],
      lensPositionDioptres: [0, 0],
      lux: [400, 400],
    });
  });

  it('is nothing where no frame told anything, and starts anew with the next recording', async () => {
    await rig.startRecording();
    tell({ gain: 4 });
    await settled();
    await rig.stopRecording();
    expect(rig.last('recordingStopped').summary.given).toEqual({ ...NO_EXTENTS, gain: [4, 4] });
    await rig.startRecording();
    tell(null);
    await settled();
    await rig.stopRecording();
    expect(rig.last('recordingStopped').summary.given).toEqual(NO_EXTENTS);
  });

  it('leaves out frames that were not recorded', async () => {
    await rig.startRecording();
    tell({ gain: 2 });
    await settled();
    rig.session.disk.appendFailure = { error: new Error('The disk is gone.') };
    tell({ gain: 3 });
    await settled();
    await rig.clock.advance(400); // with the next commit at the latest
    expect(rig.last('recordingStopped').summary).toMatchObject({ counts: { recorded: 1 }, given: { gain: [2, 2] } });
  });
});

import type { FrameMetadata } from '../../src/core/frame.js';

/** What a camera tells of a frame: nothing but what is wished. */
export function metadataOf(wish: Partial<FrameMetadata>): FrameMetadata {
  return {
    exposureTimeUs: null,
    gain: null,
    redGain: null,
    blueGain: null,
    colourTemperatureK: null,
    lensPositionDioptres: null,
    focusFoM: null,
    lux: null,
    scalerCrop: null,
    isSyncReady: null,
    syncTimerUs: null,
    text: '',
    ...wish,
  };
}

import { describe, expect, it } from '@jest/globals';
import { Frame, type FrameMetadata } from '../../../../src/core/frame.js';
import type { CameraInfo, CaptureSettings } from '../../../../src/capture/camera-source.js';
import { metadataOf } from '../../../harness/frame-metadata.js';
import { planCapture } from '../../../../src/capture/stream/capture-plan.js';
import { StreamReport } from '../../../../src/capture/stream/stream-report.js';

const LISTED: CameraInfo = {
  index: 0,
  model: 'imx708',
  id: '/base/imx708@1a',
  width: 4608,
  height: 2592,
  modes: [
    { format: 'SRGGB10_CSI2P', width: 1536, height: 864, maxFps: 120.13, crop: [768, 432, 3072, 1728] },
    { format: 'SRGGB10_CSI2P', width: 2304, height: 1296, maxFps: 56.03, crop: [0, 0, 4608, 2592] },
  ],
};
const SETTINGS: CaptureSettings = {
  width: 800,
  height: 600,
  fps: 30,
  jpegQuality: 85,
  bufferCount: 6,
  frameTimeoutMs: 2000,
  firstFrameTimeoutMs: 5000,
  syncTimeoutMs: 60_000,
};

function frameWith(scalerCrop: FrameMetadata['scalerCrop'], exposureTimeUs: number): Frame {
  const times = { sensorTimestampNs: 1n, arrivedMonotonicNs: 1n, wallClockUs: 1n };
  return new Frame([], 0, times, [], metadataOf({ exposureTimeUs, gain: 1, scalerCrop }));
}

/** What is warned of within 20 frames of the size that was asked for. */
function warnings(settings: Partial<CaptureSettings>, frame: Frame): readonly string[] {
  const told: string[] = [];
  const located = { index: 0, requiredId: '', listed: LISTED, origin: 'new', isAnyHeld: false } as const;
  const plan = planCapture(located, { ...SETTINGS, ...settings });
  const listener = {
    onFormat: (): void => {},
    onWarning: (code: string, message: string): void => {
      told.push(`${code}: ${message}`);
    },
  };
  const report = new StreamReport({ tool: 'tool', plan, leftOut: { options: [], settings: [] } }, listener);
  const { width, height } = plan.settings;
  for (let count = 0; count < 20; count += 1) report.frame(frame, width, height, '');
  return told;
}

describe('the report of a stream', () => {
  it('takes a region for shares of any listed mode where the size does not tell which one is used', () => {
    const asked = { regionOfInterest: [0.5, 0.5, 0.5, 0.5] } as const;
    expect(warnings(asked, frameWith([2304, 1296, 1536, 864], 100))).toEqual([]);
    expect(warnings(asked, frameWith([768, 432, 1536, 864], 100))).toHaveLength(1);
  });

  it('takes it for shares of the mode where that is known', () => {
    const asked = { regionOfInterest: [0.5, 0.5, 0.5, 0.5], sensorMode: '2304:1296:10:P' } as const;
    expect(warnings(asked, frameWith([2304, 1296, 2304, 1296], 100))).toEqual([]);
    expect(warnings(asked, frameWith([2304, 1296, 1536, 864], 100))).toHaveLength(1);
  });

  it('measures an exposure in lines of the mode, or by 2 % where the mode is not known', () => {
    const frame = frameWith(null, 4950);
    expect(warnings({ exposureTimeUs: 5000 }, frame)).toEqual([]);
    expect(warnings({ exposureTimeUs: 5000, width: 2304, height: 1296 }, frame)).toEqual([
      'setting_without_effect: exposureTimeUs: asked 5000, the camera gives 4950.',
    ]);
  });

  it('tells of each setting once', () => {
    const asked = { exposureTimeUs: 9000, gain: 2, whiteBalance: 'auto' } as const;
    expect(warnings(asked, frameWith(null, 100)).map((told) => told.split(':')[1])).toEqual([
      ' exposureTimeUs',
      ' gain',
      ' whiteBalance',
    ]);
  });
});

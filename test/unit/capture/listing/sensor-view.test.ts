import { describe, expect, it } from '@jest/globals';
import { parseCameraList } from '../../../../src/capture/listing/camera-list.js';
import type { CameraInfo } from '../../../../src/capture/camera-source.js';
import {
  isTakenForItsSize,
  isWithoutDifference,
  modeArgument,
  modeOfSize,
  viewInWords,
  widestView,
} from '../../../../src/capture/listing/sensor-view.js';

/** Listings as the tool prints them for the cameras of these names. */
const LISTINGS = {
  imx296: `0 : imx296 [1456x1088 10-bit MONO] (/base/axi/pcie@120000/rp1/i2c@88000/imx296@1a)
    Modes: 'R10_CSI2P' : 1456x1088 [60.38 fps - (0, 0)/1456x1088 crop]`,
  imx219: `0 : imx219 [3280x2464 10-bit RGGB] (/base/axi/pcie@120000/rp1/i2c@80000/imx219@10)
    Modes: 'SRGGB10_CSI2P' : 640x480 [206.65 fps - (1000, 752)/1280x960 crop]
                             1640x1232 [41.85 fps - (0, 0)/3280x2464 crop]
                             1920x1080 [47.57 fps - (680, 692)/1920x1080 crop]
                             3280x2464 [21.19 fps - (0, 0)/3280x2464 crop]
           'SRGGB8' : 640x480 [206.65 fps - (1000, 752)/1280x960 crop]
                      1640x1232 [83.70 fps - (0, 0)/3280x2464 crop]
                      1920x1080 [47.57 fps - (680, 692)/1920x1080 crop]
                      3280x2464 [21.19 fps - (0, 0)/3280x2464 crop]`,
  imx708: `0 : imx708_wide [4608x2592 10-bit RGGB] (/base/soc/i2c0mux/i2c@1/imx708@1a)
    Modes: 'SRGGB10_CSI2P' : 1536x864 [120.13 fps - (768, 432)/3072x1728 crop]
                             2304x1296 [56.03 fps - (0, 0)/4608x2592 crop]
                             4608x2592 [14.35 fps - (0, 0)/4608x2592 crop]`,
  imx477: `0 : imx477 [4056x3040 12-bit RGGB] (/base/axi/pcie@120000/rp1/i2c@88000/imx477@1a)
    Modes: 'SRGGB10_CSI2P' : 1332x990 [120.05 fps - (696, 528)/2664x1980 crop]
           'SRGGB12_CSI2P' : 2028x1080 [50.03 fps - (0, 440)/4056x2160 crop]
                             2028x1520 [40.01 fps - (0, 0)/4056x3040 crop]
                             4056x3040 [10.00 fps - (0, 0)/4056x3040 crop]`,
} as const;

function cameraOf(listing: string): CameraInfo {
  const [camera] = parseCameraList(`${listing}\n`);
  if (camera === undefined) throw new Error('The listing has no camera.');
  return camera;
}

function viewOf(name: keyof typeof LISTINGS, fps: number): string {
  const mode = widestView(cameraOf(LISTINGS[name]), fps);
  return mode === undefined ? 'none' : `${mode.width}x${mode.height} ${mode.format} ${mode.maxFps}`;
}

describe('the widest view', () => {
  it.each([
    ['imx296', 60, '1456x1088 R10_CSI2P 60.38'],
    ['imx219', 30, '1640x1232 SRGGB10_CSI2P 41.85'], // not 1920x1080, which is cut out
    ['imx219', 21, '3280x2464 SRGGB10_CSI2P 21.19'],
    ['imx219', 60, '1640x1232 SRGGB8 83.7'],
    ['imx219', 200, '640x480 SRGGB10_CSI2P 206.65'],
    ['imx708', 30, '2304x1296 SRGGB10_CSI2P 56.03'],
    ['imx708', 10, '4608x2592 SRGGB10_CSI2P 14.35'],
    ['imx708', 100, '1536x864 SRGGB10_CSI2P 120.13'],
    ['imx477', 45, '2028x1080 SRGGB12_CSI2P 50.03'],
  ] as const)('of an %s at %d frames a second is %s', (name, fps, view) => {
    expect(viewOf(name, fps)).toBe(view);
  });

  it('is that of the fastest mode where none keeps the rate', () => {
    expect(viewOf('imx296', 90)).toBe('1456x1088 R10_CSI2P 60.38');
    expect(viewOf('imx708', 500)).toBe('1536x864 SRGGB10_CSI2P 120.13');
  });

  it('keeps a rate that the listing rounded down', () => {
    expect(viewOf('imx219', 41.854)).toBe('1640x1232 SRGGB10_CSI2P 41.85');
  });

  it('is not known of a tool that lists no rates, no crops, or no modes', () => {
    const old = "0 : imx477 [4056x3040] (/base/soc/i2c@1/imx477@1a)\n    Modes: 'SRGGB12_CSI2P' : 2028x1080 4056x3040";
    expect(widestView(cameraOf(old), 30)).toBeUndefined();
    expect(widestView({ ...cameraOf(LISTINGS.imx296), modes: [] }, 30)).toBeUndefined();
  });

  it('is none that no tool can be asked for', () => {
    const camera = cameraOf(LISTINGS.imx296);
    const [mode] = camera.modes;
    const modes = mode === undefined ? [] : [{ ...mode, width: 20_000, height: 20_000 }];
    expect(widestView({ ...camera, modes }, 30)).toBeUndefined();
  });
});

describe('the mode that libcamera takes for a size', () => {
  it('is the one of that size, unless a deeper one is as near', () => {
    const taken = Object.entries(LISTINGS).flatMap(([name, listing]) => {
      const camera = cameraOf(listing);
      return [10, 30, 45, 60, 110].map((fps) => {
        const mode = widestView(camera, fps);
        return mode !== undefined && !isTakenForItsSize(camera, mode) ? `${name} at ${fps}: ${modeArgument(mode)}` : '';
      });
    });
    expect(taken.filter(Boolean)).toEqual([
      'imx219 at 45: 1640:1232:8:P',
      'imx219 at 60: 1640:1232:8:P',
      'imx477 at 60: 1332:990:10:P',
      'imx477 at 110: 1332:990:10:P',
    ]);
  });

  it('is asked for with the usual depth where the format is not a raw one', () => {
    const [mode] = cameraOf(LISTINGS.imx296).modes;
    const crop = mode?.crop ?? [0, 0, 0, 0];
    const depths = ['RGB888', 'YUYV', 'SRGGB16', 'R8'].map((format) =>
      modeArgument({ format, width: 1920, height: 1080, maxFps: 60, crop }),
    );
    expect(depths).toEqual(['1920:1080:12:P', '1920:1080:12:P', '1920:1080:16:P', '1920:1080:8:P']);
  });

  it('is the deeper one of two with the same size', () => {
    expect(modeOfSize(cameraOf(LISTINGS.imx219), 1640, 1232)).toMatchObject({ maxFps: 41.85 });
    expect(modeOfSize(cameraOf(LISTINGS.imx219), 1280, 720)).toBeUndefined();
  });
});

describe('modes without a difference', () => {
  it('are what the tool lists of a camera that another program holds, and of no camera that is free', () => {
    const held = LISTINGS.imx708.replaceAll(/\[.*fps.*crop\]/g, '[30.00 fps - (0, 0)/4608x2592 crop]');
    expect(isWithoutDifference(cameraOf(held).modes)).toBe(true);
    for (const listing of Object.values(LISTINGS)) expect(isWithoutDifference(cameraOf(listing).modes)).toBe(false);
  });
});

describe('a view in words', () => {
  it.each([
    ['imx296', 1456, 1088, '1456x1088, whole sensor'],
    ['imx219', 1640, 1232, '1640x1232, whole sensor'],
    ['imx219', 1920, 1080, '1920x1080 cut out of 3280x2464'],
    ['imx219', 640, 480, '640x480, 1280x960 cut out of 3280x2464'],
    ['imx219', 800, 600, '800x600'],
  ] as const)('of an %s that gives %dx%d is %j', (name, width, height, words) => {
    const camera = cameraOf(LISTINGS[name]);
    expect(viewInWords(width, height, modeOfSize(camera, width, height) ?? null, camera)).toBe(words);
  });
});

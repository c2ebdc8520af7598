import { describe, expect, it } from '@jest/globals';

import { cameraListing, chooseStream, type Sensor, SENSORS } from '../../../src/virtual-camera/sensor/sensors.js';

const [imx296, imx219] = SENSORS as readonly [Sensor, Sensor];

describe('the listing', () => {
  it('is the one of rpicam-vid, letter for letter', () => {
    expect(cameraListing(SENSORS)).toBe(
      [
        'Available cameras',
        '-----------------',
        '0 : imx296 [1456x1088 10-bit MONO] (/base/axi/pcie@120000/rp1/i2c@88000/imx296@1a)',
        "    Modes: 'R10_CSI2P' : 1456x1088 [60.38 fps - (0, 0)/1456x1088 crop]",
        '',
        '1 : imx219 [3280x2464 10-bit RGGB] (/base/axi/pcie@120000/rp1/i2c@80000/imx219@10)',
        "    Modes: 'SRGGB10_CSI2P' : 640x480 [206.65 fps - (1000, 752)/1280x960 crop]",
        '                             1640x1232 [41.85 fps - (0, 0)/3280x2464 crop]',
        '                             1920x1080 [47.57 fps - (680, 692)/1920x1080 crop]',
        '                             3280x2464 [21.19 fps - (0, 0)/3280x2464 crop]',
        '',
        '',
      ].join('\n'),
    );
  });

  it('shifts the index of a camera behind a missing one', () => {
    expect(cameraListing([imx219])).toContain('0 : imx219');
  });

  it('says where there is none', () => {
    expect(cameraListing([])).toBe('No cameras available!\n');
  });
});

describe('what a camera gives', () => {
  it('is what is asked for where a mode has it', () => {
    const given = chooseStream(imx296, { width: 1456, height: 1088, fps: 60 });
    expect(given).toMatchObject({ width: 1456, height: 1088, fps: 60, isAdjusted: false });
  });

  it('is the maximal rate of the mode where more is asked for', () => {
    expect(chooseStream(imx296, { width: 640, height: 480, fps: 100 }).fps).toBe(60.38);
    expect(chooseStream(imx219, { width: 1640, height: 1232, fps: 60 }).fps).toBe(41.85);
  });

  it('comes from the smallest mode that covers the size', () => {
    expect(chooseStream(imx219, { width: 640, height: 480, fps: 30 }).mode.width).toBe(640);
    expect(chooseStream(imx219, { width: 642, height: 480, fps: 30 }).mode.width).toBe(1640);
    expect(chooseStream(imx219, { width: 640, height: 480, fps: 200 }).fps).toBe(200);
  });

  it('comes from the mode that was named, whatever its rate', () => {
    const mode = { width: 1640, height: 1232 };
    expect(chooseStream(imx219, { width: 640, height: 480, fps: 100, mode }).fps).toBe(41.85);
  });

  it('is no larger than the sensor', () => {
    const given = chooseStream(imx296, { width: 4000, height: 480, fps: 30 });
    expect(given).toMatchObject({ width: 1456, height: 480, isAdjusted: true });
    expect(chooseStream(imx219, { width: 3280, height: 2464, fps: 10 })).toMatchObject({ isAdjusted: false });
  });

  it('needs a mode', () => {
    expect(() => chooseStream({ ...imx296, modes: [] }, { width: 16, height: 16, fps: 1 })).toThrow('no modes');
  });
});

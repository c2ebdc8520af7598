import { describe, expect, it } from '@jest/globals';
import {
  findCamera,
  isIndexOnly,
  parseCameraList,
  requestedIndex,
  selectedSensorId,
} from '../../../../src/capture/listing/camera-list.js';
import { isSameCamera, modelOfId } from '../../../../src/core/camera-id.js';

const LIST = `Available cameras
-----------------
0 : imx296 [1456x1088 10-bit MONO] (/base/axi/pcie@120000/rp1/i2c@88000/imx296@1a)
    Modes: 'R10_CSI2P' : 1456x1088 [60.38 fps - (0, 0)/1456x1088 crop]

1 : imx219 [3280x2464 10-bit RGGB] (/base/axi/pcie@120000/rp1/i2c@80000/imx219@10)
    Modes: 'SRGGB10_CSI2P' : 640x480 [206.65 fps - (1000, 752)/1280x960 crop]
                             1640x1232 [41.85 fps - (0, 0)/3280x2464 crop]
           'SRGGB8' : 3280x2464 [21.19 fps - (0, 0)/3280x2464 crop]

2 : UVC Camera [640x480] (/base/axi/pcie@120000/rp1/usb@200000-1:1.0-046d:0825)
    Modes: 'MJPEG' : 640x480 [30.00 fps - (0, 0)/0x0 crop]
`;
const IMX296 = '/base/axi/pcie@120000/rp1/i2c@88000/imx296@1a';
const IMX219 = '/base/axi/pcie@120000/rp1/i2c@80000/imx219@10';

describe('parseCameraList', () => {
  it('takes no control characters into names, and no time over lines that no tool writes', () => {
    const hostile = `0 : \u001B[2Jimx\u0001296 [1456x1088 10-bit] (/base/\u001B]0;x\u0007i2c@1/imx296@1a)\r\n`;
    expect(parseCameraList(hostile)).toMatchObject([{ index: 0, model: 'imx 296', id: '/base/i2c@1/imx296@1a' }]);
    const begunMs = performance.now();
    expect(parseCameraList(`0 : a${' [1x1'.repeat(200_000)}\n`)).toEqual([]);
    expect(parseCameraList(`  '${'1x1 [1 fps'.repeat(100_000)}`)).toEqual([]);
    expect(performance.now() - begunMs).toBeLessThan(20_000); // it was minutes
  });

  it('reads cameras with their modes, and leaves USB cameras out', () => {
    expect(parseCameraList(LIST)).toEqual([
      {
        index: 0,
        model: 'imx296',
        id: IMX296,
        width: 1456,
        height: 1088,
        modes: [{ format: 'R10_CSI2P', width: 1456, height: 1088, maxFps: 60.38, crop: [0, 0, 1456, 1088] }],
      },
      {
        index: 1,
        model: 'imx219',
        id: IMX219,
        width: 3280,
        height: 2464,
        modes: [
          { format: 'SRGGB10_CSI2P', width: 640, height: 480, maxFps: 206.65, crop: [1000, 752, 1280, 960] },
          { format: 'SRGGB10_CSI2P', width: 1640, height: 1232, maxFps: 41.85, crop: [0, 0, 3280, 2464] },
          { format: 'SRGGB8', width: 3280, height: 2464, maxFps: 21.19, crop: [0, 0, 3280, 2464] },
        ],
      },
    ]);
  });

  it('reads modes of old versions, which have no rates', () => {
    const [camera] = parseCameraList(
      "0 : imx477 [4056x3040] (/base/soc/i2c0mux/i2c@1/imx477@1a)\n    Modes: 'SRGGB12_CSI2P' : 2028x1080 4056x3040\n",
    );
    expect(camera?.modes).toEqual([
      { format: 'SRGGB12_CSI2P', width: 2028, height: 1080, maxFps: 0 },
      { format: 'SRGGB12_CSI2P', width: 4056, height: 3040, maxFps: 0 },
    ]);
  });

  it('reads a mode whose rate the tool does not know', () => {
    const [camera] = parseCameraList(
      "0 : imx477 [4056x3040] (/base/soc/i2c@1/imx477@1a)\n    Modes: 'SRGGB12_CSI2P' : 2028x1080 [nan fps - (0, 440)/4056x2160 crop]\n",
    );
    expect(camera?.modes).toEqual([
      { format: 'SRGGB12_CSI2P', width: 2028, height: 1080, maxFps: 0, crop: [0, 440, 4056, 2160] },
    ]);
  });

  it.each(['', 'No cameras available!\n', 'something else 640x480\n'])('finds no camera in %j', (output) => {
    expect(parseCameraList(output)).toEqual([]);
  });
});

describe('findCamera', () => {
  const cameras = parseCameraList(LIST);

  it.each([
    ['the whole id', IMX219],
    ['an id of another kernel', '/base/axi/pcie@1000120000/rp1/i2c@80000/imx219@10'],
    ['the stable end', 'i2c@80000/imx219@10'],
    ['the sensor part alone', 'imx219@10'],
    ['another case', 'I2C@80000/IMX219@10'],
  ])('follows %s to another index', (_what, stableId) => {
    expect(findCamera(cameras, { index: 0, stableId }).index).toBe(1);
  });

  it.each(['imx219', 'IMX219', 'IMX219 Camera Module'])('follows the model %s', (hardwareModel) => {
    expect(findCamera(cameras, { index: 0, hardwareModel }).index).toBe(1);
  });

  it('never gives the neighbour of a camera that is not there', () => {
    for (const identity of [
      { index: 0, stableId: 'i2c@88000/imx708@1a' },
      { index: 0, hardwareModel: 'imx708' },
      { index: 0, stableId: IMX296, hardwareModel: 'imx219' },
      { index: 0, stableId: '3f9a0c1e' },
      { index: 1, stableId: 'picam:1', hardwareModel: 'imx708' },
    ]) {
      expect(() => findCamera(cameras, identity)).toThrow(
        expect.objectContaining({ code: 'camera_not_found', message: expect.stringContaining('imx296') }),
      );
    }
  });

  it('says so where there is no camera at all', () => {
    expect(() => findCamera([], { index: 0, hardwareModel: 'imx708' })).toThrow('Connected: none');
  });

  it('takes the index to tell two of the same model apart, and guesses nothing', () => {
    const twins = parseCameraList(LIST.replaceAll('imx296', 'imx219'));
    expect(findCamera(twins, { index: 1, hardwareModel: 'imx219' }).index).toBe(1);
    expect(findCamera(twins, { index: 9, stableId: 'picam:0', hardwareModel: 'imx219' }).index).toBe(0);
    expect(() => findCamera(twins, { index: 5, hardwareModel: 'imx219' })).toThrow('Several cameras');
  });
});

describe('identities', () => {
  it('take picam:N for a name of the index', () => {
    expect(isIndexOnly({ index: 0, stableId: 'picam:1' })).toBe(true);
    expect(requestedIndex({ index: 0, stableId: 'picam:1' })).toBe(1);
    expect(isIndexOnly({ index: 0 })).toBe(true);
    expect(isIndexOnly({ index: 0, stableId: '', hardwareModel: '' })).toBe(true);
    expect(isIndexOnly({ index: 0, hardwareModel: 'imx219' })).toBe(false);
    expect(isIndexOnly({ index: 0, stableId: IMX219 })).toBe(false);
  });

  it('tell two buses with the same sensor apart', () => {
    expect(isSameCamera('/base/rp1/i2c@88000/imx219@10', '/base/rp1/i2c@80000/imx219@10')).toBe(false);
  });

  it('are found in the line about the selected sensor', () => {
    const line = `[0:01:02.345678] [1234]  INFO RPI pisp.cpp:1450 Sensor: ${IMX219} - Selected sensor format: 1640x1232-SBGGR10_1X10 - Selected CFE format: 1640x1232-PC1B`;
    expect(selectedSensorId(line)).toBe(IMX219);
    expect(selectedSensorId('Sensor: none')).toBeUndefined();
  });

  it('name their model', () => {
    expect(modelOfId(IMX296)).toBe('imx296');
    expect(modelOfId('')).toBe('');
  });
});

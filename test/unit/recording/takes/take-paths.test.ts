import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { safeCameraLabel, safeName, sessionToken, takePaths } from '../../../../src/recording/takes/take-paths.js';

describe('safeName', () => {
  it('keeps letters, digits, underscore, hyphen and dot, and nothing else', () => {
    expect(safeName('IMX296 Global_picam:0', 'x')).toBe('IMX296_Global_picam_0');
    expect(safeName('Az-09_.é/\\\0\n😀', 'x')).toBe('Az-09_.______');
  });

  it('is never empty, hidden or a way up', () => {
    expect(safeName('', 'camera')).toBe('camera');
    expect(safeName('.', 'x')).toBe('_');
    expect(safeName('..', 'x')).toBe('_.');
    expect(safeName('../../etc', 'x')).toBe('_._.._etc');
    expect(safeName('.hidden', 'x')).toBe('_hidden');
  });

  it('keeps the end of a long text: there stands what tells cameras apart', () => {
    const name = safeName(`${'a'.repeat(500)}_picam_1`, 'x');
    expect(name).toHaveLength(96);
    expect(name).toMatch(/^a+_a+_picam_1$/);
  });
});

describe('sessionToken', () => {
  it('is what follows the first underscore of the folder, or all of its name', () => {
    expect(sessionToken('/data/session_20260106_081726')).toBe('20260106_081726');
    expect(sessionToken('/data/session_20260106_081726/')).toBe('20260106_081726');
    expect(sessionToken('/data/pilot')).toBe('pilot');
    expect(sessionToken('/data/pilot_')).toBe('pilot_');
    expect(sessionToken('/')).toBe('session');
    expect(sessionToken('/data/my_..')).toBe('_.');
  });
});

describe('takePaths', () => {
  const paths = (trial: number, take: number) => takePaths('/s_1/CSICameras/cam', '/s_1', 'cam', trial, take);

  it('follows the specification, with the take behind the camera label', () => {
    expect(paths(1, 1)).toEqual({
      take: 1,
      videoPath: '/s_1/CSICameras/cam/1_CSI_trial001_cam.avi',
      timingPath: '/s_1/CSICameras/cam/1_CSI_trial001_cam_timing.csv',
    });
    expect(paths(12, 2).videoPath).toBe('/s_1/CSICameras/cam/1_CSI_trial012_cam_take2.avi');
    expect(paths(1234, 3).timingPath).toBe('/s_1/CSICameras/cam/1_CSI_trial1234_cam_take3_timing.csv');
  });

  it('stays one legal name in its folder, whatever a host sends', () => {
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 400 }), fc.constantFrom('..', '/', '../..', '\0'));
    fc.assert(
      fc.property(text, text, fc.nat(Number.MAX_SAFE_INTEGER), fc.nat(999_999), (session, label, trial, take) => {
        const folder = `/f/${safeCameraLabel(label)}`;
        const { videoPath, timingPath } = takePaths(folder, `/data/${session}`, label, trial, take + 1);
        for (const path of [videoPath, timingPath]) {
          expect(path).toMatch(/^\/f\/[A-Za-z0-9_-][A-Za-z0-9_.-]*\/[A-Za-z0-9_-][A-Za-z0-9_.-]*$/);
          expect(path.slice(path.lastIndexOf('/') + 1).length).toBeLessThanOrEqual(255);
        }
      }),
    );
  });
});

import { tmpdir } from 'node:os';
import { dirname, isAbsolute } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { logDirectory } from '../../../src/cli/log-directory.js';

const before = process.env['XDG_STATE_HOME'];

function setStateHome(path: string | undefined): void {
  if (path === undefined) delete process.env['XDG_STATE_HOME'];
  else process.env['XDG_STATE_HOME'] = path;
}

beforeEach(() => {
  setStateHome(undefined);
});

afterEach(() => {
  setStateHome(before);
});

describe('logDirectory', () => {
  it('is the one that is named', () => {
    expect(logDirectory('/var/log/cameras', undefined)).toBe('/var/log/cameras');
  });

  it('lies in the state directory otherwise', () => {
    expect(logDirectory(undefined, undefined, '/home/pi')).toBe('/home/pi/.local/state/csi-cameras/logs');
    setStateHome('/state');
    expect(logDirectory(undefined, undefined, '/home/pi')).toBe('/state/csi-cameras/logs');
    expect(isAbsolute(logDirectory(undefined, undefined))).toBe(true);
  });

  it('takes no notice of a relative state directory, as the specification says', () => {
    setStateHome('state');
    expect(logDirectory(undefined, undefined, '/home/pi')).toBe('/home/pi/.local/state/csi-cameras/logs');
  });

  it('lies among temporary files where there is no home', () => {
    expect(logDirectory(undefined, undefined, '')).toBe(
      `${tmpdir()}/csi-cameras-${process.getuid?.()}/csi-cameras/logs`,
    );
  });

  it.each([
    ['left', '/logs/left'],
    ['csi cam/1', '/logs/csi_cam_1'],
    ['..', '/logs/_'],
    ['../../etc', '/logs/__.._etc'],
    ['', '/logs'],
    ['x'.repeat(300), `/logs/${'x'.repeat(100)}`],
  ])('has for the instance %p the folder %p', (instance, folder) => {
    expect(logDirectory('/logs', instance)).toBe(folder);
  });

  it('gives every instance a folder right inside the log directory', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'binary' }), (instance) => {
        expect(dirname(logDirectory('/logs', instance))).toBe('/logs');
      }),
    );
  });
});

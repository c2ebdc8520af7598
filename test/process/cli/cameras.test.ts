import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { listCamerasForPeople } from '../../../src/cli/cameras.js';

let out: string;
let err: string;

beforeEach(() => {
  out = '';
  err = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((chunk, ...rest) => {
    out += String(chunk);
    for (const done of rest) if (typeof done === 'function') done(null);
    return true;
  });
  jest.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    err += String(chunk);
    return true;
  });
});

afterEach(() => {
  jest.restoreAllMocks();
});

/** The cameras are those of the built virtual camera. */
describe('listCamerasForPeople', () => {
  it('lists the cameras as a table', async () => {
    expect(await listCamerasForPeople({ simulate: true })).toBe(0);
    expect(out.split('\n').map((line) => line.replace(/ {2,}/g, ' | '))).toEqual([
      'device | model | size | max fps | format | id',
      expect.stringMatching(/^picam:0 \| imx296 \| 1456x1088 \| 60\.38 \| \S+ \| \/base\/\S+imx296@1a$/),
      expect.stringMatching(/^picam:1 \| imx219 \| 640x480 \| \d+\.\d\d \| \S+ \| \/base\/\S+imx219@10$/),
      ...out
        .split('\n')
        .slice(3, -1)
        .map(() => expect.stringMatching(/^ \| \d+x\d+ \| \d+\.\d\d \| \S+$/)),
      '',
    ]);
    expect(err).toBe('');
  });

  it('lists them as JSON for programs', async () => {
    expect(await listCamerasForPeople({ simulate: true, json: true })).toBe(0);
    expect(JSON.parse(out)).toMatchObject([
      { index: 0, model: 'imx296', width: 1456, height: 1088 },
      { index: 1, model: 'imx219' },
    ]);
  });
});

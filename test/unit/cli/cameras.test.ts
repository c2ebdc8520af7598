import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { listCamerasForPeople } from '../../../src/cli/cameras.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let out: string;
let err: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  out = '';
  err = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    out += String(chunk);
    return true;
  });
  jest.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    err += String(chunk);
    return true;
  });
});

afterEach(async () => {
  jest.restoreAllMocks();
  await folder.remove();
});

/** A capture tool that prints this and ends. */
async function toolThatPrints(text: string, exitCode = 0): Promise<string> {
  const path = join(folder.path, 'tool');
  await writeFile(path, `#!/bin/sh\ncat <<'END'\n${text}\nEND\nexit ${exitCode}\n`);
  await chmod(path, 0o755);
  return path;
}

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

  it('says what to look at where there is none', async () => {
    const captureTool = await toolThatPrints('No cameras available!');
    expect(await listCamerasForPeople({ captureTool })).toBe(0);
    expect(out).toMatch(/^No CSI cameras found\. Check the ribbon cables/);
    out = '';
    expect(await listCamerasForPeople({ captureTool, json: true })).toBe(0);
    expect(JSON.parse(out)).toEqual([]);
  });

  it('fails with advice where there is no capture tool', async () => {
    expect(await listCamerasForPeople({ captureTool: join(folder.path, 'nowhere') })).toBe(1);
    expect(out).toBe('');
    expect(err).toMatch(/^error: .*Install rpicam-apps/);
  });
});

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
    expect(err).toMatch(/^error: .*Install rpicam-apps.* `csi-cameras cameras --simulate` lists virtual cameras/);
  });
});

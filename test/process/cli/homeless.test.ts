import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MAIN } from '../../harness/paths.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

/** A user whom the system does not know: no name, no home. */
const NOBODY = '54321';
const AS_NOBODY = ['--reuid', NOBODY, '--regid', NOBODY, '--clear-groups'];

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
  await chmod(folder.path, 0o777);
});

afterEach(async () => {
  await folder.remove();
});

/** Runs the built program as that user, in the test's folder, with nothing in its environment but this. */
async function run(args: readonly string[], input = ''): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn('setpriv', [...AS_NOBODY, process.execPath, MAIN, ...args], {
    cwd: folder.path,
    env: { PATH: process.env['PATH'], TMPDIR: folder.path },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(input);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: code as number, stdout, stderr };
}

const recordFor = ['record', '--simulate', '--duration', '0.5', '--out', './session'];

describeWithNobody('a user without a home', () => {
  it('records with --log-dir, without a word about a home', async () => {
    const { code, stdout, stderr } = await run([...recordFor, '--log-dir', './logs']);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^(?:Waiting .*\n)?Recording picam:0 /),
    });
    expect(stdout).toMatch(/^Recorded \d+ frames/);
    expect(await readdir(join(folder.path, 'logs'))).toContain('csicameras.log');
  });

  it('records without it too: the logs go to a private temporary folder, and a line says where', async () => {
    const { code, stderr } = await run(recordFor);
    expect(code).toBe(0);
    const place = join(folder.path, `csi-cameras-${NOBODY}`);
    expect(stderr).toContain(`The logs go to ${join(place, 'logs')}, because this user has no home directory.`);
    const { mode, uid } = await stat(place);
    expect({ mode: mode & 0o777, uid }).toEqual({ mode: 0o700, uid: Number(NOBODY) });
    expect(await readdir(join(place, 'logs', 'record-camera-0'))).toContain('csicameras.log');
  });

  it('has a host child that says the same, lists cameras, and gets help', async () => {
    const host = await run(['--simulate']);
    expect(host.code).toBe(0);
    expect(host.stdout).toContain('"shutdown_complete"');
    expect(host.stderr).toMatch(/^The logs go to /);
    expect(await run(['cameras', '--simulate'])).toMatchObject({ code: 0, stderr: '' });
    expect(await run(['--help'])).toMatchObject({ code: 0, stderr: '' });
  });
});

/** `describe` for what needs that user: where nobody can become it, or it may not read the program, this is skipped and says so. */
function describeWithNobody(name: string, body: () => void): void {
  try {
    execFileSync('setpriv', [...AS_NOBODY, process.execPath, MAIN, '--version'], { stdio: 'ignore', cwd: '/' });
    describe(name, body);
  } catch {
    process.stderr.write(
      'SKIPPED: no process of another user here (root, setpriv, a readable build): users without a home\n',
    );
    describe.skip(name, body);
  }
}

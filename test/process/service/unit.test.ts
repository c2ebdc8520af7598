import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SYSTEMD } from '../../../scripts/readers.mjs';
import { unitText } from '../../../src/cli/service/unit-text.js';
import { MAIN } from '../../harness/paths.js';
import { isPresent } from '../../harness/present-readers.js';
import { runProgram } from '../../harness/run-program.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

const withSystemd = isPresent(SYSTEMD) ? it : it.skip;
const NAME = 'csi-cameras.service';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(() => folder.remove());

const service = (...args: readonly string[]) => serviceBehindSudoOf('', ...args);
const serviceBehindSudoOf = (user: string, ...args: readonly string[]) =>
  runProgram(folder.path, ['service', ...args], { XDG_CONFIG_HOME: folder.path, SUDO_USER: user }).ended;

/** What systemd-analyze has to say of this text. It reads the file, and starts nothing. */
async function complaints(text: string, forUser = false): Promise<readonly string[]> {
  const path = join(folder.path, NAME);
  await writeFile(path, text);
  const args = ['verify', '--man=no', '--recursive-errors=no', ...(forUser ? ['--user'] : []), path];
  const env = { PATH: process.env['PATH'], HOME: folder.path, XDG_RUNTIME_DIR: folder.path };
  const { status, stdout, stderr } = spawnSync('systemd-analyze', args, { encoding: 'utf8', env });
  return [...(status === 0 ? [] : [`It ends with ${status}.`]), ...`${stdout}${stderr}`.split('\n').filter(Boolean)];
}

describe('the unit that service makes', () => {
  withSystemd('is what systemd can read: of the system, of a user, and with the oddest paths', async () => {
    const odd = ['--label', `it's "5 %" \\ $HOME;`, '--out', join(folder.path, `a %n "q" $b`), '--monitor'];
    const [ofTheSystem, ofAUser] = await Promise.all([
      service('--print', '--run-as', 'root', '--', '--camera', '0,1', ...odd),
      service('--print', '--user', '--', ...odd),
    ]);
    expect(ofTheSystem).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining(`${MAIN} record`) });
    expect(await complaints(ofTheSystem.stdout)).toEqual([]);
    expect(await complaints(ofAUser.stdout, true)).toEqual([]);
    // A program that is not where systemd reads that it is would be a complaint.
    const node = join(folder.path, 'odd %n $HOME ;é', 'node');
    await mkdir(join(node, '..'));
    await symlink(process.execPath, node);
    const given = { name: 'x', isForUser: false, user: 'root', main: MAIN, record: [], out: 'x' };
    expect(await complaints(unitText({ ...given, node }))).toEqual([]);
    expect(await complaints(unitText({ ...given, node: `${node}.js` }))).toContain('It ends with 1.');
    expect(await complaints(ofTheSystem.stdout.replace('WatchdogSec=30', 'WatchdogSec=soon'))).toContain(
      'It ends with 1.',
    );
  });

  it('is installed, kept where somebody has changed it or it is enabled, and removed; with what to type next', async () => {
    const installed = await service('install', '--user', '--', '--simulate');
    expect(installed.code).toBe(0);
    expect(installed.stdout).toContain('systemctl --user enable --now csi-cameras');
    expect(installed.stdout).toContain('~/recordings/session_unattended');
    const units = join(folder.path, 'systemd/user');
    expect(await readFile(join(units, NAME), 'utf8')).toContain(
      `${MAIN} record --simulate --out=recordings/session_unattended`,
    );

    await mkdir(join(units, 'default.target.wants'));
    await symlink(join(units, NAME), join(units, 'default.target.wants', NAME));
    expect(await service('remove', '--user')).toMatchObject({
      code: 1,
      stderr: 'error: csi-cameras still starts with the machine. First: systemctl --user disable --now csi-cameras\n',
    });
    await writeFile(join(units, NAME), '[Service]\n');
    expect(await service('install', '--user')).toMatchObject({ code: 1, stderr: expect.stringContaining('--force') });
    expect(await service('remove', '--user', '--force')).toMatchObject({ code: 0 });
    expect(await readdir(units)).toEqual(['default.target.wants']);
  });

  it('is not made of what record would refuse, nor for a user who is not known', async () => {
    const wrong = await Promise.all([
      service('--print', '--', '--fps', '9999'),
      service('--print', '--user', '--', '--monitor-control'),
      service('--print', 'install'),
      service(),
      service('--print', '--name', '../x'),
      service('--print', '--run-as', 'a b'),
      service('--print', '--user', '--', '--label', 'a\nExecStartPre=/bin/x'),
    ]);
    expect(wrong.map(({ code }) => code)).toEqual([2, 2, 2, 2, 2, 2, 1]);
    expect(wrong.map(({ stdout }) => stdout).join('')).toBe('');
    expect(wrong[0]?.stderr).toContain('It must be a number, 0.005 to 1000.');
    if (process.getuid?.() !== 0) return;
    const unknown = { code: 1, stderr: expect.stringContaining('Say it: --run-as pi') };
    expect(await service('--print')).toMatchObject(unknown);
    // A shell of root that was opened by sudo of root: nobody has said that root is to record.
    expect(await serviceBehindSudoOf('root', '--print')).toMatchObject(unknown);
  });
});

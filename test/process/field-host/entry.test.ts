import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PYTHON, PYTHON3 } from '../../../scripts/readers.mjs';
import { fieldPlace, integrate, type FieldPlace } from '../../harness/field-host.js';
import { ROOT } from '../../harness/paths.js';
import { isPresent } from '../../harness/present-readers.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

const describeWithPython = isPresent(PYTHON3) ? describe : describe.skip;

/** Tells what it is given: its arguments, blocked and ignored signals, and the first line of stdin. It starts nothing: while a shell does, it blocks signals. */
const STAND_IN = `#!/bin/sh
echo "$$ $@"
while read name value; do case $name in SigBlk:|SigIgn:) echo "$name $value" ;; esac; done < /proc/$$/status
read line; echo "$line"
`;

describeWithPython("the module's folder for the field host", () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let place: FieldPlace;

  beforeEach(async () => {
    folder = await temporaryFolder();
    place = await fieldPlace(folder.path);
    await integrate(place);
  });

  afterEach(() => folder.remove());

  const record = (): string => join(place.module, 'program.json');

  async function enter(...flags: string[]): Promise<{ pid?: number; code: number; stdout: string; stderr: string }> {
    const child = spawn(PYTHON, [join(place.module, 'main_cameras_csi.py'), ...flags], { env: place.env });
    child.stdin.end('a line for the module\n');
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    return { ...(child.pid === undefined ? {} : { pid: child.pid }), code: code as number, stdout, stderr };
  }

  it.each([
    ['a host of today', {}],
    ['an older host', { OLD_FIELD_HOST: '1' }],
  ])('has a scanner, a spec and flags as %s needs them', async (_which, env) => {
    const args = ['-W', 'error', join(ROOT, 'test/field-host/check_drop_in.py'), place.tree, folder.path];
    const { stdout } = await promisify(execFile)(PYTHON, args, { env: { ...place.env, ...env } });
    expect(stdout).toBe('"all good"\n');
  });

  it('becomes the program on PATH where the recorded one has gone, and says so in a line', async () => {
    await writeFile(join(folder.path, 'bin/csi-cameras'), STAND_IN, { mode: 0o755 });
    await writeFile(record(), JSON.stringify({ program: [process.execPath, join(folder.path, 'gone/main.js')] }));
    const { pid, code, stdout, stderr } = await enter('--camera-index', '1', '--instance-id', 'CAMERAS_CSI:picam:1');
    expect(stderr).toMatch(
      /^csi-cameras: The program that program\.json names is not there any more\. Run .* once more\.\n$/,
    );
    expect(code).toBe(0);
    const logs = join(place.home, '.local/state/rpi_logger/logs/modules');
    expect(stdout.split('\n')).toEqual([
      `${pid} --camera-index 1 --instance-id CAMERAS_CSI:picam:1 --config-path ${join(place.module, 'config.txt')} --log-dir ${logs} --monitor --monitor-control`,
      expect.stringMatching(/^SigBlk: 0+$/),
      expect.stringMatching(/^SigIgn: 0+$/),
      'a line for the module',
      '',
    ]);
  });

  it('says what to install where there is no program, with exit code 1 and nothing on stdout', async () => {
    await rm(record());
    const missing = await enter();
    expect(missing).toMatchObject({ code: 1, stdout: '' });
    expect(missing.stderr).toMatch(
      /^csi-cameras: The program is not installed\. Install Node\.js 20 .* integrate rpi-logger DIR.*\n$/,
    );
    await writeFile(record(), '{"program": 5}');
    expect((await enter()).stderr).toMatch(/^csi-cameras: The program that program\.json names is not there/);
    await writeFile(record(), 'no JSON');
    expect((await enter()).stderr).toMatch(/^csi-cameras: \S+program\.json cannot be read \(.*\)\.\n/);
    await writeFile(join(folder.path, 'bin/csi-cameras'), '#!/no/such/shell\n', { mode: 0o755 });
    const broken = await enter();
    expect(broken).toMatchObject({ code: 1, stdout: '' });
    expect(broken.stderr).toContain('csi-cameras cannot be started (No such file or directory).');
  });
});

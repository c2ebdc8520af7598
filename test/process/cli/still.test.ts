import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as nextLook } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../../src/core/clock.js';
import { realFileSystem } from '../../../src/core/file-system.js';
import { SettingsDesks } from '../../../src/module/settings/desk-for.js';
import { DEFAULT_CONFIG } from '../../../src/protocol/config.js';
import { childHost } from '../../harness/child-host.js';
import { lineOf } from '../../harness/lost-terminal.js';
import { VIRTUAL_CAMERA } from '../../harness/paths.js';
import { runProgram, type ProgramRun } from '../../harness/run-program.js';
import { PICTURE, processesWith, stillTools, type StillTools } from '../../harness/still-tools.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

/** `csi-cameras still` as a person uses it: what it prints, its exit code, and what it leaves. */

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let tools: StillTools;

beforeEach(async () => {
  folder = await temporaryFolder();
  tools = await stillTools(folder.path);
});

afterEach(async () => {
  expect(await tools.left()).toEqual([]);
  expect(await processesWith(folder.path)).toEqual([]);
  await folder.remove();
});

const still = (args: readonly string[]): ProgramRun =>
  runProgram(folder.path, ['still', ...args], {
    TMPDIR: tools.temporary,
    XDG_RUNTIME_DIR: folder.path,
    XDG_STATE_HOME: folder.path,
  });

const WRITES = 'cp "$PICTURE" still.jpg; echo "ExposureTime=9999" > still.metadata';
const HANGS = 'trap \'\' TERM INT; echo begun > "$HERE/begun"; sleep 60; sleep 60';
const pictures = async (): Promise<string[]> => (await readdir(folder.path)).filter((name) => name.endsWith('.jpg'));

describe('csi-cameras still', () => {
  it('takes a picture under a new name, and prints one line about it', async () => {
    const tool = await tools.tool(WRITES);
    const { code, stdout, stderr } = await still(['--capture-tool', tool]).ended;
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'Taking a picture of picam:0; exposure and focus settle first ...\n',
    });
    const [name = ''] = await pictures();
    expect(stdout).toBe(`${name}  1456x1088  ${PICTURE.length} bytes  exposure 9999 us  gain not told\n`);
    expect(name).toMatch(/^still_\d{8}_\d{6}\.jpg$/);
    expect(await readFile(join(folder.path, name))).toEqual(PICTURE);
  });

  it('passes on the flags of settings', async () => {
    const tool = await tools.tool(`${WRITES}; echo "$*" > "$HERE/arguments"`);
    const flags = ['--exposure-time-us', '5000', '--gain', '2', '--hflip', '--size', '640x480', '--quality', '70'];
    expect(await still(['--capture-tool', tool, '--camera', '1', ...flags]).ended).toMatchObject({ code: 0 });
    expect(await lineOf(tools.path('arguments'))).toBe(
      '--camera 1 --nopreview --timeout 2000 --output still.jpg --quality 70 --width 640 --height 480 ' +
        '--metadata still.metadata --shutter 5000 --gain 2 --hflip',
    );
  });

  it('replaces a file only with --force', async () => {
    const tool = await tools.tool(WRITES);
    await writeFile(join(folder.path, 'a.jpg'), 'old');
    const refused = await still(['--capture-tool', tool, '--out', 'a.jpg']).ended;
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toBe(
      `error: ${folder.path}/a.jpg is there already. Name another file with --out, or add --force.\n`,
    );
    expect(await readFile(join(folder.path, 'a.jpg'), 'utf8')).toBe('old');
    expect(await still(['--capture-tool', tool, '--out', 'a.jpg', '--force']).ended).toMatchObject({ code: 0 });
    expect(await readFile(join(folder.path, 'a.jpg'))).toEqual(PICTURE);
    expect(await pictures()).toEqual(['a.jpg']);
  });

  it.each([
    ['the tool fails', 'echo "ERROR: *** no cameras available ***" >&2; exit 255', 1, /Check the ribbon cable/],
    ['the tool writes half a picture', 'head -c 1500 "$PICTURE" > still.jpg', 1, /is cut off or damaged/],
  ])('ends with 1 and a sentence when %s', async (_what, script, code, sentence) => {
    const run = await still(['--capture-tool', await tools.tool(script)]).ended;
    expect(run).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(sentence) });
    expect(await pictures()).toEqual([]);
  });

  it.each([
    [['--gain', '0'], /argument '0' is invalid\. It must be at least 1\./],
    [['--shutter', '5000'], /did you mean "--exposure-time-us"\?/],
    [['--out', 'a.png'], /The picture is a JPEG/],
    [['--camera', 'front'], /is invalid/],
  ])('ends with 2 and a sentence for %j', async (args, sentence) => {
    expect(await still(args).ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(sentence) });
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('ends at %s with %i, with the tool, and leaves nothing', async (signal, code) => {
    const run = still(['--capture-tool', await tools.tool(HANGS)]);
    await lineOf(tools.path('begun'));
    run.process.kill(signal);
    expect(await run.ended).toMatchObject({
      code,
      stdout: '',
      stderr: expect.stringContaining('No picture was taken.\n'),
    });
    expect(await pictures()).toEqual([]);
  });

  it('leaves nothing even if it is killed', async () => {
    const run = still(['--capture-tool', await tools.tool(HANGS)]);
    await lineOf(tools.path('begun'));
    run.process.kill('SIGKILL');
    await run.ended;
    // Its child hears of it, a moment later.
    while ((await processesWith(folder.path)).length > 0) await nextLook(10);
  });

  it('says that a module of this machine has the camera, and leaves its stream alone', async () => {
    // A shell in between: as far as anybody can see this is a tool for real cameras.
    const vid = await tools.tool(`'${process.execPath}' '${VIRTUAL_CAMERA}' "$@"`, 'rpicam-vid');
    const env = { XDG_RUNTIME_DIR: folder.path };
    const host = await childHost({ folder: folder.path, config: { camera: { tool: vid } }, env });
    await host.expect('device_ready', { command: 'assign_device', device_id: 'picam:0' });
    const tool = await tools.tool(WRITES);
    const refused = await still(['--capture-tool', tool]).ended;
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain(`Camera 0 is streaming in csi-cameras (process ${host.process.pid}). `);
    expect(refused.stderr).toContain('take_snapshot');
    expect(await pictures()).toEqual([]);
    // Another camera is free, and so is a virtual one.
    expect(await still(['--capture-tool', tool, '--camera', '1']).ended).toMatchObject({ code: 0 });
    expect(await still(['--simulate', '--out', 'virtual.jpg']).ended).toMatchObject({ code: 0 });
    expect(host.log.named('device_error')).toEqual([]);
    await host.end();
  });
});

describe('csi-cameras still with kept settings', () => {
  const ID = '/base/axi/pcie@120000/rp1/i2c@88000/imx296@1a';
  const LISTS = `case "$*" in *--list-cameras*) printf '0 : imx219 [3280x2464] (/base/soc/i2c@1/imx219@10)\\n1 : imx296 [1456x1088] (${ID})\\n'; exit 0;; esac`;
  const argumentsOf = async (): Promise<string> => lineOf(tools.path('arguments'));

  async function keep(settings: object): Promise<void> {
    const log = (): void => {};
    const options = {
      config: DEFAULT_CONFIG,
      stateDir: join(folder.path, 'state'),
      flags: {},
      fileSystem: realFileSystem,
    };
    const { kept } = new SettingsDesks({ ...options, clock: systemClock, log });
    await kept.load(() => {});
    // It was seen last in another place.
    expect(await kept.keep(ID, 0, settings)).toBeNull();
  }

  it('asks for those of the camera that is at the index now, says so, and lets flags win', async () => {
    await keep({ gain: 2, hflip: true, fps: 10, width: 640, height: 480 });
    const tool = await tools.tool(`${LISTS}\n${WRITES}; echo "$*" > "$HERE/arguments"`);
    const flags = ['--capture-tool', tool, '--state-dir', join(folder.path, 'state')];
    const { code, stderr } = await still([...flags, '--camera', '1', '--gain', '4']).ended;
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('Kept for this camera: hflip true'),
    });
    expect(await argumentsOf()).toMatch(/^--camera 1 .* --quality 93 --metadata still\.metadata --gain 4 --hflip$/);
    await rm(tools.path('arguments'));
    expect(await still([...flags, '--camera', '0']).ended).toMatchObject({ code: 0 });
    expect(await argumentsOf()).toMatch(/ --metadata still\.metadata$/);
  });

  it('refuses flags that do not go together, before anything starts', async () => {
    const { code, stderr } = await still(['--lens-position-dioptres', '2', '--focus-mode', 'auto']).ended;
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: --[a-z-]+ \S+ does not fit with --[^\n]+\.\n$/);
  });

  it('ends at Ctrl-C while the tool lists the cameras', async () => {
    await keep({ gain: 2 });
    const tool = await tools.tool(HANGS);
    const run = still(['--capture-tool', tool, '--state-dir', join(folder.path, 'state')]);
    await lineOf(tools.path('begun'));
    run.process.kill('SIGINT');
    expect(await run.ended).toMatchObject({ code: 130, stdout: '' });
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { takeStill, type Still, type StillRequest } from '../../../src/capture/still/take-still.js';
import { systemClock } from '../../../src/core/clock.js';
import { realFileSystem } from '../../../src/core/file-system.js';
import { lineOf } from '../../harness/lost-terminal.js';
import { PICTURE, processesWith, stillTools, type StillTools } from '../../harness/still-tools.js';
import { itWithSmallDisk, smallDisk } from '../../harness/small-disk.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

/** A still through node-libcamera, with tools that misbehave. Nothing may be left: no process, no file, no folder. */

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let tools: StillTools;
let temporary: string;
const before = { PATH: process.env['PATH'], NODE_ENV: process.env['NODE_ENV'] };

beforeEach(async () => {
  folder = await temporaryFolder();
  tools = await stillTools(folder.path);
  temporary = tools.temporary;
});

afterEach(async () => {
  for (const [name, value] of Object.entries(before)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  expect(await tools.left()).toEqual([]);
  expect(await processesWith(folder.path)).toEqual([]);
  await folder.remove();
});

const target = (): string => join(folder.path, 'a.jpg');

/** The tool's whole way, within 20 s unless a test says otherwise. */
function take(
  tool: string | undefined,
  request: Partial<StillRequest> = {},
  signal = new AbortController().signal,
): Promise<Still> {
  return takeStill(
    {
      cameraIndex: 0,
      settings: {},
      tool: tool === undefined ? [] : [tool],
      isVirtual: false,
      places: [{ path: target(), isReplacing: false }],
      ...request,
    },
    {
      clock: systemClock,
      fileSystem: realFileSystem,
      noteFolder: join(folder.path, 'notes'),
      temporaryFolder: temporary,
    },
    signal,
  );
}

const WRITES = 'cp "$PICTURE" still.jpg';

describe('a still', () => {
  it('is taken, checked and put in its place, with what the camera used', async () => {
    const tool = await tools.tool(
      `${WRITES}; echo '{ "ExposureTime": 9999, "AnalogueGain": 2.0, "DigitalGain": 1.5, "LensPosition": 2.5 }' > still.metadata`,
    );
    expect(await take(tool)).toEqual({
      path: target(),
      byteLength: PICTURE.length,
      width: 1456,
      height: 1088,
      exposureTimeUs: 9999,
      gain: 3,
      lensPositionDioptres: 2.5,
      focusFoM: null,
      notes: [],
    });
    expect(await readFile(target())).toEqual(PICTURE);
  });

  it('asks with numbers and fixed words alone, in a private folder, with a small environment', async () => {
    const odd = join(folder.path, "a tuning; $(touch pwned) 'file'.json");
    await writeFile(odd, '{"it": "is read"}');
    const tool = await tools.tool(
      `${WRITES}
       echo "$*" > "$HERE/arguments"; env > "$HERE/environment"; cat tuning.json > "$HERE/tuning"
       stat -c %a . > "$HERE/mode"; for each in "$@"; do echo "$each"; done > "$HERE/words"`,
      'tool; $(touch pwned) x',
    );
    process.env['NODE_ENV'] = 'test';
    await take(tool, { cameraIndex: 1, settings: { tuningFile: odd, colourGains: [1.7, 1.5], hflip: true } });
    expect(await lineOf(tools.path('arguments'))).toBe(
      '--camera 1 --nopreview --timeout 2000 --output still.jpg --quality 93 --metadata still.metadata ' +
        '--awbgains 1.7,1.5 --hflip --tuning-file tuning.json',
    );
    expect(await readFile(tools.path('tuning'), 'utf8')).toBe('{"it": "is read"}');
    expect(await lineOf(tools.path('mode'))).toBe('700');
    const names = (await readFile(tools.path('environment'), 'utf8'))
      .split('\n')
      .map((line) => line.replace(/=.*/, ''));
    const allowed =
      /^(?:PATH|HOME|PWD|OLDPWD|SHLVL|_|LANG|LC_ALL|XDG_RUNTIME_DIR|LD_LIBRARY_PATH|LIBCAMERA_.*|CSI_VIRTUAL_CAMERA.*|)$/;
    expect(names.filter((name) => !allowed.test(name))).toEqual([]);
    for (const place of [folder.path, process.cwd()]) expect(await readdir(place)).not.toContain('pwned');
  });

  it('is taken where TMPDIR is no absolute path', async () => {
    const tool = await tools.tool(WRITES);
    temporary = relative(process.cwd(), temporary);
    expect(await take(tool)).toMatchObject({ width: 1456 });
  });

  it.each(['rpicam-still', 'libcamera-still'])('finds %s on the PATH', async (name) => {
    await tools.tool(WRITES, name);
    process.env['PATH'] = `${tools.path('')}:/usr/bin:/bin`;
    expect(await take(undefined)).toMatchObject({ width: 1456 });
  });

  it('is taken by a script of a program, as the virtual camera is', async () => {
    const script = tools.path('a script.mjs');
    await writeFile(
      script,
      `import { copyFileSync } from 'node:fs';\ncopyFileSync('${tools.path('picture.jpg')}', 'still.jpg');\n`,
    );
    expect(await take(undefined, { tool: [process.execPath, script] })).toMatchObject({ width: 1456, gain: null });
  });

  it('is taken without the options that an old tool does not know, and says which', async () => {
    const tool = await tools.tool(
      `for each in --metadata --hdr; do
         case " $* " in *" $each"[\\ =]*) echo "ERROR: *** unrecognised option '$each' ***" >&2; exit 255;; esac
       done; ${WRITES}`,
    );
    const { notes } = await take(tool, { settings: { hdr: 'auto' } });
    expect(notes).toEqual([
      'The still tool does not know --metadata: it was left out.',
      'The still tool does not know --hdr: it was left out.',
    ]);
  });

  it('is taken by a script that calls libcamera-still itself, by the usual PATH', async () => {
    await tools.tool(`${WRITES}; env | grep -c CSI_CAMERAS > "$HERE/inherited"; true`, 'libcamera-still');
    const script = await tools.tool('exec libcamera-still "$@"', 'my still');
    process.env['PATH'] = `${tools.path('')}:/usr/bin:/bin`;
    expect(await take(script, { limitMs: 5000 })).toMatchObject({ width: 1456 });
    expect(await lineOf(tools.path('inherited'))).toBe('0');
  });

  it('takes the next name where one is in use meanwhile, and overwrites nothing', async () => {
    const places = ['a.jpg', 'b.jpg'].map((name) => ({ path: join(folder.path, name), isReplacing: false }));
    const tool = await tools.tool(`${WRITES}; echo other > '${target()}'`);
    expect(await take(tool, { places })).toMatchObject({ path: join(folder.path, 'b.jpg') });
    expect(await readFile(target(), 'utf8')).toBe('other\n');
    await expect(take(tool)).rejects.toMatchObject({
      code: 'io_error',
      message: expect.stringContaining('is there already'),
    });
    expect(await readFile(target(), 'utf8')).toBe('other\n');
  });

  it('succeeds though the tool leaves a child behind, which is ended', async () => {
    const tool = await tools.tool(`(trap '' TERM; sleep 60) >/dev/null 2>&1 </dev/null & ${WRITES}`);
    expect(await take(tool)).toMatchObject({ width: 1456 });
  });
});

describe('no still comes, and nothing is left,', () => {
  afterEach(async () => {
    expect((await readdir(folder.path)).filter((name) => name.endsWith('.jpg') || name.includes('.part'))).toEqual([]);
  });

  it.each([
    ['is not there', '/nowhere/rpicam-still'],
    ['is on no PATH', 'rpicam-still-x'],
    ['is a folder', '/tmp'],
    ['is not a program', '/etc/passwd'],
  ])('when the tool %s', async (_what, tool) => {
    await expect(take(tool)).rejects.toMatchObject({
      code: 'capture_tool_missing',
      message: expect.stringContaining(`The still tool ${tool} is not a program that can be run. Install rpicam-apps`),
    });
  });

  it('when no tool is installed', async () => {
    process.env['PATH'] = tools.path('');
    await expect(take(undefined)).rejects.toMatchObject({
      code: 'capture_tool_missing',
      message: expect.stringContaining('Neither rpicam-still nor libcamera-still is installed. Install rpicam-apps'),
    });
  });

  it('when the tool is gone when it is called', async () => {
    await symlink('/nowhere', tools.path('interpreter'));
    await writeFile(tools.path('x'), `#!${tools.path('interpreter')}\n`, { mode: 0o755 });
    await expect(take(tools.path('x'))).rejects.toMatchObject({ code: 'capture_tool_missing' });
  });

  it.each([
    ['hangs', 'sleep 60'],
    ['hangs and does not hear SIGTERM', "trap '' TERM INT HUP; sleep 60; sleep 60"],
    ['hangs after the picture', `${WRITES}; sleep 60`],
    ['ends, but leaves a child that holds its output', `${WRITES}; (trap '' TERM; sleep 60) &`],
    ['writes without end into its file', 'cat /dev/zero > still.jpg & sleep 60'],
  ])('when the tool %s: within the limit', async (_what, script) => {
    const startedMs = performance.now();
    await expect(take(await tools.tool(script), { limitMs: 400 })).rejects.toMatchObject({
      code: 'capture_failed',
      message: expect.stringMatching(/rpicam-still gave no picture within 0\.4 s and was ended\. Try again/),
    });
    expect(performance.now() - startedMs).toBeLessThan(6000);
  });

  it('when the tool knows no option, and takes its time to say so: within the limit for all of its starts', async () => {
    const tool = await tools.tool(
      `for each in "$@"; do case $each in --q*|--metadata|--gain|--hflip|--ev)
         sleep 0.4; echo "ERROR: *** unrecognised option '$each' ***" >&2; exit 255;; esac; done; ${WRITES}`,
    );
    const settings = { gain: 2, hflip: true, exposureCompensationStops: 1 };
    await expect(take(tool, { settings, limitMs: 1000 })).rejects.toMatchObject({
      code: 'capture_failed',
      message: expect.stringContaining('gave no picture within 1 s'),
    });
  });

  it('when the temporary folder has a name that no PATH can hold', async () => {
    temporary = join(folder.path, 'a:b');
    await expect(take(await tools.tool(WRITES))).rejects.toMatchObject({
      code: 'io_error',
      message: expect.stringContaining('Set TMPDIR to another one.'),
    });
  });

  it.each(['>&1', '>&2'])('when the tool prints 10 MB %s', async (where) => {
    const tool = await tools.tool(`head -c 10000000 /dev/zero | tr '\\0' 'x' ${where}; ${WRITES}`);
    await expect(take(tool)).rejects.toMatchObject({
      code: 'capture_failed',
      message: expect.stringContaining('wrote more than 1 MiB of messages and was ended'),
    });
  });

  it.each([
    ['writes half a file', 'head -c 1500 "$PICTURE" > still.jpg', 'is cut off or damaged (1500 bytes)'],
    ['writes no file', ':', 'wrote no picture'],
    ['writes an empty file', ': > still.jpg', 'wrote no picture'],
    ['writes a text', 'echo none > still.jpg', 'is not a JPEG'],
    ['writes a link to a file of somebody', 'ln -s "$PICTURE" still.jpg', 'cannot be read (ELOOP)'],
  ])('when the tool %s and ends with 0', async (_what, script, why) => {
    await expect(take(await tools.tool(script))).rejects.toMatchObject({
      code: 'capture_failed',
      message: expect.stringContaining(why),
    });
  });

  it.each([
    ['ERROR: *** no cameras available ***', 'camera_not_found'],
    ['ERROR: *** failed to acquire camera /base/x ***', 'camera_in_use'],
    ['[0:01:02.345678] [1234] ERROR V4L2 v4l2_device.cpp:98 Permission denied', 'permission_denied'],
    ['out of luck', 'capture_failed'],
  ])('when the tool says %j', async (line, code) => {
    const tool = await tools.tool(`echo "Preview window unavailable" >&2; echo "${line}" >&2; exit 255`);
    await expect(take(tool)).rejects.toMatchObject({ code, message: expect.not.stringContaining('csicameras.log') });
  });

  it('when another program has the camera, and says which', async () => {
    const other = tools.path('rpicam-vid');
    await symlink(process.execPath, other);
    // Started by somebody else than this process.
    const script = `'${other}' -e 'console.log(1); setInterval(() => {}, 1e6)' -- --camera 0; :`;
    const holder = spawn('/bin/sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
    try {
      await once(holder.stdout, 'data');
      const tool = await tools.tool('echo "ERROR: *** failed to acquire camera /base/x ***" >&2; exit 255');
      await expect(take(tool)).rejects.toMatchObject({
        code: 'camera_in_use',
        message: expect.stringMatching(/The camera is in use\. .* It is probably rpicam-vid \(process \d+\)\.$/),
      });
    } finally {
      const closed = once(holder, 'close'); // when the last one of them is gone
      process.kill(-(holder.pid ?? 0), 'SIGKILL');
      await closed;
    }
  });

  it('when the tool is killed by the system', async () => {
    await expect(take(await tools.tool('kill -9 $$'))).rejects.toMatchObject({ code: 'capture_failed' });
  });

  it('when it was called off, which ends a tool that does not listen', async () => {
    const tool = await tools.tool('trap \'\' TERM INT; echo begun > "$HERE/begun"; sleep 60; sleep 60');
    const ending = new AbortController();
    const taken = take(tool, {}, ending.signal);
    taken.catch(() => {}); // looked at below
    await lineOf(tools.path('begun'));
    ending.abort(new Error('called off'));
    await expect(taken).rejects.toThrow('called off');
  });

  itWithSmallDisk('when the disk of the target is full', async () => {
    const disk = await smallDisk('64k');
    try {
      await writeFile(join(disk.path, 'full'), Buffer.alloc(65_536 - 4096));
      const tool = await tools.tool(
        `head -c 20000 /dev/zero | cat "$PICTURE" - > still.jpg; printf '\\377\\331' >> still.jpg`,
      );
      const places = [{ path: join(disk.path, 'a.jpg'), isReplacing: false }];
      await expect(take(tool, { places })).rejects.toMatchObject({ code: 'disk_full' });
      expect(await readdir(disk.path)).toEqual(['full']);
    } finally {
      await disk.remove();
    }
  });

  it.each([
    ['is gone by then', 'none/a.jpg', 'ENOENT'],
    ['is not a folder', 'tools/rpicam-still/a.jpg', 'ENOTDIR'],
  ])('when the folder of the target %s', async (_what, name, errno) => {
    const places = [{ path: join(folder.path, name), isReplacing: false }];
    await expect(take(await tools.tool(WRITES), { places })).rejects.toMatchObject({
      code: 'io_error',
      context: { errno },
    });
  });

  it('when there is no temporary folder', async () => {
    temporary = join(folder.path, 'none');
    await expect(take(await tools.tool(WRITES))).rejects.toMatchObject({
      code: 'io_error',
      context: { errno: 'ENOENT' },
    });
  });
});

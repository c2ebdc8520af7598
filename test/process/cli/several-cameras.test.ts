import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as nextLook } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { captureProcess } from '../../harness/capture-process.js';
import { holdings } from '../../harness/nothing-left.js';
import { itWithTerminal, lineOf, onTerminal } from '../../harness/lost-terminal.js';
import { MAIN } from '../../harness/paths.js';
import { runProgram, type ProgramRun } from '../../harness/run-program.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

/** `record` with several cameras: the built program, virtual cameras, real files. */

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  await folder.remove();
});

function argumentsOf(name: string, ...more: readonly string[]): string[] {
  const places = ['--log-dir', join(folder.path, `${name}-logs`), '--out', join(folder.path, name)];
  return ['record', '--simulate', '--size', '320x240', ...places, ...more];
}

const record = (name: string, args: readonly string[], env: Record<string, string> = {}): ProgramRun =>
  runProgram(folder.path, argumentsOf(name, ...args), env);

interface Row {
  readonly trial: string | undefined;
  readonly label: string | undefined;
  readonly sensorNs: bigint;
}

/** The rows of the timing files of a camera, take by take. */
async function rowsOf(name: string, index: number): Promise<readonly (readonly Row[])[]> {
  const session = join(folder.path, name);
  const paths = (await readdir(session, { recursive: true }))
    .filter((path) => path.includes(`_picam_${index}`) && path.endsWith('_timing.csv'))
    .sort((a, b) => a.length - b.length);
  return Promise.all(
    paths.map(async (path) => {
      const [, ...lines] = (await readFile(join(session, path), 'utf8')).trimEnd().split('\n');
      return lines.map((line) => {
        const [trial, , , label, , , , sensorNs = '0'] = line.split(',');
        return { trial, label, sensorNs: BigInt(sensorNs) };
      });
    }),
  );
}

/** At each end of a take a frame or two may have no partner. */
const SOME_ROWS = 8;

/** Waits until this take of camera 1 has rows. */
async function rowsInTake(name: string, take: number): Promise<void> {
  // Its folder may not be made yet.
  const rows = (): Promise<number> =>
    rowsOf(name, 1).then(
      (takes) => takes[take - 1]?.length ?? 0,
      () => 0,
    );
  while ((await rows()) < SOME_ROWS) await nextLook(20);
}

/** Resolves when the capture process of the camera at this index runs. */
async function openedBy(parent: number, index: number): Promise<void> {
  while (!holdings(parent).children.some((child) => child.includes(`--camera ${index} `))) await nextLook(20);
}

describe('a recording of several cameras', () => {
  it('is one trial of both, with a line of progress each, and tells the offset that its files have', async () => {
    const flags = ['--camera', '0', '--camera', '1', '--duration', '0.5', '--trial', '4', '--label', 'left\thand'];
    const { code, stdout, stderr } = await record('session_a', flags).ended;
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).toMatch(/^warning: --label was changed\./m);
    expect(stderr).toMatch(/^Trial 4, label: left hand$/m);
    expect(stderr).toMatch(/^picam:0 {2}00:00 \/ 00:00 .*\npicam:1 {2}00:00 \/ 00:00 .*\n/m);
    const [first = [], other = []] = [...(await rowsOf('session_a', 0)), ...(await rowsOf('session_a', 1))];
    for (const rows of [first, other]) {
      expect(rows.length).toBeGreaterThan(12);
      expect(new Set(rows.map(({ trial, label }) => `${trial} ${label}`))).toEqual(new Set(['4 left hand']));
    }
    for (const [index, rows] of [first, other].entries()) {
      expect(stdout).toMatch(new RegExp(`^picam:${index}  Recorded ${rows.length} frames in `, 'm'));
    }
    const offsets = other.flatMap(({ sensorNs }) => {
      const apart = first.map((row) => Number(sensorNs - row.sensorNs) / 1e6);
      return apart.sort((a, b) => Math.abs(a) - Math.abs(b)).slice(0, 1);
    });
    const medianMs = offsets.sort((a, b) => a - b)[Math.floor(offsets.length / 2)] ?? Number.NaN;
    // A take may have one frame more at either end, and the exact middle is then another one.
    const told = Number(/^ {2}picam:1 {2}median (-?[\d.]+) ms, quartiles /m.exec(stdout)?.[1]);
    // Cameras that are half a frame apart have nearest frames on both sides.
    const apartMs = Math.abs(told - medianMs);
    expect(Math.min(apartMs, Math.abs(apartMs - 1000 / 30))).toBeLessThan(0.1);
    const beginsMs = Number((other[0]?.sensorNs ?? 0n) - (first[0]?.sensorNs ?? 0n)) / 1e6;
    const begins = `first frame ${Math.abs(beginsMs).toFixed(1)} ms ${beginsMs < 0 ? 'before' : 'after'} that of picam:0\n`;
    expect(stdout).toContain(Math.abs(beginsMs) < 0.05 ? 'first frame together with that of picam:0' : begins);
  });

  it('goes on with one while the other is killed, comes back, and ends with 3', async () => {
    const run = record('session_b', ['--camera', 'all']);
    await rowsInTake('session_b', 1);
    process.kill(captureProcess(run.process.pid ?? 0, 1), 'SIGKILL');
    await rowsInTake('session_b', 2);
    run.process.kill('SIGINT');
    const { code, stdout, stderr } = await run.ended;
    expect({ code, stderr }).toMatchObject({ code: 3, stderr: expect.stringMatching(/^error: picam:1: \w+: /m) });
    expect(stderr).not.toMatch(/^error: picam:0/m);
    expect(stderr).toMatch(/^picam:1: The camera is back after [\d.]+ s\.$/m);
    const [whole, cut] = [await rowsOf('session_b', 0), await rowsOf('session_b', 1)];
    expect([whole.length, cut.length]).toEqual([1, 2]);
    // Of the camera that was not touched every frame is there.
    const steps = whole[0]?.slice(1).map(({ sensorNs }, at) => Number(sensorNs - (whole[0]?.[at]?.sensorNs ?? 0n)));
    expect(Math.max(...(steps ?? [Infinity]))).toBeLessThan(50e6);
    const pairs = Number(/ms \((\d+) pairs of frames\)/.exec(stdout)?.[1]);
    // More than the first take alone has: both were compared.
    expect(pairs).toBeGreaterThan(cut[0]?.length ?? Infinity);
  });

  it('does not go on where one cannot begin, and does not begin where one cannot be opened, where there is none, or where the flags cannot be', async () => {
    // A file where the folder of camera 1 would be: its start fails.
    await mkdir(join(folder.path, 'session_g', 'CSICameras'), { recursive: true });
    await writeFile(join(folder.path, 'session_g', 'CSICameras', 'IMX219_picam_1'), '');
    const [blocked, missing, none, wrong] = await Promise.all([
      record('session_g', ['--camera', '0', '--camera', '1']).ended,
      record('session_c', ['--camera', '0', '--camera', '5']).ended,
      record('session_d', ['--camera', 'all'], { CSI_VIRTUAL_CAMERA: 'cameras=none' }).ended,
      record('session_e', ['--camera', '0,1', '--fps', '30', '--exposure-time-us', '50000']).ended,
    ]);
    expect(missing).toMatchObject({ code: 1, stdout: '' });
    // A slow machine may have told of the wait before.
    expect(missing.stderr).toMatch(/^(?:Waiting [^\n]*\n)?error: picam:5: The camera was not found\. [^\n]*\n$/);
    expect(none).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error: No CSI cameras found. Check the ribbon cables at both ends.\n',
    });
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
    expect(wrong.stderr).toMatch(/^error: --exposure-time-us 50000 does not fit [^\n]*\n$/);
    // What the other one has by then is told, and it does not go on alone.
    expect(blocked).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^picam:0 {2}Recorded \d+ frames in [01]\./),
    });
    expect(blocked.stderr).toMatch(/^error: picam:1: Cannot record into [^\n]*\n$/m);
    for (const name of ['session_c', 'session_d', 'session_e']) expect(existsSync(join(folder.path, name))).toBe(false);
  });

  it('says at Ctrl-C before the first frames that nothing was recorded', async () => {
    const run = record('session_h', ['--camera', '0,1'], { CSI_VIRTUAL_CAMERA: 'start-delay=60000' });
    await openedBy(run.process.pid ?? 0, 1);
    run.process.kill('SIGINT');
    const { code, stdout, stderr } = await run.ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^(?:Waiting [^\n]*\n)?error: Stopped\. Nothing was recorded\.\n$/);
    expect(existsSync(join(folder.path, 'session_h'))).toBe(false);
  }, 30_000);

  it('ends at once by a signal before the first frames, however far away these are', async () => {
    // The next frame is 50 s away. A camera is ready with its first one.
    const run = record('session_i', ['--camera', '0,1', '--fps', '0.02']);
    await new Promise<void>((resolve) => {
      run.process.stderr?.on('data', (chunk: Buffer) => {
        if (chunk.includes('Recording 2 cameras')) resolve();
      });
    });
    run.process.kill('SIGINT');
    const nothing = [0, 1].map((index) => `error: picam:${index}: No frame was recorded. See csicameras.log.\n`);
    const { code, stdout, stderr } = await run.ended;
    expect({ code, stdout, stderr }).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^error/m) });
    expect(stderr.slice(stderr.indexOf('error'))).toBe(nothing.join(''));
  });

  itWithTerminal('draws its lines over one another at a terminal', async () => {
    const code = join(folder.path, 'code');
    const words = [process.execPath, MAIN, ...argumentsOf('session_f', '--camera', '0,1', '--duration', '0.6')];
    const terminal = onTerminal(`${words.map((word) => `'${word}'`).join(' ')}; echo $? > '${code}'; read -r line`);
    // Up one line, to its beginning, both lines.
    // oxlint-disable-next-line no-control-regex -- what moves the cursor is looked for
    await terminal.shows(/\u001b\[1A\u001b\[1Gpicam:0 {2}00:00[^\n]*\u001b\[0K\r\npicam:1 {2}00:00[^\n]*\u001b\[0K/);
    await terminal.shows(/first frame (?:[\d.]+ ms (?:before|after)|together with) that of picam:0/);
    expect(await lineOf(code)).toBe('0');
    await terminal.close();
  });
});

import { mkdir, readdir, watch } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runProgram, type ProgramRun } from '../../harness/run-program.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let out: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  out = join(folder.path, 'data');
  await mkdir(out);
});

afterEach(async () => {
  await folder.remove();
});

const doctor = (...args: string[]): ProgramRun =>
  runProgram(folder.path, ['doctor', '--simulate', '--out', out, ...args], { XDG_STATE_HOME: folder.path });

interface Answer {
  readonly schema: number;
  readonly exit: number;
  readonly rate: object;
  readonly checks: readonly { readonly id: string; readonly level: string; readonly facts: Record<string, unknown> }[];
}

describe('csi-cameras doctor', () => {
  it('opens the cameras for 3 s when asked, and answers programs in JSON', async () => {
    const flags = ['--camera', '--cameras', '2', '--fps', '15', '--no-disk-test', '--rate', '2', '--json'];
    const { code, stdout, stderr } = await doctor(...flags).ended;
    expect(stderr).toBe('');
    const answer = JSON.parse(stdout) as Answer;
    expect(answer).toMatchObject({ schema: 1, exit: code, rate: { bytes_per_second: 2_000_000, from: '--rate' } });
    const capture = answer.checks.find(({ id }) => id === 'capture');
    expect(capture).toMatchObject({ level: 'ok' });
    expect(Number(capture?.facts['frames'])).toBeGreaterThan(2 * 40);
    expect(Number(capture?.facts['least_fps'])).toBeCloseTo(15, 0);
    expect(await readdir(folder.path)).toEqual(['data']); // it made no folder of logs either
  }, 30_000);

  it('leaves no file when Ctrl-C ends the disk test', async () => {
    const changes = watch(out);
    const run = doctor('--rate', '1');
    for await (const { filename } of changes) {
      expect(filename).toMatch(/^\.csi-cameras-doctor-\d+\.tmp$/);
      break;
    }
    run.process.kill('SIGINT');
    const { code, stderr } = await run.ended;
    expect(code).toBe(130);
    expect(stderr).toBe('Broken off: nothing is said of this machine.\n');
    expect(await readdir(out)).toEqual([]);
  }, 20_000);

  it('leaves no file when it is killed while it writes to the disk', async () => {
    const changes = watch(out);
    const run = doctor('--rate', '1');
    let renames = 0; // the file comes, and loses its name: a kill between these two leaves it
    for await (const { eventType } of changes) {
      if (eventType === 'rename') renames += 1;
      if (renames === 2) break;
    }
    run.process.kill('SIGKILL');
    expect(await run.ended).toMatchObject({ code: null, stdout: '' });
    expect(await readdir(out)).toEqual([]);
  }, 20_000);

  it('refuses what cannot be meant', async () => {
    expect(await doctor('--duration', 'soon').ended).toMatchObject({ code: 2 });
    expect(await doctor('--rate', '5', '--size', '640x480').ended).toMatchObject({ code: 2 });
  }, 20_000);
});

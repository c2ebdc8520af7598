import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { childHost, type ChildHost } from '../../harness/child-host.js';
import { runProgram, type ProgramRun } from '../../harness/run-program.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let host: ChildHost | undefined;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  if (host !== undefined && host.process.exitCode === null) host.process.kill('SIGKILL');
  await host?.exited;
  host = undefined;
  await folder.remove();
});

const trace = (...args: string[]): ProgramRun =>
  runProgram(folder.path, ['trace', '--log-dir', `${folder.path}/logs`, ...args]);

describe('csi-cameras trace', () => {
  it('tells the life of a command from the logs that the product wrote, also while it goes on', async () => {
    host = await childHost({ folder: folder.path });
    const assign = { command: 'assign_device', command_id: 'assign_1', device_id: 'picam:0' };
    await host.expect('device_ready', assign);
    const inAMinute = String(process.hrtime.bigint() + 50_000_000_000n);
    const start = { command: 'start_recording', session_dir: `${folder.path}/session`, trial_number: 1 };
    host.send({ ...start, command_id: 'rec_001', start_mono_ns: inAMinute });
    await host.expect('status_report', { command: 'get_status' }); // it was received by now

    const open = await untilSeen(() => trace('--open').ended, /rec_001 {2}start_recording .*; no end yet\n/);
    expect(open.code).toBe(0);
    const followed = trace('rec_001', '--follow');
    const followedAsJson = trace('rec_001', '--follow', '--json');
    await once(followed.process.stdout ?? followed.process, 'data'); // it shows what there is
    await host.ask({ command: 'stop_recording' });
    const { code, stdout } = await followed.ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/step {5}received\n/);
    expect(stdout).toMatch(/step {5}failed {2}after \d+ ms {2}start_cancelled: /);
    expect(stdout).toMatch(/answer {3}recording_error {2}\{/);
    expect(stdout.match(/ command {2}start_recording/g)).toHaveLength(1);
    expect(stdout).not.toContain('no end');
    const { lives } = JSON.parse((await followedAsJson.ended).stdout) as {
      lives: readonly { end: string; steps: readonly { name: string }[] }[];
    };
    expect(lives.map(({ end }) => end)).toEqual(['failed']);
    expect(lives[0]?.steps.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['received', 'failed', 'recording_error']),
    );
    await host.end();

    const assigned = await trace('assign').ended;
    expect(assigned).toMatchObject({ code: 0, stderr: '' });
    expect(assigned.stdout).toMatch(
      /^assign_1 {2}assign_device {2}\d{4}-\d\d-\d\dT[\d:.]+Z\n {5}\+0\.000 s {2}command {2}assign_device/,
    );
    expect(assigned.stdout).toMatch(/answer {3}device_ready/);
    expect(assigned.stdout).toMatch(/step {5}completed {2}after \d+ ms/);
    expect(assigned.stdout).toMatch(/info {5}picam:0: Camera streaming\./);
    const recorded = JSON.parse((await trace('rec_001', '--json').ended).stdout) as object;
    expect(recorded).toMatchObject({
      schema: 1,
      exit: 0,
      id: 'rec_001',
      bad_lines: 0,
      lives: [{ end: 'failed', remarks: [] }],
    });
    expect(await trace('none').ended).toMatchObject({ code: 3, stdout: '' });
    expect(await trace('--open').ended).toMatchObject({ code: 0, stdout: 'Every command in the logs has an end.\n' });
  }, 40_000);

  it('says where logs are that it was not asked for, and what is wrong usage', async () => {
    const missing = await trace('a').ended;
    expect(missing.code).toBe(1);
    expect(missing.stderr).toMatch(/cannot be read \(ENOENT\)\. Name their directory with --log-dir\./);
    expect(await trace().ended).toMatchObject({ code: 2 });
    expect(await trace('a', '--open').ended).toMatchObject({ code: 2 });
  }, 20_000);
});

/** The log is written a moment behind the answer. */
async function untilSeen<Run extends { readonly stdout: string }>(run: () => Promise<Run>, text: RegExp): Promise<Run> {
  for (let tries = 0; tries < 20; tries += 1) {
    const ended = await run();
    if (text.test(ended.stdout)) return ended;
  }
  throw new Error(`${text} was not seen.`);
}

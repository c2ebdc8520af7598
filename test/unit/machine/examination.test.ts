import { chmod, mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CHECKS } from '../../../src/machine/checks/all.js';
import { checkDiskSpeed } from '../../../src/machine/checks/disk-speed.js';
import { examine, exitOf, verdictOf } from '../../../src/machine/examination.js';
import { planOf, type Wish } from '../../../src/machine/plan.js';
import { callSystemTool, TOOL_LIMIT_MS } from '../../../src/machine/system-tools.js';
import { ManualClock } from '../../harness/manual-clock.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';
import { NEVER, prepare } from './prepared-machine.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  await folder.remove();
});

describe('a bare machine', () => {
  it('is examined without a crash: what nobody tells is unknown', async () => {
    const { machine, plan } = await prepare(folder.path, {});
    const found = await examine(machine, plan, NEVER);
    expect(found.checks.map(({ id }) => id)).toEqual(CHECKS.map(({ id }) => id));
    const told = found.checks.filter(({ level }) => level !== 'unknown').map(({ id, level }) => `${id} ${level}`);
    expect(told).toEqual(['node ok', 'tool fail', 'clock_date ok', 'logs ok']);
    expect(exitOf(found)).toBe(4);
    expect(verdictOf(found)).toBe('Do not start: 1 failure.');
  });

  it('whose tools never answer is examined in time: what waits for them is unknown', async () => {
    const { machine, plan } = await prepare(folder.path, {});
    const clock = new ManualClock();
    const never = (): Promise<never> => new Promise(() => {});
    const examining = examine({ ...machine, clock, tool: never, captureTool: never }, plan, NEVER);
    await clock.advance(10_000);
    const { checks } = await examining;
    const late = checks.filter(({ message }) => message === 'There was no answer within 10 s.');
    expect(late.map(({ id }) => id)).toEqual(expect.arrayContaining(['tool', 'voltage', 'throttling']));
    expect(new Set(late.map(({ level }) => level))).toEqual(new Set(['unknown']));
    expect(clock.timers).toBe(0);
  });

  it('full of nonsense is examined without a crash, too', async () => {
    const nonsense = Buffer.from([0, 0xff, 0x1b, 0x5b, 0x33, 10, 0x2d, 0x39, 0xc3]);
    const files = [
      'sys/class/hwmon/hwmon0/name',
      'sys/class/thermal/thermal_zone0/temp',
      'sys/devices/system/cpu/cpu0/cpufreq/scaling_governor',
      'proc/loadavg',
      'proc/stat',
      'proc/meminfo',
      'proc/pressure/io',
      'proc/self/mountinfo',
      'proc/self/limits',
      'proc/self/cgroup',
      'proc/device-tree/model',
      'proc/4711/cmdline',
      'proc/4711/stat',
    ];
    const { machine, plan } = await prepare(folder.path, {
      files: Object.fromEntries(files.map((path) => [path, nonsense])),
      tools: { 'vcgencmd get_throttled': nonsense.toString(), 'chronyc -n tracking': nonsense.toString() },
      capture: { '--version': '\u001b]0;x\u0007'.repeat(50_000), '--list-cameras': '0 : '.repeat(250_000) },
    });
    const found = await examine(machine, plan, NEVER);
    const text = found.checks.map(({ message, advice }) => `${message} ${advice}`).join('');
    expect(text).toMatch(/^[\u0020-\u007e]*$/);
    expect(text.length).toBeLessThan(4000);
  });
});

describe('the verdict', () => {
  it.each([
    [0, 0, 'Ready.', 0],
    [0, 1, 'Ready, with 1 warning.', 3],
    [0, 2, 'Ready, with 2 warnings.', 3],
    [1, 2, 'Do not start: 1 failure.', 4],
    [2, 0, 'Do not start: 2 failures.', 4],
  ])('of %i failures and %i warnings is "%s"', (failures, warnings, sentence, exit) => {
    const found = { checks: [], failures, warnings };
    expect(verdictOf(found)).toBe(sentence);
    expect(exitOf(found)).toBe(exit);
  });
});

describe('a tool of the system', () => {
  const tool = async (name: string, script: string): Promise<void> => {
    await writeFile(join(folder.path, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder.path, name), 0o755);
  };

  it('that sleeps is cut after 3 s, with what it started', async () => {
    await tool('sleeper', 'sleep 60');
    const startMs = performance.now();
    expect(await callSystemTool('sleeper', [], NEVER, [folder.path])).toEqual({
      output: null,
      why: 'sleeper did not answer within 3 s',
    });
    const tookMs = performance.now() - startMs;
    expect(tookMs).toBeGreaterThan(TOOL_LIMIT_MS - 50);
    expect(tookMs).toBeLessThan(TOOL_LIMIT_MS + 2000);
  });

  it('that talks without end is heard for 1 MiB, and one that talks nonsense does no harm', async () => {
    await tool('talker', 'head -c 5000000 /dev/zero');
    const answer = await callSystemTool('talker', [], NEVER, [folder.path]);
    expect(answer.output).toHaveLength(1024 * 1024);
  });

  it('that fails, or is not there, says nothing', async () => {
    await tool('failer', 'echo yes; exit 7');
    expect(await callSystemTool('failer', [], NEVER, [folder.path])).toEqual({
      output: null,
      why: 'failer failed (7)',
    });
    expect(await callSystemTool('nobody', [], NEVER, [folder.path])).toMatchObject({ why: 'nobody is not installed' });
  });

  it('runs with plain words and without a shell: its arguments are its own', async () => {
    await tool('echoer', 'printf "%s|" "$LC_ALL" "$@"');
    const answer = await callSystemTool('echoer', ['$(id); x', '`id`'], NEVER, [folder.path]);
    expect(answer.output).toBe('C|$(id); x|`id`|');
  });
});

describe('the disk test', () => {
  it('writes as a recording does, and leaves nothing', async () => {
    const { machine, plan } = await prepare(folder.path, { freeBytes: null, plan: { testsDisk: true, out: '@/data' } });
    const seen: number[] = [];
    const during = new Set<string>();
    const found = await checkDiskSpeed(
      machine,
      plan,
      NEVER,
      (doneMs) => {
        seen.push(doneMs);
        void readdir(plan.out).then((names) => {
          for (const name of names) during.add(name);
        });
      },
      900,
    );
    expect(found.message).toMatch(/^The disk took .*\/s where 10 MB\/s come; the slowest commit \d+ ms\.$/);
    expect(found.facts).toMatchObject({ bytes: 12_000_000, commits: 3 });
    expect(seen).toHaveLength(3);
    expect([...during]).toEqual(['session']); // its file has no name, so that a kill does not leave it behind
    expect(await readdir(plan.out)).toEqual(['session']);
  });

  it('leaves nothing when it is broken off', async () => {
    const { machine, plan } = await prepare(folder.path, { freeBytes: null, plan: { testsDisk: true, out: '@/data' } });
    const ending = new AbortController();
    const test = checkDiskSpeed(machine, plan, ending.signal, () => {
      ending.abort('SIGINT');
    });
    await expect(test).rejects.toBe('SIGINT');
    expect(await readdir(plan.out)).toEqual(['session']);
  });

  it('takes nobody else for its file', async () => {
    const { machine, plan } = await prepare(folder.path, { freeBytes: null, plan: { testsDisk: true, out: '@/data' } });
    const path = join(plan.out, `.csi-cameras-doctor-${process.pid}.tmp`);
    await writeFile(path, 'mine');
    expect(await checkDiskSpeed(machine, plan, NEVER)).toMatchObject({
      level: 'fail',
      message: 'The disk could not be written (EEXIST).',
    });
    expect(await readdir(plan.out)).toContain(`.csi-cameras-doctor-${process.pid}.tmp`);
  });
});

describe('the rate', () => {
  const wish = (more: Partial<Wish> = {}): Wish => ({
    out: folder.path,
    logDir: folder.path,
    opensCameras: false,
    testsDisk: false,
    isVirtual: false,
    ...more,
  });
  const info = async (name: string, content: unknown, ageS: number): Promise<void> => {
    const camera = join(folder.path, 'session_1/CSICameras/IMX296_picam_0');
    await mkdir(camera, { recursive: true });
    await writeFile(join(camera, name), typeof content === 'string' ? content : JSON.stringify(content));
    const changed = Date.now() / 1000 - ageS;
    await utimes(join(camera, name), changed, changed);
  };
  const recorded = (bytes: number): object => ({
    RecordingDuration: 100,
    VideoFrameRate: 60,
    csi_cameras: { files: { video: { bytes } } },
  });

  it('is that of the flag before all', async () => {
    await info('a_info.json', recorded(4e9), 1);
    expect((await planOf(wish({ bytesPerSecond: 25e6 }))).rate).toEqual({ bytesPerSecond: 25e6, from: '--rate' });
  });

  it('is that of the newest info file that can be believed, for so many cameras and frames', async () => {
    await info('old_info.json', recorded(1e9), 100);
    await info('new_info.json', recorded(4e9), 50);
    await info('broken_info.json', '{"RecordingDuration":', 1);
    await info('foreign_info.json', { RecordingDuration: '100', csi_cameras: null }, 2);
    expect((await planOf(wish())).rate).toEqual({
      bytesPerSecond: 40e6,
      from: 'the newest recording (new_info.json)',
    });
    expect((await planOf(wish({ fps: 30, cameras: 3 }))).rate).toEqual({
      bytesPerSecond: 60e6,
      from: 'the newest recording (new_info.json) at 30 frames a second, times 3 cameras',
    });
  });

  it('is 0.16 bytes a pixel without one, and where a size is given', async () => {
    expect((await planOf(wish())).rate.bytesPerSecond).toBeCloseTo(0.16 * 1456 * 1088 * 30);
    await info('new_info.json', recorded(4e9), 50);
    const plan = await planOf(wish({ size: { width: 1000, height: 500 }, fps: 50, cameras: 2 }));
    expect(plan.rate.bytesPerSecond).toBeCloseTo(0.16 * 500_000 * 50 * 2);
    expect(plan.rate.from).toBe('0.16 bytes a pixel of 1000x500 at 50 frames a second, times 2 cameras');
  });
});

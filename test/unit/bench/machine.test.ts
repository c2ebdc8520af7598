import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { busyTicks, othersPercent, ownTicks, usedSoFar } from '../../../bench/machine-share.mjs';
import {
  describeMachine,
  fileSystemIn,
  fileSystemOf,
  firstLineOf,
  moduleVersion,
  roomIn,
} from '../../../bench/machine.mjs';
import {
  bytesReadBy,
  childrenTime,
  cpuTicks,
  cpuTimeOf,
  peakResidentBytes,
  peakResidentBytesOf,
  residentBytesOf,
  totalOf,
} from '../../../bench/process-figures.mjs';

describe('fileSystemIn', () => {
  const mounts = [
    '/dev/sda1 / ext4 rw 0 0',
    'tmpfs /dev/shm tmpfs rw 0 0',
    '/dev/sdb1 /data/my\\040disk xfs rw 0 0',
    '/dev/sdc1 /data vfat rw 0 0',
    'overlay /data btrfs rw 0 0',
    '',
  ].join('\n');

  it('takes the nearest mount point above', () => {
    expect(fileSystemIn(mounts, '/dev/shm/session')).toBe('tmpfs');
    expect(fileSystemIn(mounts, '/home/somebody')).toBe('ext4');
    expect(fileSystemIn(mounts, '/data/my disk/x')).toBe('xfs');
  });

  it('does not take a name that only begins alike', () => {
    expect(fileSystemIn(mounts, '/dev/shmoo')).toBe('ext4');
  });

  it('takes the last one where two are mounted over each other', () => {
    expect(fileSystemIn(mounts, '/data')).toBe('btrfs');
  });

  it('agrees with stat about a folder of this machine', () => {
    const { stdout } = spawnSync('stat', ['-f', '-c', '%T', tmpdir()], { encoding: 'utf8' });
    // stat names the family: ext2/ext3.
    expect(fileSystemOf(tmpdir()).slice(0, 3)).toBe(stdout.replace('overlayfs', 'overlay').slice(0, 3));
  });
});

describe('the machine', () => {
  it('is described without ffmpeg where there is none', () => {
    const programs = { ffmpeg: undefined, gstreamer: undefined, module: join(process.cwd(), 'dist', 'cli', 'main.js') };
    expect(describeMachine(programs)).toMatchObject({ node: process.version, ffmpeg: null, gstreamer: null });
  });

  it('names the version of what is measured, and the commit where there is one', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(moduleVersion(join(process.cwd(), 'dist', 'cli', 'main.js'))).toMatch(
      new RegExp(`^${version.replaceAll('.', String.raw`\.`)}( [0-9a-f]{7,}\\+?)?$`),
    );
    expect(moduleVersion('/nowhere/main.js')).toBe('unknown');
  });

  it('has some room in its temporary folder', () => {
    expect(roomIn(tmpdir())).toBeGreaterThan(0);
  });

  it('gives a first line of a program that is there, and none of one that is not', () => {
    expect(firstLineOf(process.execPath, '--version')).toBe(process.version);
    expect(firstLineOf('/nowhere/no-such-program', '--version')).toBeUndefined();
  });
});

describe('figures of processes', () => {
  it('finds the times behind a name with spaces and brackets', () => {
    expect(cpuTicks('123 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20 0 11 0')).toEqual({ user: 250, system: 50 });
  });

  it('reads the most memory that was resident', () => {
    expect(peakResidentBytes('Name:\tnode\nVmHWM:\t  2048 kB\nVmRSS:\t  1024 kB\n')).toBe(2 * 1024 * 1024);
    expect(() => peakResidentBytes('Name:\tzombie\n')).toThrow('VmHWM');
  });

  it('adds up what the children of a shell used', () => {
    expect(childrenTime('0m0.001s 0m0.002s\n1m2.500s 0m0.250s\n')).toEqual({ user: 62.5, system: 0.25 });
    expect(childrenTime('0m0.000000s 0m0.000000s\n0m0.010000s 0m0.020000s\n')).toEqual({ user: 0.01, system: 0.02 });
    expect(() => childrenTime('command not found')).toThrow('times');
  });

  it('reads a real process', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume(); console.log(1)'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    await once(child.stdout, 'data');
    const pid = child.pid ?? 0;
    expect(totalOf(cpuTimeOf(pid))).toBeGreaterThan(0);
    expect(bytesReadBy(pid)).toBeGreaterThan(0);
    expect(residentBytesOf(pid)).toBeGreaterThan(1024 * 1024);
    expect(peakResidentBytesOf(pid)).toBeGreaterThan(1024 * 1024);
    const exit = once(child, 'exit');
    child.stdin.end();
    await exit;
  });
});

describe('what others had of the machine', () => {
  it('counts every busy tick once, those that a host of virtual machines took included', () => {
    // user nice system idle iowait irq softirq steal guest guest_nice; a guest's are in user already
    expect(busyTicks('cpu  100 20 30 9000 500 4 5 6 70 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n')).toBe(165);
  });

  it('counts a process and its children that have ended', () => {
    expect(ownTicks('123 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 250 50 7 3 20 0 11 0')).toBe(310);
  });

  it('leaves out what was our own', () => {
    const before = { machine: 1000, own: 100, atMs: 0 };
    const after = { machine: 1150, own: 200, atMs: 1000 };
    expect(othersPercent(before, after, 100, 2)).toBe(25);
  });

  it('is never below nothing: ticks are coarse', () => {
    const used = usedSoFar();
    expect(othersPercent(used, { ...used, own: used.own + 5, atMs: used.atMs + 10 }, 100)).toBe(0);
  });
});

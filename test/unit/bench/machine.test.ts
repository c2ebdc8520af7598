import { describe, expect, it } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { describeMachine, fileSystemIn, fileSystemOf, firstLineOf, roomIn } from '../../../bench/machine.mjs';
import {
  childrenSeconds,
  cpuSecondsOf,
  cpuTicks,
  peakResidentBytes,
  peakResidentBytesOf,
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
    expect(describeMachine(undefined)).toMatchObject({ node: process.version, ffmpeg: null });
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
    expect(cpuTicks('123 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20 0 11 0')).toBe(300);
  });

  it('reads the most memory that was resident', () => {
    expect(peakResidentBytes('Name:\tnode\nVmHWM:\t  2048 kB\nVmRSS:\t  1024 kB\n')).toBe(2 * 1024 * 1024);
    expect(() => peakResidentBytes('Name:\tzombie\n')).toThrow('VmHWM');
  });

  it('adds up what the children of a shell used', () => {
    expect(childrenSeconds('0m0.001s 0m0.002s\n1m2.500s 0m0.250s\n')).toBeCloseTo(62.75, 9);
    expect(childrenSeconds('0m0.000000s 0m0.000000s\n0m0.010000s 0m0.020000s\n')).toBeCloseTo(0.03, 9);
    expect(() => childrenSeconds('command not found')).toThrow('times');
  });

  it('reads a real process', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume(); console.log(1)'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    await once(child.stdout, 'data');
    const pid = child.pid ?? 0;
    expect(cpuSecondsOf(pid)).toBeGreaterThan(0);
    expect(peakResidentBytesOf(pid)).toBeGreaterThan(1024 * 1024);
    const exit = once(child, 'exit');
    child.stdin.end();
    await exit;
  });
});

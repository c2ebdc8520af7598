import { once } from 'node:events';
import { setTimeout as passes } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { type CameraControl, cameraControl } from '../../harness/camera-control.js';
import { expectNothingLeft, holdings, type Holdings } from '../../harness/nothing-left.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';
import { numbersOf, readMetadata, readStream } from '../../harness/read-stream.js';
import { type Ended, QUICK, RunningTool, runToEnd, SMALL, STREAM_OPTIONS } from './run-tool.js';

/** Steps between neighbours. */
const stepsOf = (numbers: readonly number[]): readonly number[] =>
  numbers.slice(1).map((number, i) => number - (numbers[i] ?? 0));
const KILLED = (signal: string): Ended => ({ code: null, signal });
const CLEAN: Ended = { code: 0, signal: null };

describe('the camera as a process', () => {
  let before: Holdings;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let control: CameraControl;
  const running: RunningTool[] = [];

  beforeEach(async () => {
    before = holdings();
    folder = await temporaryFolder();
    control = await cameraControl(folder.path);
  });
  afterEach(async () => {
    for (const { child } of running.splice(0))
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await folder.remove();
    await expectNothingLeft(before);
  });

  function start(misbehaviours = '', args = SMALL): RunningTool {
    const tool = new RunningTool(args, misbehaviours, { ...control.env, CSI_VIRTUAL_CAMERA: misbehaviours });
    running.push(tool);
    return tool;
  }

  it('streams frames and their metadata on the ideal grid, and ends cleanly at SIGINT', async () => {
    const tool = start('', [...STREAM_OPTIONS, '--width', '1456', '--height', '1088', '--framerate', '60']);
    await tool.until(({ blockCount }) => blockCount >= 40);
    expect(await tool.interrupt()).toEqual(CLEAN);
    const frames = readStream(tool.stdout);
    const [first] = frames;
    for (const frame of frames) {
      const metadata = readMetadata(frame.metadata);
      expect(metadata.get('SensorTimestamp')).toBe(String(frame.timestampNs));
      expect(metadata.get('FrameDuration')).toBe('16667');
      // Lost ones leave a gap; the others stay where the grid has them, to the microsecond.
      const ideal = BigInt(Math.round(((frame.number - (first?.number ?? 0)) * 1e6) / 60)) * 1000n;
      expect(Math.abs(Number(frame.timestampNs - (first?.timestampNs ?? 0n) - ideal))).toBeLessThanOrEqual(1000);
      expect(frame).toMatchObject({ width: 1456, height: 1088 });
    }
    expect(tool.stderr).toContain('Received signal 2\n');
  });

  it('keeps its rate over two seconds, and keeps up with the clock', async () => {
    const tool = start();
    await tool.until(({ blockCount }) => blockCount >= 1);
    const startNs = process.hrtime.bigint();
    await passes(2000);
    await tool.interrupt();
    const frames = readStream(tool.stdout);
    const [first, last] = [frames[0], frames.at(-1)];
    if (!first || !last) throw new Error('no frames');
    const seconds = Number(last.timestampNs - first.timestampNs) / 1e9;
    expect((last.number - first.number) / seconds).toBeCloseTo(200, 3);
    // By the sensor's count, whatever a busy machine made of the frames in between.
    expect(Number(last.timestampNs - startNs) / 1e9).toBeGreaterThan(1);
    expect(last.timestampNs).toBeLessThan(process.hrtime.bigint());
  });

  it('stamps on the monotonic clock of everybody', async () => {
    const beforeNs = process.hrtime.bigint();
    const tool = start();
    await tool.until(({ blockCount }) => blockCount >= 3);
    await tool.interrupt();
    for (const { timestampNs } of readStream(tool.stdout)) {
      expect(timestampNs).toBeGreaterThan(beforeNs);
      expect(timestampNs).toBeLessThan(process.hrtime.bigint());
      expect(timestampNs % 1000n).toBe(0n);
    }
  });

  it('loses what a reader that pauses does not take: first what waited, then a gap, then the present', async () => {
    const tool = start('', QUICK);
    await tool.until(({ blockCount }) => blockCount >= 5);
    tool.child.stdout?.pause();
    await passes(1000);
    const resumedAt = tool.blockCount;
    tool.child.stdout?.resume();
    await tool.until(({ blockCount }) => blockCount >= resumedAt + 100);
    await tool.interrupt();
    const steps = stepsOf(numbersOf(readStream(tool.stdout)));
    expect(Math.max(...steps)).toBeGreaterThan(50);
    expect(Math.min(...steps)).toBe(1);
  });

  it('does not hear SIGINT while its stdout is blocked, and gives what waited when it is read again', async () => {
    const tool = start('', QUICK);
    await tool.until(({ blockCount }) => blockCount >= 1);
    tool.child.stdout?.pause();
    await passes(500);
    tool.child.kill('SIGINT');
    await passes(500);
    expect(tool.child.exitCode).toBe(null);
    tool.child.stdout?.resume();
    expect(await tool.ended).toEqual(CLEAN);
    expect(readStream(tool.stdout).length).toBeGreaterThan(5);
  });

  it('is killed by SIGKILL while its stdout is blocked, and by SIGTERM at any time', async () => {
    const blocked = start();
    await blocked.until(({ blockCount }) => blockCount >= 1);
    blocked.child.stdout?.pause();
    await passes(500);
    blocked.child.kill('SIGKILL');
    blocked.child.stdout?.resume();
    expect(await blocked.ended).toEqual(KILLED('SIGKILL'));
    const free = start();
    await free.until(({ blockCount }) => blockCount >= 1);
    free.child.kill('SIGTERM');
    expect(await free.ended).toEqual(KILLED('SIGTERM'));
  });

  it('is killed by SIGINT before it streams', async () => {
    const tool = start('start-delay=60000');
    await tool.until(({ stderr }) => stderr.includes('Selected sensor format'));
    expect(await tool.interrupt()).toEqual(KILLED('SIGINT'));
    expect(tool.byteCount).toBe(0);
  });

  it('is aborted when its reader goes away', async () => {
    const tool = start();
    await tool.until(({ blockCount }) => blockCount >= 1);
    tool.child.stdout?.destroy();
    expect(await tool.ended).toEqual(KILLED('SIGABRT'));
    expect(tool.stderr).toContain('failed to write output bytes');
  });

  it.each<[string, Ended, string]>([
    ['exit-after=5', { code: 255, signal: null }, ''],
    ['exit-after=5:0', CLEAN, ''],
    ['fail-after=5:no buffer to encode', { code: 255, signal: null }, 'ERROR: *** no buffer to encode ***\n'],
    ['die-with-signal=SIGSEGV:5', KILLED('SIGSEGV'), ''],
    ['disconnect-after=5', { code: 255, signal: null }, 'Failed to start streaming: Input/output error\n'],
  ])('ends behind the fifth frame with %s', async (misbehaviours, how, text) => {
    const ended = await runToEnd(SMALL, misbehaviours);
    expect({ code: ended.code, signal: ended.signal }).toEqual(how);
    expect(ended.stderr).toContain(text);
    expect(numbersOf(readStream(ended.stdout)).at(-1)).toBe(5);
  });

  it('ends in the middle of a frame', async () => {
    const ended = await runToEnd(SMALL, 'cut-stream=5');
    expect(ended.code).toBe(255);
    const lastStart = ended.stdout.lastIndexOf(Buffer.from([0xff, 0xd8, 0xff]));
    expect(readStream(ended.stdout.subarray(0, lastStart)).length).toBe(4);
    expect(ended.stdout.indexOf(Buffer.from([0xff, 0xd9]), lastStart)).toBe(-1);
  });

  it('closes stdout and stays', async () => {
    const tool = start('close-stdout-after=5');
    const { stdout } = tool.child;
    if (stdout) await once(stdout, 'end');
    expect(numbersOf(readStream(tool.stdout)).at(-1)).toBe(5);
    expect(tool.child.exitCode).toBe(null);
    tool.child.kill('SIGINT');
    tool.child.kill('SIGTERM');
    expect(await tool.ended).toEqual(KILLED('SIGTERM'));
  });

  it('restarts in a loop that ignores SIGINT', async () => {
    const tool = start('restart-loop-after=5');
    await tool.until(({ stderr }) => stderr.includes('attempting a restart!!!'));
    tool.child.kill('SIGINT');
    await tool.until(({ stderr }) => stderr.includes('Received signal 2'));
    await tool.until(({ stderr }) => stderr.split('attempting a restart!!!').length > 2);
    tool.child.kill('SIGTERM');
    expect(await tool.ended).toEqual(KILLED('SIGTERM'));
    expect(tool.stderr).toContain('Dequeue timer of 1000000.00us has expired!');
  });

  it('ignores SIGINT while it is told to', async () => {
    const tool = start('ignore-sigint');
    await tool.until(({ blockCount }) => blockCount >= 1);
    tool.child.kill('SIGINT');
    await tool.until(({ stderr }) => stderr.includes('Received signal 2'));
    const count = tool.blockCount;
    await tool.until(({ blockCount }) => blockCount >= count + 20);
    await control.misbehave('');
    await tool.until(({ stderr }) => stderr.includes('control: behaves'));
    expect(await tool.interrupt()).toEqual(CLEAN);
  });

  it('hangs and goes on while it runs, with a gap', async () => {
    const tool = start();
    await tool.until(({ blockCount }) => blockCount >= 5);
    await control.misbehave('hang-after=10');
    await tool.until(({ stderr }) => stderr.includes('control: hang-after=10'));
    await passes(300);
    const count = tool.blockCount;
    await passes(200);
    expect(tool.blockCount).toBe(count);
    await control.misbehave('');
    await tool.until(({ blockCount }) => blockCount > count + 10);
    expect(await tool.interrupt()).toEqual(CLEAN);
    expect(Math.max(...stepsOf(numbersOf(readStream(tool.stdout))))).toBeGreaterThan(50);
  });

  it('floods stderr while the frames go on', async () => {
    const tool = start('flood-stderr=20000');
    await tool.until(({ stderr, blockCount }) => stderr.length > 500_000 && blockCount > 50);
    expect(await tool.interrupt()).toEqual(CLEAN);
  });

  it('gives frames without metadata, and blocks without times', async () => {
    const bare = start('no-metadata');
    await bare.until(({ byteCount }) => byteCount > 20_000);
    await bare.interrupt();
    expect(new Set(readStream(bare.stdout).map(({ metadata }) => metadata))).toEqual(new Set(['']));
    const timeless = await runToEnd([...SMALL, '--frames', '3'], 'no-sensor-timestamp,no-wall-clock');
    for (const { metadata } of readStream(timeless.stdout)) {
      expect([...readMetadata(metadata).keys()].filter((name) => /Timestamp|Wall/.test(name))).toEqual([]);
    }
  });

  it('is thousands of frames a second where it is told to, and loses none', async () => {
    const ended = await runToEnd([...SMALL, '--frames', '5000'], 'rate=unlimited');
    expect(numbersOf(readStream(ended.stdout))).toEqual(Array.from({ length: 5000 }, (_, i) => i + 1));
  });

  it('lists its cameras, tells its version and refuses what it does not know', async () => {
    const listing = await runToEnd(['--list-cameras']);
    expect(listing).toMatchObject({ code: 0, stderr: '' });
    expect(listing.stdout.toString()).toContain('0 : imx296 [1456x1088 10-bit MONO]');
    expect((await runToEnd(['--version'])).stdout.toString()).toMatch(/^rpicam-apps build: v1\.12\.0 /);
    const refused = await runToEnd(['--foo']);
    expect(refused).toMatchObject({ code: 255, stderr: "ERROR: *** unrecognised option '--foo' ***\n" });
  });
});

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { CsiCamerasError } from '../../../src/core/errors.js';
import type { FrameDrop } from '../../../src/core/frame-drop.js';
import { RotatingLogSink } from '../../../src/logging/rotating-log-sink.js';
import { ManualClock } from '../../harness/manual-clock.js';
import { recordsOf, temporaryFolder } from './log-folder.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let clock: ManualClock;
beforeEach(async () => {
  folder = await temporaryFolder();
  clock = new ManualClock(1704567890123);
});
afterEach(() => folder.remove());

const drop: FrameDrop = { reason: 'timeout', monoNs: 5n, frameNumber: 1, deviceId: 'picam:0', trial: 1 };

describe('RotatingLogSink', () => {
  it('writes the three logs, each in its format', async () => {
    const sink = new RotatingLogSink({ clock });
    sink.open(folder.path);
    sink.log('info', 'The camera streams.', { device_id: 'picam:0', fps: 60 });
    sink.command({ id: 'rec_001', state: 'processing' });
    sink.drop(drop);
    await sink.close(10_000);
    expect(await readFile(join(folder.path, 'csicameras.log'), 'utf8')).toBe(
      `{"level":30,"time":1704567890123,"pid":${process.pid},"device_id":"picam:0","fps":60,"msg":"The camera streams."}\n`,
    );
    expect(await readFile(join(folder.path, 'commands.jsonl'), 'utf8')).toBe(
      '{"ts":1704567890.123,"id":"rec_001","state":"processing"}\n',
    );
    expect(await readFile(join(folder.path, 'frame_drops.jsonl'), 'utf8')).toBe(
      '{"ts":1704567890.123,"mono_ns":5,"reason":"timeout","frame_num":1,"device_id":"picam:0","trial":1}\n',
    );
    expect(clock.timers).toBe(0);
  });

  it('gives each line the time of its call, also while pino is still being loaded', async () => {
    const sink = new RotatingLogSink({ clock });
    sink.log('info', 'first');
    clock.setWallMs(1704567890500);
    sink.log('info', 'second');
    sink.open(folder.path);
    await sink.close(10_000);
    const records = await recordsOf(folder.path, 'csicameras.log');
    expect(records.map(({ time, msg }) => [time, msg])).toEqual([
      [1704567890123, 'first'],
      [1704567890500, 'second'],
    ]);
  });

  it('leaves out what is below the level, which can be changed at any time', async () => {
    const sink = new RotatingLogSink({ clock });
    sink.open(folder.path);
    sink.log('debug', 'no');
    sink.log('warn', 'yes');
    sink.setLevel('debug');
    sink.log('debug', 'now');
    sink.setLevel('error');
    sink.log('warn', 'no');
    await sink.close(10_000);
    expect((await recordsOf(folder.path, 'csicameras.log')).map(({ level, msg }) => [level, msg])).toEqual([
      [40, 'yes'],
      [20, 'now'],
    ]);
  });

  it('takes any context without throwing, and keeps the names that are its own', async () => {
    const loop: Record<string, unknown> = {};
    loop['loop'] = loop;
    const sink = new RotatingLogSink({ clock, level: 'debug' });
    sink.open(folder.path);
    const error = new CsiCamerasError('io_error', 'It failed.', { path: '/x' });
    sink.log('error', '100 %s %d %j', { error, big: 1n, loop, level: 'mine', time: 0, msg: 'm', pid: 1, '"\n': 1 });
    sink.log('debug', 'odd', { method: 'GET', headers: {}, socket: {}, setHeader: () => 0 });
    await sink.close(10_000);
    const [line, odd] = await recordsOf(folder.path, 'csicameras.log');
    expect(line).toMatchObject({
      level: 50,
      time: 1704567890123,
      pid: process.pid,
      msg: '100 %s %d %j',
      error: { type: 'CsiCamerasError', code: 'io_error', message: 'It failed.', context: { path: '/x' } },
      big: '1',
      loop: { loop: '[circular]' },
      level_: 'mine',
      time_: 0,
      msg_: 'm',
      pid_: 1,
      '"\n': 1,
    });
    expect(odd).toMatchObject({ msg: 'odd' });
  });

  it('echoes the application log to a console, and survives one that throws', async () => {
    const echoed: string[] = [];
    const sink = new RotatingLogSink({
      clock,
      echo: (line) => {
        echoed.push(line);
        throw new Error('EPIPE');
      },
    });
    sink.open(folder.path);
    sink.log('info', 'one');
    sink.log('info', 'two');
    sink.command({ id: 'not echoed' });
    await sink.close(10_000);
    expect(echoed.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['one', 'two']);
    expect(await recordsOf(folder.path, 'csicameras.log')).toHaveLength(2);
  });

  it('keeps lines that come before it is opened and after it was closed for the next opening', async () => {
    const sink = new RotatingLogSink({ clock });
    sink.command({ n: 1 });
    sink.open(folder.path);
    sink.open(folder.path);
    await sink.close(10_000);
    await sink.close(10_000);
    sink.command({ n: 2 });
    sink.open(folder.path);
    sink.command({ n: 3 });
    await sink.close(10_000);
    expect((await recordsOf(folder.path, 'commands.jsonl')).map(({ n }) => n)).toEqual([1, 2, 3]);
    expect(sink.losses()).toEqual({ application: 0, commands: 0, drops: 0 });
  });

  it('goes over to another directory when it is opened there', async () => {
    const sink = new RotatingLogSink({ clock });
    sink.open(join(folder.path, 'a'));
    sink.command({ n: 1 });
    await sink.close(10_000);
    sink.open(join(folder.path, 'a'));
    sink.command({ n: 2 });
    sink.open(join(folder.path, 'b'));
    await sink.close(10_000);
    sink.open(join(folder.path, 'b'));
    sink.command({ n: 3 });
    await sink.close(10_000);
    expect((await recordsOf(join(folder.path, 'a'), 'commands.jsonl')).map(({ n }) => n)).toEqual([1, 2]);
    expect((await recordsOf(join(folder.path, 'b'), 'commands.jsonl')).map(({ n }) => n)).toEqual([3]);
  });

  it('writes the summary of a flood of drops before it closes', async () => {
    const sink = new RotatingLogSink({ clock });
    sink.open(folder.path);
    for (let frame = 1; frame <= 10_000; frame += 1) sink.drop({ ...drop, frameNumber: frame });
    await sink.close(10_000);
    const records = await recordsOf(folder.path, 'frame_drops.jsonl');
    expect(records).toHaveLength(101);
    expect(records.at(-1)).toMatchObject({ frame_num: 101, last_frame_num: 10_000, count: 9_900, summarised: 9_900 });
    expect(clock.timers).toBe(0);
  });

  it('counts a line that could not be made, and throws nothing', () => {
    const sink = new RotatingLogSink({ clock });
    let failures = 0;
    const failOnce = (name: 'wallMs' | 'monotonicNs'): void => {
      jest.spyOn(clock, name).mockImplementationOnce(() => {
        failures += 1;
        throw new Error('no clock');
      });
    };
    failOnce('wallMs');
    sink.log('info', 'x');
    failOnce('wallMs');
    sink.command({ a: 1 });
    failOnce('monotonicNs');
    sink.drop(drop);
    expect(failures).toBe(3);
    expect(sink.losses()).toEqual({ application: 1, commands: 1, drops: 1 });
  });

  it('adds no listener to the process', async () => {
    const events = ['exit', 'beforeExit', 'SIGINT', 'SIGTERM', 'uncaughtException', 'unhandledRejection', 'warning'];
    const before = events.map((event) => process.listenerCount(event));
    const sink = new RotatingLogSink({ clock });
    sink.open(folder.path);
    sink.log('info', 'x');
    await sink.close(10_000);
    expect(events.map((event) => process.listenerCount(event))).toEqual(before);
  });
});

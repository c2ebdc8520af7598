import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as v from 'valibot';
import type { FileSystem } from '../../../src/core/file-system.js';
import { VERSION } from '../../../src/core/own-package.js';
import { CsiCamerasModule } from '../../../src/module/csi-cameras-module.js';
import { statusReport } from '../../../src/protocol/statuses.js';
import { NO_FIGURES, silent } from '../../harness/fake-pipeline.js';
import { FORGETFUL_DISK } from '../../harness/forgetful-disk.js';
import { settled } from '../../harness/manual-clock.js';
import { moduleRig, type ModuleRig } from './module-rig.js';

let rig: ModuleRig;

beforeEach(() => {
  rig = moduleRig();
});

afterEach(() => rig.end());

describe('start', () => {
  it('opens the logs, says initializing and ready, and resolves when ready was sent', async () => {
    const { module, heard, logs } = rig;
    await rig.start({ logs: { level: 'debug' } });
    const data = { version: VERSION, pid: process.pid };
    expect(heard.all).toMatchObject([
      { status: 'initializing', data },
      { status: 'ready', data },
    ]);
    expect(logs).toMatchObject({ directory: '/logs', isOpen: true, level: 'debug' });
    expect(module.status()).toMatchObject({ state: 'running', version: VERSION, cameras: [] });
  });

  it('warns of each option that it cannot use, before it is ready', async () => {
    await rig.start({ window: 1, camera: { fps: 'fast' } });
    expect(rig.heard.names()).toEqual(['initializing', 'warning', 'warning', 'ready']);
    expect(rig.heard.named('warning').map(({ data }) => data)).toEqual([
      { code: 'config_ignored', message: 'window is not an option of this module; it is ignored.' },
      { code: 'config_ignored', message: 'camera.fps must be a number; the default is used.' },
    ]);
    expect(rig.logs.lines.filter(({ level }) => level === 'warn')).toHaveLength(2);
  });

  it('says first what was wrong with the file that the configuration was read from', async () => {
    const { module, heard, logs } = rig;
    await module.start({
      logDir: '/logs',
      config: { window: 1 },
      configProblems: ['The file has a key that nobody knows.'],
      sendStatus: (message) => {
        heard.hear(message);
      },
    });
    const messages = [
      'The file has a key that nobody knows.',
      'window is not an option of this module; it is ignored.',
    ];
    expect(heard.named('warning').map(({ data }) => data.message)).toEqual(messages);
    expect(logs.lines.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual(messages);
  });

  it('refuses to start twice, and goes on', async () => {
    await rig.start();
    await expect(rig.start()).rejects.toThrow('The module is already running');
    expect((await rig.ask('get_status')).status).toBe('status_report');
  });

  it('of two at once lets one through', async () => {
    const outcomes = await Promise.allSettled([rig.start(), rig.start()]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });

  it('can be tried again after a host gave nothing to start with', async () => {
    await expect(rig.module.start(undefined as never)).rejects.toThrow(TypeError);
    await rig.start();
    expect(rig.module.status().state).toBe('running');
  });

  it('goes on with a host whose sendStatus throws', async () => {
    await rig.start({}, () => {
      throw new Error('the host is broken');
    });
    expect((await rig.assign()).status).toBe('device_ready');
    expect(rig.logs.saying("The host's sendStatus failed.").length).toBeGreaterThan(2);
  });
});

describe('heartbeats', () => {
  it('come every two seconds while the module runs, and are not logged', async () => {
    await rig.start();
    await rig.clock.advance(6_000);
    expect(rig.heard.named('heartbeat').map(({ data }) => data.uptime_s)).toEqual([2, 4, 6]);
    expect(rig.logs.commands.filter((line) => line['status'] === 'heartbeat')).toEqual([]);
    await rig.module.stop();
    await rig.clock.advance(6_000);
    expect(rig.heard.named('heartbeat')).toHaveLength(3);
  });
});

describe('status', () => {
  it('is a valid snapshot in any state', async () => {
    const { module } = rig;
    const states: string[] = [];
    const note = (): void => {
      const report = module.status();
      expect(v.is(statusReport, report)).toBe(true);
      expect(structuredClone(report)).toEqual(report);
      states.push(report.state);
    };
    note();
    await rig.record();
    note();
    const stopping = module.stop();
    note();
    await stopping;
    note();
    expect(states).toEqual(['stopped', 'running', 'stopping', 'stopped']);
  });

  it('tells what waits, what was lost, and what is simulated', async () => {
    rig.pipelines.habit = silent;
    rig.logs.lost = { application: 1, commands: 2, drops: 3 };
    await rig.start({ simulate: true });
    const waiting = [rig.assign(), rig.ask('get_settings'), rig.ask('get_settings')];
    await settled();
    expect(rig.module.status()).toMatchObject({
      simulate: true,
      commands_waiting: 2,
      log_lines_lost: { application: 1, commands: 2, drops: 3 },
      load_level: 'normal',
    });
    rig.pipelines.last.giveFirstFrame();
    await Promise.all(waiting);
  });
});

describe('the disk in the status', () => {
  it('is as the watch over a recording was told, with the configured reserve', async () => {
    await rig.start({ recording: { minFreeBytes: 100 } });
    expect(rig.module.status().disk).toBeNull();
    await rig.assign('picam:0', { session_dir: '/data/session_1' });
    await rig.ask('start_recording');
    const counts = { delivered: 1, recorded: 1, dropped: 0, skipped: 0, missingAtSource: 0, disordered: 0 };
    const disk = { freeBytes: 1_100, toldNs: rig.clock.monotonicNs(), writtenPerS: 20, lostPerS: 0 };
    const recording = { counts, bytes: 9, durationS: 1, foundPaths: null, disk };
    rig.pipelines.last.emit({ type: 'figures', run: 1, figures: { ...NO_FIGURES, recording } });
    await rig.clock.advance(1_500);
    expect(rig.module.status().disk).toEqual({
      free_bytes: 1_100,
      reserve_bytes: 100,
      seconds_left: 50,
      age_ms: 1_500,
    });
    await rig.ask('stop_recording');
    await rig.clock.advance(500);
    expect(rig.module.status().disk).toBeNull();
  });

  it('is asked for anew in each life, and no more after it', async () => {
    const asked: string[] = [];
    const disk = {
      ...FORGETFUL_DISK,
      statfs: (path: string) => {
        asked.push(path);
        return Promise.resolve({ bavail: 3n, blocks: 9n, bsize: 10n });
      },
    } as unknown as FileSystem;
    const module = new CsiCamerasModule(rig.pipelines.factory, rig.logs, rig.clock, rig.signals, disk);
    const context = { dataDir: '/data', logDir: '/logs', sendStatus: () => undefined };
    await module.start(context);
    await rig.clock.advance(2_000);
    expect(module.status().disk).toMatchObject({ free_bytes: 30, age_ms: 0 });
    await module.stop();
    await rig.clock.advance(10_000);
    expect(asked).toEqual(['/data', '/data']);
    await module.start(context);
    expect(asked).toHaveLength(3);
    await module.stop();
  });
});

describe('logUnexpected', () => {
  it('takes note of mistakes', () => {
    rig.module.logUnexpected('uncaught exception', 'oops');
    expect(rig.logs.lines).toEqual([
      { level: 'error', message: 'Unexpected error.', context: { origin: 'uncaught exception', error: 'oops' } },
    ]);
  });
});

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import * as v from 'valibot';
import { VERSION } from '../../../src/core/version.js';
import { COMMAND_NAMES } from '../../../src/protocol/commands.js';
import { statusReport, type StatusMessage } from '../../../src/protocol/statuses.js';
import { healthy, healthyBut, silent } from '../../harness/fake-pipeline.js';
import { settled } from '../../harness/manual-clock.js';
import { expectOneAnswerEach } from '../../harness/mock-host.js';
import { moduleRig, type ModuleRig } from './module-rig.js';

let rig: ModuleRig;

beforeEach(() => {
  rig = moduleRig();
});

afterEach(async () => {
  rig.pipelines.habit = healthy;
  const stopping = rig.module.stop();
  await rig.clock.advance(2_000);
  await stopping;
  rig.expectTidy();
});

const assign = (deviceId = 'picam:0', fields: object = {}): Promise<StatusMessage> =>
  rig.ask('assign_device', { device_id: deviceId, ...fields });

async function recording(): Promise<void> {
  await rig.start();
  await assign('picam:0', { session_dir: '/data/session_1' });
  await rig.ask('start_recording');
}

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
      { code: 'config_ignored', message: 'window is no option of this module; the default is in force.' },
      { code: 'config_ignored', message: 'camera.fps must be a number; the default is in force.' },
    ]);
    expect(rig.logs.lines.filter(({ level }) => level === 'warn')).toHaveLength(2);
  });

  it('refuses to start twice, and goes on', async () => {
    await rig.start();
    await expect(rig.start()).rejects.toThrow('The module runs already');
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
    expect((await assign()).status).toBe('device_ready');
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
    await recording();
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
    const waiting = [assign(), rig.ask('get_status'), rig.ask('get_status')];
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

describe('command', () => {
  it('answers before the start and after the stop, to the caller alone', async () => {
    expect(await rig.ask('get_status')).toMatchObject({ status: 'command_nack', data: { code: 'shutting_down' } });
    await rig.start();
    await rig.module.stop();
    const heard = rig.heard.all.length;
    expect(await rig.ask('quit')).toMatchObject({ status: 'command_nack', data: { code: 'shutting_down' } });
    expect(rig.heard.all).toHaveLength(heard);
  });

  it('makes an id for a command that has none', async () => {
    await rig.start();
    expect(await rig.ask('get_status')).toMatchObject({
      command_id: 'get_status_20260106_143052_001',
      in_reply_to: 'get_status_20260106_143052_001',
    });
  });

  it('resolves with the very status that the host heard', async () => {
    await rig.start();
    const answer = await rig.ask('get_status');
    expect(rig.heard.all.at(-1)).toBe(answer);
  });

  it('writes the whole way of a command into the command log', async () => {
    await rig.start();
    await rig.ask('start_session', { session_dir: '/s', command_id: 'c1' });
    expect(rig.logs.commands.slice(2)).toEqual([
      { dir: 'in', cmd: 'start_session', id: 'c1', payload: expect.objectContaining({ session_dir: '/s' }) },
      { id: 'c1', state: 'received', cmd: 'start_session' },
      { id: 'c1', state: 'processing' },
      { id: 'c1', state: 'completed', duration_ms: 0 },
      { dir: 'out', status: 'command_ack', reply_to: 'c1', payload: { success: true, session_dir: '/s' } },
    ]);
  });

  const cycle: Record<string, unknown> = { command: 'get_status' };
  cycle['self'] = cycle;
  const trap = new Proxy(
    { command: 'get_status' },
    {
      get: () => {
        throw new Error('a trap');
      },
    },
  );
  const deep = JSON.parse(`{"command":"assign_device","device_id":${'['.repeat(20_000)}${']'.repeat(20_000)}}`);
  const bad: readonly (readonly [string, unknown, string])[] = [
    ['undefined', undefined, 'invalid_command'],
    ['null', null, 'invalid_command'],
    ['a number', 42, 'invalid_command'],
    ['a text', '{"command":"get_status"}', 'invalid_command'],
    ['an array', [{ command: 'get_status' }], 'invalid_command'],
    ['a function', () => 'get_status', 'invalid_command'],
    ['a symbol', Symbol('get_status'), 'invalid_command'],
    ['a bigint', 1n, 'invalid_command'],
    ['an empty object', {}, 'invalid_command'],
    ['a command that is a number', { command: 1 }, 'invalid_command'],
    ['an unknown command', { command: 'dance' }, 'unknown_command'],
    ['a command in capitals', { command: 'GET_STATUS' }, 'unknown_command'],
    ['a command called constructor', { command: 'constructor' }, 'unknown_command'],
    ['an own __proto__', JSON.parse('{"command":"get_status","__proto__":{"a":1}}'), 'invalid_command'],
    ['fields that throw', trap, 'invalid_command'],
    ['a wrong type', { command: 'assign_device', device_id: 0 }, 'invalid_command'],
    ['a missing field', { command: 'assign_device' }, 'invalid_command'],
    ['a NUL in a path', { command: 'start_session', session_dir: '/a\u0000b' }, 'invalid_command'],
    ['control characters', { command: 'start_recording', trial_label: '\u001b[2J' }, 'invalid_command'],
    ['half a surrogate', { command: 'start_recording', trial_label: '\udfff' }, 'invalid_command'],
    ['a path of 1 MiB', { command: 'start_session', session_dir: `/${'x'.repeat(1024 * 1024)}` }, 'invalid_command'],
    ['a name of 1 MiB', { command: 'x'.repeat(1024 * 1024) }, 'unknown_command'],
    ['an id of 1 MiB', { command: 'get_status', command_id: 'x'.repeat(1024 * 1024) }, 'invalid_command'],
    ['20,000 arrays in one another', deep, 'invalid_command'],
    [
      'a number beyond all cameras',
      { command: 'assign_device', device_id: 'a', camera_index: 1e300 },
      'invalid_command',
    ],
  ];

  it.each(bad)(
    'answers %s with a nack, and the next command works while recording goes on',
    async (_what, value, code) => {
      await recording();
      const answer = await rig.module.command(value);
      expect(answer).toMatchObject({ status: 'command_nack', data: { success: false, code } });
      expect(JSON.stringify(answer).length).toBeLessThan(2_000);
      expect(JSON.stringify(rig.logs.commands.map(({ payload: _payload, ...line }) => line)).length).toBeLessThan(
        10_000,
      );
      expect((await rig.ask('get_status')).status).toBe('status_report');
      expect(rig.module.status().cameras[0]?.state).toBe('recording');
    },
  );

  it('ignores extra fields, whatever they hold', async () => {
    await rig.start();
    expect((await rig.module.command(cycle)).status).toBe('status_report');
    expect((await rig.ask('get_status', { big: 1n, run: () => 1 })).status).toBe('status_report');
  });

  it('keeps of a huge command only a beginning for the log', async () => {
    await rig.start();
    await rig.ask('get_status', { rubbish: 'x'.repeat(1024 * 1024) });
    const line = rig.logs.commands.find(({ dir, cmd }) => dir === 'in' && cmd === 'get_status');
    expect(String(line?.['payload'])).toMatch(/^\{"command":"get_status","rubbish":"x+… \(1048\d{3} characters\)$/);
  });

  it('never throws and never rejects, whatever it is given', async () => {
    await rig.start();
    const commandLike = fc.record(
      {
        command: fc.constantFrom(...COMMAND_NAMES.filter((name) => name !== 'quit')),
        command_id: fc.anything(),
        device_id: fc.anything(),
        session_dir: fc.anything(),
        enabled: fc.anything(),
        level: fc.anything(),
      },
      { requiredKeys: ['command'] },
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.anything(), commandLike), async (value) => {
        expect((await rig.module.command(value)).type).toBe('status');
      }),
      { numRuns: 200 },
    );
  });

  it('refuses the 258th at once and answers the others in order', async () => {
    rig.pipelines.habit = healthyBut('open');
    await rig.start();
    const assigning = assign();
    const waiting = Array.from({ length: 256 }, (_, index) => rig.ask('get_status', { command_id: `w${index}` }));
    expect(await rig.ask('unassign_device', { device_id: 'picam:9' })).toMatchObject({
      status: 'command_nack',
      data: { code: 'queue_full' },
    });
    rig.pipelines.last.giveFirstFrame();
    await Promise.all([assigning, ...waiting]);
    const order = rig.heard.named('status_report').map((status) => status.in_reply_to);
    expect(order).toEqual(Array.from({ length: 256 }, (_, index) => `w${index}`));
    // What was refused is forgotten: it keeps no later assignment from opening its camera.
    rig.pipelines.habit = healthy;
    expect((await assign('picam:9')).status).toBe('device_ready');
  });
});

describe('refuse', () => {
  it('answers a line that is no command, and logs its beginning', async () => {
    await rig.start();
    const answer = rig.module.refuse('The line is not valid JSON.', 'x'.repeat(1_000));
    expect(answer).toMatchObject({
      status: 'command_nack',
      in_reply_to: 'invalid_20260106_143052_001',
      data: { code: 'invalid_command', error: 'The line is not valid JSON.' },
    });
    expect(rig.logs.commands.find(({ dir }) => dir === 'in')).toMatchObject({ payload: 'x'.repeat(200) });
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

describe('stop', () => {
  it('ends the recording, the capture and the logs, in this order, and says so last', async () => {
    await recording();
    const before = rig.heard.names().length;
    await rig.module.stop();
    expect(rig.heard.names().slice(before)).toEqual([
      'shutdown_started',
      'recording_stopped',
      'device_unassigned',
      'quitting',
      'shutdown_complete',
    ]);
    expect(rig.heard.named('recording_stopped')[0]?.data.reason).toBe('shutdown');
    expect(rig.heard.all.slice(before).map((status) => status.in_reply_to)).toEqual(Array.from({ length: 5 }));
    expect(rig.heard.named('shutdown_complete')[0]?.data).toEqual({ reason: 'stop' });
    expect(rig.logs.closeLimits).toEqual([300]);
    // It is in the log as well, written before the log was closed.
    expect(rig.logs.commands.at(-1)).toMatchObject({ dir: 'out', status: 'shutdown_complete' });
  });

  it('sends the last status when the logs are flushed, and not before', async () => {
    await rig.start();
    let flushed: () => void = () => undefined;
    rig.logs.closing = new Promise((resolve) => {
      flushed = resolve;
    });
    const stopping = rig.module.stop();
    await settled();
    expect(rig.heard.names().at(-1)).toBe('quitting');
    expect(await rig.ask('get_status')).toMatchObject({ data: { code: 'shutting_down' } });
    flushed();
    await stopping;
    expect(rig.heard.names().at(-1)).toBe('shutdown_complete');
  });

  it('does nothing before a start, and twice is once', async () => {
    await rig.module.stop();
    await rig.start();
    await Promise.all([rig.module.stop(), rig.module.stop()]);
    await rig.module.stop();
    expect(rig.heard.named('shutdown_started')).toHaveLength(1);
    expect(rig.heard.named('shutdown_complete')).toHaveLength(1);
  });

  it('can be followed by another start, which waits for it', async () => {
    await recording();
    const stopping = rig.module.stop();
    await rig.start();
    await stopping;
    expect(rig.heard.names().slice(-3)).toEqual(['shutdown_complete', 'initializing', 'ready']);
    expect(rig.module.status()).toMatchObject({ state: 'running', cameras: [], session_dir: null });
    expect((await assign()).status).toBe('device_ready');
  });

  it('gives up a capture process that cannot be ended, in under two seconds', async () => {
    await recording();
    rig.pipelines.habit = silent;
    const stopping = rig.module.stop();
    await rig.clock.advance(1_500);
    await stopping;
    expect(rig.heard.named('device_unassigned')[0]?.data.port_released).toBe(false);
  });

  it('closes several cameras at once', async () => {
    await rig.start();
    for (const index of [0, 1, 2]) await assign(`picam:${index}`);
    rig.pipelines.habit = silent;
    const stopping = rig.module.stop();
    await rig.clock.advance(1_500);
    await stopping;
    expect(rig.heard.named('device_unassigned')).toHaveLength(3);
  });

  it('waits for an unassignment that is still ending its capture process', async () => {
    await rig.start();
    await assign();
    rig.pipelines.habit = silent;
    const unassigning = rig.ask('unassign_device', { command_id: 'u1' });
    await rig.clock.advance(400);
    const stopping = rig.module.stop();
    await rig.clock.advance(300);
    expect(rig.module.status().state).toBe('stopping');
    rig.pipelines.last.emit({ type: 'closed', run: 1, portReleased: true });
    await stopping;
    expect(await unassigning).toMatchObject({ status: 'device_unassigned', data: { port_released: true } });
    expect(rig.heard.answersTo('u1', 'unassign_device')).toHaveLength(1);
    expect(rig.heard.names().slice(-3)).toEqual(['device_unassigned', 'quitting', 'shutdown_complete']);
  });
});

describe('quit', () => {
  it('is answered by shutdown_complete, and its statuses name it', async () => {
    await recording();
    const before = rig.heard.all.length;
    expect(await rig.ask('quit', { command_id: 'q1' })).toMatchObject({
      status: 'shutdown_complete',
      in_reply_to: 'q1',
      data: { reason: 'quit' },
    });
    expect(rig.heard.all.slice(before).map((status) => status.in_reply_to)).toEqual(
      Array.from({ length: 5 }, () => 'q1'),
    );
    expect(rig.logs.life('q1')).toEqual(['received', 'processing', 'completed']);
  });

  it('overtakes the queue: what waits is refused, what runs is ended, each with one answer', async () => {
    rig.pipelines.habit = healthyBut('open');
    await rig.start();
    const sent = [
      { id: 'a1', name: 'assign_device' },
      { id: 's1', name: 'start_recording' },
      { id: 'g1', name: 'get_status' },
      { id: 'q1', name: 'quit' },
      { id: 'q2', name: 'shutdown' },
      { id: 'g2', name: 'get_status' },
    ];
    const answers = sent.map(({ id, name }) => rig.ask(name, { command_id: id, device_id: 'picam:0' }));
    expect((await Promise.all(answers)).map(({ status, data }) => [status, 'code' in data ? data.code : null])).toEqual(
      [
        ['device_error', 'shutting_down'],
        ['command_nack', 'shutting_down'],
        ['command_nack', 'shutting_down'],
        ['shutdown_complete', null],
        ['command_nack', 'shutting_down'],
        ['command_nack', 'shutting_down'],
      ],
    );
    expectOneAnswerEach(rig.heard, sent);
    expect(rig.heard.names().at(-1)).toBe('shutdown_complete');
    expect(rig.clock.monotonicNs()).toBe(1_000_000_000_000n);
  });

  it.each(['stop_recording', 'take_snapshot', 'start_recording'])(
    'ends %s that the disk does not answer',
    async (name) => {
      await recording();
      if (name === 'start_recording') await rig.ask('stop_recording');
      rig.pipelines.habit = healthyBut('stopRecording', 'takeSnapshot', 'startRecording');
      const stuck = rig.ask(name, { command_id: 'x1' });
      await settled();
      const quitting = rig.ask('quit');
      await rig.clock.advance(1_500);
      expect((await quitting).status).toBe('shutdown_complete');
      await stuck;
      expectOneAnswerEach(rig.heard, [{ id: 'x1', name }]);
    },
  );
});

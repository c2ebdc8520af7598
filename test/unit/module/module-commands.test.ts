import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { COMMAND_NAMES } from '../../../src/protocol/commands.js';
import { healthy, healthyBut } from '../../harness/fake-pipeline.js';
import { settled } from '../../harness/manual-clock.js';
import { moduleRig, type ModuleRig } from './module-rig.js';

let rig: ModuleRig;

beforeEach(() => {
  rig = moduleRig();
});

afterEach(() => rig.end());

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
    ['control characters', { command: 'start_recording', device_id: '\u001b[2J' }, 'invalid_command'],
    ['half a surrogate', { command: 'start_recording', device_id: '\udfff' }, 'invalid_command'],
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
      await rig.record();
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
    const assigning = rig.assign();
    const waiting = Array.from({ length: 256 }, (_, index) =>
      rig.ask('toggle_preview', { enabled: true, command_id: `w${index}` }),
    );
    expect(await rig.ask('unassign_device', { device_id: 'picam:9' })).toMatchObject({
      status: 'command_nack',
      data: { code: 'queue_full' },
    });
    await settled();
    rig.pipelines.last.giveFirstFrame();
    await Promise.all([assigning, ...waiting]);
    const order = rig.heard.named('preview_toggled').map((status) => status.in_reply_to);
    expect(order).toEqual(Array.from({ length: 256 }, (_, index) => `w${index}`));
    // What was refused is forgotten: it keeps no later assignment from opening its camera.
    rig.pipelines.habit = healthy;
    expect((await rig.assign('picam:9')).status).toBe('device_ready');
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

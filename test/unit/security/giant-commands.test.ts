import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { commandLine } from '../../../src/logging/command-log.js';
import { moduleRig, type ModuleRig } from '../module/module-rig.js';

let rig: ModuleRig;

beforeEach(async () => {
  rig = moduleRig();
  await rig.start();
});

afterEach(() => rig.end());

const nested = (depth: number): unknown => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);

describe('a command of a host in process', () => {
  it.each([
    ['deep', { command: 'get_status', x: nested(200_000) }, 'status_report'],
    ['deep where a text belongs', { command: nested(200_000) }, 'command_nack'],
    ['deep in a parameter', { command: 'assign_device', device_id: nested(200_000) }, 'command_nack'],
    [
      'wide',
      { command: 'get_status', ...Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [n, n])) },
      'status_report',
    ],
    ['long', { command: 'x'.repeat(10_000_000) }, 'command_nack'],
    ['long in a parameter', { command: 'start_session', session_dir: '/x'.repeat(5_000_000) }, 'command_nack'],
  ])('that is %s gets a short answer, and leaves a short line in the log', async (_how, command, status) => {
    const answer = await rig.module.command(command);
    expect(answer.status).toBe(status);
    expect(JSON.stringify(answer).length).toBeLessThan(4_000);
    for (const line of rig.logs.commands) expect(commandLine(line, 0, 64 * 1024).length).toBeLessThan(16 * 1024);
  });
});

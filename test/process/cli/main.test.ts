import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { VERSION } from '../../../src/core/own-package.js';
import type { StatusMessage } from '../../../src/protocol/statuses.js';
import { HeldSession, heldLine } from '../../harness/held-lines.js';
import { MAIN } from '../../harness/paths.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built program with this on its stdin, to its end. */
async function run(args: readonly string[], input = ''): Promise<Outcome> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: code as number | null, stdout, stderr };
}

function statusesOf(stdout: string): StatusMessage[] {
  const session = new HeldSession();
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => heldLine(session, line));
}

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  await folder.remove();
});

describe('csi-cameras', () => {
  it('says its version and its flags, with exit code 0', async () => {
    expect(await run(['--version'])).toEqual({ code: 0, stdout: `${VERSION}\n`, stderr: '' });
    const help = await run(['--help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toMatch(/^Usage: csi-cameras \[options\] \[command\]\n/);
  });

  it.each([
    [['--bogus'], "unknown option '--bogus'"],
    [['dance'], 'unknown command "dance"'],
    [['--camera-index', '64'], 'It must be a whole number, 0 to 63.'],
    [['--record'], '--record needs to know the camera'],
    [['--camera-index', 'one'], 'It must be a whole number'],
    [['--output-dir'], 'argument missing'],
    [['record', '--bogus'], "unknown option '--bogus'"],
    [['cameras', 'all'], 'too many arguments'],
    [['record', '--out', ''], 'It must not be empty.'],
    [['record', '--size', '20000x20000'], 'sides of 16 to 16384'],
  ])('ends with 2 and how to get help for %p', async (args, complaint) => {
    const { code, stdout, stderr } = await run(args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(complaint);
    expect(stderr).toMatch(/\nFor help: csi-cameras( \w+)? --help\n$/);
  });

  it('accepts every flag of the host in the field, prints nothing but statuses, and ends with its stdin', async () => {
    const configPath = join(folder.path, 'config.json');
    await writeFile(configPath, JSON.stringify({ logs: { level: 'error' }, camera: { fps: 25 }, colour: 'blue' }));
    const flags = [
      ['--output-dir', folder.path, '--session-prefix', 'x', '--log-level', 'DEBUG', '--no-console'],
      ['--enable-commands', '--window-geometry', '800x600+0+0', '--instance-id', 'csi:0'],
      ['--config-path', configPath, '--platform', 'linux', '--architecture', 'arm64'],
      ['--is-raspberry-pi', '--log-dir', folder.path],
    ];
    const { code, stdout, stderr } = await run(flags.flat());
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'warning: config_ignored: colour is not an option of this module; it is ignored.\n',
    });
    const statuses = statusesOf(stdout);
    expect(statuses.map(({ status }) => status)).toEqual([
      'initializing',
      'warning',
      'ready',
      'shutdown_started',
      'quitting',
      'shutdown_complete',
    ]);
    expect(statuses[1]?.data).toMatchObject({
      message: 'colour is not an option of this module; it is ignored.',
    });
    expect(statuses.at(-1)?.data).toEqual({ reason: 'stdin closed' });
    const log = await readFile(join(folder.path, 'csi_0', 'csicameras.log'), 'utf8');
    expect(log).toContain('"fps":25');
    expect(log).toContain('"level":"debug"');
  });

  it.each([
    ['a file that is not there', null],
    ['no JSON', '{'],
    ['no object', '[1]'],
  ])('starts with its defaults where the configuration is %s, and says so', async (_what, content) => {
    const configPath = join(folder.path, 'config.json');
    if (content !== null) await writeFile(configPath, content);
    const { code, stdout } = await run(['--log-dir', folder.path, '--config-path', configPath]);
    expect(code).toBe(0);
    const warnings = statusesOf(stdout).filter(({ status }) => status === 'warning');
    expect(warnings).toMatchObject([
      {
        data: {
          code: 'config_ignored',
          message: expect.stringMatching(
            /^The configuration file .*config\.json cannot be used \(.+\)\. It is ignored\.$/,
          ),
        },
      },
    ]);
  });

  it('answers commands and bad lines, and quits with 0', async () => {
    const lines = [
      '{"command":"get_status","command_id":"g1"}',
      'nonsense',
      '{"command":"quit","command_id":"q1"}',
      '',
    ];
    const { code, stdout, stderr } = await run(['--log-dir', folder.path], lines.join('\n'));
    expect(code).toBe(0);
    expect(stderr).toBe('error: invalid_command: The line is not valid JSON. Send one JSON object per line.\n');
    const answers = statusesOf(stdout).filter((status) => status.in_reply_to !== undefined);
    const words = answers.map(({ status, in_reply_to: id }) => `${status} ${id?.replace(/_\d.*/, '')}`);
    expect(words.at(-1)).toBe('shutdown_complete q1');
    expect(new Set(words)).toEqual(
      new Set([
        'command_nack invalid',
        'status_report g1',
        'shutdown_started q1',
        'quitting q1',
        'shutdown_complete q1',
      ]),
    );
    expect(words).toHaveLength(5);
  });

  it('makes no log directory for people who only ask', async () => {
    await run(['--log-dir', join(folder.path, 'logs'), '--help']);
    await expect(access(join(folder.path, 'logs'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

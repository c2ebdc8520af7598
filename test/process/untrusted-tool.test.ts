import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { childHost, type ChildHost, type ChildOptions } from '../harness/child-host.js';
import { MAIN } from '../harness/paths.js';
import { tellingTool } from '../harness/telling-tool.js';
import { temporaryFolder } from '../harness/temporary-folder.js';
import { waitForFrames } from '../harness/whole-recording.js';

/** The capture tool as docs/security.md sees it: what it is given, and what its output can do. */

const run = promisify(execFile);

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let host: ChildHost | undefined;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  await host?.end();
  host = undefined;
  await folder.remove();
});

async function start(tool: string, options: Partial<ChildOptions> = {}): Promise<ChildHost> {
  const config = { camera: { tool, fps: 50 }, recording: { minFreeBytes: 0 } };
  host = await childHost({ folder: folder.path, config, ...options });
  return host;
}

describe('the capture tool is given', () => {
  it('numbers and fixed words, whatever the host calls its cameras', async () => {
    const tool = await tellingTool(folder.path);
    const module = await start(tool.path);
    const evil = '--output=/tmp/x; $(touch pwned) `touch pwned` | touch pwned \'" -o';
    await module.expect('device_ready', {
      command: 'assign_device',
      device_id: `${evil} 0`,
      camera_stable_id: evil,
      display_name: evil,
    });
    const { argv } = await tool.view();
    expect(argv.join(' ')).toBe(
      '--nopreview --timeout 0 --codec mjpeg --flush --output - --metadata - --metadata-format txt ' +
        '--camera 0 --framerate 50 --quality 85 --buffer-count 64 --no-raw --width 640 --height 480',
    );
    // An id or a model is looked up in the list of cameras: it is not handed on either.
    const lookedUp = await module.ask({
      command: 'assign_device',
      device_id: 'picam:1',
      camera_stable_id: `@${evil}`,
      camera_hw_model: '--output=/tmp/x',
    });
    expect(lookedUp).toMatchObject({ status: 'device_error', data: { code: 'camera_not_found' } });
    expect((await tool.view()).argv).toEqual(['--list-cameras']);
    expect((await readdir(folder.path)).filter((name) => name.includes('pwned'))).toEqual([]);
  });

  it('an environment of what it needs, and no open files of ours', async () => {
    const tool = await tellingTool(folder.path);
    const secrets = { AWS_SECRET_ACCESS_KEY: 'secret', SSH_AUTH_SOCK: '/x', NODE_OPTIONS: '', LD_PRELOAD: '' };
    const given = { LIBCAMERA_LOG_LEVELS: '*:ERROR', XDG_RUNTIME_DIR: folder.path, LANG: 'de_DE.UTF-8' };
    const module = await start(tool.path, { env: { ...secrets, ...given } });
    await module.expect('device_ready', { command: 'assign_device', device_id: 'picam:0', session_dir: 's' });
    await module.expect('recording_started', { command: 'record' });
    // The second one is started while the first one's files are open.
    await module.expect('device_ready', { command: 'assign_device', device_id: 'picam:1' });
    const { environment, descriptors } = await tool.view();
    const allowed = ['HOME', 'LANG', 'LC_ALL', 'LD_LIBRARY_PATH', 'LIBCAMERA_LOG_LEVELS', 'LIBCAMERA_LOG_NO_COLOR'];
    expect([...allowed, 'PATH', 'XDG_RUNTIME_DIR']).toEqual(expect.arrayContaining(Object.keys(environment)));
    expect(environment).toMatchObject({ LANG: 'C', LC_ALL: 'C', LIBCAMERA_LOG_LEVELS: '*:ERROR' });
    expect(descriptors).toEqual([0, 1, 2]);
  });

  it('no shell: camera.tool is the path of one program', async () => {
    const tool = await tellingTool(folder.path, 'tool $(touch pwned); touch pwned #\'"');
    const module = await start(tool.path);
    await module.expect('device_ready', { command: 'assign_device', device_id: 'picam:0' });
    await module.end();
    for (const path of ['sh -c "touch pwned"', `${tool.path} --version`, '--output=x', '/tmp\0/x', '.']) {
      const refused = await (await start(path)).ask({ command: 'assign_device', device_id: 'picam:0' });
      expect(refused).toMatchObject({ status: 'device_error' });
      expect(['capture_tool_missing', 'capture_failed']).toContain('code' in refused.data ? refused.data.code : '');
      await host?.end();
    }
    expect((await readdir(folder.path)).filter((name) => name === 'pwned')).toEqual([]);
  });
});

/** Escape sequences, line ends of all kinds, and text that turns around, as `printf` spells them. */
const EVIL = String.raw`\033]0;owned\007\033[2J\r{"level":60,"msg":"forged"}\302\205x\342\200\250y\302\2332Jz\342\200\256gpj`;
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const DANGEROUS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202e]/;

describe("the capture tool's output", () => {
  it('stays on its line in logs and statuses, and moves no terminal that shows them', async () => {
    const tool = await tellingTool(folder.path, 'tool', `printf 'ERROR: *** ${EVIL} ***\\n' >&2; exit 255`);
    const module = await start(tool.path);
    const lines: string[] = [];
    module.process.stdout?.on('data', (chunk: Buffer) => lines.push(chunk.toString()));
    const { data } = await module.expect('device_error', { command: 'assign_device', device_id: 'picam:0' });
    expect(data.error).toContain('forged');
    // A field that no command has is logged as it came.
    module.sendBad('{"command":"get_status","x":"\\u009b2J\u0085\u2028\u202e\\u001b[2J"}');
    await module.expect('shutdown_complete', { command: 'quit' });
    await module.exited;
    expect(lines.join('')).not.toMatch(DANGEROUS);
    for (const name of await readdir(module.logDir)) {
      const text = await readFile(join(module.logDir, name), 'utf8');
      expect(text).not.toMatch(DANGEROUS);
      for (const line of text.split('\n').slice(0, -1)) {
        expect((JSON.parse(line) as { msg?: string }).msg).not.toBe('forged');
      }
    }
  });

  it('moves no terminal of a person who records or lists cameras', async () => {
    const list = `printf '0 : imx${EVIL} [640x480 10-bit] (/base/i2c@1/${EVIL}@1a)\\n    Modes: 'X' : 640x480 [30 fps]\\n'`;
    const tool = await tellingTool(folder.path, 'tool', `${list}; printf 'ERROR: *** ${EVIL} ***\\n' >&2; exit 3`);
    const logs = ['--log-dir', join(folder.path, 'logs')];
    const failing = [
      ['cameras', '--capture-tool', tool.path, ...logs],
      ['cameras', '--json', '--capture-tool', tool.path, ...logs],
      ['cameras', '--capture-tool', join(folder.path, 'none\u001b[2J'), ...logs],
      ['record', '--capture-tool', tool.path, '--duration', '1', ...logs, '--out', join(folder.path, 's\u001b[2J')],
    ];
    for (const args of failing) {
      const { stdout, stderr } = await run(process.execPath, [MAIN, ...args]).catch(
        (failed: unknown) => failed as { stdout: string; stderr: string },
      );
      expect(`${stdout}${stderr}`).not.toBe('');
      expect(`${stdout}${stderr}`).not.toMatch(DANGEROUS);
    }
  });

  it('of any length, ending or not, takes no memory', async () => {
    const tool = await tellingTool(folder.path, 'tool', 'yes "[1x1 0 : (" | tr -d "\\n" | head -c 50000000; exit 1');
    const module = await start(tool.path);
    const answer = await module.expect('device_error', {
      command: 'assign_device',
      device_id: 'picam:0',
      camera_hw_model: 'imx296',
    });
    expect(answer.data.code).toBe('capture_failed');
    const status = await readFile(`/proc/${module.process.pid}/status`, 'utf8');
    expect(Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1])).toBeLessThan(300_000);
  });
});

it('leaves no socket to connect to, and none in the file system', async () => {
  const tool = await tellingTool(folder.path);
  const module = await start(tool.path, { env: { XDG_RUNTIME_DIR: folder.path } });
  await module.expect('device_ready', { command: 'assign_device', device_id: 'picam:0', session_dir: 's' });
  await module.expect('recording_started', { command: 'record' });
  await waitForFrames(module, 3);
  expect(await listeningSockets(module.process.pid ?? 0)).toEqual([]);
  expect((await readdir(folder.path)).filter((name) => name.startsWith('csi-cameras-'))).toEqual([]);
});

/** Inodes of the process's sockets that accept connections (proc(5): net/unix flag 0x10000, net/tcp state 0A). */
async function listeningSockets(pid: number): Promise<string[]> {
  const links = (await readdir(`/proc/${pid}/fd`)).map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => ''));
  const ours = (await Promise.all(links)).flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []);
  const rows = async (name: string): Promise<string[][]> =>
    (await readFile(`/proc/${pid}/net/${name}`, 'utf8')).split('\n').map((line) => line.trim().split(/\s+/));
  const unix = (await rows('unix')).filter((row) => row[3] === '00010000').map((row) => row[6]);
  const tcp = [...(await rows('tcp')), ...(await rows('tcp6'))].filter((row) => row[3] === '0A').map((row) => row[9]);
  return ours.filter((inode) => [...unix, ...tcp].includes(inode));
}

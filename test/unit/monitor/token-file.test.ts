import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { realFileSystem } from '../../../src/core/file-system.js';
import { accessFor, isLoopback, linkOf, urlOf } from '../../../src/monitor/access.js';
import { readOrMakeToken, readToken } from '../../../src/monitor/token-file.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

const TOKEN = 'correct-horse-battery';
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let path: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder.path, 'token');
});

afterEach(() => folder.remove());

const read = (): Promise<string> => readToken(path, realFileSystem);
const put = (text: string | Buffer, mode = 0o600): Promise<void> => writeFile(path, text, { mode });

describe('a token file', () => {
  it('holds the token, with white space around it, also behind a link', async () => {
    await put(`  ${TOKEN}\r\n\n`);
    await expect(read()).resolves.toBe(TOKEN);
    await symlink(path, join(folder.path, 'link'));
    await expect(readToken(join(folder.path, 'link'), realFileSystem)).resolves.toBe(TOKEN);
  });

  it('is refused if others can read or change it, with what to do', async () => {
    await put(TOKEN);
    for (const mode of [0o640, 0o604, 0o620, 0o602, 0o644]) {
      await chmod(path, mode);
      await expect(read()).rejects.toThrow(`chmod 600 ${path}`);
    }
  });

  it.each([
    ['empty', '', 'fewer than 16 characters'],
    ['short', 'fifteen-letters', 'fewer than 16 characters'],
    ['of two words', `${TOKEN} ${TOKEN}`, 'not one line'],
    ['of two lines', `${TOKEN}\n${TOKEN}`, 'not one line'],
    ['not ASCII', 'körrekt-horse-battery', 'not one line'],
    ['binary', Buffer.alloc(64), 'not one line'],
    ['too long', 'x'.repeat(1_025), 'not one line'],
    ['endless', 'x'.repeat(1_000_000), 'not one line'],
  ])('is refused if it is %s', async (_, text, why) => {
    await put(text);
    await expect(read()).rejects.toThrow(why);
  });

  it('is refused if it is missing, a folder, or a pipe that nobody writes to', async () => {
    await expect(read()).rejects.toThrow(`${path} does not exist. Make one with`);
    await mkdir(path, { mode: 0o700 });
    await expect(read()).rejects.toThrow('is not a file');
    const pipe = join(folder.path, 'pipe');
    execFileSync('mkfifo', ['-m', '600', pipe]);
    await expect(readToken(pipe, realFileSystem)).rejects.toThrow('is not a file');
  });
});

describe('a token file of our own', () => {
  it('is made with a random token that nobody else can read, once', async () => {
    path = join(folder.path, 'state', 'deep', 'monitor-token');
    const token = await readOrMakeToken(path, realFileSystem);
    expect(token).toMatch(/^[\w-]{32}$/);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder.path, 'state'))).mode & 0o777).toBe(0o700);
    await expect(readOrMakeToken(path, realFileSystem)).resolves.toBe(token);
    expect(await readdir(join(folder.path, 'state', 'deep'))).toEqual(['monitor-token']);
  });

  it('is one for all processes that make it at once', async () => {
    const tokens = await Promise.all(Array.from({ length: 8 }, () => readOrMakeToken(path, realFileSystem)));
    expect(new Set(tokens).size).toBe(1);
    expect(await readdir(folder.path)).toEqual(['token']);
  });

  it('is not written over, whatever it holds', async () => {
    await put('');
    await expect(readOrMakeToken(path, realFileSystem)).rejects.toThrow('fewer than 16');
    expect(await readFile(path, 'utf8')).toBe('');
  });
});

describe('the access to the monitor', () => {
  const settings = { host: '127.0.0.1', tokenFile: '', control: false };
  const access = (changes: Partial<Parameters<typeof accessFor>[0]>): ReturnType<typeof accessFor> =>
    accessFor({ ...settings, stateDir: folder.path, ...changes }, realFileSystem);

  it('needs no token on loopback, unless a file is named: then reading needs it too', async () => {
    const open = { token: null, tokenFile: null, readsNeedToken: false, hasControl: false, withoutControl: null };
    await expect(access({})).resolves.toEqual(open);
    await put(TOKEN);
    const guarded = { token: TOKEN, tokenFile: path, readsNeedToken: true, withoutControl: null };
    await expect(access({ tokenFile: path })).resolves.toEqual({ ...guarded, hasControl: false });
    await expect(access({ tokenFile: path, control: true, host: '0.0.0.0' })).resolves.toEqual({
      ...guarded,
      hasControl: true,
    });
  });

  it('for control on loopback needs a token that is made, and reading needs none', async () => {
    const made = await access({ control: true });
    expect(made).toMatchObject({ hasControl: true, readsNeedToken: false, withoutControl: null });
    expect(await readFile(join(folder.path, 'monitor-token'), 'utf8')).toBe(`${made.token ?? ''}\n`);
  });

  it('goes without control if the token for it cannot be made: looking is still possible', async () => {
    await put('no folder');
    const withoutControl = expect.stringMatching(/cannot be made \(ENOTDIR\)/) as unknown;
    await expect(access({ control: true, stateDir: path })).resolves.toMatchObject({
      hasControl: false,
      withoutControl,
    });
    const noHome = expect.stringContaining('no home directory') as unknown;
    await expect(access({ control: true, stateDir: '' })).resolves.toMatchObject({
      hasControl: false,
      token: null,
      withoutControl: noHome,
    });
  });

  it('is refused beyond loopback without a token, and with a token file that is missing', async () => {
    for (const host of ['0.0.0.0', '::', '192.168.1.5', 'raspberrypi', '128.0.0.1', '::ffff:10.0.0.1', '']) {
      await expect(access({ host, control: true })).rejects.toThrow('without a token');
    }
    await expect(access({ tokenFile: path })).rejects.toThrow('does not exist');
  });

  it('knows loopback', () => {
    expect(['127.0.0.1', '127.8.9.1', '::1', 'localhost', 'LOCALHOST'].filter(isLoopback)).toHaveLength(5);
    expect(['127.0.0.1.evil.example', 'localhost.', '127.1', '0', '::'].filter(isLoopback)).toEqual([]);
  });

  it('has a link that a browser can open', () => {
    expect(urlOf('127.0.0.1', 8722)).toBe('http://127.0.0.1:8722/');
    expect(urlOf('::1', 8722)).toBe('http://[::1]:8722/');
    for (const every of ['0.0.0.0', '::', '']) expect(urlOf(every, 8722, () => 'pi')).toBe('http://pi:8722/');
    expect(linkOf('http://x/', null)).toBe('http://x/');
    expect(linkOf('http://x/', 'a/b#c')).toBe('http://x/#token=a%2Fb%23c');
  });
});

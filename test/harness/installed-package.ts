import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chown, lstat, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { installedPackages } from '../../scripts/make-licences.mjs';
import { ROOT } from './paths.js';
import { saySkipped } from './say-skipped.js';

/** The package as it would be published, installed into an empty folder by a user without root, without a network. */
export interface InstalledPackage {
  /** The folder, which is the user's home too. */
  readonly folder: string;
  /** What `npm pack` says of it. */
  readonly packed: Packed;
  /** Runs a program in the folder as that user, with nothing else in its environment. */
  readonly run: (program: string, ...args: readonly string[]) => Promise<Ended>;
  /** Starts one, for a test that hears its lines while it runs. */
  readonly start: (program: string, ...args: readonly string[]) => Started;
}

export interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: readonly string[];
  readonly stderr: string;
}

export interface Started {
  readonly process: ChildProcess;
  /** Resolves with the first line of stdout that matches. */
  line(pattern: RegExp): Promise<string>;
  readonly ended: Promise<Ended>;
}

/** Of no user's: the system knows neither a name nor a home for it. */
const NOBODY = 54_321;

const execute = promisify(execFile);

export async function installPackage(folder: string): Promise<InstalledPackage> {
  const user = await userWithoutRoot();
  const tarballs = join(folder, 'tarballs');
  const home = join(folder, 'empty');
  for (const made of [tarballs, home]) await mkdir(made);
  // Dependencies are packed as they are installed here: a test asks no registry. Scripts would build anew under other tests.
  const packages = [ROOT, ...installedPackages().map(({ path }) => join(ROOT, path))];
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', tarballs, ...packages];
  const { stdout } = await execute('npm', pack, { cwd: ROOT, maxBuffer: 2 ** 26 });
  const [packed] = JSON.parse(stdout) as readonly Packed[];
  if (packed === undefined) throw new Error('npm packed nothing.');
  if (user !== undefined) await chown(home, user.uid, user.gid);

  const start = (program: string, ...args: readonly string[]): Started => {
    const env = { PATH: process.env['PATH'], HOME: home };
    return follow(spawn(program, args, { cwd: home, env, stdio: ['ignore', 'pipe', 'pipe'], ...user }));
  };
  const run: InstalledPackage['run'] = (program, ...args) => start(program, ...args).ended;
  const names = (await readdir(tarballs)).map((name) => join(tarballs, name));
  const installed = await run('npm', 'install', '--offline', '--no-audit', '--no-fund', ...names);
  if (installed.code !== 0) throw new Error(`npm install failed: ${installed.stderr}`);
  return { folder: home, packed, run, start };
}

/** `undefined`: whoever runs the tests is without root already, or nobody else can run Node here. */
async function userWithoutRoot(): Promise<{ readonly uid: number; readonly gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const user = { uid: NOBODY, gid: NOBODY };
  try {
    await execute('npm', ['--version'], { ...user, cwd: '/', env: { PATH: process.env['PATH'], HOME: '/nowhere' } });
    return user;
  } catch {
    saySkipped('npm cannot be run by another user here: the package is installed by root');
    return undefined;
  }
}

function follow(child: ChildProcess): Started {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('Both are pipes.');
  const lines: string[] = [];
  const waiting: { readonly pattern: RegExp; readonly resolve: (line: string) => void }[] = [];
  createInterface({ input: stdout }).on('line', (line) => {
    lines.push(line);
    for (const { pattern, resolve } of waiting) if (pattern.test(line)) resolve(line);
  });
  let said = '';
  stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout: lines, stderr: said }));
  const line = async (pattern: RegExp): Promise<string> => {
    const heard = lines.find((one) => pattern.test(one));
    const coming = new Promise<string>((resolve) => waiting.push({ pattern, resolve }));
    const over = ended.then(({ code, stderr: why }) => {
      throw new Error(`It ended with ${code} before it said ${pattern}: ${why}`);
    });
    return heard ?? (await Promise.race([coming, over]));
  };
  return { process: child, line, ended };
}

/** Bytes of all files below it. */
export async function bytesBelow(path: string): Promise<number> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => lstat(join(entry.parentPath, entry.name)));
  return (await Promise.all(files)).reduce((sum, { size }) => sum + size, 0);
}

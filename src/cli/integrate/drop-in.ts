import { createHash } from 'node:crypto';
import { chmod, chown, mkdir, open, readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { packagePath, VERSION } from '../../core/own-package.js';
import { valuesIn, type ConfigValues } from './merged-config.js';

/** The module's folder: what is delivered with the package, and how a folder is recognised as ours. */

const DELIVERED = packagePath('integrations/rpi-logger/Cameras_CSI/');
const MAIN = packagePath('dist/cli/main.js');
export const CONFIG = 'config.txt';
/** Our sign in a folder. The entry reads from it which program it becomes. */
const RECORD = 'program.json';
/** Of a file of ours. csi-cameras itself reads no longer configuration. */
const MOST_BYTES = 1024 * 1024;
const FILE_MODE = 0o644;
const FOLDER_MODE = 0o755;

interface DropInRecord {
  readonly program: readonly [string, string];
  readonly version: string;
  /** SHA-256 of each file as it was installed, `config.txt` aside. */
  readonly files: Readonly<Record<string, string>>;
  /** Of `config.txt` as it was delivered. */
  readonly config: ConfigValues;
}

export interface DropIn {
  readonly record: DropInRecord;
  readonly config: string;
  readonly files: ReadonlyMap<string, Buffer>;
}

export async function deliveredDropIn(): Promise<DropIn> {
  const files = await filesOf(DELIVERED);
  const config = files.get(CONFIG)?.toString('utf8') ?? '';
  files.delete(CONFIG);
  return {
    files,
    config,
    record: { program: [process.execPath, MAIN], version: VERSION, files: digestsOf(files), config: valuesIn(config) },
  };
}

/** Whether the program lies where the next tidying up of npm removes it. */
export function isProgramFleeting(): boolean {
  return MAIN.includes('/_npx/');
}

/** Writes a whole folder. Its files are on the disk when it resolves. A host that is not root's gets files of its own. */
export async function writeDropIn(folder: string, dropIn: DropIn, config: string): Promise<void> {
  const owner = await stat(dirname(folder));
  const give = async (path: string, mode: number): Promise<void> => {
    await chmod(path, mode); // the umask of the shell would count, and the host may be another user
    if (process.getuid?.() === 0) await chown(path, owner.uid, owner.gid);
  };
  await give(folder, FOLDER_MODE);
  const record = Buffer.from(`${JSON.stringify(dropIn.record, null, 2)}\n`);
  for (const [name, bytes] of [...dropIn.files, [CONFIG, Buffer.from(config)] as const, [RECORD, record] as const]) {
    const path = join(folder, name);
    if (dirname(name) !== '.') {
      await mkdir(dirname(path), { recursive: true });
      await give(dirname(path), FOLDER_MODE);
    }
    const file = await open(path, 'wx', FILE_MODE);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await give(path, FILE_MODE);
  }
}

/** The record of a folder that `integrate` made. `null`: it is another one's. */
export async function recordIn(folder: string): Promise<DropInRecord | null> {
  try {
    const record = JSON.parse(await readFile(join(folder, RECORD), 'utf8')) as DropInRecord;
    return isTable(record.files) && isTable(record.config) ? record : null;
  } catch {
    return null; // no such file, or not one that we wrote
  }
}

function isTable(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** The text of its `config.txt`; `undefined` where it has none, `null` where that is no text, or far too long for one. */
export async function configIn(folder: string): Promise<string | null | undefined> {
  const path = join(folder, CONFIG);
  const found = await stat(path).catch(() => undefined); // it has none
  if (found === undefined) return undefined;
  if (!found.isFile() || found.size > MOST_BYTES) return null;
  const bytes = await readFile(path);
  return bytes.includes(0) ? null : bytes.toString('utf8');
}

/** Whether somebody has put something of their own into a folder of ours. `config.txt` is theirs anyway. */
export async function isEdited(folder: string, record: DropInRecord): Promise<boolean> {
  const files = await filesOf(folder);
  files.delete(CONFIG);
  files.delete(RECORD);
  const now = digestsOf(files);
  const names = new Set([...Object.keys(now), ...Object.keys(record.files)]);
  return [...names].some((name) => now[name] !== record.files[name]);
}

/** What Python leaves is nobody's work. A link stands for what it leads to. What cannot be a file of ours is empty here. */
async function filesOf(folder: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (const name of (await readdir(folder, { recursive: true })).toSorted()) {
    if (name.includes('__pycache__')) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined); // a link to nothing
    if (found?.isDirectory() === true) continue;
    // A pipe would never end.
    const isRead = found?.isFile() === true && found.size <= MOST_BYTES;
    files.set(name, isRead ? await readFile(path) : Buffer.alloc(0));
  }
  return files;
}

function digestsOf(files: ReadonlyMap<string, Buffer>): Record<string, string> {
  return Object.fromEntries(
    [...files].map(([name, bytes]) => [name, createHash('sha256').update(bytes).digest('hex')] as const),
  );
}

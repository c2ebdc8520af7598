import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CameraSource } from '../capture/camera-source.js';
import { realFileSystem } from '../core/file-system.js';
import { FileDiskSpace, type DiskSpace } from '../core/disk-space.js';
import { systemClock, type Clock } from '../core/clock.js';
import { errnoOf } from '../core/errors.js';
import { callSystemTool, type ToolAnswer } from './system-tools.js';

/** The machine as the checks see it. Each part can be another one: a prepared tree, a tool that lies, a full disk. */

/** Where the kernel and the system tell of themselves. */
export interface Roots {
  readonly sys: string;
  readonly proc: string;
  readonly dev: string;
  readonly run: string;
}

/** How a path may be used: `usable`, or the errno that speaks against it. */
export type Access = 'usable' | (string & {});

export interface Machine {
  readonly roots: Roots;
  readonly clock: Clock;
  readonly nodeVersion: string;
  readonly disk: Pick<DiskSpace, 'freeBytes'>;
  /** Runs a tool of the system, by its name; 3 s. Rejects only with the signal's reason. */
  readonly tool: (name: string, toolArguments: readonly string[], signal: AbortSignal) => Promise<ToolAnswer>;
  /** Runs the capture tool in the same way. */
  readonly captureTool: (toolArguments: readonly string[], signal: AbortSignal) => Promise<ToolAnswer>;
  /** Whether this user may read and write there. */
  readonly access: (path: string) => Promise<Access>;
  /** Opens cameras; used only where that was asked for. */
  readonly source: CameraSource;
}

export const REAL_ROOTS: Roots = { sys: '/sys', proc: '/proc', dev: '/dev', run: '/run' };

/** This machine. */
export function thisMachine(parts: Pick<Machine, 'captureTool' | 'source'>): Machine {
  return {
    ...parts,
    roots: REAL_ROOTS,
    clock: systemClock,
    nodeVersion: process.versions.node,
    disk: new FileDiskSpace(realFileSystem),
    tool: (name, toolArguments, signal) => callSystemTool(name, toolArguments, signal),
    access: mayUse,
  };
}

async function mayUse(path: string): Promise<Access> {
  try {
    await realFileSystem.access(path, constants.R_OK | constants.W_OK);
    return 'usable';
  } catch (thrown) {
    return errnoOf(thrown) ?? 'unknown';
  }
}

/** Files of the kernel are short; whatever lies there instead is not read to its end. */
const MAX_TEXT_BYTES = 256 * 1024;

/** The beginning of a file; `undefined` where it cannot be read. A FIFO in its place is not waited for. */
export async function readText(path: string): Promise<string | undefined> {
  const bytes = await readBytes(path);
  return bytes?.toString('utf8');
}

/** The same as bytes. */
export async function readBytes(path: string): Promise<Buffer | undefined> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const bytes = Buffer.alloc(MAX_TEXT_BYTES);
      let length = 0;
      while (length < bytes.length) {
        const { bytesRead } = await file.read(bytes, length, bytes.length - length, null);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      return bytes.subarray(0, length);
    } finally {
      await file.close();
    }
  } catch {
    return undefined; // the source is absent, or not for this user: the check says `unknown`
  }
}

/** The names in a folder, sorted as people count; none where it cannot be read. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []); // the source is absent: the check says `unknown`
  return names.toSorted((one, other) => one.localeCompare(other, 'en', { numeric: true }));
}

/** A number in a file of its own, as sysfs has them; `undefined` where there is none. */
export async function readNumber(path: string): Promise<number | undefined> {
  const text = (await readText(path))?.trim() ?? '';
  return /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** The folder itself, or the nearest one above it that is there. */
export async function nearestFolder(folder: string): Promise<string> {
  for (let existing = folder; ; existing = dirname(existing)) {
    const stat = await realFileSystem.stat(existing).catch(() => undefined); // missing: the next one above
    if (stat !== undefined || dirname(existing) === existing) return existing;
  }
}

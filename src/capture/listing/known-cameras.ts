import { createHash, randomUUID } from 'node:crypto';
import { readdir, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { Clock } from '../../core/clock.js';
import { messageOf } from '../../core/errors.js';
import type { Log } from '../../core/log-level.js';
import { makePrivateFolder } from '../../core/private-folder.js';
import { bootId } from '../../core/process-identity.js';
import { TIMED_OUT, within } from '../../core/within.js';
import type { CameraInfo, CameraMode, Crop } from '../camera-source.js';
import { whereIs } from '../find-tool.js';
import { fieldsOf, noteFolder, readSmallJson } from '../private-folder.js';
import { toolEnvironment, type ToolCommand } from '../tool-process.js';

/**
 * The cameras as the tool listed them, kept for later starts, because a listing takes as long as a start. A file holds
 * for one boot, one tool and one environment. Nothing here ever makes an opening fail or wait for long: without the
 * folder the tool is asked again.
 */

/** Longest time that an opening waits, because the folder may lie on a disk that hangs. */
const LIMIT_MS = 1000;
/** A camera with twenty modes has about 2 KB. */
const MAX_FILE_BYTES = 64 * 1024;
const MAX_MODES = 200;
const MAX_TEXT = 500;
/** More than any machine has cameras and tools. Files beyond that are deleted, the oldest first. */
const MAX_FILES = 64;
const FILE_NAME = /^camera-[0-9a-f]{32}\.json/;

export class KnownCameras {
  constructor(
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly folder = noteFolder(),
  ) {}

  /** The camera at this index as it was listed before; `null` if that is not known. Never rejects. */
  async recall(command: ToolCommand, index: number): Promise<CameraInfo | null> {
    const camera = await within(this.clock, LIMIT_MS, this.#recall(command, index));
    return camera === TIMED_OUT ? null : camera;
  }

  /** Keeps the camera for later starts. Never rejects. */
  async keep(command: ToolCommand, camera: CameraInfo): Promise<void> {
    await this.#quietly('A listed camera could not be kept.', async () => {
      if (!(await makePrivateFolder(this.folder))) return;
      const path = this.#path(command, camera.index);
      const temporary = `${path}.${randomUUID()}`;
      await writeFile(temporary, JSON.stringify({ stamp: await stampOf(command), camera }), {
        flag: 'wx',
        mode: 0o600,
      });
      await rename(temporary, path);
      await this.#prune();
    });
  }

  /** Later starts ask the tool again. Never rejects. */
  async forget(command: ToolCommand, index: number): Promise<void> {
    await unlink(this.#path(command, index)).catch(() => {}); // it was not kept
  }

  async #recall(command: ToolCommand, index: number): Promise<CameraInfo | null> {
    let found: CameraInfo | null = null;
    await this.#quietly('The kept cameras could not be read.', async () => {
      if (!(await makePrivateFolder(this.folder))) return;
      const { stamp, camera } = fieldsOf(await readSmallJson(this.#path(command, index), MAX_FILE_BYTES));
      if (stamp !== undefined && stamp === (await stampOf(command))) found = asCamera(camera, index);
    });
    return found;
  }

  /** One file a tool, environment and index, so that a new version of the tool takes the place of the old one. */
  #path({ program, leadingArguments }: ToolCommand, index: number): string {
    const environment = Object.entries(toolEnvironment()).toSorted(([one], [other]) => (one < other ? -1 : 1));
    const key = JSON.stringify([program, leadingArguments, environment, index]);
    return join(this.folder, `camera-${createHash('sha256').update(key).digest('hex').slice(0, 32)}.json`);
  }

  async #prune(): Promise<void> {
    const names = (await readdir(this.folder)).filter((name) => FILE_NAME.test(name));
    if (names.length <= MAX_FILES) return;
    const aged = await Promise.all(
      names.map(async (name) => {
        const path = join(this.folder, name);
        const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: 0 })); // another process deleted it
        return { path, mtimeMs };
      }),
    );
    const tooMany = aged.toSorted((one, other) => one.mtimeMs - other.mtimeMs).slice(0, names.length - MAX_FILES);
    await Promise.all(tooMany.map(({ path }) => unlink(path).catch(() => {}))); // gone already
  }

  async #quietly(complaint: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      this.log('debug', complaint, { folder: this.folder, error: messageOf(thrown) });
    }
  }
}

/**
 * What must be the same for a listing to hold. A CSI camera is changed with the power off, and a new kernel needs a
 * boot too; a new version of the tool changes its file.
 */
async function stampOf({ program, leadingArguments }: ToolCommand): Promise<string> {
  const paths = [await whereIs(program), ...leadingArguments.filter((argument) => isAbsolute(argument))];
  const files = await Promise.all(
    paths.map(async (path) => {
      if (path === undefined) return 'missing';
      const { size, mtimeNs } = await stat(path, { bigint: true });
      return `${size} ${mtimeNs}`;
    }),
  );
  return [await bootId(), ...files].join(', ');
}

function asCamera(value: unknown, wantedIndex: number): CameraInfo | null {
  const { index, model, id, width, height, modes } = fieldsOf(value);
  if (index !== wantedIndex || !isText(model) || !isText(id) || !isCount(width) || !isCount(height)) return null;
  if (!Array.isArray(modes) || modes.length > MAX_MODES) return null;
  const read = modes.map(asMode);
  return read.every((mode) => mode !== null) ? { index: wantedIndex, model, id, width, height, modes: read } : null;
}

function asMode(value: unknown): CameraMode | null {
  const { format, width, height, maxFps, crop } = fieldsOf(value);
  if (!isText(format) || !isCount(width) || !isCount(height)) return null;
  if (typeof maxFps !== 'number' || !(maxFps >= 0)) return null;
  if (crop === undefined) return { format, width, height, maxFps };
  return isCrop(crop) ? { format, width, height, maxFps, crop } : null;
}

function isCrop(value: unknown): value is Crop {
  return Array.isArray(value) && value.length === 4 && value.every((one) => Number.isSafeInteger(one));
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_TEXT;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

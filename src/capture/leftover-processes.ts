import { readdir, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import type { Log } from '../core/log-level.js';
import { isPrivateFolder, makePrivateFolder } from '../core/private-folder.js';
import { bootId, isAlive, processState, type ProcessIdentity } from '../core/process-identity.js';
import { within } from '../core/within.js';
import { fieldsOf, noteFolder, readSmallJson } from './private-folder.js';
import { signalGroup } from './tool-process.js';

/**
 * Finds and kills capture tools that keep running after this process was killed by SIGKILL. A stuck tool that never
 * writes does not notice its broken pipe, and keeps the camera. So each capture process gets a note in a private
 * folder, and the next start kills those whose owner is dead. The start time tells whether a pid was reused. Nothing
 * here ever makes an opening fail: without /proc, or if the folder is not private, no notes are kept.
 */

interface Note {
  readonly boot: string;
  readonly owner: ProcessIdentity;
  readonly child: ProcessIdentity;
}

/** Notes have about 200 bytes. */
const MAX_NOTE_BYTES = 4096;
/** Wait for a killed process to disappear; it holds the camera until then. */
const GONE_LIMIT_MS = 500;
const GONE_POLL_MS = 5;
/** Longest time that an opening waits for all of this, because the folder may lie on a disk that hangs. */
const LIMIT_MS = 1000;
/** The file name consists of the pid and start time of the capture process. */
const NOTE_NAME = /^(\d+)-(\d+)\.json$/;

const NOT_PRIVATE =
  'The folder for notes is not private, so capture processes that a crash leaves running are not found.';

/** Keeps notes on the capture processes of this process, and kills those that a dead process left. */
export class LeftoverProcesses {
  #ended: Promise<void> | undefined;
  #isFolderPrivate: Promise<boolean> | undefined;
  #owner: Promise<ProcessIdentity | undefined> | undefined;
  #boot: Promise<string> | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly folder = noteFolder(),
  ) {}

  /**
   * Writes a note that the capture process runs. The returned function removes the note after the process has ended.
   * Neither rejects.
   */
  async note(pid: number): Promise<() => Promise<void>> {
    try {
      return await this.#note(pid);
    } catch (thrown) {
      this.#complain('A note on a capture process could not be written.', thrown);
      return async () => {};
    }
  }

  /**
   * Kills what dead owners left running; later calls do nothing more. It waits for a second at most and never
   * rejects.
   */
  async endAll(): Promise<void> {
    this.#ended ??= this.#endAll();
    await within(this.clock, LIMIT_MS, this.#ended);
  }

  async #endAll(): Promise<void> {
    try {
      if (!(await this.#hasPrivateFolder())) return;
      const names = await readdir(this.folder);
      await Promise.all(names.filter((name) => NOTE_NAME.test(name)).map((name) => this.#endIfLeft(name)));
    } catch (thrown) {
      this.#complain('The search for leftover capture processes failed.', thrown);
    }
  }

  async #note(pid: number): Promise<() => Promise<void>> {
    const child = await processState(pid);
    const owner = await this.#self();
    if (child === undefined || owner === undefined || !(await this.#hasPrivateFolder())) return async () => {};
    const { startTime } = child;
    const note: Note = { boot: await this.#bootId(), owner, child: { pid, startTime } };
    const path = join(this.folder, noteName({ pid, startTime }));
    await writeFile(path, JSON.stringify(note), { flag: 'wx', mode: 0o600 });
    return () => removeNote(path);
  }

  async #endIfLeft(name: string): Promise<void> {
    const path = join(this.folder, name);
    const note = await readNote(path);
    if (note === undefined) {
      // The note is just being written, or a power failure truncated it. Its file name still identifies the process.
      const [, pid, startTime = ''] = NOTE_NAME.exec(name) ?? [];
      if (!(await isAlive({ pid: Number(pid), startTime }))) await removeNote(path);
      return;
    }
    const isThisBoot = note.boot === (await this.#bootId());
    if (isThisBoot && (await isAlive(note.owner))) return;
    if (isThisBoot && (await isAlive(note.child))) {
      const { pid } = note.child;
      signalGroup(pid, 'SIGKILL');
      this.log('warn', 'Killed a capture process that a dead module had left running.', { pid, owner: note.owner.pid });
      if (!(await isGone(note.child, this.clock))) {
        this.log('error', 'A leftover capture process could not be killed; it may still hold the camera.', { pid });
      }
    }
    await removeNote(path);
  }

  #self(): Promise<ProcessIdentity | undefined> {
    this.#owner ??= processState(process.pid).then((self) => self && { pid: self.pid, startTime: self.startTime });
    return this.#owner;
  }

  #bootId(): Promise<string> {
    this.#boot ??= bootId();
    return this.#boot;
  }

  #hasPrivateFolder(): Promise<boolean> {
    this.#isFolderPrivate ??= this.#makePrivateFolder();
    return this.#isFolderPrivate;
  }

  async #makePrivateFolder(): Promise<boolean> {
    const isPrivate = await makePrivateFolder(this.folder);
    if (!isPrivate) this.log('warn', NOT_PRIVATE, { folder: this.folder });
    return isPrivate;
  }

  #complain(message: string, thrown: unknown): void {
    this.log('debug', message, { folder: this.folder, error: messageOf(thrown) });
  }
}

/**
 * The capture processes that run now, of every module of this user, by their notes. Never rejects: without notes there are
 * none.
 */
export async function runningCaptures(
  folder = noteFolder(),
): Promise<readonly { readonly owner: number; readonly child: number }[]> {
  if (!(await isPrivateFolder(folder))) return [];
  const [boot, names] = await Promise.all([bootId(), readdir(folder).catch(() => [])]); // gone meanwhile
  const notes = await Promise.all(
    names.filter((name) => NOTE_NAME.test(name)).map((name) => readNote(join(folder, name))),
  );
  const running = await Promise.all(
    notes.map(async (note) => {
      if (note === undefined || note.boot !== boot) return [];
      const { owner, child } = note;
      return (await isAlive(owner)) && (await isAlive(child)) ? [{ owner: owner.pid, child: child.pid }] : [];
    }),
  );
  return running.flat();
}

/**
 * Kills a capture process of this process after the code that started it lost control of it, and removes its note.
 * Resolves with whether the process is gone. Never rejects.
 */
export async function endLeftBehind(child: ProcessIdentity, clock: Clock): Promise<boolean> {
  if (await isAlive(child)) signalGroup(child.pid, 'SIGKILL');
  const gone = await isGone(child, clock);
  if (gone) await removeNote(join(noteFolder(), noteName(child)));
  return gone;
}

/** Waits until a killed process is gone. */
async function isGone(child: ProcessIdentity, clock: Clock): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < GONE_LIMIT_MS; waitedMs += GONE_POLL_MS) {
    if (!(await isAlive(child))) return true;
    await clock.sleep(GONE_POLL_MS);
  }
  return false;
}

function noteName({ pid, startTime }: ProcessIdentity): string {
  return `${pid}-${startTime}.json`;
}

async function removeNote(path: string): Promise<void> {
  await unlink(path).catch(() => {}); // perhaps gone already; a note that stays is judged again
}

/** `undefined` if the file is not one of our notes. */
async function readNote(path: string): Promise<Note | undefined> {
  return asNote(await readSmallJson(path, MAX_NOTE_BYTES));
}

function asNote(value: unknown): Note | undefined {
  const { boot, owner, child } = fieldsOf(value);
  const ownerIdentity = asIdentity(owner);
  const childIdentity = asIdentity(child);
  if (typeof boot !== 'string' || ownerIdentity === undefined || childIdentity === undefined) return undefined;
  return { boot, owner: ownerIdentity, child: childIdentity };
}

function asIdentity(value: unknown): ProcessIdentity | undefined {
  const { pid, startTime } = fieldsOf(value);
  // Only pids above 1: a signal to group 0 or 1 would hit ourselves or everybody.
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 1) return undefined;
  return typeof startTime === 'string' ? { pid, startTime } : undefined;
}

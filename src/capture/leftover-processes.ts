import { constants } from 'node:fs';
import { lstat, mkdir, open, readdir, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Clock } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import type { Log } from '../core/log-level.js';
import { bootId, isAlive, processState, type ProcessIdentity } from '../core/process-identity.js';
import { within } from '../core/within.js';
import { signalGroup } from './tool-process.js';

/**
 * What is left running when this process dies by SIGKILL: a capture tool that is stuck and never writes does not notice
 * its broken pipe, and keeps the camera. Each capture process has a note in a private folder; who starts next ends those
 * whose owner is dead. A number that is somebody else's by now is told by its start time. Nothing here ever fails an
 * opening: without /proc, or where the folder is not private, there are no notes.
 */

interface Note {
  readonly boot: string;
  readonly owner: ProcessIdentity;
  readonly child: ProcessIdentity;
}

/** Notes are some 200 bytes. */
const MAX_NOTE_BYTES = 4096;
/** How long a killed process is waited for: it holds the camera until it is gone. */
const GONE_LIMIT_MS = 500;
const GONE_POLL_MS = 5;
/** How long an opening waits at most for all of this: the folder may lie on a disk that hangs. */
const LIMIT_MS = 1000;
/** Named after the process that it is about: pid and start time. */
const NOTE_NAME = /^(\d+)-(\d+)\.json$/;

/** The default folder: of this user alone, emptied by a reboot where the system has such a place. */
export function noteFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const runtime = environment['XDG_RUNTIME_DIR'] ?? '';
  if (isAbsolute(runtime)) return join(runtime, 'csi-cameras');
  return join(tmpdir(), `csi-cameras-${process.getuid?.() ?? 'user'}`);
}

/** Notes on the capture processes of this process, and the end of those that a dead one left. */
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

  /** Notes that the capture process runs. The returned function takes the note back once it has ended. Neither rejects. */
  async note(pid: number): Promise<() => Promise<void>> {
    try {
      return await this.#note(pid);
    } catch (thrown) {
      this.#complain('A capture process could not be noted.', thrown);
      return async () => {};
    }
  }

  /** Ends what dead owners left running, the first time it is called. Takes a second at most. Never rejects. */
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
      this.#complain('Leftover capture processes could not be looked for.', thrown);
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
      // Being written at this moment, or cut off by a power failure: its name says which.
      const [, pid, startTime = ''] = NOTE_NAME.exec(name) ?? [];
      if (!(await isAlive({ pid: Number(pid), startTime }))) await removeNote(path);
      return;
    }
    const isThisBoot = note.boot === (await this.#bootId());
    if (isThisBoot && (await isAlive(note.owner))) return;
    if (isThisBoot && (await isAlive(note.child))) {
      const { pid } = note.child;
      signalGroup(pid, 'SIGKILL');
      this.log('warn', 'A capture process that an earlier run left behind was ended', { pid, owner: note.owner.pid });
      if (!(await isGone(note.child, this.clock))) {
        this.log('error', 'A capture process of an earlier run could not be ended', { pid });
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

  /** A folder that others may write to would let them name processes for us to kill. */
  async #makePrivateFolder(): Promise<boolean> {
    await mkdir(this.folder, { mode: 0o700 }).catch(() => {}); // there already, or `lstat` says why not
    const stat = await lstat(this.folder);
    const isPrivate = stat.isDirectory() && stat.uid === process.getuid?.() && (stat.mode & 0o077) === 0;
    if (!isPrivate) {
      this.log('warn', 'Capture processes are not noted: the folder is not private', { folder: this.folder });
    }
    return isPrivate;
  }

  #complain(message: string, thrown: unknown): void {
    this.log('debug', message, { folder: this.folder, error: messageOf(thrown) });
  }
}

/**
 * Ends a capture process of this very process that whoever started it cannot end any more, and takes its note back.
 * Resolves with whether it is gone. Never rejects.
 */
export async function endLeftBehind(child: ProcessIdentity, clock: Clock): Promise<boolean> {
  if (await isAlive(child)) signalGroup(child.pid, 'SIGKILL');
  const gone = await isGone(child, clock);
  if (gone) await removeNote(join(noteFolder(), noteName(child)));
  return gone;
}

/** Waits for a killed process. */
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
  await unlink(path).catch(() => {}); // another start may have been faster; a note that stays is judged anew
}

/** `undefined` for what is no note of ours. */
async function readNote(path: string): Promise<Note | undefined> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stat = await file.stat();
      if (!stat.isFile() || stat.size > MAX_NOTE_BYTES) return undefined;
      return asNote(JSON.parse(await file.readFile('utf8')));
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
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
  // Above 1: a signal to the group 0 or 1 would be one to ourselves or to everybody.
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 1) return undefined;
  return typeof startTime === 'string' ? { pid, startTime } : undefined;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFile, chmod, mkdir, readdir, mkdtemp, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModuleDependencies } from '../../../src/module/container.js';
import type { StatusData } from '../../../src/protocol/statuses.js';
import { cameraControl, type CameraControl } from '../../harness/camera-control.js';
import { childHost, type ChildHost } from '../../harness/child-host.js';
import { inProcessHost, type InProcessHost } from '../../harness/in-process-host.js';
import type { MockHost } from '../../harness/mock-host.js';
import { VIRTUAL_CAMERA } from '../../harness/paths.js';
import { expectDamage, removeHeld } from '../../harness/recordings-held.js';
import { readTiming, verifyRecording } from '../../harness/verify-recording.js';
import { account, type Account } from './account.js';

interface HostOptions {
  readonly config?: object;
  /** Misbehaviours of the virtual camera from its first start on, those of its control file aside. */
  readonly misbehaviours?: string;
}

interface InProcessOptions extends HostOptions {
  readonly dependencies?: ModuleDependencies;
  /** The host's `sendStatus` throws at every second status, after it has heard it. */
  readonly statusesThrow?: boolean;
}

/** A host that ran in a row, and what is known of its end. */
export interface RowHost {
  readonly host: MockHost;
  /** Where its `recording_stopped` cannot be the whole truth: it was killed. */
  isKilled: boolean;
  readonly exitCode: () => Promise<number | null>;
}

/** Whether small disks of our own can be made: then full disks are real ones. */
export const canMount = tryMount();

/**
 * What a row works with: folders, hosts and cameras of its own, so that rows can run side by side. Afterwards `account`
 * holds everything that its hosts reported against files, logs and processes.
 */
export class Rig {
  readonly #hosts: RowHost[] = [];
  readonly #mounts: string[] = [];
  readonly #judged = new Set<string>();
  readonly #sessions = new Set<string>();
  readonly #moves = new Map<string, string>();
  #closed: Promise<void> | undefined;

  private constructor(
    readonly folder: string,
    /** Switches the misbehaviours of this row's camera. */
    readonly camera: CameraControl,
  ) {}

  static async make(): Promise<Rig> {
    const folder = await mkdtemp(join(tmpdir(), 'csi-cameras-fault-'));
    return new Rig(folder, await cameraControl(folder));
  }

  /** A session directory of this row; not made yet. */
  session(name = 'session_20260106_081726', parent = this.folder): string {
    const path = join(parent, name);
    this.#sessions.add(path);
    return path;
  }

  /** The built program with the virtual camera, as a host in the field launches it. */
  async child({ config = {}, misbehaviours = '' }: HostOptions = {}, folder = this.folder): Promise<ChildHost> {
    await mkdir(folder, { recursive: true });
    const env = { ...this.camera.env, CSI_VIRTUAL_CAMERA: misbehaviours, XDG_RUNTIME_DIR: this.folder };
    const host = await childHost({ folder, config, env });
    this.#hosts.push({ host, isKilled: false, exitCode: async () => (await host.exited).code });
    return host;
  }

  /** The module in this process, where a fault is made in what the module is given: its file system, its camera source. */
  async inProcess({
    config = {},
    misbehaviours = '',
    dependencies = {},
    statusesThrow = false,
  }: InProcessOptions = {}): Promise<InProcessHost> {
    const tool = await this.#cameraTool(misbehaviours);
    const camera = { tool, ...Reflect.get(config, 'camera') };
    const options = { folder: this.folder, config: { ...config, camera }, dependencies };
    const host = await inProcessHost({ ...options, ...(statusesThrow ? { onStatus: throwOnAndOff() } : {}) });
    this.#hosts.push({ host, isKilled: false, exitCode: () => Promise.resolve(0) });
    return host;
  }

  /** Kills a host as a power cut would. It then owes no answers. */
  async kill(host: ChildHost): Promise<void> {
    this.expectDeath(host);
    host.process.kill('SIGKILL');
    await host.exited;
  }

  /** This host will not end as it should, and that is no failure. */
  expectDeath(host: MockHost): void {
    const known = this.#hosts.find((candidate) => candidate.host.log === host.log);
    if (known !== undefined) known.isKilled = true;
  }

  /**
   * The frames of a recording whose end nobody heard of: its files are finished and agree with each other. Throws where
   * they do not.
   */
  async assertWhole(started: StatusData<'recording_started'> | undefined): Promise<number> {
    assert(started !== undefined, 'a recording was started');
    const { video_path: videoPath, timing_path: timingPath } = started;
    const frames = (await readTiming(timingPath)).length;
    await verifyRecording({ videoPath, timingPath, frames, width: 640, height: 480 });
    return frames;
  }

  /** A disk of its own, of so many KiB. Needs `canMount`. */
  async smallDisk(kibibytes: number, name = 'disk'): Promise<string> {
    const path = join(this.folder, name);
    await mkdir(path);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kibibytes}k,mode=0777`, 'csi-cameras-fault', path]);
    this.#mounts.push(path);
    return path;
  }

  /** Another path to such a disk, which stays when the disk is unmounted or mounted over. */
  async otherPath(disk: string): Promise<string> {
    const path = `${disk}-other`;
    await mkdir(path);
    execFileSync('mount', ['--bind', disk, path]);
    this.#mounts.push(path);
    return path;
  }

  /** Mounts another disk, of 64 KiB, over that one. */
  mountOver(disk: string): void {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'csi-cameras-fault', disk]);
    this.#mounts.unshift(disk);
  }

  /** Unmounts a disk while files on it are open. */
  unmountLazily(disk: string): void {
    execFileSync('umount', ['-l', disk]);
    this.#mounts.splice(this.#mounts.indexOf(disk), 1);
  }

  /** Renames a session directory behind the module's back; its recordings are looked for at the new place. */
  async move(from: string, to: string): Promise<void> {
    await rename(from, to);
    this.#moves.set(from, to);
    this.#sessions.add(to);
  }

  /** For the test of the accounts: appends to the recording's file of that ending, or makes one beside it. */
  async spoil(ending: string): Promise<void> {
    expectDamage(this.folder, 'the test spoils a file');
    const [session = ''] = this.#sessions;
    const names = await readdir(session, { recursive: true });
    const found = names.find((name) => name.endsWith(ending)) ?? ending;
    await appendFile(join(session, found), 'no such row\n');
  }

  /** The row looks at this video itself: what was reported of it could not be the whole truth. */
  judges(videoPath: string | null): void {
    this.#judged.add(videoPath ?? '');
  }

  /** Ends the hosts and compares what they said with what there is. */
  async account(): Promise<Account> {
    await Promise.all(this.#hosts.map(({ host }) => host.end()));
    const moved = (path: string): string =>
      [...this.#moves].reduce(
        (place, [from, to]) => (place.startsWith(`${from}/`) ? place.replace(from, to) : place),
        path,
      );
    return account({ hosts: this.#hosts, sessions: [...this.#sessions], judged: this.#judged, placeOf: moved });
  }

  /** Lets go of everything, also after a failure. Twice is once. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    for (const { host } of this.#hosts) {
      if (isChild(host)) host.process.kill('SIGKILL');
      // It fails where the row did; the row has said so.
      await host.end().catch(() => undefined);
    }
    for (const mount of this.#mounts) spawnSync('umount', ['-l', mount]);
    await removeHeld(this.folder);
  }

  /** In this process all rows share one environment: a program of the row's own carries what is meant for its camera. */
  async #cameraTool(misbehaviours: string): Promise<string> {
    const path = join(this.folder, 'camera');
    const variables = { ...this.camera.env, CSI_VIRTUAL_CAMERA: misbehaviours };
    const exports = Object.entries(variables).map(([name, value]) => `export ${name}='${value}'`);
    const run = `exec '${process.execPath}' '${VIRTUAL_CAMERA}' "$@"`;
    await writeFile(path, ['#!/bin/sh', ...exports, run, ''].join('\n'));
    await chmod(path, 0o755);
    return path;
  }
}

export function isChild(host: MockHost): host is ChildHost {
  return host.kind === 'child process';
}

function throwOnAndOff(): () => void {
  let heard = 0;
  return () => {
    heard += 1;
    if (heard % 2 === 0) throw new Error('This host does not like the status.');
  };
}

function tryMount(): boolean {
  if (process.getuid?.() !== 0) return false;
  const folder = spawnSync('mktemp', ['-d'], { encoding: 'utf8' }).stdout.trim();
  if (folder === '') return false;
  const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'csi-cameras-try', folder]).status === 0;
  if (isMounted) spawnSync('umount', [folder]);
  spawnSync('rmdir', [folder]);
  return isMounted;
}

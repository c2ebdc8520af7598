import type { FileHandle } from 'node:fs/promises';
import { type FileSystem, realFileSystem } from '../../src/core/file-system.js';
import { DiskQuota } from './disk-quota.js';

/** Names of `FileSystem` and of `FileHandle` alike: `open`, `mkdir`, `writev`, `datasync`, `close`, ... */
type Operation = keyof FileSystem | keyof FileHandle;

/** What goes wrong, and where. */
export interface Fault {
  readonly operation: Operation;
  /** End of the path (of an open file: the path it was opened by), or a pattern. Default: any path. */
  readonly path?: string | RegExp;
  /** Calls that succeed before. Default 0. */
  readonly after?: number;
  /** Calls that it happens to. Default: all that follow. */
  readonly times?: number;
  readonly effect:
    | { readonly kind: 'fail'; readonly errno: string }
    /** A write that takes no more than `bytes`. */
    | { readonly kind: 'short'; readonly bytes: number }
    /** A call that waits for `until` before it does its work. */
    | { readonly kind: 'stall'; readonly until: Promise<void> };
}

/** A fault in place. */
export interface Injection {
  /** Calls that it happened to. */
  readonly hits: number;
  /** Ends it; what stalls still waits for its promise. */
  end(): void;
}

interface ActiveFault extends Injection {
  readonly fault: Fault;
  seen: number;
  hits: number;
  isOver: boolean;
}

export interface Call {
  readonly operation: string;
  readonly path: string;
  /** As the caller gave them; buffers may be used again when the observer is done. */
  readonly args: readonly unknown[];
}

/**
 * The real file system with faults in it: `fileSystem` goes where a `FileSystem` goes; `inject` makes chosen calls fail,
 * write short or stall; `limitTo` makes the disk full, block by block; `limitFilesTo` makes files as large as they may be;
 * `observe` hears of each call that succeeded.
 */
export class FaultyFileSystem {
  readonly fileSystem: FileSystem;
  readonly #faults: ActiveFault[] = [];
  readonly #quota = new DiskQuota();
  #maxFileBytes = Number.POSITIVE_INFINITY;
  readonly #observers: ((call: Call) => void | Promise<void>)[] = [];

  constructor(real: FileSystem = realFileSystem) {
    this.fileSystem = this.#wrap(real, undefined);
  }

  inject(fault: Fault): Injection {
    const active: ActiveFault = {
      fault,
      seen: 0,
      hits: 0,
      isOver: false,
      end() {
        active.isOver = true;
      },
    };
    this.#faults.push(active);
    return active;
  }

  /** From now on files may take so many blocks of 4 KiB more; removing and truncating gives blocks back. */
  limitTo(blocks: number): void {
    this.#quota.limitTo(blocks);
  }

  /** The disk is endless again. */
  unlimit(): void {
    this.#quota.limitTo(Number.POSITIVE_INFINITY);
  }

  /** From now on no file grows beyond so many bytes (EFBIG), as with `ulimit -f`. A larger one may be cut and written within. */
  limitFilesTo(bytes: number): void {
    this.#maxFileBytes = bytes;
  }

  /** `observer` is awaited after each call that succeeded, before its caller goes on. */
  observe(observer: (call: Call) => void | Promise<void>): void {
    this.#observers.push(observer);
  }

  /** `path`: of the open file that `target` is, where it is one. */
  #wrap<T extends object>(target: T, path: string | undefined): T {
    return new Proxy(target, {
      get: (_, name) => {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function' || typeof name !== 'string') return member;
        return (...args: unknown[]) =>
          this.#call(name, path ?? String(args[0]), args, async (given) => {
            const result = (await Reflect.apply(member, target, given)) as unknown;
            return name === 'open' ? this.#wrap(result as FileHandle, String(args[0])) : result;
          });
      },
    });
  }

  async #call(
    operation: string,
    path: string,
    args: readonly unknown[],
    work: (args: readonly unknown[]) => Promise<unknown>,
  ): Promise<unknown> {
    let given = args;
    const effect = this.#effectOn(operation, path);
    if (effect?.kind === 'fail') {
      if (operation === 'close') await work(args); // a close that fails releases the descriptor all the same
      throw errnoError(effect.errno, operation, path);
    }
    if (effect?.kind === 'stall') await effect.until;
    if (effect?.kind === 'short') given = cutWrite(given, effect.bytes);
    if (operation === 'writev' || operation === 'write') {
      const bytes = bytesOf(given);
      const room = this.#quota.roomFor(path, Number(given.at(-1)), bytes);
      if (room < bytes && room === 0) throw errnoError('ENOSPC', operation, path);
      given = cutWrite(given, room);
    }
    if (operation === 'writev' || operation === 'write') {
      const room = this.#maxFileBytes - Number(given.at(-1));
      if (room <= 0) throw errnoError('EFBIG', operation, path);
      given = cutWrite(given, room);
    }
    if (operation === 'truncate' && Number(args[0]) > this.#maxFileBytes && (await grows(path, Number(args[0])))) {
      throw errnoError('EFBIG', 'ftruncate', path);
    }
    const result = await work(given);
    if (operation === 'truncate') this.#quota.truncate(path, Number(args[0]));
    if (operation === 'rm' || operation === 'unlink') this.#quota.truncate(path, 0);
    for (const observer of this.#observers) await observer({ operation, path, args: given });
    return result;
  }

  #effectOn(operation: string, path: string): Fault['effect'] | undefined {
    for (const active of this.#faults) {
      const { fault } = active;
      if (active.isOver || fault.operation !== operation || !matches(path, fault.path)) continue;
      active.seen += 1;
      const isDue = active.seen > (fault.after ?? 0) && active.hits < (fault.times ?? Number.POSITIVE_INFINITY);
      if (!isDue) continue;
      active.hits += 1;
      return fault.effect;
    }
    return undefined;
  }
}

async function grows(path: string, bytes: number): Promise<boolean> {
  return bytes > (await realFileSystem.stat(path)).size;
}

function matches(path: string, pattern: string | RegExp | undefined): boolean {
  if (pattern === undefined) return true;
  return typeof pattern === 'string' ? path.endsWith(pattern) : pattern.test(path);
}

function errnoError(errno: string, operation: string, path: string): Error {
  return Object.assign(new Error(`${errno}: made to fail, ${operation} '${path}'`), {
    code: errno,
    syscall: operation,
    path,
  });
}

/** Buffers of a `write` (one, as the first argument) or `writev` (an array of them). */
function buffersOf(args: readonly unknown[]): readonly Buffer[] {
  const [data] = args;
  return Array.isArray(data) ? (data as readonly Buffer[]) : [data as Buffer];
}

function bytesOf(args: readonly unknown[]): number {
  return buffersOf(args).reduce((sum, buffer) => sum + buffer.length, 0);
}

/** The arguments with the buffers cut to `bytes` in all. Serves `writev(buffers, position)`. */
function cutWrite(args: readonly unknown[], bytes: number): readonly unknown[] {
  if (bytesOf(args) <= bytes) return args;
  const cut: Buffer[] = [];
  let left = bytes;
  for (const buffer of buffersOf(args)) {
    if (left <= 0) break;
    cut.push(buffer.subarray(0, left));
    left -= buffer.length;
  }
  return [Array.isArray(args[0]) ? cut : cut[0], ...args.slice(1)];
}

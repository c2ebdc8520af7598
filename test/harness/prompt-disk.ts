import * as fs from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { FileSystem } from '../../src/core/file-system.js';

/**
 * The real file system, each call done before its promise is returned (no trip to a thread of the pool and back, each of which
 * waits for two turns of a busy processor), and a sync answered at once. For tests in which no power is cut, and which make
 * tens of thousands of calls. Faults can be put over it.
 */
export const PROMPT_DISK = new Proxy({} as FileSystem, {
  get: (_, name) => {
    const call = callOf(`${String(name)}Sync`);
    if (name !== 'open') return async (...args: unknown[]) => call(...args);
    return async (...args: unknown[]) => handleOf(call(...args) as number);
  },
});

/** Calls of a handle whose synchronous forms have no `f` before their names. */
const WITHOUT_PREFIX = new Set(['appendFile', 'close', 'read', 'readFile', 'readv', 'write', 'writeFile', 'writev']);

function handleOf(fd: number): FileHandle {
  return new Proxy({ fd } as FileHandle, {
    get: (handle, property) => {
      const name = String(property);
      if (name === 'fd') return handle.fd;
      if (name === 'then') return undefined; // it is awaited, and no promise
      if (name === 'sync' || name === 'datasync') return () => Promise.resolve();
      const call = callOf(`${WITHOUT_PREFIX.has(name) ? '' : 'f'}${name}Sync`);
      return async (...args: unknown[]) => asHandlesSay(name, call(fd, ...args));
    },
  });
}

/** The count of bytes that a synchronous call returns, as a handle's promise says it. */
function asHandlesSay(name: string, result: unknown): unknown {
  if (name === 'write' || name === 'writev') return { bytesWritten: result };
  if (name === 'read' || name === 'readv') return { bytesRead: result };
  return result;
}

function callOf(name: string): (...args: unknown[]) => unknown {
  const call: unknown = Reflect.get(fs, name);
  if (typeof call !== 'function') throw new Error(`node:fs has no ${name}.`);
  return (...args) => Reflect.apply(call, fs, args) as unknown;
}

import type { MessagePort } from 'node:worker_threads';
import type { StatusMessage } from '../protocol/statuses.js';
import type { MonitorSnapshot } from './view.js';

/** The words between the monitor (module's thread) and its server (a thread of its own). Plain data. */

/** What the server is told once, as `workerData`. */
export interface ServerOptions {
  /** 0: any free port (tests). */
  readonly port: number;
  /** Address to listen on. */
  readonly host: string;
  /** Further names by which browsers reach it (`monitor.names`). */
  readonly names: readonly string[];
  /** SHA-256 of the token, hexadecimal. Null: there is none. */
  readonly tokenSha256: string | null;
  /** Whether reading needs the token too. Control always does. */
  readonly readsNeedToken: boolean;
  readonly hasControl: boolean;
}

/** A command that the page may give. Never start, stop or quit: trials are the host's. */
export interface ControlCommand {
  readonly command: 'set_settings' | 'fix_settings' | 'take_snapshot';
  readonly device_id: string;
  /** Only with `set_settings`. It comes from outside and is checked as a host's command is. */
  readonly settings?: unknown;
}

export type MonitorWord =
  | { readonly type: 'snapshot'; readonly snapshot: MonitorSnapshot }
  | { readonly type: 'answered'; readonly request: number; readonly answer: StatusMessage };

export type ServerWord =
  | { readonly type: 'listening'; readonly port: number }
  /** It cannot listen. The thread ends afterwards. */
  | { readonly type: 'refused'; readonly errno: string; readonly message: string }
  /** Wants pictures of a camera (`core/preview-words.ts`). The port goes with the word. */
  | { readonly type: 'connectPreview'; readonly deviceId: string; readonly port: MessagePort }
  | { readonly type: 'command'; readonly request: number; readonly command: ControlCommand };

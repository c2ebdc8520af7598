import { createHash } from 'node:crypto';
import { BlockList, isIP } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { FileSystem } from '../core/file-system.js';
import { messageOf } from '../core/errors.js';
import { readOrMakeToken, readToken, TokenFileError } from './token-file.js';

/** Who may do what on the monitor, and where it is. */
export interface MonitorAccess {
  /** Null: none is needed. */
  readonly token: string | null;
  readonly tokenFile: string | null;
  readonly readsNeedToken: boolean;
  readonly hasControl: boolean;
  /** Why the page cannot control anything although it was asked for. */
  readonly withoutControl: string | null;
}

export interface AccessSettings {
  readonly host: string;
  /** '' for none. */
  readonly tokenFile: string;
  readonly control: boolean;
  /** '' for a user without a home. */
  readonly stateDir: string;
}

/** Beside the kept settings of cameras. All processes that share the folder share the token. */
const OWN_TOKEN_FILE = 'monitor-token';

const NO_FOLDER =
  'There is no home directory to keep its token in. Name a file in monitor.tokenFile, or a --state-dir.';

/** Throws a `TokenFileError` if the monitor must not be opened: its message is for the operator. */
export async function accessFor(settings: AccessSettings, fileSystem: FileSystem): Promise<MonitorAccess> {
  const { host, tokenFile, control, stateDir } = settings;
  if (tokenFile !== '') {
    const token = await readToken(tokenFile, fileSystem);
    return { token, tokenFile, readsNeedToken: true, hasControl: control, withoutControl: null };
  }
  if (!isLoopback(host)) {
    const why = `monitor.host is ${host}: others could look without a token.`;
    throw new TokenFileError(`${why} Name a file with one (monitor.tokenFile), or leave monitor.host at 127.0.0.1.`);
  }
  if (!control) return OPEN;
  const ownFile = join(stateDir, OWN_TOKEN_FILE);
  try {
    if (stateDir === '') throw new Error(NO_FOLDER);
    const token = await readOrMakeToken(ownFile, fileSystem);
    return { token, tokenFile: ownFile, readsNeedToken: false, hasControl: true, withoutControl: null };
  } catch (thrown) {
    // Looking needs no token here. A full disk must not take the page away that says so.
    return { ...OPEN, withoutControl: messageOf(thrown) };
  }
}

const OPEN: MonitorAccess = {
  token: null,
  tokenFile: null,
  readsNeedToken: false,
  hasControl: false,
  withoutControl: null,
};

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

export function isLoopback(host: string): boolean {
  const version = isIP(host);
  if (version === 0) return host.toLowerCase() === 'localhost';
  return LOOPBACK.check(host, version === 6 ? 'ipv6' : 'ipv4');
}

/** Address of the page, with `/` at its end. */
export function urlOf(host: string, port: number, ownName: () => string = hostname): string {
  // Nobody can open "every address of this machine". Its name leads to one of them.
  const name = ['', '0.0.0.0', '::'].includes(host) ? ownName() : host;
  return `http://${isIP(name) === 6 ? `[${name}]` : name}:${port}/`;
}

/** The URL with the token in its fragment, which browsers never send. */
export function linkOf(url: string, token: string | null): string {
  return token === null ? url : `${url}#token=${encodeURIComponent(token)}`;
}

export function sha256Of(token: string | null): string | null {
  return token === null ? null : createHash('sha256').update(token).digest('hex');
}

import { createHash, timingSafeEqual } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import type { ServerOptions } from '../monitor-words.js';
import { onlyValue, type RequestHead } from './request-head.js';
import { methodsOf, type Route } from './routes.js';

/**
 * Who may ask for what. Pure. A page of another site, opened in a browser that reaches this machine, is the attacker to think
 * of: it can send requests here and point its own name at our address.
 */

export interface Refusal {
  readonly status: 401 | 403 | 404 | 405 | 415 | 421;
  /** A sentence for people. */
  readonly error: string;
  readonly headers: Readonly<Record<string, string>>;
}

export type GuardRules = Pick<ServerOptions, 'tokenSha256' | 'readsNeedToken'> & {
  /** Names of this server in small letters, without a port (`namesOf`). */
  readonly names: ReadonlySet<string>;
};

/** Null: it may. Looks at the head alone, so that nothing of a refused request's body is read. */
export function refusalOf(head: RequestHead, route: Route | null, rules: GuardRules): Refusal | null {
  const host = onlyValue(head, 'host');
  if (host === undefined || !isOurs(host, rules.names))
    return refuse(421, 'This name is not one of the monitor. Add it to monitor.names if it is meant to be.');
  if (!isOfThisSite(head) && !isOpeningThePage(head, route))
    return refuse(403, 'Another web site asked for this. The monitor answers its own page only.');
  if (!hasOurOrigin(head, host))
    return refuse(403, 'Another web site asked for this. The monitor answers its own page only.');
  if (route === null) return refuse(404, 'There is nothing here.');
  const methods = methodsOf(route);
  if (!methods.includes(head.method)) {
    return refuse(405, `Only ${methods.join(' and ')} can be used here.`, { Allow: methods.join(', ') });
  }
  if (needsToken(route, rules) && !hasToken(head, rules.tokenSha256)) {
    return refuse(401, 'The token is missing or wrong. Open the link that the recorder printed.', {
      'WWW-Authenticate': 'Bearer realm="csi-cameras"',
    });
  }
  if (route.kind === 'control' && !isJson(head)) return refuse(415, 'Send JSON (Content-Type: application/json).');
  return null;
}

/**
 * By which names this server is known, besides IP addresses: `localhost`, the machine's own name, with and without its domain, the
 * same with `.local`, and those of the configuration: the address it listens on may be a name, which is then in its link.
 */
export function namesOf(hostname: string, { names, host }: Pick<ServerOptions, 'names' | 'host'>): ReadonlySet<string> {
  const [short = '', ...domain] = hostname.split('.');
  const own = [short, `${short}.local`, [short, ...domain].join('.')].filter(() => short !== '');
  return new Set(['localhost', ...own, ...names, host].map((name) => name.toLowerCase()));
}

/** An address cannot be rebound to another machine, so each of them is ours. The port may be a tunnel's. */
function isOurs(host: string, names: ReadonlySet<string>): boolean {
  const [, bracketed, plain = ''] = /^(?:\[([0-9A-Fa-f:.]+)\]|([0-9A-Za-z._-]+))(?::\d{1,5})?$/.exec(host) ?? [];
  if (bracketed !== undefined) return isIPv6(bracketed);
  return isIPv4(plain) || names.has(plain.toLowerCase());
}

/** What browsers say of themselves. `none`: a person typed the address. Programs and old browsers say nothing. */
function isOfThisSite(head: RequestHead): boolean {
  const said = head.headers.get('sec-fetch-site') ?? [];
  return said.every((value) => value === 'same-origin' || value === 'none');
}

/**
 * A link leads to the page from anywhere: a dashboard, a mail, the file that `show_window` opens. The page holds no data, and
 * other sites cannot frame it.
 */
function isOpeningThePage(head: RequestHead, route: Route | null): boolean {
  if (route?.kind !== 'file' || route.path !== '/') return false;
  return onlyValue(head, 'sec-fetch-mode') === 'navigate' && onlyValue(head, 'sec-fetch-dest') === 'document';
}

/** Browsers send `Origin` with each POST. Whoever sends none is a program, and needs a token to change anything. */
function hasOurOrigin(head: RequestHead, host: string): boolean {
  const origins = head.headers.get('origin') ?? [];
  return origins.every((origin) => origin === `http://${host}` || origin === `https://${host}`);
}

function needsToken(route: Route, { readsNeedToken }: GuardRules): boolean {
  if (route.kind === 'control') return true;
  return readsNeedToken && route.kind !== 'file' && route.kind !== 'healthz';
}

function hasToken(head: RequestHead, tokenSha256: string | null): boolean {
  const [, token] = /^Bearer +([\x21-\x7e]+)$/i.exec(onlyValue(head, 'authorization') ?? '') ?? [];
  if (token === undefined || tokenSha256 === null) return false;
  const expected = Buffer.from(tokenSha256, 'hex');
  const given = createHash('sha256').update(token).digest();
  // Throws where the lengths differ: where ours is not a SHA-256.
  return expected.length === given.length && timingSafeEqual(expected, given);
}

function isJson(head: RequestHead): boolean {
  return /^application\/json *(?:; *charset=utf-8)?$/i.test(onlyValue(head, 'content-type') ?? '');
}

function refuse(status: Refusal['status'], error: string, headers: Refusal['headers'] = {}): Refusal {
  return { status, error, headers };
}

import { readFile } from 'node:fs/promises';
import { InvalidArgumentError } from 'commander';
import { messageOf } from '../../core/errors.js';

/** Where a monitor is, and what opens it. */
export interface MonitorPlace {
  /** As a person may open it in a browser: without the token. */
  readonly url: string;
  readonly statusUrl: URL;
  readonly token: string | null;
}

/** A URL as a person gives it, with the token that its fragment may hold. */
export interface GivenUrl {
  readonly url: URL;
  readonly token: string | null;
}

/** Longest token file, characters. A longer file is not one. */
const MAX_TOKEN_LENGTH = 1024;

export const DEFAULT_PLACE = 'http://127.0.0.1:8722/';

/** The value of `--url`: a URL, `HOST:PORT`, or the port of a monitor of this machine. A link with its token is taken too. */
export function monitorUrl(text: string): GivenUrl {
  const given = text.trim();
  if (/^\d+$/.test(given)) return monitorUrl(`http://127.0.0.1:${given}/`);
  const url = urlOf(given.includes('://') ? given : `http://${given}`);
  if (url === undefined || !['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '') {
    throw new InvalidArgumentError(`It must look like ${DEFAULT_PLACE}, or be the port alone.`);
  }
  const token = decoded(/^#token=(.+)$/.exec(url.hash)?.[1] ?? null);
  url.hash = '';
  url.search = '';
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return { url, token };
}

/** Rejects with a sentence where the token's file cannot be used. */
export async function monitorPlace({ url, token }: GivenUrl, tokenFile: string | undefined): Promise<MonitorPlace> {
  return {
    url: url.href,
    statusUrl: new URL('api/status', url),
    token: tokenFile === undefined ? token : await tokenIn(tokenFile),
  };
}

async function tokenIn(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((thrown: unknown) => {
    throw new Error(`The token file cannot be read: ${messageOf(thrown)}`, { cause: thrown });
  });
  const token = text.trim();
  if (token.length > MAX_TOKEN_LENGTH || !/^[\x21-\x7e]+$/.test(token)) {
    throw new Error(`The token file does not hold a token, which is one line without spaces: ${file}`);
  }
  return token;
}

function urlOf(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined; // the caller says what a URL must look like
  }
}

/** A link holds its token as URLs do: `%2B` for a plus. */
function decoded(token: string | null): string | null {
  try {
    return token === null ? null : decodeURIComponent(token);
  } catch {
    return token; // It was not encoded, and holds a percent sign.
  }
}

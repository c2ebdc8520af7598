import { after } from './moments.js';
import { tokenHeaders } from './token.js';

/** Requests to the server that the page came from. Each has its limit: a stopped process accepts connections and never answers. */

export interface Request {
  readonly path: string;
  readonly limitMs: number;
  /** POST with this as JSON. Left out: GET. */
  readonly body?: object;
  readonly signal?: AbortSignal;
}

/** Calls `read` with the answer. Answer and body have to come within the limit. */
export async function request<T>({ path, limitMs, body, signal }: Request, read: (answer: Response) => Promise<T>) {
  const limit = new AbortController();
  const disarm = after(limitMs, () => limit.abort());
  const abort = () => limit.abort();
  signal?.addEventListener('abort', abort);
  try {
    const answer = await fetch(path, {
      headers: { ...tokenHeaders(), ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
      signal: limit.signal,
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    return await read(answer);
  } finally {
    disarm();
    signal?.removeEventListener('abort', abort);
  }
}

export function cameraPath(deviceId: string, rest: string): string {
  return `/api/cameras/${encodeURIComponent(deviceId)}/${rest}`;
}

/**
 * Reads the head of one HTTP request, strictly. Pure. It is not Node's own reader, because that one reads every request that a
 * client has sent at once: 64 clients that pipeline kept the thread busy for half a second, honest viewers waited as long, and
 * memory rose by 80 MB. Here a socket has one request, and what follows it is never looked at. What this reader accepts, Node's
 * accepts with the same meaning (a test compares them); much that Node's accepts is refused here.
 */

/** Largest head, bytes, with the empty line at its end. */
export const MAX_HEAD_BYTES = 8 * 1024;

const MAX_HEADERS = 64;

export interface RequestHead {
  /** Capital letters: `GET`. */
  readonly method: string;
  /** Begins with `/`. Still encoded, and without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The value of each line by the header's name in small letters. Two lines of one name are two values. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** Where the body begins, bytes. */
  readonly byteLength: number;
}

export type HeadReading =
  | { readonly kind: 'head'; readonly head: RequestHead }
  /** It has not arrived completely. */
  | { readonly kind: 'more' }
  | { readonly kind: 'bad'; readonly status: 400 | 431 };

const MORE: HeadReading = { kind: 'more' };
const BAD: HeadReading = { kind: 'bad', status: 400 };
const TOO_LARGE: HeadReading = { kind: 'bad', status: 431 };

const REQUEST_LINE = /^([A-Z]{1,20}) (\/[\x21\x22\x24-\x7e]*) HTTP\/1\.[01]$/;
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Line ends are gone by then. A tab may stand in a value. */
// oxlint-disable-next-line no-control-regex -- control characters are what must not be there
const CONTROL = /[\0-\x08\x0a-\x1f\x7f]/;
const CAPITAL_A = 0x41;
const CAPITAL_Z = 0x5a;

/** `bytes`: what has arrived so far. Never throws. */
export function readHead(bytes: Buffer): HeadReading {
  const [first = CAPITAL_A] = bytes;
  // Somebody speaks TLS, or something else: there is no line to wait for.
  if (first < CAPITAL_A || first > CAPITAL_Z) return BAD;
  const end = bytes.subarray(0, MAX_HEAD_BYTES).indexOf('\r\n\r\n');
  if (end === -1) return bytes.length >= MAX_HEAD_BYTES ? TOO_LARGE : MORE;
  const [requestLine = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const [, method, target] = REQUEST_LINE.exec(requestLine) ?? [];
  if (method === undefined || target === undefined) return BAD;
  if (lines.length > MAX_HEADERS) return TOO_LARGE;
  const headers = readHeaders(lines);
  if (headers === null) return BAD;
  const queryAt = target.indexOf('?');
  const path = queryAt === -1 ? target : target.slice(0, queryAt);
  const query = new URLSearchParams(queryAt === -1 ? '' : target.slice(queryAt));
  return { kind: 'head', head: { method, path, query, headers, byteLength: end + 4 } };
}

/** Null where a line is not a header: a continued line is none. */
function readHeaders(lines: readonly string[]): Map<string, string[]> | null {
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon)).toLowerCase();
    if (!HEADER_NAME.test(name) || CONTROL.test(line)) return null;
    const value = trimmed(line, colon + 1);
    const values = headers.get(name);
    if (values === undefined) headers.set(name, [value]);
    else values.push(value);
  }
  return headers;
}

/** Without blanks at both ends. Not by a pattern, which takes the square of the length, and not by `trim`, which takes more. */
function trimmed(line: string, from: number): string {
  let start = from;
  let end = line.length;
  while (start < end && isBlank(line.charCodeAt(start))) start += 1;
  while (end > start && isBlank(line.charCodeAt(end - 1))) end -= 1;
  return line.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** The header's value if it is there exactly once. */
export function onlyValue(head: RequestHead, name: string): string | undefined {
  const values = head.headers.get(name) ?? [];
  return values.length === 1 ? values[0] : undefined;
}

/** What goes to a client: an answer, and its head as bytes. */

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Called once, when the body's bytes are not needed any more, whether they were taken or not. */
  readonly release?: () => void;
}

/** Of all that can be answered here. */
const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  204: 'No Content',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  411: 'Length Required',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  421: 'Misdirected Request',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/**
 * The page runs its own scripts only, loads from nowhere else and is shown in no frame. No other site may read an answer: there is
 * no CORS header. Each answer ends its connection (`exchange.ts`).
 */
const ALWAYS = [
  "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options: nosniff',
  'Referrer-Policy: no-referrer',
  'Cross-Origin-Resource-Policy: same-origin',
  'Connection: close',
].join('\r\n');

/** The head of an answer as bytes. Header values must come from this program: they are not escaped. */
export function headOf({ status, headers, body }: Answer): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  // A 204 has no body, and so no length.
  const length = status === 204 ? '' : `Content-Length: ${body.byteLength}\r\n`;
  return Buffer.from(
    `HTTP/1.1 ${status} ${REASONS[status] ?? ''}\r\n${ALWAYS}\r\n${lines.join('')}${length}\r\n`,
    'latin1',
  );
}

const NO_BODY = new Uint8Array(0);

export function emptyAnswer(status: number, headers: Readonly<Record<string, string>>): Answer {
  return { status, headers: { 'Cache-Control': 'no-store', ...headers }, body: NO_BODY };
}

export function textAnswer(status: number, type: string, text: string): Answer {
  return { status, headers: { 'Content-Type': type, 'Cache-Control': 'no-store' }, body: Buffer.from(text) };
}

export function jsonAnswer(status: number, value: unknown): Answer {
  return textAnswer(status, 'application/json', JSON.stringify(value));
}

/** Whatever is refused: `{ "error": "a sentence for people" }`. */
export function refusal(status: number, error: string, headers: Readonly<Record<string, string>> = {}): Answer {
  const { headers: ofJson, body } = jsonAnswer(status, { error });
  return { status, headers: { ...ofJson, ...headers }, body };
}

import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { systemClock, type Clock } from '../../core/clock.js';
import { errnoOf, messageOf } from '../../core/errors.js';
import type { MonitorAnswer } from '../../monitor/view.js';
import { answerIn } from './monitor-answer.js';
import type { MonitorPlace } from './monitor-place.js';

/** What came of one request. `why`: one or two sentences for people, which may hold foreign text. */
export type Asked =
  | { readonly kind: 'answered'; readonly answer: MonitorAnswer; readonly json: unknown }
  /** The token is missing or wrong. */
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'failed'; readonly why: string };

/** Longest wait for a whole answer. */
const ANSWER_LIMIT_MS = 3000;
/** Largest answer. One of 64 cameras with 50 events has some 100 KB. */
const MAX_ANSWER_BYTES = 2 * 1024 * 1024;
const MAX_HEADER_BYTES = 16 * 1024;

const HOW_TO_TURN_ON =
  'The monitor is off unless csi-cameras was started with --monitor, or monitor.port is configured.';

/** Asks once. Never rejects. What is slow, huge or not an answer of a monitor is `failed`. */
export async function askMonitor(place: MonitorPlace, signal?: AbortSignal, clock = systemClock): Promise<Asked> {
  try {
    const response = await fetchText(place, signal, clock);
    return outcomeOf(place, response);
  } catch (thrown) {
    return { kind: 'failed', why: reasonOf(place, thrown) };
  }
}

interface TextResponse {
  readonly code: number;
  readonly text: string;
}

async function fetchText(
  { statusUrl, token }: MonitorPlace,
  signal: AbortSignal | undefined,
  clock: Clock,
): Promise<TextResponse> {
  const limit = new AbortController();
  const cancel = clock.after(ANSWER_LIMIT_MS, () => {
    limit.abort();
  });
  const signals = signal === undefined ? [limit.signal] : [limit.signal, signal];
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const send = statusUrl.protocol === 'https:' ? httpsRequest : httpRequest;
      const request = send(statusUrl, {
        agent: false, // no connection is kept: each answer proves that the server lives
        maxHeaderSize: MAX_HEADER_BYTES,
        signal: AbortSignal.any(signals),
        headers: { accept: 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
      });
      request.once('response', resolve);
      request.on('error', reject);
      request.end();
    });
    return { code: response.statusCode ?? 0, text: await textOf(response) };
  } catch (thrown) {
    throw limit.signal.aborted ? new Error(`It did not answer within ${ANSWER_LIMIT_MS / 1000} s.`) : thrown;
  } finally {
    cancel();
  }
}

/** Leaving the loop early destroys the response, and so the connection. */
async function textOf(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > MAX_ANSWER_BYTES) throw new Error('Its answer is too large for that of a monitor.');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function outcomeOf({ url, token }: MonitorPlace, { code, text }: TextResponse): Asked {
  if (code === 401) {
    const why =
      token === null
        ? 'The monitor asks for its token. Give the file that holds it: --token-file FILE.'
        : 'The monitor does not accept this token. Take the one of the file that monitor.tokenFile names.';
    return { kind: 'refused', why };
  }
  if (code === 421) {
    const why = `The monitor does not answer to this name. Add it to monitor.names, or use its IP address: ${url}`;
    return { kind: 'failed', why };
  }
  if (code !== 200) return { kind: 'failed', why: `${url} answers with HTTP ${code}, not with a status.` };
  const json = jsonIn(text);
  const answer = answerIn(json);
  if (answer !== null) return { kind: 'answered', answer, json };
  const why = `What answers at ${url} is not the monitor of csi-cameras, or one of another version.`;
  return { kind: 'failed', why };
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no answer of a monitor, which the caller says
  }
}

function reasonOf({ url }: MonitorPlace, thrown: unknown): string {
  const errno = errnoOf(thrown);
  if (errno === 'ECONNREFUSED') return `Nothing listens at ${url}. ${HOW_TO_TURN_ON}`;
  if (errno === 'ENOTFOUND' || errno === 'EAI_AGAIN') return `The name of ${url} is not known here.`;
  if (errno === 'ECONNRESET' || errno === 'EPIPE') return `${url} closed the connection without an answer.`;
  if (errno?.startsWith('HPE_') === true) return `What answers at ${url} does not speak HTTP.`;
  return `${url}: ${messageOf(thrown)}`;
}

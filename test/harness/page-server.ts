import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { setTimeout as lineOf } from 'node:timers/promises';
import type { MonitorAnswer } from '../../src/monitor/view.js';
import { ROOT } from './paths.js';

/** What a camera has to show: a JPEG with its age, or why there is none. `lateMs`: how long it is under way. */
export type Shown =
  | { readonly jpeg: Uint8Array; readonly ageMs: number; readonly frameNumber: number; readonly lateMs?: number }
  | { readonly why: 'none' | 'off' | 'paused' | 'lost' };

/** What the server answers. Change it while the page is open. */
export interface Script {
  /** A status code that refuses, or `silence`: the request is taken and never answered. */
  status: MonitorAnswer | number | 'silence' | { readonly text: string };
  picture: (deviceId: string) => Shown;
  /** How long the page itself takes. Default: 0. */
  loadMs?: number;
  control: (path: string, body: unknown) => { readonly code: number; readonly answer: object };
}

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

export interface PageServer {
  readonly url: string;
  readonly script: Script;
  readonly requests: readonly Request[];
  close(): Promise<void>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};
/** The policy of the real server: what breaks under it breaks here. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Serves the built page, with planted answers. The real server has its own tests. */
export async function startPageServer(script: Script): Promise<PageServer> {
  const requests: Request[] = [];
  const server = createServer((request, response) => {
    answer(request, response, script, requests).catch((thrown: unknown) => response.destroy(thrown as Error));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    script,
    requests,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, script: Script, requests: Request[]) {
  const { pathname } = new URL(request.url ?? '/', 'http://page');
  const method = request.method ?? '';
  const body = method === 'POST' ? await bodyOf(request) : undefined;
  requests.push({ method, path: pathname, authorization: request.headers.authorization, body });
  response.setHeader('Content-Security-Policy', POLICY);
  const [, deviceId, what] = /^\/api\/cameras\/([^/]+)\/(\w+)$/.exec(pathname) ?? [];
  if (pathname === '/api/status') return sendStatus(response, script.status);
  if (deviceId !== undefined && what === 'frame')
    return sendPicture(response, script.picture(decodeURIComponent(deviceId)));
  if (deviceId !== undefined) {
    const { code, answer: told } = script.control(pathname, body);
    return send(response, code, 'application/json', JSON.stringify(told));
  }
  if (pathname === '/' && script.loadMs !== undefined) await lineOf(script.loadMs);
  const path = pathname === '/' ? '/index.html' : pathname;
  const type = TYPES[extname(path)];
  if (type === undefined) return send(response, 404, 'text/plain', 'Not found.');
  return send(response, 200, type, await readFile(join(ROOT, 'dist/monitor/site', path)));
}

function sendStatus(response: ServerResponse, status: Script['status']): void {
  if (status === 'silence') return;
  if (typeof status === 'number') return send(response, status, 'text/plain', 'Refused.');
  send(response, 200, 'application/json', 'text' in status ? status.text : JSON.stringify(status));
}

function sendPicture(response: ServerResponse, shown: Shown): void {
  if ('why' in shown) {
    response.setHeader('X-Preview', shown.why);
    return send(response, 204, 'text/plain', '');
  }
  response.setHeader('X-Frame-Number', String(shown.frameNumber));
  response.setHeader('X-Frame-Age-Ms', String(shown.ageMs));
  setTimeout(() => send(response, 200, 'image/jpeg', shown.jpeg), shown.lateMs ?? 0);
}

function send(response: ServerResponse, code: number, type: string, body: string | Uint8Array): void {
  response.writeHead(code, { 'Content-Type': type, 'Cache-Control': 'no-store', Connection: 'close' });
  response.end(body);
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return JSON.parse(text);
}

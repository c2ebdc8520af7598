import { hostname } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { namesOf } from '../../../../src/monitor/server/request-guard.js';
import { ask, type RequestParts } from '../../../harness/raw-request.js';
import { CAMERA, ServerRig, TOKEN } from './server-rig.js';

/** The guard's table, over real sockets. Each row: what is asked, and the status that it must have. */
type Row = readonly [what: string, status: number, target: string, parts?: RequestParts];

const host = (value: string | readonly string[] | null): RequestParts => ({ headers: { Host: value } });
const headers = (more: Record<string, string | readonly string[]>): RequestParts => ({ headers: more });
const bearer = (token: string): RequestParts => headers({ Authorization: `Bearer ${token}` });
const post = (more: Record<string, string | readonly string[] | null> = {}, body = '{}'): RequestParts => ({
  method: 'POST',
  body,
  headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${TOKEN}`, ...more },
});

describe('a monitor without a token and without control', () => {
  let rig: ServerRig;
  beforeAll(async () => {
    rig = await new ServerRig({ names: ['cam.example.org', 'UPPER'] }).open();
  });
  afterAll(() => rig.server.close());

  const rows: readonly Row[] = [
    ['localhost', 200, '/api/status'],
    ['localhost with the port of a tunnel', 200, '/api/status', host('localhost:9000')],
    ['capital letters', 200, '/api/status', host('LocalHost')],
    ['an IPv4 address', 200, '/api/status', host('192.168.1.7:8722')],
    ['an IPv6 address', 200, '/api/status', host('[fd00::1]:8722')],
    ["the machine's name", 200, '/api/status', host(hostname())],
    ["the machine's name on the local network", 200, '/api/status', host(`${hostname().split('.')[0]}.local`)],
    ['a configured name', 200, '/api/status', host('CAM.example.org:80')],
    ['a configured name in capital letters', 200, '/api/status', host('upper')],
    ['no host', 421, '/api/status', host(null)],
    ['an empty host', 421, '/api/status', host('')],
    ['a foreign host', 421, '/api/status', host('evil.example')],
    ['a foreign host for the page', 421, '/', host('evil.example')],
    ['a foreign host for what is not there', 421, '/nothing', host('evil.example')],
    ['two hosts, the first good', 421, '/api/status', host(['localhost', 'evil.example'])],
    ['two hosts, the second good', 421, '/api/status', host(['evil.example', 'localhost'])],
    ['the same host twice', 421, '/api/status', host(['localhost', 'localhost'])],
    ['two hosts in one line', 421, '/api/status', host('localhost, evil.example')],
    ['a name that begins as ours', 421, '/api/status', host('localhost.evil.example')],
    ['a name that ends as ours', 421, '/api/status', host('evil-localhost')],
    ['a name below ours', 421, '/api/status', host('evil.localhost')],
    ['a configured name with more', 421, '/api/status', host('cam.example.org.evil.example')],
    ['a part of a configured name', 421, '/api/status', host('example.org')],
    ['an address that begins as ours', 421, '/api/status', host('127.0.0.1.evil.example')],
    ['an address as one number', 421, '/api/status', host('2130706433')],
    ['a short address', 421, '/api/status', host('127.1')],
    ['an address in octal', 421, '/api/status', host('0177.0.0.1')],
    ['a user before the host', 421, '/api/status', host('localhost@evil.example')],
    ['a foreign host behind a user', 421, '/api/status', host('evil.example@localhost')],
    ['a path in the host', 421, '/api/status', host('localhost/evil.example')],
    ['a port that is none', 421, '/api/status', host('localhost:80evil')],
    ['two ports', 421, '/api/status', host('localhost:80:80')],
    ['brackets around a name', 421, '/api/status', host('[localhost]')],
    ['brackets that do not close', 421, '/api/status', host('[::1')],
    ['a dot at the end', 421, '/api/status', host('localhost.')],

    ['its own page', 200, '/api/status', headers({ 'Sec-Fetch-Site': 'same-origin' })],
    ['a typed address', 200, '/api/status', headers({ 'Sec-Fetch-Site': 'none' })],
    ['another site', 403, '/api/status', headers({ 'Sec-Fetch-Site': 'cross-site' })],
    ['another port of this machine', 403, '/metrics', headers({ 'Sec-Fetch-Site': 'same-site' })],
    [
      'another site, hidden behind a second line',
      403,
      '/healthz',
      headers({ 'Sec-Fetch-Site': ['none', 'cross-site'] }),
    ],
    ['another site that loads the script', 403, '/monitor.js', headers({ 'Sec-Fetch-Site': 'cross-site' })],
    [
      'a link of another site to the page',
      200,
      '/',
      headers({ 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' }),
    ],
    [
      'a frame of another site around the page',
      403,
      '/',
      headers({ 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'iframe' }),
    ],
    [
      'a link of another site to data',
      403,
      '/api/status',
      headers({ 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' }),
    ],
    ['its own origin', 200, '/api/status', headers({ Origin: 'http://localhost' })],
    ['its own origin behind a proxy with TLS', 200, '/api/status', headers({ Origin: 'https://localhost' })],
    ['another origin', 403, '/api/status', headers({ Origin: 'http://evil.example' })],
    ['an origin that begins as its own', 403, '/api/status', headers({ Origin: 'http://localhost.evil.example' })],
    ['an origin of another port', 403, '/api/status', headers({ Origin: 'http://localhost:1' })],
    ['no origin in particular', 403, '/api/status', headers({ Origin: 'null' })],

    ...['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'CONNECT', 'POST', 'PROPFIND'].flatMap((method): Row[] => [
      [`${method} for the page`, 405, '/', { method }],
      [`${method} for data`, 405, '/api/status', { method }],
    ]),
    ['HEAD', 200, '/api/status', { method: 'HEAD' }],
    ['control', 404, `${CAMERA}/settings`, post()],
    ['control by GET', 404, `${CAMERA}/fix`],

    ...[
      '/../package.json',
      '/..%2fpackage.json',
      '/%2e%2e/package.json',
      '/%2e%2e%2fpackage.json',
      '/%252e%252e%252fpackage.json',
      '/..%5cpackage.json',
      '/..\\package.json',
      '/.%2e/package.json',
      '/%c0%ae%c0%ae/package.json',
      '/%u002e%u002e/package.json',
      '/....//package.json',
      '//etc/passwd',
      '/./monitor.js',
      '/wording/../monitor.js',
      '/monitor.js/',
      '/monitor.js%00.html',
      '/monitor%2ejs',
      '/index.html',
      '/page/',
      '/api',
      '/api/status/',
      '/API/STATUS',
      '/api/cameras/',
      '/api/cameras/picam:1/frame',
      '/api/cameras/../status',
      '/api/cameras/picam%3A0%2F..%2F/frame',
      '/api/cameras/..%2f..%2f..%2fetc%2fpasswd/frame',
      '/api/cameras/%ff/frame',
      '/api/cameras/%/frame',
      '/api/cameras/picam%3A0%00/frame',
      '/api/cameras/__proto__/frame',
      '/api/cameras/picam:0/start',
      '/__proto__',
      '/constructor',
    ].map((target): Row => [`the path ${target}`, 404, target]),
    ['a camera', 204, `${CAMERA}/frame`],
    ['a camera that is not encoded', 204, '/api/cameras/picam:0/frame'],
    ['a number of a frame that is none', 400, `${CAMERA}/frame?after=-1`],
    ['a number of a frame that is too large', 400, `${CAMERA}/frame?after=1${'0'.repeat(15)}`],
  ];

  it.each(rows)('meets %s with %d', async (_, status, target, parts = {}) => {
    expect((await ask(rig.port, target, parts)).status).toBe(status);
  });
});

describe('a monitor with a token and control', () => {
  let rig: ServerRig;
  beforeAll(async () => {
    rig = await new ServerRig({ hasToken: true, hasControl: true }).open();
  });
  afterAll(() => rig.server.close());

  const reads = ['/api/status', `${CAMERA}/frame`, '/metrics'];
  const rows: readonly Row[] = [
    ['the page without a token', 200, '/'],
    ['a script without a token', 200, '/monitor.js'],
    ['health without a token', 200, '/healthz'],
    ...reads.flatMap((target): Row[] => [
      [`${target} with the token`, target.endsWith('frame') ? 204 : 200, target, bearer(TOKEN)],
      [`${target} without a token`, 401, target],
      [`${target} with a wrong token`, 401, target, bearer(`${TOKEN}x`)],
    ]),
    ['the scheme in capital letters', 200, '/metrics', headers({ Authorization: `BEARER  ${TOKEN}` })],
    ['a part of the token', 401, '/metrics', bearer(TOKEN.slice(0, -1))],
    ['an empty token', 401, '/metrics', bearer('')],
    ['the token in capital letters', 401, '/metrics', bearer(TOKEN.toUpperCase())],
    ['the token with more behind it', 401, '/metrics', bearer(`${TOKEN} ${TOKEN}`)],
    ['the token twice', 401, '/metrics', headers({ Authorization: [`Bearer ${TOKEN}`, `Bearer ${TOKEN}`] })],
    ['the token without a scheme', 401, '/metrics', headers({ Authorization: TOKEN })],
    ['the token of another scheme', 401, '/metrics', headers({ Authorization: `Basic ${TOKEN}` })],
    ['the token in the query', 401, `/metrics?token=${TOKEN}`],
    ['the token in a cookie', 401, '/metrics', headers({ Cookie: `token=${TOKEN}` })],
    ['a camera that is not there, without a token', 401, '/api/cameras/none/frame'],
    ['a camera that is not there', 404, '/api/cameras/none/frame', bearer(TOKEN)],
    [
      'the token from a foreign host',
      421,
      '/metrics',
      headers({ Host: 'evil.example', Authorization: `Bearer ${TOKEN}` }),
    ],

    ['a command', 200, `${CAMERA}/fix`, post()],
    [
      'a command of its own page',
      200,
      `${CAMERA}/fix`,
      post({ Origin: 'http://localhost', 'Sec-Fetch-Site': 'same-origin' }),
    ],
    ['a command of another origin', 403, `${CAMERA}/fix`, post({ Origin: 'http://evil.example' })],
    ['a command of another site', 403, `${CAMERA}/fix`, post({ 'Sec-Fetch-Site': 'cross-site' })],
    ['a command without a token', 401, `${CAMERA}/fix`, post({ Authorization: null })],
    ['a command with a wrong token', 401, `${CAMERA}/fix`, post({ Authorization: 'Bearer wrong' })],
    ['a command as a form', 415, `${CAMERA}/fix`, post({ 'Content-Type': 'application/x-www-form-urlencoded' })],
    ['a command as text', 415, `${CAMERA}/fix`, post({ 'Content-Type': 'text/plain' })],
    ['a command of no type', 415, `${CAMERA}/fix`, post({ 'Content-Type': null })],
    ['a command by GET', 405, `${CAMERA}/fix`, bearer(TOKEN)],
    ['a command by PUT', 405, `${CAMERA}/fix`, { ...post(), method: 'PUT' }],
    ['a command for a camera that is not there', 404, '/api/cameras/none/fix', post()],
    ...['start', 'stop', 'quit', 'start_recording', 'stop_recording'].map((name): Row => [
      `the command ${name}`,
      404,
      `${CAMERA}/${name}`,
      post(),
    ]),
  ];

  it.each(rows)('meets %s with %d', async (_, status, target, parts = {}) => {
    const commands = rig.commands.length;
    expect((await ask(rig.port, target, parts)).status).toBe(status);
    expect(rig.commands.length - commands).toBe(status === 200 && parts.method === 'POST' ? 1 : 0);
  });

  it('says how to get in', async () => {
    const { headers: given, body } = await ask(rig.port, '/metrics');
    expect(given['www-authenticate']).toBe('Bearer realm="csi-cameras"');
    expect(JSON.parse(body.toString())).toEqual({
      error: 'The token is missing or wrong. Open the link that the recorder printed.',
    });
  });
});

describe('control without a token for reading', () => {
  it('needs the token all the same', async () => {
    const rig = await new ServerRig({ hasToken: true, readsNeedToken: false, hasControl: true }).open();
    expect((await ask(rig.port, '/api/status')).status).toBe(200);
    expect((await ask(rig.port, `${CAMERA}/fix`, post({ Authorization: null }))).status).toBe(401);
    expect((await ask(rig.port, `${CAMERA}/fix`, post())).status).toBe(200);
    await rig.server.close();
  });

  it('is open to nobody where there is no token at all', async () => {
    const rig = await new ServerRig({ hasControl: true }).open();
    expect((await ask(rig.port, `${CAMERA}/fix`, post())).status).toBe(401);
    expect((await ask(rig.port, `${CAMERA}/fix`, post({ Authorization: 'Bearer ' }))).status).toBe(401);
    await rig.server.close();
  });
});

describe('the names of a server', () => {
  it('are those of the machine with and without its domain, and those of the configuration', () => {
    expect([...namesOf('Pi.fritz.box', { names: ['Cam.example'], host: 'Cam-Net' })]).toEqual([
      'localhost',
      'pi',
      'pi.local',
      'pi.fritz.box',
      'cam.example',
      // The link of the recorder leads there.
      'cam-net',
    ]);
    expect([...namesOf('', { names: [], host: 'localhost' })]).toEqual(['localhost']);
  });
});

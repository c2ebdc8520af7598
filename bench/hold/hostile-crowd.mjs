// @ts-check
import { connect } from 'node:net';

/**
 * A program: clients of the monitor that mean harm, until its stdin ends. Then it prints how many connections they made.
 *
 *   node hostile-crowd.mjs PORT PATH      PATH: of an answer that is large
 */

const [port, path] = [Number(process.argv[2]), process.argv[3] ?? '/'];
const COME_BACK_MS = 50;
const DRIP_MS = 100;
const LONGEST_PATIENCE_MS = 300;
const PIPELINED = 200;
const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;
let connections = 0;

/** @typedef {import('node:net').Socket} Socket */

/** @type {readonly { readonly clients: number, readonly attack: (socket: Socket) => void }[]} */
const CROWD = [
  // Asks for much, and never reads: what is sent to it has to lie somewhere.
  { clients: 64, attack: (socket) => socket.pause().write(request.repeat(PIPELINED)) },
  // Asks for everything at once, and reads.
  { clients: 8, attack: (socket) => socket.resume().write(request.repeat(PIPELINED)) },
  { clients: 8, attack: dripHeaders },
  { clients: 8, attack: reset },
];

/** Sends its headers a byte at a time. @param {Socket} socket */
function dripHeaders(socket) {
  let sent = 0;
  const dripping = setInterval(() => {
    socket.write(request.charAt(sent));
    sent = (sent + 1) % (request.length - 1); // never the end of the headers
  }, DRIP_MS);
  socket.resume().once('close', () => {
    clearInterval(dripping);
  });
}

/** Goes away in the midst of a request or of its answer. @param {Socket} socket */
function reset(socket) {
  socket.resume().write(request.slice(0, Math.ceil(Math.random() * request.length)));
  const leaving = setTimeout(() => socket.resetAndDestroy(), Math.random() * LONGEST_PATIENCE_MS);
  socket.once('close', () => {
    clearTimeout(leaving);
  });
}

/** @param {(socket: Socket) => void} attack */
function comeAgain(attack) {
  const socket = connect({ port, host: '127.0.0.1' }, () => {
    connections += 1;
    attack(socket);
  });
  socket.on('error', () => {}); // refused, reset: it comes again
  socket.once('close', () => setTimeout(comeAgain, COME_BACK_MS, attack));
}

for (const { clients, attack } of CROWD) for (let client = 0; client < clients; client += 1) comeAgain(attack);
process.stdin.resume().once('end', () => {
  process.stdout.write(`${connections}\n`, () => process.exit(0));
});

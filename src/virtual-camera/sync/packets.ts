/**
 * What synchronised cameras say to each other. A client says hello, and the server answers with the agreement. The nonce
 * of a hello comes back in its answer. Anybody may send anything to a port: what is not exactly this is nothing.
 */
import { type Agreement } from './agreement.js';

const MAGIC = Buffer.from('CSIsync1', 'latin1');
const HELLO = 1;
const ANSWER = 2;
/** Magic, kind, nonce; in an answer also three doubles. All numbers are big-endian. */
const HELLO_BYTES = 16;
const ANSWER_BYTES = 40;
const KIND_AT = 8;
const NONCE_AT = 12;
const PERIOD_AT = 16;
const ORIGIN_AT = 24;
const START_AT = 32;
/** What a period can be, microseconds: 10000 frames a second, and longer than any sensor exposes. */
const SHORTEST_US = 100;
const LONGEST_US = 200_000_000;
/** No server counts longer than a day, microseconds. */
const LONGEST_WAIT_US = 86_400_000_000;

export function helloPacket(nonce: number): Buffer {
  return headOf(HELLO, nonce, HELLO_BYTES);
}

export function answerPacket(nonce: number, { periodUs, originUs, startUs }: Agreement): Buffer {
  const packet = headOf(ANSWER, nonce, ANSWER_BYTES);
  packet.writeDoubleBE(periodUs, PERIOD_AT);
  packet.writeDoubleBE(originUs, ORIGIN_AT);
  packet.writeDoubleBE(startUs, START_AT);
  return packet;
}

/** The nonce of a hello; `undefined` for anything else. */
export function readHello(packet: Buffer): number | undefined {
  return isOf(packet, HELLO, HELLO_BYTES) ? packet.readUInt32BE(NONCE_AT) : undefined;
}

/** The agreement in an answer to the hello with this nonce; `undefined` for anything else, and for what cannot be. */
export function readAnswer(packet: Buffer, nonce: number, nowUs: number): Agreement | undefined {
  if (!isOf(packet, ANSWER, ANSWER_BYTES) || packet.readUInt32BE(NONCE_AT) !== nonce) return undefined;
  const periodUs = packet.readDoubleBE(PERIOD_AT);
  const originUs = packet.readDoubleBE(ORIGIN_AT);
  const startUs = packet.readDoubleBE(START_AT);
  // Each comparison is false for NaN.
  const isPossible =
    periodUs >= SHORTEST_US &&
    periodUs <= LONGEST_US &&
    originUs >= 0 &&
    originUs <= nowUs &&
    startUs >= originUs &&
    startUs <= nowUs + LONGEST_WAIT_US;
  return isPossible ? { periodUs, originUs, startUs } : undefined;
}

function headOf(kind: number, nonce: number, bytes: number): Buffer {
  const packet = Buffer.alloc(bytes);
  MAGIC.copy(packet);
  packet.writeUInt32BE(kind, KIND_AT);
  packet.writeUInt32BE(nonce, NONCE_AT);
  return packet;
}

function isOf(packet: Buffer, kind: number, bytes: number): boolean {
  return packet.length === bytes && packet.subarray(0, KIND_AT).equals(MAGIC) && packet.readUInt32BE(KIND_AT) === kind;
}

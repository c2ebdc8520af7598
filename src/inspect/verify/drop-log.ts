import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../core/errors.js';
import { openToInspect } from '../open-file.js';
import type { Finding } from '../verdict.js';
import type { Inspected } from './verify-recording.js';

/** V26: the log of dropped frames, held against accounts. */

/** `frame_drops.jsonl`, and the older ones `frame_drops.jsonl.1` and so on. */
const NAME = /^frame_drops\.jsonl(?:\.\d+)?$/;
const MAX_LINE_BYTES = 64 * 1024;
const READ_BYTES = 256 * 1024;
const DROPPED = new Set(['buffer_full', 'timeout', 'write_error']);
/** A frame that was dropped at an end of the recording may have been taken so much before or behind it. */
const MARGIN_NS = 5_000_000_000n;
/** Times of other boots are told apart by the wall clock, which may have been set. */
const SAME_BOOT_S = 86_400;

interface Drop {
  readonly deviceId: string;
  readonly trial: number;
  readonly monoNs: bigint;
  readonly wallS: number;
  readonly frames: number;
}

export interface DropLog {
  readonly drops: readonly Drop[];
  /** Times at which lines were lost, seconds since 1970: from, to. */
  readonly lost: readonly (readonly [fromS: number, toS: number])[];
  /** The oldest line, seconds since 1970. What came before was rotated away. */
  readonly oldestS: number;
  readonly problem: string | null;
}

/** Reads the log and what was rotated. Never rejects. */
export async function readDropLog(logDir: string): Promise<DropLog> {
  const drops: Drop[] = [];
  const lost: (readonly [number, number])[] = [];
  let oldestS = Infinity;
  try {
    const names = (await readdir(logDir)).filter((name) => NAME.test(name));
    if (names.length === 0) return { drops, lost, oldestS, problem: `${logDir} holds no frame_drops.jsonl.` };
    for (const name of names) {
      await eachLine(join(logDir, name), (line) => {
        const value = parsed(line);
        if (value === null) return;
        const wallS = numberOf(value['ts']);
        if (wallS !== null && wallS < oldestS) oldestS = wallS;
        if (value['event'] === 'lines_lost' && wallS !== null) lost.push([numberOf(value['since']) ?? 0, wallS]);
        const drop = dropOf(value, line, wallS);
        if (drop !== null) drops.push(drop);
      });
    }
    return { drops, lost, oldestS, problem: null };
  } catch (thrown) {
    return { drops, lost, oldestS, problem: `The logs in ${logDir} cannot be read: ${messageOf(thrown)}` };
  }
}

/** `null`: there is neither an account to hold against the log, nor a drop in it. */
export function checkDropLog({ verified, span }: Inspected, log: DropLog): Finding | 'held' | null {
  const { account, deviceId, trial } = verified;
  if (span === null) return null;
  const firstS = Number(span.firstWallUs) / 1e6;
  const lastS = Number(span.lastWallUs) / 1e6;
  const mine = log.drops.filter(
    (drop) =>
      drop.deviceId === deviceId &&
      drop.trial === trial &&
      drop.wallS > firstS - SAME_BOOT_S &&
      drop.wallS < lastS + SAME_BOOT_S,
  );
  const within = (marginNs: bigint): number =>
    mine
      .filter(({ monoNs }) => monoNs >= span.firstMonoNs - marginNs && monoNs <= span.lastMonoNs + marginNs)
      .reduce((sum, { frames }) => sum + frames, 0);
  // The times of frames are those of their sensor, a little before they arrived.
  const [least, most] = [mine.length === 0 ? 0 : Math.min(within(0n), within(MARGIN_NS)), within(MARGIN_NS)];
  if (account === null) {
    if (most === 0) return null;
    const message = `the log tells of ${most} dropped frames at that time, and there is no account`;
    return { id: 'V26', kind: 'lost', frame: null, message };
  }
  const { dropped } = account;
  if (dropped <= most && (dropped >= least || dropped === most)) return 'held';
  const told = `the log tells of ${most} dropped frames, the account of ${dropped}`;
  const areLost = log.lost.some(([fromS, toS]) => toS >= firstS - 60 && fromS <= lastS + 60);
  if (areLost) return note(`${told}; lines of the log were lost meanwhile`);
  if (log.oldestS > firstS) return note(`${told}; the log does not go back so far`);
  return { id: 'V26', kind: 'failed', frame: null, message: told };
}

function note(message: string): Finding {
  return { id: 'V26', kind: 'note', frame: null, message };
}

function dropOf(value: Readonly<Record<string, unknown>>, line: string, wallS: number | null): Drop | null {
  const { reason, device_id: deviceId, trial, count } = value;
  if (typeof reason !== 'string' || !DROPPED.has(reason)) return null;
  if (typeof deviceId !== 'string' || typeof trial !== 'number' || wallS === null) return null;
  // The digits as they stand: JSON.parse would round them.
  const digits = /"mono_ns":(-?\d{1,19})[,}]/.exec(line)?.[1];
  if (digits === undefined) return null;
  const frames = typeof count === 'number' && Number.isSafeInteger(count) && count > 0 ? count : 1;
  return { deviceId, trial, monoNs: BigInt(digits), wallS, frames };
}

function parsed(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : null;
  } catch {
    return null; // a line that was cut by a crash
  }
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** In bounded memory. A line that is too long is passed over. */
async function eachLine(path: string, onLine: (line: string) => void): Promise<void> {
  const file = await openToInspect(path);
  try {
    const block = Buffer.allocUnsafe(READ_BYTES);
    let rest: Buffer = Buffer.alloc(0);
    for (;;) {
      const { bytesRead } = await file.read(block, 0, block.length);
      if (bytesRead === 0) break;
      const bytes = Buffer.concat([rest, block.subarray(0, bytesRead)]);
      let at = 0;
      for (let end = bytes.indexOf(0x0a); end !== -1; end = bytes.indexOf(0x0a, at)) {
        onLine(bytes.toString('utf8', at, end));
        at = end + 1;
      }
      rest = bytes.length - at > MAX_LINE_BYTES ? Buffer.alloc(0) : bytes.subarray(at);
    }
    if (rest.length > 0) onLine(rest.toString('utf8'));
  } finally {
    await file.close();
  }
}

import type { Rig } from './rig.js';

/** One fault: what is done to the module, what must follow, and the program that does it. */
export interface FaultRow {
  /** Its name: unique, and short enough for `--only`. */
  readonly fault: string;
  /** How the fault is made, and where it is not the real thing, at which boundary it stands in for it. */
  readonly injected: string;
  /** Statuses, files, times. That every frame is accounted for is expected of all rows and not repeated. */
  readonly expected: string;
  /** Times that the specification names are measured: it runs alone. */
  readonly isTimed?: true;
  /** It takes ten seconds or more: begun first, so that nobody waits for it alone at the end. */
  readonly isLong?: true;
  /** Throws where what was seen is not what was expected. What holds for every row, the rig checks afterwards. */
  run(rig: Rig): Promise<Seen>;
}

export interface Seen {
  /** In few words. */
  readonly seen: string;
  /** From the fault to the module's word about it, ms. */
  readonly detectMs?: number;
  /** From the fault until everything works again, ms. */
  readonly recoverMs?: number;
}

/** A theme's rows. */
export interface Theme {
  readonly title: string;
  readonly rows: readonly FaultRow[];
}

/** What became of a row, as `--json` writes it. */
export interface RowResult {
  readonly theme: string;
  readonly fault: string;
  readonly injected: string;
  readonly expected: string;
  readonly seen: string;
  /** delivered - (in the video + dropped + skipped), over all recordings of the row. */
  readonly framesUnaccounted: number;
  /** Dropped by us or lost by the camera. */
  readonly framesLost: number;
  /** Reasons with their counts; '' where nothing was lost. */
  readonly lostWhy: string;
  readonly detectMs: number | null;
  readonly recoverMs: number | null;
  readonly ok: boolean;
  /** How long the row took, ms. */
  readonly tookMs: number;
}

/** A time that was not kept. On a machine that does other work too this may be the machine's fault: see `run-rows.ts`. */
export class TooSlow extends Error {
  override readonly name = 'TooSlow';
}

/** Fails unless `leastMs <= ms <= mostMs`. */
export function assertTime(what: string, ms: number, leastMs: number, mostMs: number): void {
  if (ms >= leastMs && ms <= mostMs) return;
  throw new TooSlow(`${what} took ${Math.round(ms)} ms and should take ${leastMs} to ${mostMs} ms`);
}

import { messageOf } from '../../../src/core/errors.js';
import { TooSlow, type FaultRow, type RowResult, type Seen } from './fault-row.js';
import { Rig } from './rig.js';

/** A row that has not ended by then will not. */
const ROW_LIMIT_MS = 60_000;
/**
 * Times are kept to the figures of the specification on a machine that has nothing else to do. One that is busy stops any
 * process for a while, so a time that was not kept is measured again, alone; a defect is late every time.
 */
const TIMED_TRIALS = 3;

export interface PlannedRow {
  readonly theme: string;
  readonly row: FaultRow;
}

/** Runs rows, so many at a time, and then those that measure times one by one. Results come in the order of `planned`. */
export async function runRows(
  planned: readonly PlannedRow[],
  atATime: number,
  onResult: (result: RowResult) => void,
): Promise<RowResult[]> {
  const results = new Map<PlannedRow, RowResult>();
  const work = async (queue: PlannedRow[]): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const result = await runRow(next);
      results.set(next, result);
      onResult(result);
    }
  };
  const together = planned
    .filter(({ row }) => row.isTimed !== true)
    .toSorted((a, b) => Number(b.row.isLong === true) - Number(a.row.isLong === true));
  await Promise.all(Array.from({ length: atATime }, () => work(together)));
  await work(planned.filter(({ row }) => row.isTimed === true));
  return planned.flatMap((row) => results.get(row) ?? []);
}

async function runRow({ theme, row }: PlannedRow): Promise<RowResult> {
  const startedAt = performance.now();
  let outcome = await tryRow(row);
  let trials = 1;
  while (outcome.failure instanceof TooSlow && trials < TIMED_TRIALS) {
    outcome = await tryRow(row);
    trials += 1;
  }
  const { seen, failure, account } = outcome;
  const words = failure === undefined ? (seen?.seen ?? '') : messageOf(failure).split('\n').slice(0, 6).join(' ');
  const framesUnaccounted = account?.framesUnaccounted ?? 0;
  return {
    theme,
    fault: row.fault,
    injected: row.injected,
    expected: row.expected,
    seen: trials === 1 ? words : `${words} (trial ${trials})`,
    framesUnaccounted,
    framesLost: account?.framesLost ?? 0,
    lostWhy: account?.lostWhy ?? '',
    detectMs: rounded(seen?.detectMs),
    recoverMs: rounded(seen?.recoverMs),
    ok: failure === undefined && framesUnaccounted === 0,
    tookMs: Math.round(performance.now() - startedAt),
  };
}

interface Outcome {
  readonly seen?: Seen;
  readonly account?: Awaited<ReturnType<Rig['account']>>;
  readonly failure?: unknown;
}

async function tryRow(row: FaultRow): Promise<Outcome> {
  const rig = await Rig.make();
  let limit: NodeJS.Timeout | undefined;
  const overdue = new Promise<never>((_, reject) => {
    limit = setTimeout(() => {
      reject(new Error(`The row did not end within ${ROW_LIMIT_MS / 1000} s.`));
    }, ROW_LIMIT_MS);
  });
  const happen = async (): Promise<Outcome> => {
    const seen = await Promise.race([row.run(rig), overdue]);
    return { seen, account: await Promise.race([rig.account(), overdue]) };
  };
  const outcome = await happen().catch((failure: unknown): Outcome => ({ failure }));
  clearTimeout(limit);
  // A recording that verify calls damaged fails its row.
  return rig.close().then(
    () => outcome,
    (failure: unknown) => ({ ...outcome, failure: outcome.failure ?? failure }),
  );
}

function rounded(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms);
}

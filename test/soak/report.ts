import type { Judgement } from './judge.js';
import type { SoakResult } from './soak.js';

/** The verdict for people: what was done, what was held, what follows. */
export function report({ ok, problems, judgements, totals }: SoakResult): string {
  const { frames, recordings, decoded, losses, snapshots, commands, seconds, cycles } = totals;
  const rotations = Object.entries(totals.rotations).map(([name, times]) => `${name} ${times}`);
  return [
    `${thousands(frames)} frames in ${thousands(recordings)} recordings, ${cycles} cycles, ${seconds.toFixed(0)} s`,
    `delivered ${thousands(totals.delivered)} = recorded ${thousands(frames)} + dropped ${totals.dropped} + skipped ${totals.skipped}; ` +
      `lost at the source ${totals.sourceGaps}; ${decoded} recordings decoded as a whole`,
    `${losses} cameras lost and found again, ${snapshots} snapshots, ${thousands(commands)} commands`,
    `logs rotated: ${rotations.join(', ')}; log lines lost: ${totals.logLinesLost}`,
    '',
    ...table(judgements),
    '',
    ...problems.map((problem) => `PROBLEM: ${problem}`),
    ok ? 'PASS: nothing grows, every frame is accounted for.' : 'FAIL',
  ].join('\n');
}

function table(judgements: readonly Judgement[]): readonly string[] {
  const rows = judgements.map(({ title, unit, from, to, growthPercent, rule, ok }) => [
    title,
    figure(from, unit),
    figure(to, unit),
    `${growthPercent >= 0 ? '+' : ''}${growthPercent.toFixed(2)} %`,
    rule,
    verdictOf(ok),
  ]);
  const all = [['held', 'after warm-up', 'at the end', 'growth', 'rule', ''], ...rows];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) =>
    row
      .map((cell, column) => padded(cell, column, widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** Names to the left, figures to the right. */
function padded(cell: string, column: number, width: number): string {
  return column >= 1 && column <= 3 ? cell.padStart(width) : cell.padEnd(width);
}

function figure(value: number, unit: Judgement['unit']): string {
  return unit === 'MB' ? `${value.toFixed(2)} MB` : String(value);
}

function verdictOf(ok: boolean | null): string {
  if (ok === null) return '';
  return ok ? 'ok' : 'GROWS';
}

function thousands(value: number): string {
  return value.toLocaleString('en-GB');
}

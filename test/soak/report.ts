import type { Judgement } from './judge.js';
import type { SoakResult } from './soak.js';

/** The verdict for people: what was done, what was held, what follows. */
export function report({ outcome, problems, judgements, totals }: SoakResult): string {
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
    outcome.sentence,
  ].join('\n');
}

function table(judgements: readonly Judgement[]): readonly string[] {
  const rows = judgements.map(({ title, unit, from, to, rule, verdict, ...growth }) => [
    title,
    figure(from, unit),
    figure(to, unit),
    growthText({ unit, ...growth }),
    rule,
    verdict ?? '',
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

/** Memory with the error of 95 %, in as many digits as the error leaves: `+1.52 ± 0.60 % a day`. */
export function growthText(judgement: Pick<Judgement, 'unit' | 'growthPercent' | 'errorPercent'>): string {
  const { unit, growthPercent, errorPercent } = judgement;
  const sign = growthPercent >= 0 ? '+' : '';
  if (unit === '') return `${sign}${growthPercent.toFixed(2)} %`;
  if (errorPercent === null) return `${sign}${growthPercent.toFixed(0)} ± ? % a day`;
  const digits = errorPercent < 1 ? 2 : errorPercent < 10 ? 1 : 0;
  return `${sign}${growthPercent.toFixed(digits)} ± ${errorPercent.toFixed(digits)} % a day`;
}

function thousands(value: number): string {
  return value.toLocaleString('en-GB');
}

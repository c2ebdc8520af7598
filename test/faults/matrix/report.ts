import type { RowResult } from './fault-row.js';

/** The matrix as a table for people: one row a fault, texts wrapped into their columns. */

interface Column {
  readonly head: string;
  readonly width: number;
  readonly isRight?: true;
  readonly text: (result: RowResult) => string;
}

const COLUMNS: readonly Column[] = [
  { head: '', width: 4, text: ({ ok }) => (ok ? 'ok' : 'FAIL') },
  { head: 'fault', width: 24, text: ({ fault }) => fault },
  { head: 'injected', width: 36, text: ({ injected }) => injected },
  { head: 'expected', width: 44, text: ({ expected }) => expected },
  { head: 'seen', width: 36, text: ({ seen }) => seen },
  { head: 'detect ms', width: 6, isRight: true, text: ({ detectMs }) => `${detectMs ?? '-'}` },
  { head: 'recover ms', width: 7, isRight: true, text: ({ recoverMs }) => `${recoverMs ?? '-'}` },
  {
    head: 'frames lost, why',
    width: 18,
    text: ({ framesLost, lostWhy }) => (lostWhy === '' ? `${framesLost}` : lostWhy),
  },
  { head: 'unac-counted', width: 7, isRight: true, text: ({ framesUnaccounted }) => `${framesUnaccounted}` },
];

const RULE = COLUMNS.map(({ width }) => '-'.repeat(width)).join('  ');

export function tableOf(results: readonly RowResult[]): string {
  const lines: string[] = [];
  let theme = '';
  for (const result of results) {
    if (result.theme !== theme) {
      theme = result.theme;
      lines.push('', theme.toUpperCase(), ...cells(COLUMNS.map(({ head }) => head)), RULE);
    }
    lines.push(...cells(COLUMNS.map(({ text }) => text(result))), '');
  }
  return lines.join('\n');
}

export function summaryOf(results: readonly RowResult[], tookMs: number): string {
  const failed = results.filter(({ ok }) => !ok);
  const unaccounted = results.reduce((sum, result) => sum + result.framesUnaccounted, 0);
  const count = `${results.length} ${results.length === 1 ? 'fault' : 'faults'}, ${failed.length} failed, ${unaccounted} frames unaccounted for`;
  const names = failed.map(({ fault, seen }) => `  FAIL  ${fault}: ${seen}`);
  return [`${count}, ${(tookMs / 1000).toFixed(0)} s`, ...names].join('\n');
}

/** A line on stderr when a row is done. */
export function progressOf(result: RowResult, done: number, all: number): string {
  const place = `[${`${done}`.padStart(`${all}`.length)}/${all}]`;
  const seconds = `${(result.tookMs / 1000).toFixed(1)} s`.padStart(7);
  return `${place} ${result.ok ? 'ok  ' : 'FAIL'} ${seconds}  ${result.fault}${result.ok ? '' : `: ${result.seen}`}`;
}

/** The lines of one table row. */
function cells(texts: readonly string[]): string[] {
  const wrapped = COLUMNS.map(({ width }, index) => wrap(texts[index] ?? '', width));
  const height = Math.max(...wrapped.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) =>
    COLUMNS.map(({ width, isRight }, index) => {
      const text = wrapped[index]?.[line] ?? '';
      return isRight ? text.padStart(width) : text.padEnd(width);
    })
      .join('  ')
      .trimEnd(),
  );
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).flatMap((whole) => pieces(whole, width))) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** A word that is longer than its column (a path) is cut. */
function pieces(word: string, width: number): string[] {
  return word.match(new RegExp(`.{1,${width}}`, 'gu')) ?? [];
}

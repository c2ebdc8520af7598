import { type RecordingCase, damaged } from './recording-case.js';
import type { TakeInMemory } from './take-in-memory.js';

const V23 = { more: ['V23'] } as const;
const COLUMNS = ['trial', 'module', 'device', 'label', 'unix', 'mono', 'index', 'sensor', 'pts'] as const;
type Column = (typeof COLUMNS)[number];

export const DAMAGED_ROWS: readonly RecordingCase[] = [
  damaged('without its rows', ['V25'], (take) => void (take.timing = null), V23),
  damaged('whose timing file is empty', ['V12', 'V13'], (take) => void (take.timing = Buffer.alloc(0)), V23),
  damaged('whose timing file has its header alone', ['V13'], (take) => take.setLines(take.lines.slice(0, 1)), V23),
  damaged(
    'whose timing file has a column’s name wrong',
    ['V12'],
    (take) => {
      const [header = '', ...others] = take.lines;
      take.setLines([header.replace('label', 'Label'), ...others]);
    },
    V23,
  ),
  damaged(
    'with a byte order mark before its rows',
    ['V12'],
    (take) => {
      take.timing = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), rows(take)]);
    },
    V23,
  ),
  damaged(
    'whose lines end as on Windows',
    ['V12'],
    (take) => {
      take.timing = Buffer.from(rows(take).toString().replaceAll('\n', '\r\n'));
    },
    V23,
  ),
  damaged(
    'with a NUL within a row',
    ['V12'],
    (take) => {
      const at = rows(take).indexOf(',baseline,') + 3;
      rows(take).writeUInt8(0, at);
    },
    V23,
  ),
  damaged(
    'with zeros for its last rows',
    ['V12', 'V13'],
    (take) => void rows(take).fill(0, rows(take).length - 400),
    V23,
  ),
  damaged('without its last row', ['V13'], (take) => take.setLines(take.lines.slice(0, -1)), V23),
  damaged(
    'with half of its last row',
    ['V12', 'V13'],
    (take) => {
      take.timing = Buffer.from(rows(take).subarray(0, rows(take).length - 30));
    },
    V23,
  ),
  damaged(
    'whose last row has no line break',
    ['V12'],
    (take) => {
      take.timing = Buffer.from(rows(take).subarray(0, rows(take).length - 1));
    },
    V23,
  ),
  damaged(
    'without a row in its midst',
    ['V13', 'V14', 'V20'],
    (take) => withLines(take, (lines) => lines.splice(20, 1)),
    { more: ['V22', 'V23'] },
  ),
  damaged(
    'with a row twice',
    ['V13', 'V14', 'V16', 'V20'],
    (take) => {
      withLines(take, (lines) => lines.splice(20, 0, lines[20] ?? ''));
    },
    V23,
  ),
  damaged(
    'with two rows in each other’s place',
    ['V14', 'V16', 'V17', 'V20'],
    (take) => {
      withLines(take, (lines) => lines.splice(20, 2, lines[21] ?? '', lines[20] ?? ''));
    },
    V23,
  ),
  damaged(
    'with an empty line among its rows',
    ['V12'],
    (take) => withLines(take, (lines) => lines.splice(20, 0, '')),
    V23,
  ),
  damaged('with a field too many in a row', ['V12'], (take) => withLines(take, (lines) => (lines[20] += ',1')), V23),
  damaged('with a word for a number in a row', ['V12'], (take) => set(take, 20, 'sensor', 'nan'), V23),
  damaged('with a blank for a number in a row', ['V12'], (take) => set(take, 20, 'sensor', ''), V23),
  damaged('with a number beyond 64 bits in a row', ['V12'], (take) => set(take, 20, 'sensor', '9'.repeat(25)), V23),
  damaged('with a number in the way of spreadsheets', ['V12'], (take) => set(take, 20, 'sensor', '9.3E+12'), V23),
  damaged('with an index out of order', ['V14'], (take) => set(take, 20, 'index', '21'), { ...V23, at: ['V14', 20] }),
  damaged('with another position in the video', ['V14'], (take) => set(take, 20, 'pts', '19'), {
    ...V23,
    at: ['V14', 20],
  }),
  damaged('with another trial in a row', ['V15'], (take) => set(take, 20, 'trial', '2'), { ...V23, at: ['V15', 20] }),
  damaged(
    'with another trial in all rows',
    ['V15'],
    (take) => {
      for (let row = 1; row <= 60; row += 1) set(take, row, 'trial', '2');
    },
    V23,
  ),
  damaged('with another module in a row', ['V15'], (take) => set(take, 20, 'module', 'Cameras'), {
    ...V23,
    at: ['V15', 20],
  }),
  damaged('with another device in a row', ['V15'], (take) => set(take, 20, 'device', 'picam:1'), {
    ...V23,
    at: ['V15', 20],
  }),
  damaged('with another label in a row', ['V15'], (take) => set(take, 20, 'label', 'basis'), {
    ...V23,
    at: ['V15', 20],
  }),
  damaged(
    'with the sensor time of another frame in a row',
    ['V16', 'V20'],
    (take) => {
      set(take, 20, 'sensor', get(take, 19, 'sensor'));
    },
    { ...V23, at: ['V16', 20] },
  ),
  damaged(
    'with another sensor time in a row',
    ['V20'],
    (take) => {
      set(take, 20, 'sensor', String(BigInt(get(take, 20, 'sensor')) + 1n));
    },
    { ...V23, at: ['V20', 20] },
  ),
  damaged('whose clock went back', ['V17'], (take) => set(take, 20, 'mono', get(take, 18, 'mono')), {
    ...V23,
    at: ['V17', 20],
  }),
  damaged('with a frame that came before it was taken', ['V17'], (take) => shiftMono(take, 1, 60, -1_000_000_000n), {
    ...V23,
    at: ['V17', 1],
  }),
  damaged('with frames that came a minute late', ['V17'], (take) => shiftMono(take, 31, 60, 60_000_000_000n), {
    ...V23,
    at: ['V17', 31],
  }),
  damaged(
    'with the rows of another recording, as many',
    ['V19', 'V20'],
    (take) => {
      for (let row = 1; row <= 60; row += 1) {
        const later = (value: bigint): bigint => value + BigInt(row) * 1_000_000n;
        set(take, row, 'sensor', String(later(BigInt(get(take, row, 'sensor')))));
        set(take, row, 'mono', seconds(later(nanoseconds(get(take, row, 'mono')))));
      }
    },
    V23,
  ),
];

export function rows({ timing }: TakeInMemory): Buffer {
  if (timing === null) throw new Error('It has no rows.');
  return timing;
}

function withLines(take: TakeInMemory, change: (lines: string[]) => void): void {
  const { lines } = take;
  change(lines);
  take.setLines(lines);
}

/** `row` from 1. The labels here have neither commas nor line breaks. */
function get(take: TakeInMemory, row: number, column: Column): string {
  return take.lines[row]?.split(',')[COLUMNS.indexOf(column)] ?? '';
}

export function set(take: TakeInMemory, row: number, column: Column, value: string): void {
  withLines(take, (lines) => {
    const fields = (lines[row] ?? '').split(',');
    fields[COLUMNS.indexOf(column)] = value;
    lines[row] = fields.join(',');
  });
}

function shiftMono(take: TakeInMemory, from: number, to: number, byNs: bigint): void {
  for (let row = from; row <= to; row += 1) set(take, row, 'mono', seconds(nanoseconds(get(take, row, 'mono')) + byNs));
}

function nanoseconds(text: string): bigint {
  return BigInt(text.replace('.', ''));
}

function seconds(ns: bigint): string {
  const digits = String(ns).padStart(10, '0');
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`;
}

import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { MetadataColumns } from '../../../src/recording/metadata-columns.js';
import { sensorTimestampOf, usualMetadata } from '../../harness/jpeg-frames.js';

const NOT_CUT = (): void => {
  throw new Error('Something was left out.');
};

/** One row by a reader that is not ours, by the names of its columns. */
function read(first: string, text: string, onCut = NOT_CUT): Readonly<Record<string, string>> {
  const columns = new MetadataColumns(first, onCut);
  const lines = columns.header + columns.row({ sensorTimestampNs: 7n, text }, 3);
  expect(lines.split('\n')).toHaveLength(3);
  const rows: Record<string, string>[] = parse(lines, { columns: true });
  expect(rows).toHaveLength(1);
  return rows[0] ?? {};
}

describe('the columns of frame metadata', () => {
  it('are the names of the first frame, sorted, whatever order the tool had', () => {
    const [first, second] = [usualMetadata(1), usualMetadata(2)];
    expect(first).not.toBe(second);
    const columns = new MetadataColumns(first, NOT_CUT);
    expect(columns.header).toBe(
      'frame_index,sensor_timestamp_ns,AeState,AnalogueGain,ColourGains,ExposureTime,FrameWallClock,Lux,ScalerCrop,SensorTimestamp,other\n',
    );
    expect(new MetadataColumns(second, NOT_CUT).header).toBe(columns.header);
    expect(columns.row({ sensorTimestampNs: sensorTimestampOf(2), text: second }, 2)).toBe(
      `2,${sensorTimestampOf(2)},2,2.000000,"[ 1.781250, 2.171875 ]",5002,1767681006123456002,403.500000,"(0, 0)/1456x1088",${sensorTimestampOf(2)},\n`,
    );
  });

  it('are empty for a frame without metadata, and for what it does not tell', () => {
    expect(new MetadataColumns('B=2\nA=1', NOT_CUT).row({ sensorTimestampNs: 0n, text: '' }, 1)).toBe('1,0,,,\n');
    expect(read('B=2\nA=1', 'B=5')).toMatchObject({ A: '', B: '5', other: '' });
  });

  it('hold names that come later in the last one', () => {
    expect(read('A=1', 'C=3\nA=2\nB=[ 4, 5 ]')).toEqual({
      frame_index: '3',
      sensor_timestamp_ns: '7',
      A: '2',
      other: 'C=3; B=[ 4, 5 ]',
    });
    expect(read('', 'A=1\nB=2')).toMatchObject({ other: 'A=1; B=2' });
  });

  it('lose no value of a name that comes twice', () => {
    expect(read('A=1', 'A=1\nA=2')).toMatchObject({ A: '1', other: 'A=2' });
  });

  it('are never two of the same name', () => {
    const text = 'frame_index=9\nother=x\nsensor_timestamp_ns=8\n=nameless\nno equals sign\nA=1';
    expect(new MetadataColumns(text, NOT_CUT).header).toBe('frame_index,sensor_timestamp_ns,A,other\n');
    expect(read(text, text)).toMatchObject({
      frame_index: '3',
      sensor_timestamp_ns: '7',
      A: '1',
      other: 'frame_index=9; other=x; sensor_timestamp_ns=8; =nameless; no equals sign',
    });
  });

  it('keep what a spreadsheet would take for a formula as it is', () => {
    expect(read('=cmd()=1', '=cmd()=1')).toMatchObject({ other: '=cmd()=1' });
    expect(read('A=1', "A==cmd|' /C calc'!A0")).toMatchObject({ A: "=cmd|' /C calc'!A0" });
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('may be called %s', (name) => {
    const columns = new MetadataColumns(`${name}=1`, NOT_CUT);
    expect(columns.header).toBe(`frame_index,sensor_timestamp_ns,${name},other\n`);
    expect(columns.row({ sensorTimestampNs: 7n, text: `${name}=5` }, 3)).toBe('3,7,5,\n');
    expect(new MetadataColumns('A=1', NOT_CUT).row({ sensorTimestampNs: 7n, text: `${name}=5` }, 3)).toBe(
      `3,7,,${name}=5\n`,
    );
  });

  it('show control characters as replacement characters', () => {
    expect(read('A=1', 'A=\u001B[2J\u0085\tx')).toMatchObject({ A: '\uFFFD[2J\uFFFD\tx' });
    expect(read('A\0=1\nA\u0001=2', 'A\0=1')).toEqual({
      frame_index: '3',
      sensor_timestamp_ns: '7',
      other: 'A\uFFFD=1',
    });
  });
});

describe('the bounds of frame metadata', () => {
  it('are 64 columns: further names go into the last one', () => {
    const text = Array.from({ length: 100 }, (_, index) => `N${String(index).padStart(2, '0')}=${index}`).join('\n');
    const row = read(text, text);
    expect(Object.keys(row)).toHaveLength(64);
    expect(row['N60']).toBe('60');
    expect(row['other']).toMatch(/^N61=61; .*; N99=99$/);
  });

  it('are 512 characters a value', () => {
    let cuts = 0;
    const row = read('A=1', `A=${'x'.repeat(513)}\nB=${'y'.repeat(513)}`, () => (cuts += 1));
    expect(row).toMatchObject({ A: 'x'.repeat(512), other: `B=${'y'.repeat(512)}` });
    expect(cuts).toBe(1);
    expect(read('A=1', `A=${'x'.repeat(512)}`)).toMatchObject({ A: 'x'.repeat(512) });
  });

  it('are 4 KiB a row: what still fits is there', () => {
    let cuts = 0;
    const big = Array.from({ length: 9 }, (_, index) => `N${index}=${'x'.repeat(500)}`).join('\n');
    const row = read(`${big}\nZ=1`, `${big}\nZ=last\nLater=1`, () => (cuts += 1));
    expect(cuts).toBe(1);
    expect(row).toMatchObject({ N0: 'x'.repeat(500), N8: '', Z: 'last', other: 'Later=1' });
  });

  it('are 4096 bytes a row and not one less, whatever a character takes', () => {
    const bytesOf = (last: string): readonly [bytes: number, cuts: number] => {
      let cuts = 0;
      const names = Array.from({ length: 8 }, (_, index) => `N${index}=${'x'.repeat(500)}`).join('\n');
      const text = `${names}\nZ=${last}`;
      const row = new MetadataColumns(text, () => (cuts += 1)).row({ sensorTimestampNs: 7n, text }, 3);
      return [Buffer.byteLength(row), cuts];
    };
    const [room] = bytesOf('');
    expect(bytesOf('z'.repeat(4096 - room))).toEqual([4096, 0]);
    expect(bytesOf('z'.repeat(4097 - room))).toEqual([room, 1]);
    const halfAsMany = (4096 - room) / 2;
    expect(bytesOf('\u00e9'.repeat(Math.floor(halfAsMany)))[1]).toBe(0);
    expect(bytesOf('\u00e9'.repeat(Math.floor(halfAsMany) + 1))).toEqual([room, 1]);
  });

  it('are at most 4096 bytes a row also where commas alone are too many', () => {
    for (let length = 60; length < 75; length += 1) {
      const text = Array.from({ length: 60 }, (_, index) => `N${index}=${'x'.repeat(length)}`).join('\n');
      const row = new MetadataColumns(text, () => undefined).row({ sensorTimestampNs: 7n, text }, 3);
      expect(Buffer.byteLength(row)).toBeLessThanOrEqual(4096);
      expect(Buffer.byteLength(row)).toBeGreaterThan(length < 67 ? 60 * length : 4000);
    }
  });

  it('hold for the header, too', () => {
    const names = Array.from({ length: 20 }, (_, index) => `${index}${'"'.repeat(300)}`);
    const { header } = new MetadataColumns(names.map((name) => `${name}=1`).join('\n'), NOT_CUT);
    expect(Buffer.byteLength(header)).toBeLessThanOrEqual(4096);
    const [fields = []]: string[][] = parse(header);
    expect(fields.length).toBeGreaterThan(5);
  });

  it('hold whatever a tool says, and every reader finds one row with as many fields as the header', () => {
    const word = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 600 }),
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('"', ',', '\r', '\r\r', '""",', '=cmd()', '\uD800', '\u2028', '; ', '\0'),
    );
    const line = fc.tuple(word, word).map(([name, value]) => `${name}=${value}`.replaceAll('\n', ' '));
    const block = fc.array(line, { maxLength: 90 }).map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(block, block, (first, later) => {
        const columns = new MetadataColumns(first, () => undefined);
        for (const text of [first, later]) {
          const row = columns.row({ sensorTimestampNs: 7n, text }, 3);
          expect(Buffer.byteLength(row)).toBeLessThanOrEqual(4096);
          const bytes = Buffer.from(columns.header + row);
          expect(bytes.toString('utf8').split('\n')).toHaveLength(3);
          const parsed: string[][] = parse(bytes, { relax_column_count: false });
          expect(parsed).toHaveLength(2);
          expect(parsed[1]?.slice(0, 2)).toEqual(['3', '7']);
        }
        expect(Buffer.byteLength(columns.header)).toBeLessThanOrEqual(4096);
      }),
      { numRuns: 300 },
    );
  });
});

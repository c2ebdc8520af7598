import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readTimingRows, TimingRowsError } from '../../../../src/inspect/rows/timing-rows.js';
import { type RowSink, TimingScan } from '../../../../src/inspect/rows/timing-scan.js';
import { rowPrefix, TIMING_HEADER, timingRow } from '../../../../src/recording/timing-csv.js';
import { temporaryFolder } from '../../../harness/temporary-folder.js';

const SUBJECT = { trialNumber: 7, deviceId: 'picam:0', trialLabel: 'baseline' };
const BEYOND_DOUBLES = 9_007_199_254_740_993n;

function written(rows: number, subject = SUBJECT): string {
  const times = (index: number) => ({
    sensorTimestampNs: BEYOND_DOUBLES + BigInt(index) * 33_333_333n,
    arrivedMonotonicNs: BEYOND_DOUBLES + 40_000_001n + BigInt(index) * 33_333_333n,
    wallClockUs: 1_704_567_890_000_001n + BigInt(index) * 33_333n,
  });
  const lines = Array.from({ length: rows }, (_, index) => timingRow(rowPrefix(subject), times(index), index + 1));
  return TIMING_HEADER + lines.join('');
}

/** What a scan tells, fed with pieces of `step` bytes. */
function told(text: string | Buffer, step = 1_000_000): { readonly rows: number; readonly heard: readonly string[] } {
  const heard: string[] = [];
  const sink: RowSink = {
    rows: () => undefined,
    subject: (subject) => heard.push(`subject ${subject.label}`),
    strange: (row, { label }) => heard.push(`strange ${row} ${label}`),
    fault: (row, reason) => heard.push(`fault ${row} ${reason}`),
  };
  const scan = new TimingScan(sink);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += step) scan.push(bytes.subarray(at, at + step));
  scan.end();
  return { rows: scan.count, heard };
}

describe('the rows of a timing file', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(() => folder.remove());

  async function read(text: string | Buffer, most?: number) {
    const path = join(folder.path, 'x_timing.csv');
    await writeFile(path, text);
    return readTimingRows(path, most);
  }

  it('are read to the nanosecond beyond what a double holds', async () => {
    const rows = await read(written(5_000));
    expect(rows).toMatchObject({ count: 5_000, trial: 7, deviceId: 'picam:0', label: 'baseline' });
    for (const index of [0, 1, 4_095, 4_096, 4_999]) {
      const steps = BigInt(index);
      expect(rows.sensorNs[index]).toBe(BEYOND_DOUBLES + steps * 33_333_333n);
      expect(rows.monoNs[index]).toBe(BEYOND_DOUBLES + 40_000_001n + steps * 33_333_333n);
      expect(rows.unixUs[index]).toBe(1_704_567_890_000_001n + steps * 33_333n);
    }
  });

  it('keep the largest and the least number of 64 bits, and zero', async () => {
    const [most, least] = [2n ** 63n - 1n, -(2n ** 63n) + 1n];
    const row = (index: number, ns: bigint, us: bigint) =>
      timingRow(rowPrefix(SUBJECT), { sensorTimestampNs: ns, arrivedMonotonicNs: ns, wallClockUs: us }, index);
    const numbers = [most, least, 0n, -1n, -1_000_000_000n, -4_294_967_296n];
    const rows = await read(TIMING_HEADER + numbers.map((ns, index) => row(index + 1, ns, ns)).join(''));
    expect([...rows.sensorNs]).toEqual(numbers);
    expect([...rows.monoNs]).toEqual(numbers);
    expect([...rows.unixUs]).toEqual(numbers);
    await expect(read(TIMING_HEADER + row(1, most + 1n, 0n))).rejects.toThrow(TimingRowsError);
  });

  it('end where the caller has enough, whatever is behind', async () => {
    const text = `${written(10)}7,CSICameras,pic`;
    await expect(read(text)).rejects.toMatchObject({ row: 11, reason: 'the file ends without a line end' });
    expect(await read(text, 10)).toMatchObject({ count: 10 });
    expect((await read(text, 4)).sensorNs).toHaveLength(4);
  });

  it('are refused with the row that is wrong', async () => {
    await expect(read(written(3).replace(',2,', ',4,'))).rejects.toMatchObject({ row: 2 });
    await expect(read(written(3).replaceAll('\n', '\r\n'))).rejects.toMatchObject({ row: 0 });
    await expect(read('')).rejects.toMatchObject({ row: 0, reason: 'the file is empty' });
    await expect(readTimingRows(folder.path)).rejects.toThrow('no regular file');
  });
});

describe('a scan of a timing file', () => {
  it('tells the same for pieces of any size, with a label that has a line break, a comma and quotes', () => {
    const text = written(40, { ...SUBJECT, trialLabel: 'one\n"two", three' });
    for (const step of [1, 2, 7, 64, 1_000]) {
      expect(told(text, step)).toEqual({ rows: 40, heard: ['subject one\n"two", three'] });
    }
  });

  it('goes on behind a row that cannot be read, and counts it', () => {
    const lines = written(6).split('\n');
    const spoil = (row: number, line: string) => told(lines.with(row, line).join('\n'));
    const whole = lines[2] ?? '';
    for (const [line, reason] of [
      [whole.slice(0, 30), 'instead of nine'],
      [`${whole},1`, 'it has 10 fields instead of nine'],
      [`${whole}\r`, 'RFC 4180'],
      [whole.replace('baseline', 'base"line'), 'RFC 4180'],
      [whole.replace('baseline', '"baseline'), 'RFC 4180'],
      [whole.replace('baseline', 'base\0line'), 'RFC 4180'],
      [whole.replace('.', ''), 'not written as'],
      [whole.replace(/,2$/, ',two'), 'not written as'],
    ] as const) {
      const { rows, heard } = spoil(2, line);
      expect([line, rows]).toEqual([line, 6]);
      expect(heard).toEqual(['subject baseline', expect.stringContaining(`fault 2 `)]);
      expect(heard[1]).toContain(reason);
    }
  });

  it('takes an empty line for no row', () => {
    const lines = written(3).split('\n');
    const { rows, heard } = told(lines.toSpliced(2, 0, '').join('\n'));
    expect([rows, heard]).toEqual([3, ['subject baseline', 'fault 2 there is an empty line before it']]);
  });

  it('tells of rows of another label, of half a row at the end, and of a row without its line end', () => {
    const text = written(3);
    expect(told(text + written(1, { ...SUBJECT, trialLabel: 'other' }).slice(TIMING_HEADER.length))).toEqual({
      rows: 4,
      heard: ['subject baseline', 'strange 4 other'],
    });
    expect(told(text.slice(0, -20)).rows).toBe(2);
    const unended = told(text.slice(0, -1));
    expect(unended).toEqual({ rows: 3, heard: ['subject baseline', 'fault 3 the file ends without a line end'] });
  });

  it('tells what is wrong with a header line', () => {
    const text = written(1);
    expect(told(`\u{FEFF}${text}`).heard).toContain(
      'fault 0 the file begins with a byte order mark: another program has saved it',
    );
    expect(told(text.replaceAll('\n', '\r\n')).heard[0]).toContain('CR and LF');
    expect(told(text.replace('label', 'name')).heard[0]).toContain('header line');
    expect(told('trial,mod').heard).toEqual(['fault 0 the file ends within its header line']);
    expect(told(Buffer.alloc(200_000)).rows).toBeGreaterThan(0);
  });
});

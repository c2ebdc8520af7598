import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import type { FrameTimes } from '../../../src/core/frame.js';
import { csvField } from '../../../src/recording/csv-field.js';
import type { RowFile } from '../../../src/recording/row-file.js';
import { TIMING_HEADER, createTimingCsv, rowPrefix, timingRow } from '../../../src/recording/timing-csv.js';
import { FaultyFileSystem } from '../../harness/faulty-file-system.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

const SUBJECT = { trialNumber: 7, deviceId: 'picam:0', trialLabel: '' };

const times = (sensorTimestampNs: bigint, arrivedMonotonicNs = 5_000_000_001n): FrameTimes => ({
  sensorTimestampNs,
  arrivedMonotonicNs,
  wallClockUs: 1_767_681_006_000_042n,
});

/** C0 and C1 controls and DEL, without tab, line feed and carriage return. */
function isControl(sign: string): boolean {
  const code = sign.codePointAt(0) ?? 0;
  return (code < 0x20 && !'\t\n\r'.includes(sign)) || (code >= 0x7f && code < 0xa0);
}

describe('a row', () => {
  it('has the columns of the specification', () => {
    expect(TIMING_HEADER).toBe(
      'trial,module,device_id,label,record_time_unix,record_time_mono,frame_index,sensor_timestamp_ns,video_pts\n',
    );
    expect(timingRow(rowPrefix({ ...SUBJECT, trialLabel: 'walk' }), times(123n), 9)).toBe(
      '7,CSICameras,picam:0,walk,1767681006.000042,5.000000001,9,123,9\n',
    );
  });

  it('keeps every nanosecond of values that no double holds', () => {
    const row = timingRow(rowPrefix(SUBJECT), times(9_223_372_036_854_775_807n, 9_007_199_254_740_993_123n), 1);
    expect(row).toContain(',9007199254.740993123,1,9223372036854775807,1\n');
  });

  it('writes times below one second, zero and before 1970 in full', () => {
    const row = (wallClockUs: bigint, mono: bigint) =>
      timingRow('', { sensorTimestampNs: 0n, arrivedMonotonicNs: mono, wallClockUs }, 1);
    expect(row(0n, 0n)).toBe('0.000000,0.000000000,1,0,1\n');
    expect(row(5n, 7n)).toBe('0.000005,0.000000007,1,0,1\n');
    expect(row(-1_500_000n, 1_000_000_000n)).toBe('-1.500000,1.000000000,1,0,1\n');
  });
});

describe('a text field', () => {
  it('is quoted only where it must be', () => {
    expect(csvField('plain text; no quotes')).toBe('plain text; no quotes');
    expect(csvField('')).toBe('');
    expect(csvField('a,b')).toBe('"a,b"');
    expect(csvField('say "hi"')).toBe('"say ""hi"""');
    expect(csvField('two\nlines')).toBe('"two\nlines"');
    expect(csvField('two\r\nlines')).toBe('"two\r\nlines"');
  });

  it('shows control characters as replacement characters', () => {
    expect(csvField('a\0b\u001B[2Jc\u007F\u0085\td')).toBe('a\uFFFDb\uFFFD[2Jc\uFFFD\uFFFD\td');
  });

  it('comes back from an independent reader as it went in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (label) => {
        const line = timingRow(rowPrefix({ ...SUBJECT, trialLabel: label }), times(1n), 1);
        const [row]: string[][] = parse(line, { relax_column_count: false });
        expect(row?.[3]).toBe(Array.from(label, (sign) => (isControl(sign) ? '\uFFFD' : sign)).join(''));
        expect(row).toHaveLength(9);
      }),
    );
  });
});

describe('a timing file', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let path: string;
  const faulty = () => new FaultyFileSystem();

  beforeEach(async () => {
    folder = await temporaryFolder();
    path = join(folder.path, 'a_timing.csv');
  });

  afterEach(() => folder.remove());

  async function create(disk = faulty()): Promise<RowFile<FrameTimes>> {
    return createTimingCsv(await disk.fileSystem.open(path, 'wx'), { path, subject: SUBJECT });
  }

  async function writtenIndices(): Promise<string[]> {
    const lines = (await readFile(path, 'utf8')).split('\n');
    expect(lines.pop()).toBe('');
    return lines.slice(1).map((line) => line.split(',')[6] ?? '');
  }

  it('writes rows with the flush and keeps them when they are settled', async () => {
    const csv = await create();
    csv.note(times(1n));
    csv.note(times(2n));
    expect(csv.waitingRows).toBe(2);
    expect(await readFile(path, 'utf8')).toBe(TIMING_HEADER);
    await csv.flush();
    csv.settle();
    csv.note(times(3n));
    await csv.flush();
    csv.settle();
    await csv.finalize(true);
    await csv.abandon();
    expect(csv.settledRows).toBe(3);
    expect(await writtenIndices()).toEqual(['1', '2', '3']);
  });

  it('cuts off rows that were written but not settled', async () => {
    const csv = await create();
    csv.note(times(1n));
    await csv.flush();
    csv.settle();
    csv.note(times(2n));
    await csv.flush();
    await csv.finalize(false);
    expect(await writtenIndices()).toEqual(['1']);
  });

  it('writes fewer rows over a failed attempt with more', async () => {
    const disk = faulty();
    const csv = await create(disk);
    for (const number of [1n, 2n, 3n, 4n]) csv.note(times(number));
    disk.inject({ operation: 'writev', effect: { kind: 'short', bytes: 70 }, times: 1 });
    disk.inject({ operation: 'writev', effect: { kind: 'fail', errno: 'ENOSPC' }, times: 1 });
    await expect(csv.flush()).rejects.toMatchObject({ code: 'disk_full' });
    csv.forgetAfter(2);
    await csv.flush();
    csv.settle();
    await csv.finalize(false);
    expect(await writtenIndices()).toEqual(['1', '2']);
  });

  it('settles nothing when all rows of a failed attempt were taken back', async () => {
    const csv = await create();
    csv.note(times(1n));
    await csv.flush();
    csv.forgetAfter(0);
    await csv.flush();
    csv.settle();
    csv.forgetAfter(0);
    await csv.finalize(false);
    expect(csv.settledRows).toBe(0);
    expect(await readFile(path, 'utf8')).toBe(TIMING_HEADER);
  });

  it('closes the descriptor when the header line cannot be written', async () => {
    const disk = faulty();
    disk.inject({ operation: 'writev', effect: { kind: 'fail', errno: 'EIO' } });
    const handle = await disk.fileSystem.open(path, 'wx');
    await expect(createTimingCsv(handle, { path, subject: SUBJECT })).rejects.toMatchObject({ code: 'io_error' });
    expect(handle.fd).toBe(-1);
  });

  it.each(['datasync', 'truncate', 'close'] as const)('says which operation failed: %s', async (operation) => {
    const disk = faulty();
    const csv = await create(disk);
    const injection = disk.inject({ operation, effect: { kind: 'fail', errno: 'EIO' } });
    await expect(csv.finalize(true)).rejects.toMatchObject({
      code: 'io_error',
      context: { operation: operation === 'datasync' ? 'sync' : operation, path, errno: 'EIO' },
    });
    injection.end();
    await csv.abandon();
  });
});

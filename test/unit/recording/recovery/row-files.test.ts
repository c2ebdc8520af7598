import { createHash } from 'node:crypto';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readRowFileFacts, readTimingFacts } from '../../../../src/recording/recovery/row-files.js';
import { rowPrefix, TIMING_HEADER, timingRow } from '../../../../src/recording/timing-csv.js';
import { temporaryFolder } from '../../../harness/temporary-folder.js';

const SUBJECT = { trialNumber: 12, deviceId: 'picam:0', trialLabel: 'a "label",\nin two lines, größer' };
const PREFIX = rowPrefix(SUBJECT);

describe('the rows of a closed recording', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(() => folder.remove());

  async function factsOf(text: string) {
    const path = join(folder.path, 'rows.csv');
    await writeFile(path, text);
    const handle = await open(path);
    try {
      return await readTimingFacts(handle);
    } finally {
      await handle.close();
    }
  }

  /** `sensorNs`: for each row. */
  const rowsOf = (sensorNs: readonly bigint[], prefix = PREFIX) =>
    sensorNs.map((sensorTimestampNs, index) => {
      const arrivedMonotonicNs = sensorTimestampNs + 20_000_000n;
      return timingRow(
        prefix,
        { sensorTimestampNs, arrivedMonotonicNs, wallClockUs: 1_700_000_000_000_001n },
        index + 1,
      );
    });
  const FIVE = rowsOf([1n, 2n, 3n, 4n, 5n].map((second) => second * 1_000_000_000n));

  it('are counted, summed up and measured, over the borders of what is read at once', async () => {
    const sensorNs = Array.from({ length: 3000 }, (_, index) => 5_000_000_000n + BigInt(index) * 33_333_333n);
    const text = TIMING_HEADER + rowsOf(sensorNs).join('');
    expect(text.length).toBeGreaterThan(4 * 2 ** 16);
    const { subject, file, times } = await factsOf(text);
    expect(subject).toEqual(SUBJECT);
    const sha256 = createHash('sha256').update(text).digest('hex');
    expect(file).toEqual({ rows: 3000, bytes: Buffer.byteLength(text), sha256 });
    expect(times).toMatchObject({ leastNs: 33_333_333, mostNs: 33_333_333, medianNs: 33_333_333 });
  });

  it('keep every nanosecond, however long ago the boot was', async () => {
    const start = 2n ** 53n + 999_999_999n;
    const { times } = await factsOf(TIMING_HEADER + rowsOf([start, start + 1n, start + 1_000_000_004n]).join(''));
    expect(times).toMatchObject({
      hasSensorTime: true,
      first: { sensor_timestamp_ns: String(start), record_time_unix: '1700000000.000001' },
      last: { sensor_timestamp_ns: String(start + 1_000_000_004n) },
      wallMinusMonoStartNs: String(1_700_000_000_000_001_000n - start - 20_000_000n),
      leastNs: 1,
      mostNs: 1_000_000_003,
    });
  });

  it('have no periods where the camera told no time, and none over a frame without one', async () => {
    const none = await factsOf(TIMING_HEADER + rowsOf([0n, 0n, 0n]).join(''));
    expect(none.times).toMatchObject({ hasSensorTime: false, leastNs: null, medianNs: null, mostNs: null });
    const some = await factsOf(TIMING_HEADER + rowsOf([5_000n, 0n, 9_000n, 12_000n]).join(''));
    expect(some.times).toMatchObject({ hasSensorTime: true, leastNs: 3_000, mostNs: 3_000 });
    const backwards = await factsOf(TIMING_HEADER + rowsOf([9_000n, 5_000n]).join(''));
    expect(backwards.times).toMatchObject({ leastNs: -4_000, mostNs: -4_000 });
  });

  it.each([
    ['nothing', ''],
    ['no row', TIMING_HEADER],
    ['another header', TIMING_HEADER.replace('trial', 'Trial') + FIVE.join('')],
    ['half a row', TIMING_HEADER + FIVE.join('').slice(0, -1)],
    ['a row too few', TIMING_HEADER + FIVE.filter((_, index) => index !== 2).join('')],
    [
      'a row of another recording',
      TIMING_HEADER + [...FIVE.slice(0, 4), FIVE[4]?.replace('picam:0', 'picam:1')].join(''),
    ],
    ['a torn row', TIMING_HEADER + [...FIVE.slice(0, 3), FIVE[3]?.replace('4000000000', '\0\0'), FIVE[4]].join('')],
  ])('are not described where they are not as written: %s', async (_what, text) => {
    await expect(factsOf(text)).rejects.toThrow(/row/);
  });

  it('are lines in a metadata file', async () => {
    const path = join(folder.path, 'metadata.csv');
    const text = `frame_index,sensor_timestamp_ns,other\n${'1,2,x\n'.repeat(30_000)}`;
    await writeFile(path, text);
    const handle = await open(path);
    expect(await readRowFileFacts(handle)).toMatchObject({ rows: 30_000, bytes: text.length });
    await handle.close();
  });
});

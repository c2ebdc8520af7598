import { execFile } from 'node:child_process';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { OPENCV, PANDAS, PYTHON } from '../../../scripts/readers.mjs';
import { writeAlignFile } from '../../../src/inspect/align/align-file.js';
import { alignTrial } from '../../../src/inspect/align/alignment.js';
import { findRecordings } from '../../../src/inspect/recording-files.js';
import { isPresent } from '../../harness/present-readers.js';
import { makeCamera, sessionIn, trueTimes, type MadeCamera } from '../../harness/side-by-side-cameras.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

const run = promisify(execFile);
const EXAMPLE = new URL('../../../examples/frames_with_times.py', import.meta.url).pathname;

const FIRST: MadeCamera = { index: 0, frames: 60 };
const SECOND: MadeCamera = { index: 1, frames: 60, beginsAfterNs: 4_000_123n, isLost: (number) => number % 10 === 3 };

/** Reads the file without a word about types, and prints each cell of the whole numbers. */
const AS_NUMBERS = `
import sys, pandas as pd
tuples = pd.read_csv(sys.argv[1])
whole = [name for name in tuples.columns if not name.endswith('_offset_us')]
assert all(str(tuples[name].dtype) == 'int64' for name in whole), tuples.dtypes
print(tuples[whole].to_csv(index=False), end='')
`;

describe('the Python example', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(async () => {
    await folder.remove();
  });

  const itWithBoth = isPresent(PANDAS) && isPresent(OPENCV) ? it : it.skip;

  async function align(): Promise<string> {
    const { recordings } = await findRecordings([sessionIn(folder.path)]);
    const path = join(folder.path, 'align.csv');
    const handle = await open(path, 'wx');
    await writeAlignFile(handle, await alignTrial(1, recordings, {}), false);
    await handle.close();
    return path;
  }

  itWithBoth('shows frame k with its three times, digit by digit', async () => {
    await makeCamera(folder.path, FIRST);
    const { stdout } = await run(PYTHON, [EXAMPLE, sessionIn(folder.path)]);
    expect(stdout).toContain('60 frames, 60 rows');
    const sensorNs = trueTimes(FIRST)(60);
    expect(stdout).toContain(`frame 60: 64x48, sensor ${sensorNs} ns, arrived ${seconds(sensorNs + 41_000_123n, 9)} s`);
    expect(stdout).toContain(`wall clock ${seconds(1_767_681_006_123_456n + sensorNs / 1000n, 6)} s`);
  });

  itWithBoth('shows two cameras side by side by an align file', async () => {
    await makeCamera(folder.path, FIRST);
    await makeCamera(folder.path, SECOND);
    const out = join(folder.path, 'pictures');
    const { stdout } = await run(PYTHON, [EXAMPLE, sessionIn(folder.path), await align(), out]);
    expect(stdout).toContain('54 of 60 tuples have a frame of picam_0 and of picam_1.');
    expect(stdout).toContain('tuple 4: picam_0 frame 4 and picam_1 frame 3, 4000.123 us apart');
    expect((await readdir(out)).sort()).toEqual([1, 2, 4, 5, 6].map((tuple) => `tuple_${tuple}.png`));
  });

  (isPresent(PANDAS) ? it : it.skip)('of pandas loses no nanosecond of an align file that has gaps', async () => {
    const uptimeNs = 9_100_000_000_000_000_001n;
    const times = (number: number) => {
      const sensorTimestampNs = uptimeNs + BigInt(number) * 33_333_333n;
      return { sensorTimestampNs, arrivedMonotonicNs: sensorTimestampNs + 41_000_123n };
    };
    await makeCamera(folder.path, { ...FIRST, times });
    await makeCamera(folder.path, { ...SECOND, times });
    const { stdout } = await run(PYTHON, ['-c', AS_NUMBERS, await align()]);
    const [header = '', ...rows] = stdout.trimEnd().split('\n');
    const at = header.split(',').indexOf('picam_1_sensor_timestamp_ns');
    expect(rows.map((row) => row.split(',')[at])).toEqual(
      Array.from({ length: 60 }, (_, index) =>
        SECOND.isLost?.(index + 1) === true ? '0' : String(times(index + 1).sensorTimestampNs),
      ),
    );
  });
});

function seconds(value: bigint, digits: number): string {
  const text = value.toString().padStart(digits + 1, '0');
  return `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

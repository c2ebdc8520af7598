import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { OPENCV, PANDAS, PYTHON } from '../../../scripts/readers.mjs';
import { infoExample } from '../../harness/info-files.js';
import { ROOT } from '../../harness/paths.js';
import { isPresent } from '../../harness/present-readers.js';
import { makeCamera, sessionIn, trueTimes, type MadeCamera } from '../../harness/side-by-side-cameras.js';
import { expectDamage } from '../../harness/recordings-held.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

const run = promisify(execFile);

/** After 105 days of uptime, where a double has lost the last digits. */
const UPTIME_NS = 9_100_000_000_000_000_001n;
const CAMERA: MadeCamera = { index: 0, frames: 60 };

/** The page's blocks in Python. `poses` stands for the table of another program. */
function blocksOf(page: string): string {
  const blocks = [...page.matchAll(/^```python(?: needs="(\w+)")?\n([^]*?)^```$/gm)];
  const poses = 'poses = pd.DataFrame({"nose_x": range(len(rows))})\n';
  return blocks
    .filter(([, needs]) => needs === undefined || needs === 'poses')
    .map(([, needs, code = '']) => (needs === 'poses' ? poses + code : code))
    .join('\n');
}

/** An info file of the recording, as far as the page reads it. */
function infoOf(firstNs: string): string {
  const info = infoExample();
  const { first, files } = info.csi_cameras;
  const facts = {
    first: { ...first, sensor_timestamp_ns: firstNs },
    files: { ...files, video: { ...files.video, frames: CAMERA.frames } },
    gaps: [{ after_frame: 7, frames: 2, reason: 'buffer_full' }],
  };
  return JSON.stringify({ ...info, csi_cameras: { ...info.csi_cameras, ...facts } });
}

describe('docs/analysis.md', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(async () => {
    await folder.remove();
  });

  (isPresent(PANDAS) && isPresent(OPENCV) ? it : it.skip)(
    'reads rows, frames and the info file in Python, and loses no nanosecond',
    async () => {
      const times = (number: number) => {
        const sensorTimestampNs = UPTIME_NS + trueTimes(CAMERA)(number);
        return { sensorTimestampNs, arrivedMonotonicNs: sensorTimestampNs + 41_000_123n };
      };
      const { videoPath } = await makeCamera(folder.path, { ...CAMERA, times });
      await writeFile(videoPath.replace('.avi', '_info.json'), infoOf(String(times(1).sensorTimestampNs)));
      expectDamage(folder.path, "the info file has what the page reads, and another recording's digests", ['V23']);
      await symlink(sessionIn(folder.path), join(folder.path, 'session_mouse7'));
      const code = blocksOf(readFileSync(join(ROOT, 'docs/analysis.md'), 'utf8'));
      const { stdout } = await run(PYTHON, ['-c', `${code}\nprint(poses.sensor_timestamp_ns.iloc[-1])`], {
        cwd: folder.path,
      });
      expect(stdout).toContain(`60 rows; the first at ${times(1).sensorTimestampNs} ns`);
      expect(stdout).toContain('every 33.333 ms; the longest step 33.333 ms');
      expect(stdout).toContain('2 frames missing behind frame 7 because of buffer_full');
      expect(stdout.trimEnd().endsWith(String(times(60).sensorTimestampNs))).toBe(true);
    },
  );
});

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FaultyFileSystem } from '../../harness/faulty-file-system.js';
import { inspectAll } from '../../harness/inspect-all.js';
import { jpegFrames } from '../../harness/jpeg-frames.js';
import { recordingSession, requestIn } from '../../harness/recordings.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

/** Frame 8 of ten is by far the largest. */
const frames = jpegFrames(10, { padding: (number) => (number === 8 ? 9_000 : number) });

describe('a recording that gives up its newest frames', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let disk: FaultyFileSystem;

  beforeEach(async () => {
    folder = await temporaryFolder();
    disk = new FaultyFileSystem();
  });

  afterEach(() => folder.remove());

  it.each([
    ['all that wait', Number.POSITIVE_INFINITY, 5],
    ['the largest and those behind it', 2, 7],
    ['those behind the largest', 1, 9],
  ])('has in its header the largest of those that it holds (without %s)', async (_, times, held) => {
    const session = recordingSession({ fileSystem: disk.fileSystem });
    const recording = session.begin(requestIn(folder.path));
    await recording.append(frames.slice(0, 5));
    await recording.checkpoint();
    await recording.append(frames.slice(5));
    disk.inject({ operation: 'writev', path: '_timing.csv', effect: { kind: 'fail', errno: 'ENOSPC' }, times });
    const result = await recording.close();
    expect(result.frames).toBe(held);
    const verified = await inspectAll([requestIn(folder.path).sessionDir]);
    expect(verified.map((one) => one.findings.filter(({ kind }) => kind === 'failed'))).toEqual([[]]);
  });
});

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Call, FaultyFileSystem } from '../../harness/faulty-file-system.js';
import { jpegFrames } from '../../harness/jpeg-frames.js';
import { recordingSession, requestIn, SMALL_GEOMETRY } from '../../harness/recordings.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

/**
 * What a recording without `recording.frameMetadata` was before there was that option: MD5 of each file, and of what was
 * done to them, call by call. A change of the layout changes them on purpose; the option must not.
 */
const BEFORE = {
  files: {
    '20260106_081726_CSI_trial001_IMX296_Global_picam_0.avi': 'bb6b03e504a300ac6c33e1205aa21dcb',
    '20260106_081726_CSI_trial001_IMX296_Global_picam_0_timing.csv': '97f866d273adffc150edd8f808346019',
    '20260106_081726_CSI_trial001_IMX296_Global_picam_0_take2.avi': '914b698c571fb4fee705f91fda7a18e5',
    '20260106_081726_CSI_trial001_IMX296_Global_picam_0_take2_timing.csv': '44d5c97ab0eb7e7e9065a20eb8246f01',
  },
  calls: '78eab3d37ece65fcb87f6f62d852bc8b',
};

/** The others are questions, some of which are asked beside the writes. */
const CHANGES = new Set(['writev', 'truncate', 'datasync', 'rm']);

const md5 = (bytes: Buffer | string): string => createHash('md5').update(bytes).digest('hex');

/** Without bytes: the header of an open file has the mark of its process. */
function described({ operation, path, args }: Call): string {
  const [data] = args;
  const bytes = Array.isArray(data) ? (data as Buffer[]).reduce((sum, part) => sum + part.length, 0) : '';
  const numbers = args.filter((each) => typeof each === 'number');
  return `${operation} ${basename(path)} ${bytes} ${numbers.join(' ')}`;
}

describe('a recording without frame metadata', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(() => folder.remove());

  it('is what it was before there was the option, byte for byte and call for call', async () => {
    const frames = jpegFrames(200, { padding: (number) => (number * 37) % 900 });
    const disk = new FaultyFileSystem();
    const calls: string[] = [];
    disk.observe((call) => {
      if (CHANGES.has(call.operation)) calls.push(described(call));
    });
    // Full in the middle: the second part goes on.
    const geometry = { ...SMALL_GEOMETRY, groupBytes: 50_000, maxGroups: 5 };
    const session = recordingSession({ fileSystem: disk.fileSystem, geometry, sync: 'onCheckpoint' });
    const recording = session.begin(requestIn(folder.path, { trialLabel: 'a "label", two\nlines' }));
    for (let from = 0; from < frames.length; from += 10) {
      await recording.append(frames.slice(from, from + 10));
      if (from % 30 === 0) await recording.checkpoint();
    }
    const { paths, failure } = await recording.close();
    expect(failure).toBeUndefined();
    const made = dirname(paths?.videoPath ?? '');
    const files: Record<string, string> = {};
    for (const name of await readdir(made)) files[name] = md5(await readFile(join(made, name)));
    expect({ files, calls: md5(calls.join('\n')) }).toEqual(BEFORE);
  });
});

import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { Recording } from '../../../../src/recording/recording-session.js';
import { describeWithFfprobe } from '../../../harness/describe-with-ffprobe.js';
import { jpegFrames } from '../../../harness/jpeg-frames.js';
import { expectNothingLeft, holdings } from '../../../harness/nothing-left.js';
import { recordingSession, requestIn } from '../../../harness/recordings.js';
import { temporaryFolder } from '../../../harness/temporary-folder.js';
import { verifyRecording } from '../../../harness/verify-recording.js';

describeWithFfprobe('a recording whose files are moved or removed', () => {
  const before = holdings();
  const frames = jpegFrames(30);
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let recording: Recording;
  let session: string;

  beforeEach(async () => {
    folder = await temporaryFolder();
    const request = requestIn(folder.path);
    session = request.sessionDir;
    recording = recordingSession().begin(request);
  });

  afterEach(async () => {
    await recording.close();
    await expectNothingLeft(before);
    await folder.remove();
  });

  it('goes on in a session directory that was renamed, and says where it ended', async () => {
    await recording.append(frames.slice(0, 10));
    const video = recording.paths?.videoPath ?? '';
    const renamed = join(folder.path, 'renamed');
    await rename(session, renamed);
    const present = video.replace(session, renamed);
    expect(await recording.locate()).toMatchObject({ kind: 'moved', to: present, paths: { videoPath: present } });
    await recording.append(frames.slice(10));
    const result = await recording.close();
    expect(result).toMatchObject({ frames: 30, paths: { videoPath: present } });
    expect(result).not.toHaveProperty('failure');
    if (result.paths === null) throw new Error('There are no files.');
    await verifyRecording({ ...result.paths, frames: 30, width: 64, height: 48 });
    expect(await readdir(folder.path)).toEqual(['renamed']);
  });
});

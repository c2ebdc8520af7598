import { access, link, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Recording } from '../../../../src/recording/recording-session.js';
import { FaultyFileSystem } from '../../../harness/faulty-file-system.js';
import { jpegFrames } from '../../../harness/jpeg-frames.js';
import { expectNothingLeft, holdings } from '../../../harness/nothing-left.js';
import { SMALL_GEOMETRY, recordingSession, requestIn } from '../../../harness/recordings.js';
import { expectDamage } from '../../../harness/recordings-held.js';
import { temporaryFolder } from '../../../harness/temporary-folder.js';

const frames = jpegFrames(30);

describe('a recording whose files are moved or removed', () => {
  const before = holdings();
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let disk: FaultyFileSystem;
  let recording: Recording;
  let session: string;

  beforeEach(async () => {
    folder = await temporaryFolder();
    expectDamage(folder.path, 'files of takes are removed', ['V25']);
    disk = new FaultyFileSystem();
    const request = requestIn(folder.path);
    session = request.sessionDir;
    recording = recordingSession({ fileSystem: disk.fileSystem }).begin(request);
  });

  afterEach(async () => {
    await recording.close();
    await expectNothingLeft(before);
    await folder.remove();
  });

  const begun = async (): Promise<{ video: string; timing: string }> => {
    await recording.append(frames.slice(0, 10));
    const { paths } = recording;
    if (paths === null) throw new Error('There are no files.');
    return { video: paths.videoPath, timing: paths.timingPath };
  };

  it('is in place before its first frame, while nobody touches it, and when it is closed', async () => {
    expect(await recording.locate()).toEqual({ kind: 'inPlace' });
    await begun();
    expect(await recording.locate()).toEqual({ kind: 'inPlace' });
    await recording.close();
    expect(await recording.locate()).toEqual({ kind: 'inPlace' });
  });

  it('goes on where the system does not say where the files are', async () => {
    const { video } = await begun();
    disk.inject({ operation: 'readlink', effect: { kind: 'fail', errno: 'ENOENT' } });
    await rename(session, join(folder.path, 'renamed'));
    const unreachable = { kind: 'unreachable', path: video, why: 'unknown' };
    expect(await recording.locate()).toEqual({ ...unreachable, paths: { take: 1, videoPath: null, timingPath: null } });
    const result = await recording.close();
    expect(result).toMatchObject({ frames: 10, paths: { take: 1, videoPath: null, timingPath: null }, unreachable });
  });

  it('does not take the mark of a deleted name for a path, where another name (a hard link) keeps the file', async () => {
    const { video } = await begun();
    await link(video, join(folder.path, 'kept.avi'));
    await rm(video);
    expect(await recording.locate()).toMatchObject({ kind: 'unreachable', path: video, why: 'unknown' });
    expect((await recording.close()).paths).toMatchObject({ videoPath: null, timingPath: expect.any(String) });
  });

  it('is nothing any more where its session directory was removed', async () => {
    const { video } = await begun();
    await rm(session, { recursive: true });
    expect(await recording.locate()).toEqual({ kind: 'removed', path: video });
    expect(await recording.close()).toMatchObject({
      paths: null,
      frames: 0,
      bytes: 0,
      failure: {
        code: 'invalid_session_dir',
        context: { operation: 'stat', path: video, device: 'picam:0', trial: 1 },
      },
    });
    expect(await readdir(folder.path)).toEqual([]);
  });

  it('tells no path of a finished part that was moved or replaced by the end, and says so', async () => {
    const geometry = { ...SMALL_GEOMETRY, groupBytes: 10_000, maxGroups: 2 };
    const long = recordingSession({ geometry }).begin(requestIn(folder.path, { trialNumber: 2 }));
    for (let from = 0; from < frames.length; from += 2) {
      await long.append(frames.slice(from, from + 2));
      await long.checkpoint();
    }
    const { videoPath = '', timingPath = '' } = long.paths ?? {};
    await rename(videoPath, join(folder.path, 'elsewhere.avi'));
    const { parts = [], ...result } = await long.close();
    expect(parts.length).toBeGreaterThan(1);
    expect(parts[0]?.paths).toEqual({ take: 1, videoPath: null, timingPath });
    expect(parts[1]?.paths.videoPath).toMatch(/_take2\.avi$/);
    expect(result).toMatchObject({
      frames: 30,
      paths: { videoPath: null },
      unreachable: { kind: 'unreachable', path: videoPath, why: 'unknown' },
    });
  });

  it('touches nothing that stands where its removed files stood', async () => {
    const { video } = await begun();
    await rm(session, { recursive: true });
    await mkdir(dirname(video), { recursive: true });
    const other = recordingSession().begin(requestIn(folder.path));
    await other.append(frames.slice(0, 3));
    expect(other.paths?.videoPath).toBe(video);
    expect(await recording.locate()).toEqual({ kind: 'removed', path: video });
    expect((await recording.close()).paths).toBeNull();
    expect(await other.close()).toMatchObject({ frames: 3, paths: { videoPath: video } });
    await access(video);
  });

  it('keeps its video where its rows alone were removed, and says so', async () => {
    const { video, timing } = await begun();
    await rm(timing);
    expect(await recording.locate()).toEqual({ kind: 'removed', path: timing });
    const result = await recording.close();
    expect(result.paths).toMatchObject({ videoPath: video, timingPath: null });
    expect(result).toMatchObject({ frames: 10, failure: { code: 'invalid_session_dir', context: { path: timing } } });
    await access(video);
  });

  it('raises no false alarm on a file system whose inode numbers change', async () => {
    const { video } = await begun();
    const strange = new Proxy(disk.fileSystem, {
      get: (target, name) =>
        name === 'stat'
          ? async (path: string) => Object.assign(await target.stat(path, { bigint: true }), { ino: 1n })
          : (Reflect.get(target, name) as unknown),
    });
    const other = recordingSession({ fileSystem: strange }).begin(requestIn(folder.path, { trialNumber: 2 }));
    await other.append(frames.slice(0, 3));
    expect(await other.locate()).toEqual({ kind: 'inPlace' });
    await other.close();
    await access(video);
  });

  it('says that the disk does not say it, and ends well all the same', async () => {
    await begun();
    disk.inject({ operation: 'stat', path: '.avi', effect: { kind: 'fail', errno: 'EIO' } });
    await expect(recording.locate()).rejects.toMatchObject({ code: 'EIO' });
    expect(await recording.close()).toMatchObject({ frames: 10 });
  });
});

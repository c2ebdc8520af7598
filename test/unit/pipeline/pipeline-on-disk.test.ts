import { readFile, readdir } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../../src/core/clock.js';
import { fromNow } from '../../../src/core/deadline.js';
import { FileDiskSpace } from '../../../src/core/disk-space.js';
import { realFileSystem } from '../../../src/core/file-system.js';
import { crc32ByTable } from '../../../src/recording/checksums/crc32.js';
import type { InfoFile } from '../../../src/recording/info/info-file.js';
import type { PipelineOptions } from '../../../src/pipeline/camera-pipeline.js';
import { LocalPipeline } from '../../../src/pipeline/local-pipeline.js';
import type { PipelineEvent } from '../../../src/pipeline/pipeline-messages.js';
import { DEFAULT_GEOMETRY } from '../../../src/recording/avi/avi-layout.js';
import { FileRecordingSession } from '../../../src/recording/file-recording-session.js';
import { SnapshotFiles } from '../../../src/recording/snapshot-file.js';
import { FakeCameraSource } from '../../harness/fake-camera-source.js';
import { settled } from '../../harness/manual-clock.js';
import { pathsOf } from '../../harness/recordings.js';
import { assertRowsInStep } from '../../harness/rows-in-step.js';
import { expectDamage } from '../../harness/recordings-held.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';
import { OPTIONS, ORDER, REQUEST } from './pipeline-rig.js';

/** Holds a thousand frames. */
const SOON_FULL = { ...DEFAULT_GEOMETRY, liveEntries: 512, maxGroups: 2, growthBytes: 2 ** 16 };

/** The pipeline on the real recording room, real files and the real clock; only the camera is played. */
describe('a pipeline on a real disk', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let source: FakeCameraSource;
  let pipeline: LocalPipeline;
  let events: PipelineEvent[];
  let waiting: { readonly type: PipelineEvent['type']; readonly resolve: () => void }[];

  beforeEach(async () => {
    folder = await temporaryFolder();
    expectDamage(folder.path, 'the frames are no pictures', ['V9']);
    events = [];
    waiting = [];
    await begin(OPTIONS);
  });

  async function begin(options: PipelineOptions): Promise<void> {
    source = new FakeCameraSource();
    pipeline = new LocalPipeline({
      source,
      recordings: new FileRecordingSession({ fileSystem: realFileSystem, clock: systemClock, geometry: SOON_FULL }),
      disk: new FileDiskSpace(realFileSystem),
      snapshotWriter: new SnapshotFiles(realFileSystem, systemClock),
      clock: systemClock,
      options,
      onEvent: (event) => {
        events.push(event);
        for (const one of waiting) if (one.type === event.type) one.resolve();
      },
    });
    pipeline.send({ type: 'open', run: 1, request: REQUEST });
    await settled();
    source.stream.giveFormat();
    source.stream.giveFrames(1);
  }

  afterEach(async () => {
    await pipeline.end(fromNow(systemClock, 60_000));
    await folder.remove();
  });

  /** The event of this type that there is, or the next. */
  async function heard<Type extends PipelineEvent['type']>(
    type: Type,
  ): Promise<Extract<PipelineEvent, { type: Type }>> {
    const found = events.find((event): event is Extract<PipelineEvent, { type: Type }> => event.type === type);
    if (found !== undefined) return found;
    await new Promise<void>((resolve) => {
      waiting.push({ type, resolve });
    });
    return heard(type);
  }

  it('records as many frames as rows, and gives all memory back', async () => {
    pipeline.send({ type: 'startRecording', run: 1, order: { ...ORDER, sessionDir: folder.path } });
    source.stream.giveFrames(20);
    const { paths } = await heard('recordingStarted');
    source.stream.giveFrames(30);
    pipeline.send({ type: 'stopRecording', run: 1, reason: 'command', stopNs: null });
    const { summary } = await heard('recordingStopped');

    expect(summary).toMatchObject({
      paths,
      frames: 50,
      counts: { delivered: 50, recorded: 50, dropped: 0 },
      error: null,
    });
    const rows = (await readFile(paths.timingPath, 'utf8')).trimEnd().split('\n').slice(1);
    expect(rows).toHaveLength(50);
    expect((await readFile(paths.videoPath)).toString('latin1', 0, 4)).toBe('RIFF');
    expect(summary.durationS).toBeCloseTo(50 / 30, 3);
    expect(source.ledger.held).toBe(0);
  });

  it('records as many rows of metadata as frames, where they are wanted', async () => {
    await pipeline.end(fromNow(systemClock, 60_000));
    await begin({ ...OPTIONS, writesMetadata: true });
    pipeline.send({ type: 'startRecording', run: 1, order: { ...ORDER, sessionDir: folder.path } });
    source.stream.giveFrames(20);
    const { paths } = await heard('recordingStarted');
    expect(paths.metadataPath).toMatch(/_metadata\.csv$/);
    source.stream.giveFrames(30);
    pipeline.send({ type: 'stopRecording', run: 1, reason: 'command', stopNs: null });
    const { summary } = await heard('recordingStopped');
    expect(summary).toMatchObject({ paths, frames: 50, error: null });
    await assertRowsInStep(paths, 50);
  });

  it('sums the frames of the file up, where that is wanted', async () => {
    await pipeline.end(fromNow(systemClock, 60_000));
    await begin({ ...OPTIONS, makesChecksums: true });
    pipeline.send({ type: 'startRecording', run: 1, order: { ...ORDER, sessionDir: folder.path } });
    source.stream.giveFrames(20);
    const { paths } = await heard('recordingStarted');
    source.stream.giveFrames(30);
    pipeline.send({ type: 'stopRecording', run: 1, reason: 'command', stopNs: null });
    const { summary } = await heard('recordingStopped');
    const info: InfoFile = JSON.parse(await readFile(summary.infoPath ?? '', 'utf8'));
    const jpegs = framesIn(await readFile(paths.videoPath));
    expect(jpegs).toHaveLength(50);
    const sum = crc32ByTable(Buffer.concat(jpegs), 0).toString(16).padStart(8, '0');
    expect(info.csi_cameras.checksums).toEqual({ algorithm: 'crc32', frames_per_block: 1000, blocks: [sum] });
  });

  it('goes on in the next take when a video can hold no more, with every frame accounted for', async () => {
    pipeline.send({ type: 'startRecording', run: 1, order: { ...ORDER, sessionDir: folder.path } });
    source.stream.giveFrames(20);
    const { paths } = await heard('recordingStarted');
    for (let given = 20; given < 1_400; given += 5) {
      source.stream.giveFrames(5);
      while (source.ledger.held > 0) await new Promise(setImmediate);
    }
    pipeline.send({ type: 'stopRecording', run: 1, reason: 'command', stopNs: null });
    const { summary } = await heard('recordingStopped');
    const { parts = [] } = summary;
    const next = await heard('recordingContinued');
    expect(parts.length).toBeGreaterThan(1);
    const { infoPath: _, ...ended } = parts[0] ?? {}; // it is written beside the next part
    expect(next).toMatchObject({ run: 1, ended, paths: parts[1]?.paths });
    expect(summary).toMatchObject({ paths, frames: 1_400, counts: { recorded: 1_400, dropped: 0 }, error: null });
    expect(parts.reduce((sum, { frames }) => sum + frames, 0)).toBe(1_400);
    for (const part of parts) {
      const rows = (await readFile(pathsOf(part.paths).timingPath, 'utf8')).trimEnd().split('\n').slice(1);
      expect(rows).toHaveLength(part.frames);
    }
    expect(source.ledger.held).toBe(0);
  });

  it('leaves nothing behind where no frame came', async () => {
    pipeline.send({ type: 'startRecording', run: 1, order: { ...ORDER, sessionDir: folder.path } });
    pipeline.send({ type: 'stopRecording', run: 1, reason: 'command', stopNs: null });
    expect((await heard('recordingStopped')).summary).toMatchObject({ paths: null, frames: 0, error: null });
    expect(await readdir(folder.path)).toEqual([]);
  });

  it('writes a snapshot with the bytes of the frame', async () => {
    const { cameraLabel } = ORDER;
    pipeline.send({ type: 'takeSnapshot', run: 1, request: 1, sessionDir: folder.path, cameraLabel });
    source.stream.giveFrames(1);
    const { path, bytes } = await heard('snapshotTaken');
    const picture = await readFile(path);
    expect(picture).toHaveLength(bytes);
    expect(picture.readUInt32LE()).toBe(2);
  });

  it('fails a recording whose session directory cannot be used', async () => {
    pipeline.send({ type: 'startRecording', run: 1, order: { ...ORDER, sessionDir: '/dev/null/session' } });
    source.stream.giveFrames(1);
    expect((await heard('recordingFailed')).error.code).toBe('invalid_session_dir');
    expect(source.ledger.held).toBe(0);
  });
});

/** The frames that idx1 names. */
function framesIn(video: Buffer): Buffer[] {
  const index = video.lastIndexOf('idx1');
  const moviAt = video.indexOf('movi');
  const entries = Array.from({ length: video.readUInt32LE(index + 4) / 16 }, (_, entry) => index + 8 + 16 * entry);
  return entries.map((at) => {
    const dataAt = moviAt + video.readUInt32LE(at + 8) + 8;
    return video.subarray(dataAt, dataAt + video.readUInt32LE(at + 12));
  });
}

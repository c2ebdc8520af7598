import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../../src/core/clock.js';
import { fromNow } from '../../../src/core/deadline.js';
import { FileDiskSpace } from '../../../src/core/disk-space.js';
import { realFileSystem } from '../../../src/core/file-system.js';
import { withResolve } from '../../../src/core/within.js';
import type { PipelineOptions } from '../../../src/pipeline/camera-pipeline.js';
import { LocalPipeline } from '../../../src/pipeline/local-pipeline.js';
import type { PipelineEvent, RecordingSummary } from '../../../src/pipeline/pipeline-messages.js';
import { DEFAULT_GEOMETRY } from '../../../src/recording/avi/avi-layout.js';
import { FileRecordingSession } from '../../../src/recording/file-recording-session.js';
import type { InfoFile } from '../../../src/recording/info/info-file.js';
import { SnapshotFiles } from '../../../src/recording/snapshot-file.js';
import { FakeCameraSource } from '../../harness/fake-camera-source.js';
import { FaultyFileSystem } from '../../harness/faulty-file-system.js';
import { settled } from '../../harness/manual-clock.js';
import { pathsOf } from '../../harness/recordings.js';
import { expectDamage } from '../../harness/recordings-held.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';
import { OPTIONS, ORDER, REQUEST } from './pipeline-rig.js';

/** Holds a thousand frames. */
const SOON_FULL = { ...DEFAULT_GEOMETRY, liveEntries: 512, maxGroups: 2, growthBytes: 2 ** 16 };

describe('the info files of a pipeline', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let disk: FaultyFileSystem;
  let source: FakeCameraSource;
  let pipeline: LocalPipeline;
  let events: PipelineEvent[];
  let onEvent: () => void;

  beforeEach(async () => {
    folder = await temporaryFolder();
    expectDamage(folder.path, 'the frames are no pictures', ['V9']);
    disk = new FaultyFileSystem();
  });

  afterEach(async () => {
    await pipeline.end(fromNow(systemClock, 60_000));
    await folder.remove();
  });

  async function record(options: PipelineOptions = OPTIONS): Promise<void> {
    events = [];
    onEvent = () => undefined;
    source = new FakeCameraSource();
    const { fileSystem } = disk;
    pipeline = new LocalPipeline({
      source,
      recordings: new FileRecordingSession({ fileSystem, clock: systemClock, geometry: SOON_FULL }),
      disk: new FileDiskSpace(realFileSystem),
      snapshotWriter: new SnapshotFiles(realFileSystem, systemClock),
      clock: systemClock,
      options,
      onEvent: (event) => {
        events.push(event);
        onEvent();
      },
    });
    pipeline.send({ type: 'open', run: 1, request: REQUEST });
    await settled();
    source.stream.giveFormat();
    source.stream.giveFrames(1);
    pipeline.send({ type: 'startRecording', run: 1, order: { ...ORDER, sessionDir: folder.path } });
    await give(20);
  }

  /** Frames, all of which are written or dropped when it resolves. */
  async function give(frames: number): Promise<void> {
    for (let given = 0; given < frames; given += 5) {
      source.stream.giveFrames(5);
      while (source.ledger.held > 0) await new Promise(setImmediate);
    }
  }

  async function ended(): Promise<RecordingSummary> {
    for (;;) {
      const end = events.find((event) => event.type === 'recordingStopped');
      if (end !== undefined) return end.summary;
      await new Promise<void>((resolve) => {
        onEvent = resolve;
      });
    }
  }

  async function stopped(): Promise<RecordingSummary> {
    pipeline.send({ type: 'stopRecording', run: 1, reason: 'command', stopNs: null });
    return ended();
  }

  const infoAt = async (path: string | null | undefined): Promise<InfoFile> =>
    JSON.parse(await readFile(path ?? 'there is none', 'utf8')) as InfoFile;

  const warnings = (): readonly string[] => events.flatMap((event) => (event.type === 'warning' ? [event.code] : []));

  it('are there when the end is told, and say what the files are', async () => {
    await record();
    const summary = await stopped();
    const info = await infoAt(summary.infoPath);
    const paths = pathsOf(summary.paths);
    const rows = await readFile(paths.timingPath);
    const lines = rows.toString().trimEnd().split('\n').slice(1);
    const { files, first, last, account, end, part, settings } = info.csi_cameras;
    expect(files.video).toMatchObject({ frames: 20, bytes: (await stat(paths.videoPath)).size });
    expect(files.timing).toMatchObject({
      rows: 20,
      bytes: rows.length,
      sha256: createHash('sha256').update(rows).digest('hex'),
    });
    for (const [times, line] of [
      [first, lines[0]],
      [last, lines.at(-1)],
    ] as const) {
      const [, , , , unix, mono, , sensor] = line?.split(',') ?? [];
      expect(times).toEqual({ sensor_timestamp_ns: sensor, record_time_mono: mono, record_time_unix: unix });
    }
    expect(account).toMatchObject({ delivered: 20, recorded: 20, dropped: 0, skipped: 0 });
    expect(end).toEqual({ kind: 'stopped', reason: 'command', error: null });
    expect(part).toEqual({ number: 1, continues_take: null, is_continued: false });
    expect(settings.asked).toMatchObject({ fps: REQUEST.settings.fps });
    expect(info.VideoFrameCount).toBe(20);
    expect(JSON.stringify(info)).not.toContain(folder.path);
    expect((await readdir(folder.path, { recursive: true })).filter((name) => name.includes('.tmp'))).toEqual([]);
  });

  it('tell of each part what belongs to it', async () => {
    await record();
    await give(1_400);
    const { parts = [], counts } = await stopped();
    expect(parts.length).toBeGreaterThan(1);
    const infos = await Promise.all(parts.map(({ infoPath }) => infoAt(infoPath)));
    expect(infos.map((info) => info.csi_cameras.account?.recorded)).toEqual(parts.map(({ frames }) => frames));
    expect(infos.reduce((sum, info) => sum + (info.csi_cameras.account?.delivered ?? 0), 0)).toBe(counts.delivered);
    expect(infos.map((info) => info.csi_cameras.end.kind)).toEqual([
      ...parts.slice(1).map(() => 'continued'),
      'stopped',
    ]);
    expect(infos[1]?.csi_cameras.part).toMatchObject({ number: 2, continues_take: 1 });
  });

  it('list what the gate skipped', async () => {
    await record({ ...OPTIONS, recordFps: REQUEST.settings.fps / 2 });
    const { infoPath, counts } = await stopped();
    const { account, gaps } = (await infoAt(infoPath)).csi_cameras;
    expect(account).toMatchObject({ skipped: counts.skipped, recorded: counts.recorded });
    expect(gaps.reduce((sum, { frames }) => sum + frames, 0)).toBe(counts.skipped);
    expect(counts.skipped).toBeGreaterThan(5);
  });

  it('tell of a recording that failed what was saved of it', async () => {
    await record();
    disk.inject({ operation: 'writev', path: '.avi', effect: { kind: 'fail', errno: 'EIO' } });
    source.stream.giveFrames(10);
    const { infoPath, frames, counts } = await ended();
    const { account, end } = (await infoAt(infoPath)).csi_cameras;
    expect(end).toEqual({ kind: 'failed', reason: 'io_error', error: 'io_error' });
    expect(account).toMatchObject({ recorded: frames, delivered: counts.delivered, dropped: counts.dropped });
    expect(counts.dropped).toBeGreaterThan(0);
  });

  it('cost the recording nothing but a warning where the disk takes everything else', async () => {
    await record();
    disk.inject({ operation: 'open', path: '_info.json.tmp', effect: { kind: 'fail', errno: 'EACCES' } });
    const summary = await stopped();
    expect(summary).toMatchObject({ frames: 20, error: null, infoPath: null, isGivenUp: false });
    expect(warnings()).toEqual(['info_not_written']);
    expect((await readdir(folder.path, { recursive: true })).filter((name) => name.includes('_info'))).toEqual([]);
  });

  it('never hold up the answer of an end whose disk hangs at the info file', async () => {
    await record();
    const disks = withResolve<void>();
    disk.inject({ operation: 'open', path: '_info.json.tmp', effect: { kind: 'stall', until: disks.promise } });
    const before = systemClock.monotonicNs();
    pipeline.send({ type: 'close', run: 1, reason: 'shutdown', untilNs: fromNow(systemClock, 400) });
    const summary = await ended();
    expect(Number(systemClock.monotonicNs() - before) / 1e6).toBeLessThan(600);
    expect(summary).toMatchObject({ frames: 20, error: null, infoPath: null, reason: 'shutdown', isGivenUp: false });
    expect(warnings()).toEqual(['info_not_written']);
    disks.resolve();
  });
});

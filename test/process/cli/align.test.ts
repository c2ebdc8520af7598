import assert from 'node:assert/strict';
import { mkdir, open, readdir, readFile, watch } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AlignFigures } from '../../../src/inspect/align/figures.js';
import { findRecordings } from '../../../src/inspect/recording-files.js';
import { readFrame, readVideoIndex } from '../../../src/inspect/video/video-index.js';
import { jpegFrames } from '../../harness/jpeg-frames.js';
import { runProgram } from '../../harness/run-program.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';
import { recorded } from '../../harness/verified.js';

/** What a frame's own comment says. */
interface Shown {
  /** Of the sensor's frames. */
  readonly number: number;
  readonly sensorNs: bigint;
}

const HALF_FRAME_NS = 8_333_000n;

describe('align and clip, on recordings of the virtual camera', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(async () => {
    await folder.remove();
  });

  const run = (args: readonly string[], env: Record<string, string> = {}) =>
    runProgram(folder.path, args, { XDG_STATE_HOME: join(folder.path, 'state'), ...env }).ended;

  const record = (camera: number, fps: string, misbehaviour: string) =>
    run(
      [
        'record',
        '--simulate',
        '--checksums',
        '--camera',
        String(camera),
        '--fps',
        fps,
        '--size',
        '160x120',
        '--duration',
        '4',
        '--out',
        'session_x',
      ],
      { CSI_VIRTUAL_CAMERA: misbehaviour },
    );

  async function shown(videoPath: string): Promise<readonly Shown[]> {
    const file = await open(videoPath);
    try {
      const index = await readVideoIndex(file);
      const frames: Shown[] = [];
      for (let k = 1; k <= index.count; k += 1) {
        const text = (await readFrame(file, index, k)).toString('latin1', 0, 4096);
        const [, number, ns] = /frame=(\d+) sensor_timestamp_ns=(\d+)/.exec(text) ?? [];
        frames.push({ number: Number(number), sensorNs: BigInt(ns ?? 0) });
      }
      return frames;
    } finally {
      await file.close();
    }
  }

  it('finds exactly the pairs that the frames themselves tell, 50 ppm apart, one losing 1 %', async () => {
    await Promise.all([record(0, '60', ''), record(1, '60.003', 'drop-every=100')]);
    const { code, stdout, stderr } = await run(['align', 'session_x', '--json']);
    expect([code, stderr]).toEqual([0, '']);
    const { trials } = JSON.parse(stdout) as { trials: readonly (AlignFigures & { readonly file: string })[] };
    const [trial] = trials;
    assert(trial !== undefined);
    expect(trial.file).toBe(join(folder.path, 'session_x_trial001_align.csv'));

    const { recordings } = await findRecordings([join(folder.path, 'session_x')]);
    const first = recordings.find(({ stem }) => stem.endsWith('picam_0'));
    const second = recordings.find(({ stem }) => stem.endsWith('picam_1'));
    const [one = [], other = []] = await Promise.all([first, second].map((files) => shown(files?.videoPath ?? '')));
    // The 100th frame of the sensor and the 200th are not there.
    expect(other.map(({ number }) => number).filter((number) => number % 100 === 0)).toEqual([]);
    expect(other.length).toBeGreaterThan(200);

    const lines = (await readFile(trial.file, 'utf8')).trimEnd().split('\n').slice(1);
    const found = lines.map((line) => line.split(','));
    expect(found.map((cells) => [cells[3], cells[5], cells[7], cells[9]])).toEqual(
      one.map((frame, at) => {
        const partner = partnerOf(frame, one, other);
        const told =
          partner === undefined ? ['0', '0'] : [String(other.indexOf(partner) + 1), String(partner.sensorNs)];
        return [String(at + 1), String(frame.sensorNs), ...told];
      }),
    );
    const [camera] = trial.cameras;
    assert(camera !== undefined);
    expect(camera.matched).toBeGreaterThan(200);
    expect(camera.missing).toBeGreaterThanOrEqual(2);
    expect(camera.reference_alone.gap).toBeGreaterThanOrEqual(2);
    // Timestamps of whole microseconds, over 4 seconds.
    expect(camera.rate_differs_ppm).toBeGreaterThan(48);
    expect(camera.rate_differs_ppm).toBeLessThan(52);

    const again = await run(['align', 'session_x']);
    expect(again.code).toBe(0);
    expect(again.stdout).toContain('session_x_trial001_align-2.csv');

    const clip = await run(['clip', 'session_x', '--align', trial.file, '--tuples', '50-190']);
    expect([clip.code, clip.stderr]).toEqual([0, '']);
    const clips = await findRecordings([join(folder.path, 'clip_x_tuples_50-190')]);
    const clipped = clips.recordings.find(({ stem }) => stem.endsWith('picam_0'));
    const cut = await shown(clipped?.videoPath ?? '');
    expect(clips.recordings).toHaveLength(2);
    expect(cut).toEqual(one.slice(49, 190));

    // Both with the info files and the logs that the product wrote; of the clip too.
    const state = join(folder.path, 'state', 'csi-cameras', 'logs', 'record-camera-1');
    const whole = await run(['verify', second?.folder ?? '', '--log-dir', state, '--json']);
    expect(whole.code).toBe(3);
    expect(checkedOf(whole)).toMatchObject([{ device: 'picam:1', verdict: 'lost', bytes_proven: true }]);
    expect(checkedOf(whole)[0]?.checks).toContainEqual(expect.objectContaining({ id: 'V26', ok: true }));
    const pieces = checkedOf(await run(['verify', clips.recordings[0]?.sessionDir ?? '', '--json']));
    expect(pieces).toHaveLength(2);
    for (const { device, verdict, bytes_proven: areBytesProven } of pieces) {
      expect(areBytesProven).toBe(true);
      if (device === 'picam:1') expect(verdict).toBe('lost');
      else expect(['proven', 'lost']).toContain(verdict); // of a busy machine
    }
  });

  it('leave nothing of a clip that Ctrl-C ended', async () => {
    const frames = jpegFrames(1500, { padding: () => 20_000 });
    const { videoPath } = await recorded(folder.path, { frames });
    const out = join(folder.path, 'clips');
    await mkdir(out);
    const changes = watch(out);
    const args = ['clip', videoPath, '--frames', '1-1500', '--out', out];
    const { process: child, ended } = runProgram(folder.path, args);
    for await (const { eventType } of changes) if (eventType === 'rename') break;
    child.kill('SIGINT');
    expect(await ended).toEqual({ code: 130, stdout: '', stderr: 'No clip was made.\n' });
    expect(await readdir(out)).toEqual([]);
  });

  it('say in one sentence what is wrong, and make nothing', async () => {
    const nothing = await run(['align', 'nowhere']);
    expect(nothing.code).toBe(1);
    expect(nothing.stderr).toMatch(/nowhere does not exist/);
    const two = await run(['clip', 'x.avi', '--frames', '1-2', '--seconds', '1-2']);
    expect(two.code).toBe(2);
    expect(two.stderr).toMatch(/Name one range/);
    expect((await readdir(folder.path)).filter((name) => name !== 'state')).toEqual([]);
  });
});

interface Checked {
  readonly device: string;
  readonly verdict: string;
  readonly bytes_proven: boolean;
  readonly checks: readonly { readonly id: string; readonly ok: boolean | null }[];
}

const checkedOf = ({ stdout }: { readonly stdout: string }): readonly Checked[] =>
  (JSON.parse(stdout) as { readonly recordings: readonly Checked[] }).recordings;

/** The nearest frame, if that has no nearer one. By exact times, frame by frame. */
function partnerOf(frame: Shown, its: readonly Shown[], others: readonly Shown[]): Shown | undefined {
  const nearest = nearestTo(frame, others);
  if (nearest === undefined || nearestTo(nearest, its) !== frame) return undefined;
  return apart(frame, nearest) <= HALF_FRAME_NS ? nearest : undefined;
}

function nearestTo(frame: Shown, others: readonly Shown[]): Shown | undefined {
  return others.reduce<Shown | undefined>(
    (best, other) => (best === undefined || apart(frame, other) < apart(frame, best) ? other : best),
    undefined,
  );
}

function apart(one: Shown, other: Shown): bigint {
  const ns = one.sensorNs - other.sensorNs;
  return ns < 0n ? -ns : ns;
}

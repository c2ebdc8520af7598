import { appendFile, open, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Frame } from '../../../src/core/frame.js';
import type { FrameComposer } from '../../../src/virtual-camera/picture/frame-composer.js';
import { seededRandom } from '../../crash/seeded-random.js';
import { TINY_GEOMETRY } from '../../harness/bad-recordings/take-in-memory.js';
import { NOON_US, composer } from '../../harness/composed-frames.js';
import { jpegFrames } from '../../harness/jpeg-frames.js';
import { SMALL_GEOMETRY, recordingSession, requestIn } from '../../harness/recordings.js';

/** Many small recordings of all kinds, good and bad; the same ones for the same seed. */

export interface RandomRecording {
  /** For people: what was done to it. `null`: it is as it was recorded. */
  readonly damage: string | null;
  readonly videoPath: string;
  readonly timingPath: string;
  /** That were recorded. */
  readonly frames: number;
}

type Random = (below: number) => number;

const LABELS = ['', 'baseline', 'a "label",\nin two lines', 'Größe 測試', '=1+1', ' spaces '];
const SIZES = [
  [64, 48],
  [80, 64],
  [96, 96],
  [160, 48],
  [50, 38],
] as const;

/** Makes `count` recordings below `folder`, every other one bad; those with several parts count more than once. */
export async function randomRecordings(folder: string, count: number, seed: number): Promise<RandomRecording[]> {
  const random = seededRandom(seed);
  const below: Random = (limit) => Math.floor(random() * limit);
  const recordings: RandomRecording[] = [];
  for (let trial = 1; trial <= count; trial += 1) {
    const parts = await record(folder, trial, below);
    const damages = trial % 2 === 0 ? Object.entries(DAMAGES) : [];
    const [damage, inflict] = damages[below(damages.length)] ?? [null, undefined];
    const victim = parts[below(parts.length)];
    for (const part of parts) {
      if (part === victim) await inflict?.(part, below);
      recordings.push({ ...part, damage: part === victim ? damage : null });
    }
  }
  return recordings;
}

type Part = Omit<RandomRecording, 'damage'>;

/** One for all recordings: each new one would look through the folder for what was left open. */
const IN_PARTS = recordingSession({ geometry: { ...TINY_GEOMETRY, maxGroups: 1 } });
const OTHERS = [recordingSession({ geometry: TINY_GEOMETRY }), recordingSession({ geometry: SMALL_GEOMETRY })];

async function record(folder: string, trialNumber: number, below: Random): Promise<Part[]> {
  const count = 2 + below(40);
  const periodNs = BigInt(5_000 + below(90_000)) * 1_000n;
  const [width, height] = SIZES[below(SIZES.length)] ?? SIZES[0];
  const request = { trialNumber, width, height, trialLabel: LABELS[below(LABELS.length)] ?? '', fps: 1 + below(120) };
  const session = below(6) === 0 ? IN_PARTS : (OTHERS[below(2)] ?? IN_PARTS);
  const recording = session.begin(requestIn(folder, request));
  const frames = jpegFrames(count, { periodNs, padding: (number) => (number * 13) % 2000 });
  await recording.append(width === 64 ? frames : composed(frames, width, height));
  const { paths, parts, frames: recorded, failure } = await recording.close();
  if (failure !== undefined) throw failure;
  return (parts ?? [{ paths, frames: recorded }]).map((part) => ({
    videoPath: part.paths?.videoPath ?? '',
    timingPath: part.paths?.timingPath ?? '',
    frames: part.frames,
  }));
}

/** By width. Each takes some 40 ms to make. */
const COMPOSERS = new Map<number, FrameComposer>();

/** The same frames with pictures of another size. */
function composed(frames: readonly Frame[], width: number, height: number): Frame[] {
  const from = COMPOSERS.get(width) ?? composer({ width, height, title: 'A' });
  COMPOSERS.set(width, from);
  return frames.map(({ times }, index) => {
    const target = Buffer.alloc(from.maxFrameBytes);
    const bytes = target.subarray(
      0,
      from.compose(index + 1, Number(times.sensorTimestampNs / 1_000n), NOON_US, target, 0),
    );
    return new Frame([bytes], bytes.length, times, []);
  });
}

const DAMAGES: Record<string, (part: Part, below: Random) => Promise<void>> = {
  'video cut': async ({ videoPath }, below) => truncate(videoPath, below((await stat(videoPath)).size)),
  'tail of the video cut': async ({ videoPath }, below) => {
    const { size } = await stat(videoPath);
    await truncate(videoPath, size - 1 - below(Math.min(size, 3000)));
  },
  'video longer': ({ videoPath }, below) => appendFile(videoPath, Buffer.alloc(1 + below(5000))),
  'bytes of the header block': (part, below) => patch(part, below(4096), below),
  'count in the header': (part, below) => patch(part, [48, 140, 3784][below(3)] ?? 48, below),
  'zeros in the video': async ({ videoPath }, below) => {
    const { size } = await stat(videoPath);
    await write(videoPath, below(size), Buffer.alloc(512));
  },
  'bytes anywhere in the video': async (part, below) => patch(part, below((await stat(part.videoPath)).size), below),
  'row missing': (part, below) => onLines(part, (lines) => void lines.splice(1 + below(lines.length - 1), 1)),
  'row twice': (part, below) =>
    onLines(part, (lines) => {
      const at = 1 + below(lines.length - 1);
      lines.splice(at, 0, lines[at] ?? '');
    }),
  'rows cut': async ({ timingPath }, below) => truncate(timingPath, below((await stat(timingPath)).size)),
  'rows longer': ({ timingPath }) => appendFile(timingPath, '1,CSICameras,pi'),
};

async function patch({ videoPath }: Part, at: number, below: Random): Promise<void> {
  await write(videoPath, at, Buffer.from([below(256), below(256)]));
}

async function write(path: string, at: number, bytes: Buffer): Promise<void> {
  const file = await open(path, 'r+');
  await file.write(bytes, 0, bytes.length, at);
  await file.close();
}

async function onLines({ timingPath }: Part, change: (lines: string[]) => void): Promise<void> {
  const lines = (await readFile(timingPath, 'utf8')).split(/(?<=\n)/);
  change(lines);
  await writeFile(timingPath, lines.join(''));
}

export function sessionOf(folder: string): string {
  return join(folder, 'session_20260106_081726');
}

import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readText } from './machine.js';

/** What is to be recorded, as far as the doctor was told, and how many bytes a second that makes. */

/** What was asked on the command line. What is left out is found, or has a default. */
export interface Wish {
  /** Absolute. */
  readonly out: string;
  readonly logDir: string;
  readonly fps?: number | undefined;
  readonly size?: { readonly width: number; readonly height: number } | undefined;
  readonly cameras?: number | undefined;
  readonly bytesPerSecond?: number | undefined;
  readonly durationS?: number | undefined;
  readonly opensCameras: boolean;
  readonly testsDisk: boolean;
  /** The virtual camera needs no devices. */
  readonly isVirtual: boolean;
}

export interface Plan extends Wish {
  readonly fps: number;
  readonly cameras: number;
  readonly rate: Rate;
}

export interface Rate {
  /** Of all cameras together. */
  readonly bytesPerSecond: number;
  /** Where the figure comes from, as the end of a sentence. */
  readonly from: string;
}

/** JPEG of quality 85 as Raspberry Pi cameras give it, of a scene with detail. */
export const BYTES_PER_PIXEL = 0.16;
const USUAL_FPS = 30;
/** Of the Global Shutter Camera; larger sensors give more, and then `--size` says so. */
const USUAL_SIZE = { width: 1456, height: 1088 } as const;

const INFO_NAME = /_info\.json$/;
/** Session, module, camera, file: an output folder lies at most one above a session. */
const MAX_DEPTH = 4;
/** A folder of many years is not walked to its end. */
const MAX_ENTRIES = 20_000;
/** A rate from another time or a damaged file is not believed. */
const BELIEVED = { min: 1000, max: 4e9 } as const;

export async function planOf(wish: Wish): Promise<Plan> {
  const { fps = USUAL_FPS, cameras = 1 } = wish;
  return { ...wish, fps, cameras, rate: await rateOf(wish, fps, cameras) };
}

async function rateOf(wish: Wish, fps: number, cameras: number): Promise<Rate> {
  if (wish.bytesPerSecond !== undefined) return { bytesPerSecond: wish.bytesPerSecond, from: '--rate' };
  const times = cameras === 1 ? '' : `, times ${cameras} cameras`;
  if (wish.size === undefined) {
    const last = await newestRecording(wish.out);
    if (last !== undefined) {
      const { name, bytesPerSecond, recordedFps } = last;
      const share = wish.fps === undefined ? 1 : wish.fps / recordedFps;
      const scaled = share === 1 ? '' : ` at ${wish.fps} frames a second`;
      return {
        bytesPerSecond: bytesPerSecond * share * cameras,
        from: `the newest recording (${name})${scaled}${times}`,
      };
    }
  }
  const { width, height } = wish.size ?? USUAL_SIZE;
  return {
    bytesPerSecond: BYTES_PER_PIXEL * width * height * fps * cameras,
    from: `${BYTES_PER_PIXEL} bytes a pixel of ${width}x${height} at ${fps} frames a second${times}`,
  };
}

interface LastRecording {
  readonly name: string;
  readonly bytesPerSecond: number;
  readonly recordedFps: number;
}

/** By the newest info file below the folder that can be believed. Never rejects. */
async function newestRecording(folder: string): Promise<LastRecording | undefined> {
  const found: { path: string; name: string; changedMs: number }[] = [];
  const left = { entries: MAX_ENTRIES };
  await findInfoFiles(folder, MAX_DEPTH, left, async (path, name) => {
    const changedMs = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0, // it was removed meanwhile
    );
    found.push({ path, name, changedMs });
  });
  // A damaged one is passed over; that several are is not looked into.
  for (const { path, name } of found.toSorted((one, other) => other.changedMs - one.changedMs).slice(0, 5)) {
    const figures = figuresIn(await readText(path));
    if (figures !== undefined) return { name, ...figures };
  }
  return undefined;
}

async function findInfoFiles(
  folder: string,
  depth: number,
  left: { entries: number },
  onFound: (path: string, name: string) => Promise<void>,
): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((): Dirent[] => []); // not there yet, or not ours
  for (const entry of entries) {
    left.entries -= 1;
    if (left.entries < 0) return;
    const path = join(folder, entry.name);
    if (entry.isDirectory() && depth > 1) await findInfoFiles(path, depth - 1, left, onFound);
    if (entry.isFile() && INFO_NAME.test(entry.name)) await onFound(path, entry.name);
  }
}

/** Only three figures, read with patience: the file may be of another version, or of another program. */
function figuresIn(text: string | undefined): Omit<LastRecording, 'name'> | undefined {
  let info: unknown;
  try {
    info = JSON.parse(text ?? '');
  } catch {
    return undefined; // no JSON: another one is looked for
  }
  const durationS = numberAt(info, 'RecordingDuration');
  const recordedFps = numberAt(info, 'VideoFrameRate');
  const bytes = numberAt(info, 'csi_cameras', 'files', 'video', 'bytes');
  const bytesPerSecond = bytes / durationS;
  const isBelieved = bytesPerSecond >= BELIEVED.min && bytesPerSecond <= BELIEVED.max && recordedFps > 0;
  return isBelieved ? { bytesPerSecond, recordedFps } : undefined;
}

/** NaN where there is no such number. */
function numberAt(value: unknown, ...names: readonly string[]): number {
  let found = value;
  for (const name of names) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return Number.NaN;
    found = (found as Record<string, unknown>)[name];
  }
  return typeof found === 'number' ? found : Number.NaN;
}

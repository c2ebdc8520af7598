import { readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Frame, FrameTimes } from '../../src/core/frame.js';
import type { Depth, VerifiedRecording } from '../../src/inspect/verdict.js';
import { verifyAll } from '../../src/inspect/verify/verify-all.js';
import { jpegFrames } from './jpeg-frames.js';
import { pathsOf, recordingSession, requestIn } from './recordings.js';

/** A recording that the product's own session wrote, for `verify` to look at. */
export interface Recorded {
  readonly videoPath: string;
  readonly timingPath: string;
}

export interface RecordedOptions {
  readonly frames?: readonly Frame[];
  readonly trialNumber?: number;
  readonly fps?: number;
}

export async function recorded(folder: string, options: RecordedOptions = {}): Promise<Recorded> {
  const { frames = jpegFrames(60), ...request } = options;
  const recording = recordingSession().begin(requestIn(folder, request));
  await recording.append(frames);
  return pathsOf((await recording.close()).paths);
}

/** Frames with these times; those that are `null` were lost. */
export function framesAt(times: readonly (Partial<FrameTimes> | null)[]): Frame[] {
  const frames = jpegFrames(times.length, { times: (number) => times[number - 1] ?? {} });
  return frames.filter((_, index) => times[index] !== null);
}

/** Verifies what one path leads to; there is one recording. */
export async function verified(path: string, depth: Depth = 'whole'): Promise<VerifiedRecording> {
  const { recordings, problems } = await verifyAll([path], { depth });
  const [only] = recordings;
  if (only === undefined || recordings.length > 1 || problems.length > 0)
    throw new Error(`Not one recording: ${JSON.stringify({ recordings: recordings.length, problems })}`);
  return only;
}

/** `V14 failed`, `V18 note` and so on, each once. */
export function kindsOf({ findings }: VerifiedRecording): readonly string[] {
  return [...new Set(findings.filter(({ id }) => id !== 'V23').map(({ id, kind }) => `${id} ${kind}`))];
}

/** Changes a file of a recording as text. */
export async function rewrite(path: string, change: (text: string) => string): Promise<string> {
  await writeFile(path, change(await readFile(path, 'utf8')));
  return dirname(path);
}

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'csv-parse/sync';
import { PYTHON } from '../../../scripts/readers.mjs';

/** What programs that share no code with the product find in recordings. */

const run = promisify(execFile);
const OPENCV_SCRIPT = fileURLToPath(new URL('opencv.py', import.meta.url));
const OUTPUT = { maxBuffer: 2 ** 28 };

export interface VideoFacts {
  /** That it could read. 0: it could not open the file. */
  readonly frames: number;
  /** By the header. */
  readonly told: number;
  readonly width: number;
  readonly height: number;
  readonly durationS: number;
}

const NOTHING: VideoFacts = { frames: 0, told: 0, width: 0, height: 0, durationS: 0 };

interface Probe {
  readonly streams?: readonly {
    readonly width: number;
    readonly height: number;
    readonly nb_frames: string;
    readonly nb_read_packets: string;
    readonly duration: string;
  }[];
}

/** By ffprobe: one process each, as many at once as there are cores. */
export async function probedFacts(paths: readonly string[]): Promise<VideoFacts[]> {
  const facts: VideoFacts[] = [];
  const entries = paths.entries();
  const lane = async (): Promise<void> => {
    for (const [index, path] of entries) facts[index] = await probe(path);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
  return facts;
}

async function probe(path: string): Promise<VideoFacts> {
  const entries = 'stream=width,height,nb_frames,nb_read_packets,duration';
  const args = ['-v', 'quiet', '-count_packets', '-show_entries', entries, '-of', 'json', path];
  // It fails where it can read nothing; what it found is on stdout all the same.
  const { stdout } = await run('ffprobe', args, OUTPUT).catch((failure: { stdout: string }) => failure);
  const [stream] = (JSON.parse(stdout || '{}') as Probe).streams ?? [];
  if (stream === undefined) return NOTHING;
  return {
    frames: Number(stream.nb_read_packets) || 0,
    told: Number(stream.nb_frames) || 0,
    width: stream.width,
    height: stream.height,
    durationS: Number(stream.duration) || 0,
  };
}

/** By OpenCV: one process for all. */
export async function openCvFacts(paths: readonly string[]): Promise<VideoFacts[]> {
  const { stdout } = await run(PYTHON, [OPENCV_SCRIPT, ...paths], OUTPUT);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as VideoFacts);
}

/** Rows by csv-parse; `null` where it finds no CSV file of nine columns. */
export async function rowsOf(path: string): Promise<number | null> {
  try {
    const rows: string[][] = parse(await readFile(path, 'utf8'), { relax_column_count: false });
    return rows.length > 0 && rows.every((fields) => fields.length === 9) ? rows.length - 1 : null;
  } catch {
    return null;
  }
}

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { FFMPEG, GSTREAMER_LIBRARY, OPENCV, PYTHON, type Reader as Program } from '../../scripts/readers.mjs';

const run = promisify(execFile);
const OUTPUT = { maxBuffer: 2 ** 28 };

/** What a reader makes of a video. */
export interface Finding {
  /** Frames that it found from start to end. */
  readonly frames: number;
  /** Frames by the header, where the reader says. */
  readonly told?: number;
  readonly durationS: number;
  /** MD5 of each frame as it stands in the file, where the reader shows it. */
  readonly hashes?: readonly string[];
  /** Frames that were jumped to (from 0): the MD5 of what was there, or whether it was what should be. */
  readonly seeks: readonly (readonly [frame: number, found: string | boolean | null])[];
  /** Everything it said. '' for a good file. */
  readonly messages: string;
}

/** A program that is not ours and reads videos, many at once because its start takes longest. */
export interface Reader {
  readonly name: string;
  /** What must be installed for it. */
  readonly program: Program;
  readonly read: (paths: readonly string[]) => Promise<readonly Finding[]>;
}

export function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

const ffmpeg: Reader = {
  name: 'ffprobe, ffmpeg -ss',
  program: FFMPEG,
  async read(paths) {
    return withSeeks(paths, await mapSideBySide(paths, probe));
  },
};

const openCv: Reader = {
  name: 'OpenCV',
  program: OPENCV,
  read: (paths) => readByScript('opencv.py', paths),
};

const gstreamer: Reader = {
  name: 'GStreamer',
  program: GSTREAMER_LIBRARY,
  read: (paths) => readByScript('gstreamer.py', paths),
};

export const READERS: readonly Reader[] = [ffmpeg, openCv, gstreamer];

function script(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

async function readByScript(name: string, paths: readonly string[]): Promise<Finding[]> {
  const { stdout } = await run(PYTHON, [script(name), ...paths], OUTPUT);
  const lines = stdout.trim().split('\n');
  if (lines.length !== paths.length)
    throw new Error(`${name} answered ${lines.length} times for ${paths.length} files.`);
  return lines.map((line) => JSON.parse(line) as Finding);
}

/** ffprobe reads one file a process, and its start takes longest: so many at once as there are cores. */
async function mapSideBySide<In, Out>(items: readonly In[], work: (item: In) => Promise<Out>): Promise<Out[]> {
  const results: Out[] = [];
  const entries = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of entries) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
  return results;
}

interface Probed {
  readonly packets?: readonly { readonly pos: string; readonly size: string }[];
  readonly streams?: readonly { readonly nb_frames: string; readonly duration: string }[];
}

async function probe(path: string): Promise<Finding> {
  const entries = 'stream=nb_frames,duration:packet=pos,size';
  const { stdout, stderr } = await settle(
    run('ffprobe', ['-v', 'warning', '-show_entries', entries, '-of', 'json', path], OUTPUT),
  );
  const { packets = [], streams = [] } = JSON.parse(stdout || '{}') as Probed;
  const hashes: string[] = [];
  const file = await open(path);
  try {
    for (const { pos, size } of packets) {
      const bytes = Buffer.alloc(Number(size));
      await file.read(bytes, 0, bytes.length, Number(pos));
      hashes.push(md5(bytes));
    }
  } finally {
    await file.close();
  }
  const [stream] = streams;
  const durationS = Number(stream?.duration ?? 0);
  return {
    frames: packets.length,
    told: Number(stream?.nb_frames ?? 0),
    durationS,
    hashes,
    seeks: [],
    messages: stderr,
  };
}

/** Jumps to the middle and to the last frame of each file: one process for all. */
async function withSeeks(paths: readonly string[], found: readonly Finding[]): Promise<Finding[]> {
  const jumps = found.flatMap(({ frames, durationS }, file) =>
    [...new Set([Math.floor(frames / 2), Math.max(0, frames - 1)])].map((frame) => ({
      file,
      frame,
      atS: ((frame + 0.25) * durationS) / Math.max(1, frames),
    })),
  );
  const inputs = jumps.flatMap(({ file, atS }) => ['-ss', atS.toFixed(6), '-t', '0.001', '-i', paths[file] ?? '']);
  const maps = jumps.flatMap((_, index) => ['-map', `${index}:v`]);
  const { stdout, stderr } = await settle(
    run('ffmpeg', ['-v', 'warning', '-nostdin', ...inputs, ...maps, '-c', 'copy', '-f', 'framemd5', '-'], OUTPUT),
  );
  if (stderr !== '' && paths.length > 1) {
    // Whose message it is: each alone.
    const alone = await Promise.all(paths.map((path, index) => withSeeks([path], found.slice(index, index + 1))));
    return alone.flat();
  }
  const hashOf = new Map<number, string>();
  for (const line of stdout.split('\n')) {
    const fields = line.split(',').map((field) => field.trim());
    if (/^\d+$/.test(fields[0] ?? '')) hashOf.set(Number(fields[0]), fields.at(-1) ?? '');
  }
  return found.map((finding, file) => ({
    ...finding,
    messages: finding.messages + stderr,
    seeks: jumps.flatMap((jump, index) =>
      jump.file === file ? [[jump.frame, hashOf.get(index) ?? null] as const] : [],
    ),
  }));
}

/** A reader that fails says why on stderr: that is a finding like any other. */
async function settle(
  running: Promise<{ stdout: string; stderr: string }>,
): Promise<{ stdout: string; stderr: string }> {
  try {
    return await running;
  } catch (thrown) {
    const { stdout, stderr } = thrown as { stdout: string; stderr: string };
    return { stdout, stderr: stderr === '' ? String(thrown) : stderr };
  }
}

import { constants } from 'node:os';
import { relative, resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { messageOf } from '../../core/errors.js';
import { formatBytes } from '../../core/figures.js';
import { printable } from '../../core/safe-text.js';
import { CannotAlign } from '../../inspect/align/cannot-align.js';
import { CannotClip } from '../../inspect/clip/cannot-clip.js';
import { type ClipSource, openClipSource } from '../../inspect/clip/clip-source.js';
import { cutsOfTuples } from '../../inspect/clip/cuts-of-tuples.js';
import { framesOf, type ClipWish } from '../../inspect/clip/frame-range.js';
import { type Cut, type MadeClips, makeClips } from '../../inspect/clip/make-clips.js';
import { findRecordings, type RecordingFiles } from '../../inspect/recording-files.js';
import { finishOutput, outputForPeople } from '../output.js';
import { bar, PassingLine } from '../passing-line.js';
import type { ClipFlags } from './clip-flags.js';

const EXIT = { cut: 0, failed: 1, wrongUsage: 2, changed: 4 } as const;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const OUTPUT_LIMIT_MS = 1000;

/**
 * Cuts clips for a person. What was made goes to stdout, everything else to stderr. Resolves with the exit code; a signal
 * gives 128 and its number, as a shell counts, and then nothing is left of the clip.
 */
export async function clipForPeople(file: string, flags: ClipFlags): Promise<number> {
  const stderr: Writable & { readonly isTTY?: boolean } = outputForPeople(2);
  const stdout = outputForPeople(1);
  const say = (text: string): void => {
    stderr.write(`${printable(text)}\n`);
  };
  const ending = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    ending.abort(signal);
  };
  // Once: a second Ctrl-C ends the process at once. What it leaves is a recording that was left open.
  for (const signal of SIGNALS) process.once(signal, onSignal);
  const opened: ClipSource[] = [];
  const progress = new PassingLine(stderr);
  try {
    const cuts = await cutsFor(resolve(file), flags, opened);
    for (const { files, infoProblem } of opened) {
      if (infoProblem !== null)
        say(`warning: ${files.stem}: the info file ${infoProblem}. The clip is made without it.`);
    }
    const total = cuts.reduce((sum, { range }) => sum + range.last - range.first + 1, 0);
    const made = await makeClips(cuts, {
      out: flags.out ?? '.',
      what: nameOf(flags, cuts),
      signal: ending.signal,
      onProgress: (frames, bytes) => {
        progress.show(() => `${bar(frames, total)} ${frames} of ${total} frames  ${formatBytes(bytes)}`);
      },
    });
    progress.clear();
    for (const line of describe(made)) stdout.write(`${printable(line)}\n`);
    const warnings = changes(made);
    for (const warning of warnings) say(`warning: ${warning}`);
    return warnings.length > 0 ? EXIT.changed : EXIT.cut;
  } catch (thrown) {
    progress.clear();
    if (ending.signal.aborted) {
      say('No clip was made.');
      return 128 + constants.signals[ending.signal.reason as NodeJS.Signals];
    }
    say(`error: ${messageOf(thrown)}`);
    const isKnown = thrown instanceof CannotClip || thrown instanceof CannotAlign;
    return isKnown && thrown.isWrongUsage ? EXIT.wrongUsage : EXIT.failed;
  } finally {
    for (const { video } of opened) await video.close();
    for (const signal of SIGNALS) process.off(signal, onSignal);
    await finishOutput(stderr, OUTPUT_LIMIT_MS);
    await finishOutput(stdout, OUTPUT_LIMIT_MS);
  }
}

async function cutsFor(path: string, flags: ClipFlags, opened: ClipSource[]): Promise<readonly Cut[]> {
  const { recordings, problems } = await findRecordings([path]);
  const [files, another] = recordings;
  if (files === undefined) throw new CannotClip(problems[0]?.message ?? `${path} holds no recordings.`);
  const onOpen = (source: ClipSource): void => {
    opened.push(source);
  };
  if (flags.align !== undefined && flags.tuples !== undefined) {
    return cutsOfTuples(recordings, resolve(flags.align), flags.tuples, onOpen);
  }
  if (another !== undefined) throw severalThere(path, recordings);
  const source = await openClipSource(files);
  onOpen(source);
  return [{ source, range: framesOf(wishOf(flags), source) }];
}

function severalThere(path: string, recordings: readonly RecordingFiles[]): CannotClip {
  const named = recordings[0]?.videoPath ?? '';
  return new CannotClip(`${path} holds ${recordings.length} recordings. Name a video, for example ${named}.`, true);
}

function wishOf({ frames, seconds, sensorNs }: ClipFlags): ClipWish {
  if (frames !== undefined) return { kind: 'frames', from: frames[0], to: frames[1] };
  if (seconds !== undefined) return { kind: 'seconds', from: seconds[0], to: seconds[1] };
  const [from = 0n, to = 0n] = sensorNs ?? [];
  return { kind: 'sensorNs', from, to };
}

/** Of one recording always its frames, however they were asked for. */
function nameOf({ tuples }: ClipFlags, [cut]: readonly Cut[]): string {
  if (tuples !== undefined) return `tuples_${tuples.join('-')}`;
  return `frames_${cut?.range.first ?? 0}-${cut?.range.last ?? 0}`;
}

function describe({ sessionDir, clips }: MadeClips): readonly string[] {
  const fromHere = relative(process.cwd(), sessionDir);
  const place = fromHere.startsWith('..') ? sessionDir : fromHere;
  return [
    ...clips.flatMap(({ cut, videos, frames, bytes }) => {
      const { range, source } = cut;
      const from = `${source.rows.deviceId} frames ${range.first} to ${range.last} of ${source.files.stem}.avi`;
      return [
        `${from}: ${frames} frame${frames === 1 ? '' : 's'}, ${formatBytes(bytes)}`,
        ...videos.map(
          (video) => `  ${relative(process.cwd(), video).startsWith('..') ? video : relative(process.cwd(), video)}`,
        ),
      ];
    }),
    `To verify: csi-cameras verify ${place}`,
  ];
}

function changes({ clips }: MadeClips): readonly string[] {
  return clips.flatMap(({ cut, changed }) =>
    changed.map(
      ({ first, last }) =>
        `frames ${first} to ${last} of ${cut.source.files.stem}.avi are not all what was recorded: their checksum differs. The clip has them as they are on the disk.`,
    ),
  );
}

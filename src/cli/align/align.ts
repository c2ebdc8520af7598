import { basename, dirname, join, resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { errnoOf, messageOf } from '../../core/errors.js';
import { realFileSystem } from '../../core/file-system.js';
import { jsonLine, printable } from '../../core/safe-text.js';
import { writeAlignFile } from '../../inspect/align/align-file.js';
import { alignTrial, type AlignWishes } from '../../inspect/align/alignment.js';
import { CannotAlign } from '../../inspect/align/cannot-align.js';
import { figuresOf } from '../../inspect/align/figures.js';
import { findRecordings, type RecordingFiles } from '../../inspect/recording-files.js';
import { openNewFile } from '../new-file.js';
import { finishOutput, outputForPeople } from '../output.js';
import { alignText, type WrittenAlignment } from './align-text.js';

export interface AlignOptions {
  readonly trial?: number;
  readonly reference?: string;
  readonly toleranceMs?: number;
  readonly complete?: boolean;
  readonly out?: string;
  readonly json?: boolean;
}

const EXIT = { aligned: 0, failed: 1, wrongUsage: 2 } as const;
const OUTPUT_LIMIT_MS = 1000;
/** Shape of what `--json` prints. */
const JSON_SCHEMA = 1;

/** Aligns the trials of a session. Figures go to stdout, everything else to stderr. Resolves with the exit code. */
export async function alignForPeople(session: string, options: AlignOptions): Promise<number> {
  const stderr = outputForPeople(2);
  const stdout = outputForPeople(1);
  const say = (text: string): void => {
    stderr.write(`${printable(text)}\n`);
  };
  try {
    return await alignAll(resolve(session), options, stdout, say);
  } catch (thrown) {
    say(`error: ${messageOf(thrown)}`);
    return thrown instanceof CannotAlign && thrown.isWrongUsage ? EXIT.wrongUsage : EXIT.failed;
  } finally {
    await finishOutput(stderr, OUTPUT_LIMIT_MS);
    await finishOutput(stdout, OUTPUT_LIMIT_MS);
  }
}

async function alignAll(
  session: string,
  options: AlignOptions,
  stdout: Writable,
  say: (text: string) => void,
): Promise<number> {
  const { recordings, problems } = await findRecordings([session]);
  for (const { message } of problems) say(`warning: ${message}`);
  const trials = trialsOf(recordings, options.trial);
  if (trials.length > 1 && options.out !== undefined) {
    const numbers = trials.map(([trial]) => trial).join(', ');
    throw new CannotAlign(`--out names one file, and there are trials ${numbers}. Add --trial.`, true);
  }
  const done: WrittenAlignment[] = [];
  for (const [trial, files] of trials) {
    const written = await alignOne(trial, files, session, options);
    done.push(written);
    if (options.json !== true) for (const line of alignText(written)) stdout.write(`${printable(line)}\n`);
  }
  if (options.json === true) stdout.write(`${jsonLine({ schema: JSON_SCHEMA, trials: done.map(jsonOf) })}\n`);
  return EXIT.aligned;
}

const jsonOf = ({ figures, path, written }: WrittenAlignment): object => ({ ...figures, file: path, ...written });

type Trial = readonly [trial: number, recordings: readonly RecordingFiles[]];

/** The trials to align: the one that was asked for, else every one with several cameras. */
function trialsOf(recordings: readonly RecordingFiles[], asked: number | undefined): readonly Trial[] {
  const byTrial = new Map<number, RecordingFiles[]>();
  for (const files of recordings) {
    if (files.trial !== null) byTrial.set(files.trial, [...(byTrial.get(files.trial) ?? []), files]);
  }
  const there = [...byTrial.keys()].sort((a, b) => a - b);
  if (there.length === 0) throw new CannotAlign('There are no recordings. Name a session directory.');
  if (asked !== undefined) {
    const files = byTrial.get(asked);
    if (files === undefined) {
      throw new CannotAlign(`There is no trial ${asked}. The session has trial ${there.join(', ')}.`, true);
    }
    return [[asked, files]];
  }
  const several = [...byTrial].filter(([, files]) => new Set(files.map(({ folder }) => folder)).size > 1);
  if (several.length === 0) throw new CannotAlign('No trial of this session has recordings of two cameras.');
  return several.sort(([a], [b]) => a - b);
}

async function alignOne(
  trial: number,
  recordings: readonly RecordingFiles[],
  session: string,
  { reference, toleranceMs, complete = false, out }: AlignOptions,
): Promise<WrittenAlignment> {
  const toleranceNs = toleranceMs === undefined ? undefined : toleranceMs * 1e6;
  const wishes: AlignWishes = { reference, toleranceNs };
  const alignment = await alignTrial(trial, recordings, wishes);
  const { path, handle } = await openPlace(out, recordings[0]?.sessionDir ?? session, trial);
  try {
    const written = await writeAlignFile(handle, alignment, complete);
    await handle.sync();
    await handle.close();
    return { figures: figuresOf(alignment), path, written };
  } catch (failure) {
    await handle.close().catch(() => undefined); // the first failure is told
    await realFileSystem.rm(path, { force: true }).catch(() => undefined); // half a file would look like a whole one
    if (failure instanceof CannotAlign) throw failure;
    throw new CannotAlign(`${path} could not be written (${errnoOf(failure) ?? messageOf(failure)}).`);
  }
}

/** The file of `--out`, or a new name beside the session. Nothing is overwritten. */
async function openPlace(out: string | undefined, session: string, trial: number): ReturnType<typeof openNewFile> {
  const stem = join(dirname(session), `${basename(session)}_trial${String(trial).padStart(3, '0')}_align`);
  try {
    if (out !== undefined) return await openNewFile(realFileSystem, () => resolve(out), 1);
    return await openNewFile(realFileSystem, (attempt) => `${stem}${attempt === 1 ? '' : `-${attempt}`}.csv`);
  } catch (failure) {
    const errno = errnoOf(failure) ?? messageOf(failure);
    const path = out === undefined ? `${stem}.csv` : resolve(out);
    if (errno === 'EEXIST') throw new CannotAlign(`${path} is there already. Name another file with --out.`, true);
    throw new CannotAlign(`${path} cannot be made (${errno}). Name another file with --out.`);
  }
}

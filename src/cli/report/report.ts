import { stat } from 'node:fs/promises';
import { basename, relative, resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { errnoOf } from '../../core/errors.js';
import { printable } from '../../core/safe-text.js';
import { findRecordings } from '../../inspect/recording-files.js';
import { makeReport } from '../../inspect/report/make-report.js';
import { verifyAll } from '../../inspect/verify/verify-all.js';
import { finishOutput, outputForPeople } from '../output.js';
import { PassingLine, readingText } from '../passing-line.js';
import { placeFor, writeReport } from './report-places.js';

export interface ReportOptions {
  readonly path: string;
  readonly out?: string;
  readonly thumbnails: number;
}

const EXIT = { failed: 1, wrongUsage: 2 } as const;
const OUTPUT_LIMIT_MS = 1000;

type Terminal = Writable & { readonly isTTY?: boolean };

/** Writes a report for a person at a terminal: its path and what it says on stdout, all else on stderr. Resolves with the exit code. */
export async function reportForPeople(options: ReportOptions): Promise<number> {
  const stderr: Terminal = outputForPeople(2);
  const stdout = outputForPeople(1);
  try {
    return await report(options, stdout, stderr);
  } finally {
    await finishOutput(stderr, OUTPUT_LIMIT_MS);
    await finishOutput(stdout, OUTPUT_LIMIT_MS);
  }
}

async function report({ path, out, thumbnails }: ReportOptions, stdout: Writable, stderr: Terminal): Promise<number> {
  const say = (text: string): void => {
    stderr.write(`${printable(text)}\n`);
  };
  const kind = await kindOf(path);
  if (kind === null) {
    say(`error: ${path} does not exist. Name a session, a camera's folder, or a file of a recording.`);
    return EXIT.failed;
  }
  const { recordings: found, problems } = await findRecordings([path]);
  const [first] = found;
  if (first === undefined) {
    for (const { message } of problems) say(`error: ${message}`);
    return EXIT.failed;
  }
  const stem = kind === 'file' ? first.stem : null;
  const place = await placeFor(out, path, stem);
  if ('why' in place) {
    say(`error: ${place.why}`);
    return place.isWrongUsage ? EXIT.wrongUsage : EXIT.failed;
  }
  const progress = new PassingLine(stderr);
  const verified = await verifyAll([path], {
    depth: 'whole',
    onProgress: ({ stem: name }, done, total) => {
      progress.show(() => readingText(name, done, total));
    },
  });
  const made = await makeReport({
    name: stem ?? basename(resolve(path)),
    recordings: verified.recordings,
    problems: verified.problems.map(({ message }) => message),
    thumbnails,
    madeMs: Date.now(),
  });
  progress.clear();
  for (const { message } of problems) say(`error: ${message}`);
  const written = await writeReport(place, made.html);
  if (typeof written !== 'string') {
    say(`error: ${written.why}`);
    return EXIT.failed;
  }
  const fromHere = relative(process.cwd(), written);
  stdout.write(`${printable(fromHere.startsWith('..') ? written : fromHere)}\n${printable(made.sentence)}\n`);
  return verified.exitCode;
}

async function kindOf(path: string): Promise<'file' | 'folder' | null> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (thrown) {
    return errnoOf(thrown) === 'ENOENT' || errnoOf(thrown) === 'ENOTDIR' ? null : 'file'; // the search says what is wrong
  }
}

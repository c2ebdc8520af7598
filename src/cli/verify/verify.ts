import { setPriority } from 'node:os';
import { basename } from 'node:path';
import { jsonLine, printable } from '../../core/safe-text.js';
import type { Depth } from '../../inspect/verdict.js';
import { verifyAll } from '../../inspect/verify/verify-all.js';
import { finishOutput, outputForPeople, sayOnStderr } from '../output.js';
import { PassingLine, readingText } from '../passing-line.js';
import { jsonOf } from './verified-json.js';
import { linesOf } from './verified-lines.js';

interface VerifyRequest {
  readonly quick?: boolean;
  readonly decode?: boolean;
  readonly logDir?: string;
  readonly json?: boolean;
}

/** Behind what records. */
const NICE = 10;
/** A reader of the output that does not read is not waited for longer than this, ms. */
const OUTPUT_MS = 60_000;

/** Verifies recordings for a person, or for a program (`json`). Resolves with the exit code. */
export async function verifyForPeople(paths: readonly string[], request: VerifyRequest): Promise<number> {
  const depth: Depth = request.quick === true ? 'quick' : request.decode === true ? 'decode' : 'whole';
  const progress = new PassingLine(process.stderr);
  const verified = await verifyAll(paths, {
    depth,
    logDir: request.logDir,
    onGentle: () => {
      becomeNice();
      progress.clear();
      sayOnStderr('A recording is running in this session: this reads slowly, so that it does not disturb it.');
    },
    onProgress: (files, done, total) => {
      progress.show(() => readingText(basename(files.stem), done, total));
    },
  });
  progress.clear();
  const output = outputForPeople(1);
  if (request.json === true) {
    output.write(`${jsonLine(jsonOf(verified, depth))}\n`);
  } else {
    const hasColours = process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb';
    const lines = linesOf(verified, { depth, hasColours, hasLogs: request.logDir !== undefined });
    output.write(`${lines.join('\n')}\n`);
    for (const { message } of verified.problems) sayOnStderr(printable(message));
  }
  await finishOutput(output, OUTPUT_MS);
  return verified.exitCode;
}

function becomeNice(): void {
  try {
    setPriority(NICE);
  } catch {
    // A system that does not allow it: the small steps remain.
  }
}

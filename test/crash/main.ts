import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { missingText } from '../../scripts/readers.mjs';
import { killTwoSideBySide } from './kills.js';
import { withHeadersBeforeTheirSync } from './power-cut.js';
import {
  type CrashState,
  type ProofResult,
  killedStates,
  powerCutStates,
  prove,
  tornHeaderStates,
  truthOf,
} from './proof.js';
import { READERS } from './readers.js';
import { REAL_GEOMETRY, type RecordedWrites, recordWrites } from './recorded-writes.js';
import { deathsOfRecovery, recoveredStates } from './recovered-states.js';
import { seededRandom } from './seeded-random.js';

/**
 * The proof that a recording survives any death: every moment of a recording, and power cuts that lose any part of what was
 * not synced, held against readers that are not ours; then real SIGKILLs of the built program. Build first.
 *
 * Exit code: 0 all good, 1 something is not, 2 a reader is missing.
 */
const USAGE = `usage: npm run crash-proof -- [--json FILE] [--seed N] [--frames N] [--power-cuts N] [--kills N] [--plant]

Prints a Markdown table; some five minutes on two cores.

  --json FILE     the table for programs, with every problem
  --seed N        other random states (default 1); the same seed makes the same states
  --frames N      of the recording that is cut everywhere (default 600)
  --power-cuts N  sampled states for each of two granularities: whole writes, blocks of 4 KiB (default 300)
  --kills N       times that the program is killed (default 50)
  --plant         plant a mistake, a commit before its sync: then the power cuts must fail, and the proof with them
`;

const { values } = parseArgs({
  options: {
    json: { type: 'string' },
    seed: { type: 'string', default: '1' },
    frames: { type: 'string', default: '600' },
    'power-cuts': { type: 'string', default: '300' },
    kills: { type: 'string', default: '50' },
    plant: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

interface Line {
  readonly what: string;
  readonly states: number;
  readonly readers: Readonly<Record<string, number>>;
  readonly rows: number;
  /** Age of the oldest lost frame, milliseconds; `null` where that is not the question. */
  readonly oldestLostMs: number | null;
  readonly problems: readonly string[];
}

async function main(): Promise<number> {
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const missing = READERS.flatMap(({ program }) => missingText(program) ?? []);
  for (const text of missing) process.stderr.write(`${text}\n`);
  if (missing.length > 0) return 2;
  const folder = await mkdtemp(join(tmpdir(), 'csi-cameras-crash-'));
  try {
    const lines = await proveAll(folder);
    process.stdout.write(tableOf(lines));
    const problems = lines.flatMap((line) => line.problems);
    for (const problem of problems.slice(0, 40)) process.stdout.write(`${problem}\n`);
    if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify({ seed, lines }, null, 2)}\n`);
    process.stdout.write(problems.length === 0 ? 'All agree.\n' : `${problems.length} problems.\n`);
    return problems.length === 0 ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const seed = Number(values.seed);

async function proveAll(folder: string): Promise<Line[]> {
  const lines: Line[] = [];
  const run = async (
    what: string,
    recorded: RecordedWrites,
    states: Iterable<CrashState> | AsyncIterable<CrashState>,
  ): Promise<void> => {
    const onProgress = (count: number): void => progress(`${what}: ${count}`);
    const sinceMs = performance.now();
    const result = await prove(truthOf(recorded), states, {
      readers: READERS,
      folder: join(folder, 'states'),
      onProgress,
    });
    const line = asLine(what, result);
    lines.push(line);
    finished(line, sinceMs);
  };
  const powerCuts = Number(values['power-cuts']);
  const at = join(folder, 'closing');

  const small = planted(await recordWrites({ folder: join(folder, 'small'), frames: Number(values.frames) }));
  const truth = truthOf(small);
  await run(`killed after each of ${changes(small)} operations`, small, killedStates(small));
  await run('power cut', small, powerCutStates(small, powerCuts, seed));
  if (values.plant) return lines;
  const realSize = { folder: join(folder, 'real'), frames: 240, geometry: REAL_GEOMETRY };
  const real = await recordWrites(realSize);
  await run(`real layout, killed after each of ${changes(real)}`, real, killedStates(real));
  await run('real layout, power cut', real, powerCutStates(real, Math.ceil(powerCuts / 10), seed));

  const fifth = (states: Iterable<CrashState>): Iterable<CrashState> => everyFifth(states);
  await run('killed, then closed', small, recoveredStates(truth, fifth(killedStates(small)), at));
  await run('power cut, then closed', small, recoveredStates(truth, fifth(powerCutStates(small, powerCuts, seed)), at));
  const torn = tornHeaderStates(small, Math.ceil(powerCuts / 3), seed);
  await run('header torn, then closed', small, recoveredStates(truth, torn, at, true));
  const dying = deathsOfRecovery(truth, killedStates(small, 60), at, 10, seededRandom(seed));
  await run('closing killed, or power cut', small, dying);

  const told = await recordWrites({ folder: join(folder, 'told'), frames: 240, writesMetadata: true });
  const toldTruth = truthOf(told);
  const cuts = Math.ceil(powerCuts / 5);
  await run('with metadata, killed', told, killedStates(told));
  await run('with metadata, power cut', told, powerCutStates(told, cuts, seed));
  const left = [...everyFifth(killedStates(told)), ...everyFifth(powerCutStates(told, cuts, seed))];
  await run('with metadata, then closed', told, recoveredStates(toldTruth, left, at));
  const closingDies = deathsOfRecovery(toldTruth, killedStates(told, 60), at, 10, seededRandom(seed));
  await run('with metadata, closing dies', told, closingDies);

  const killingSinceMs = performance.now();
  const kills = await killTwoSideBySide({
    readers: READERS,
    folder,
    kills: Number(values.kills),
    random: seededRandom(seed),
    onProgress: (count) => progress(`SIGKILL: ${count}`),
  });
  const readers = Object.fromEntries(READERS.map(({ name }, index) => [name, kills.good[index] ?? 0]));
  const oldestLostMs = kills.lostMs.at(-1) ?? 0;
  const { problems } = kills;
  const line = {
    what: 'SIGKILL of the program',
    states: kills.kills,
    readers,
    rows: kills.closed,
    oldestLostMs,
    problems,
  };
  lines.push(line);
  finished(line, killingSinceMs);
  progress('');
  return lines;
}

function planted(recorded: RecordedWrites): RecordedWrites {
  if (!values.plant) return recorded;
  return { ...recorded, operations: withHeadersBeforeTheirSync(recorded.operations) };
}

/** Writes, changes of size and syncs. */
function changes({ operations }: RecordedWrites): number {
  return operations.length;
}

function* everyFifth(states: Iterable<CrashState>): Generator<CrashState> {
  let index = 0;
  for (const state of states) {
    if (index % 5 === 0) yield state;
    index += 1;
  }
}

function asLine(what: string, result: ProofResult): Line {
  const readers = Object.fromEntries(result.readers.map(({ reader, good }) => [reader, good]));
  const oldestLostMs = result.oldestLostMs === 0 ? null : result.oldestLostMs;
  return { what, states: result.states, readers, rows: result.goodRows, oldestLostMs, problems: result.problems };
}

/** As Markdown, the columns aligned for a terminal too. */
function tableOf(lines: readonly Line[]): string {
  const head = ['What', 'States', ...READERS.map(({ name }) => name), 'Rows', 'Oldest lost'];
  const rows = lines.map(({ what, states, readers, rows: good, oldestLostMs }) => [
    what,
    `${states}`,
    ...READERS.map(({ name }) => `${readers[name] ?? ''}`),
    `${good}`,
    oldestLostMs === null ? '' : `${Math.round(oldestLostMs)} ms`,
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((cells) => cells[column]?.length ?? 0)));
  const align = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |\n`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |\n`;
  return [align(head), rule, ...rows.map(align)].join('');
}

/** On a terminal one line that changes; elsewhere one for each kind of state. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}

function finished(line: Line, sinceMs: number): void {
  if (process.stderr.isTTY) return;
  const seconds = Math.round((performance.now() - sinceMs) / 1_000);
  process.stderr.write(`${line.what}: ${line.states} states, ${line.problems.length} problems, ${seconds} s\n`);
}

process.exitCode = await main();

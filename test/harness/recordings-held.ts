import { appendFileSync } from 'node:fs';
import { type Dirent, constants } from 'node:fs';
import { access, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CheckId, VerifiedRecording } from '../../src/inspect/verdict.js';
import { againstSchema } from './published-schemas.js';

/**
 * Holds every recording that a test made against `verify`, before the test's folder is removed: a recording is whole, lost
 * with an account, or a declared exception. Its info file is held against the published schema.
 */

interface Declared {
  readonly folder: string;
  /** `undefined`: any. */
  readonly checks: ReadonlySet<CheckId> | undefined;
}

const damagedOnPurpose: Declared[] = [];

/**
 * To be called by a test whose recordings below `folder` cannot be sound: it damages them, or makes them of what is no picture.
 * `why` is for whoever reads the test. `checks`: that may fail; without them all may.
 */
export function expectDamage(folder: string, why: string, checks?: readonly CheckId[]): void {
  if (why === '') throw new Error('Damage needs a reason.');
  damagedOnPurpose.push({ folder, checks: checks && new Set(checks) });
}

/** Removes a test's folder. Rejects after that where a recording in it is damaged and no test said that it would be. */
export async function removeHeld(folder: string): Promise<void> {
  try {
    await holdRecordings(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Throws where a recording below `folder` is damaged and no test said that it would be. */
export async function holdRecordings(folder: string): Promise<void> {
  const cameras = await foldersOfRecordings(folder);
  if (cameras.length === 0) return;
  const startedMs = performance.now();
  const { inspectAll, sentenceOf } = await import('./inspect-all.js'); // most tests have no recordings
  const verified = await inspectAll(cameras);
  tell(verified, performance.now() - startedMs);
  const damaged = verified.filter((one) => one.verdict === 'damaged' && !isDeclared(one));
  const wrong = [...damaged.map(sentenceOf), ...(await wrongInfoFiles(verified))];
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
}

/** Only of those that `verify` took: what is wrong with others is told, or was declared. */
async function wrongInfoFiles(verified: readonly VerifiedRecording[]): Promise<string[]> {
  const wrong: string[] = [];
  for (const { files, accountFrom } of verified) {
    if (files.infoPath === null || accountFrom === null) continue;
    const problem = againstSchema('info', JSON.parse(await readFile(files.infoPath, 'utf8')));
    if (problem !== undefined) wrong.push(`${files.infoPath} is ${problem}`);
  }
  return wrong;
}

function isDeclared({ files, findings }: VerifiedRecording): boolean {
  const failed = findings.filter(({ kind }) => kind === 'failed');
  return damagedOnPurpose.some(
    ({ folder, checks }) =>
      files.folder.startsWith(`${folder}/`) && failed.every(({ id }) => checks === undefined || checks.has(id)),
  );
}

/** Folders with files that bear the names of recordings. No link is followed. */
async function foldersOfRecordings(folder: string): Promise<string[]> {
  let entries: Dirent[];
  try {
    await access(folder, constants.R_OK | constants.X_OK);
    entries = await readdir(folder, { withFileTypes: true });
  } catch {
    return []; // it is gone, or the test took the right to see it
  }
  const below: string[] = [];
  let hasRecordings = false;
  for (const entry of entries) {
    if (entry.isDirectory()) below.push(...(await foldersOfRecordings(join(folder, entry.name))));
    else hasRecordings ||= entry.isFile() && /_CSI_trial\d+_.*(\.avi|_timing\.csv)$/.test(entry.name);
  }
  return hasRecordings ? [folder, ...below] : below;
}

/** With `CSI_CAMERAS_HELD=FILE` a line for each folder says what was held and how long that took. */
function tell(verified: readonly VerifiedRecording[], tookMs: number): void {
  const path = process.env['CSI_CAMERAS_HELD'];
  if (path === undefined) return;
  const count = (verdict: VerifiedRecording['verdict']): number =>
    verified.filter((one) => one.verdict === verdict).length;
  const counts = [count('proven'), count('lost'), count('unchecked'), count('damaged')].join(' ');
  appendFileSync(path, `${counts} ${tookMs.toFixed(0)}\n`);
}

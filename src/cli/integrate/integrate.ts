import { constants } from 'node:fs';
import { access, lstat, rename } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { errnoOf, messageOf } from '../../core/errors.js';
import { printable } from '../../core/safe-text.js';
import { VERSION } from '../../core/own-package.js';
import { finishOutput, outputForPeople } from '../output.js';
import { CONFIG, configIn, deliveredDropIn, isEdited, isProgramFleeting, recordIn, writeDropIn } from './drop-in.js';
import { discard, discardEmpty, draftIn, exchange, freeName, KEPT, lastKept, leftBehind } from './exchange.js';
import { hostTreeAt, MODULE, type HostTree } from './host-tree.js';
import { hostKeysOf, tellWishes, valuesIn, wishesOf, withWishes, type ConfigValues } from './merged-config.js';
import { Refusal } from './refusal.js';

export interface IntegrateOptions {
  readonly path: string;
  readonly isRemoval: boolean;
  readonly isDryRun: boolean;
}

const EXIT_FAILED = 1;
const OUTPUT_LIMIT_MS = 1000;

type Say = (sentence: string) => void;

/** What is in the module's place now. */
interface Present {
  readonly kind: 'nothing' | 'ours' | 'edited' | 'other';
  readonly wishes: ConfigValues;
}

/** Puts the module into a host, or takes it out. What was done is told on stdout. Resolves with the exit code. */
export async function integrateForPeople(options: IntegrateOptions): Promise<number> {
  const stdout = outputForPeople(1);
  const stderr = outputForPeople(2);
  const sayTo =
    (stream: Writable): Say =>
    (sentence) => {
      stream.write(`${printable(sentence)}\n`);
    };
  let unchanged = 'Nothing has changed.';
  try {
    const tree = await hostTreeAt(options.path);
    // Both are asked before anything is made: a rename changes both.
    for (const folder of [tree.root, tree.modules]) await access(folder, constants.W_OK | constants.X_OK);
    if (options.isDryRun) sayTo(stdout)('Dry run: nothing is changed. Without --dry-run:');
    if (await putBack(tree, options.isDryRun, sayTo(stdout))) unchanged = 'Nothing else has changed.';
    await (options.isRemoval ? remove : install)(tree, options.isDryRun, sayTo(stdout));
    return 0;
  } catch (thrown) {
    sayTo(stderr)(
      `error: ${thrown instanceof Refusal ? thrown.message : failureText(thrown, options.path)} ${unchanged}`,
    );
    return EXIT_FAILED;
  } finally {
    await finishOutput(stderr, OUTPUT_LIMIT_MS);
    await finishOutput(stdout, OUTPUT_LIMIT_MS);
  }
}

/** Goes on from where one was cut off, by a power cut for example, between its two renames. */
async function putBack(tree: HostTree, isDryRun: boolean, say: Say): Promise<boolean> {
  const left = await leftBehind(tree);
  if (left === undefined) return false;
  say(`An earlier integrate was cut off: ${left} is put into its place, ${tree.place}, again.`);
  if (!isDryRun) await rename(left, tree.place);
  return !isDryRun;
}

async function install(tree: HostTree, isDryRun: boolean, say: Say): Promise<void> {
  const dropIn = await deliveredDropIn();
  const present = await presentIn(tree);
  const kept = await keptName(tree, present);
  if (!isDryRun) {
    const draft = await draftIn(tree);
    try {
      await writeDropIn(draft, dropIn, withWishes(dropIn.config, present.wishes));
      await replace(tree, { present, from: draft, kept }, say);
    } finally {
      await discard(draft); // where it has become the module there is none
    }
  }
  const deed = present.kind === 'ours' || present.kind === 'edited' ? 'updated to' : 'now';
  say(`${tree.place} is ${deed} csi-cameras ${VERSION}.`);
  tellKept(present, kept, say);
  const wishes = tellWishes(present.wishes, dropIn.config);
  if (wishes !== '') say(`Kept from ${CONFIG}: ${wishes}.`);
  say(`It starts: ${dropIn.record.program.join(' ')}`);
  if (isProgramFleeting()) {
    say(
      'This program lies in a cache of npm, which may be emptied. Better: npm install --global csi-cameras, and then this command once more.',
    );
  }
  say('Restart the host. Its log shows what csi-cameras has to say.');
}

async function remove(tree: HostTree, isDryRun: boolean, say: Say): Promise<void> {
  const present = await presentIn(tree);
  const before = await lastKept(tree, KEPT.before);
  // Nothing is there, and something is kept: a removal that was cut off.
  if (present.kind === 'other' || (present.kind === 'nothing' && before === undefined)) {
    throw new Refusal(`${tree.place} is not the module of csi-cameras, so there is nothing to remove.`);
  }
  // A later installation would begin anew, so settings of its own are worth keeping too.
  const isWorthKeeping = Object.keys(hostKeysOf(present.wishes)).length < Object.keys(present.wishes).length;
  const leaving: Present = isWorthKeeping ? { ...present, kind: 'edited' } : present;
  const kept = await keptName(tree, leaving);
  if (!isDryRun) await replace(tree, { present: leaving, from: before ?? null, kept }, say);
  say(
    before === undefined
      ? `${tree.place} is removed. No module ${MODULE} was there before, so the host has none now.`
      : `${tree.place} is the module again that was there before.`,
  );
  tellKept(leaving, kept, say);
  say('Restart the host.');
}

async function presentIn({ place }: HostTree): Promise<Present> {
  const stat = await lstat(place).catch((thrown: unknown) => {
    if (errnoOf(thrown) === 'ENOENT') return null;
    throw thrown;
  });
  if (stat === null) return { kind: 'nothing', wishes: {} };
  if (!stat.isDirectory() && !stat.isSymbolicLink()) throw new Refusal(`${place} is not a folder. Move it away.`);
  // A link is somebody's own arrangement, and is kept as it is.
  const record = stat.isSymbolicLink() ? null : await recordIn(place);
  const text = await configIn(place);
  const wishes = typeof text === 'string' ? wishesOf(valuesIn(text), record?.config ?? null) : {};
  if (record === null) return { kind: 'other', wishes };
  return { kind: text === null || (await isEdited(place, record)) ? 'edited' : 'ours', wishes };
}

/** Where the present folder is kept. `null`: there is nothing to keep. */
async function keptName(tree: HostTree, { kind }: Present): Promise<string | null> {
  if (kind === 'other') return freeName(tree, KEPT.before);
  return kind === 'edited' ? freeName(tree, KEPT.edited) : null;
}

function tellKept({ kind }: Present, kept: string | null, say: Say): void {
  if (kept === null) return;
  if (kind === 'other') say(`The module that was there is kept in ${kept}; --remove puts it back.`);
  else say(`The folder was changed since it was installed, or has settings of its own. It is kept in ${kept}.`);
}

interface Replacement {
  readonly present: Present;
  /** `null`: nothing comes instead. */
  readonly from: string | null;
  readonly kept: string | null;
}

async function replace(tree: HostTree, { present, from, kept }: Replacement, say: Say): Promise<void> {
  if (kept !== null || present.kind === 'nothing') return exchange(tree, from, kept);
  const old = await draftIn(tree); // a rename may replace an empty folder
  try {
    await exchange(tree, from, old);
  } catch (thrown) {
    await discardEmpty(old);
    throw thrown;
  }
  if (!(await discard(old))) say(`${old} is the folder of before and could not be removed. Nobody needs it any more.`);
}

function failureText(thrown: unknown, path: string): string {
  const errno = errnoOf(thrown);
  if (errno === 'EACCES' || errno === 'EPERM' || errno === 'EROFS') {
    return `Nothing can be written into ${path} (${errno}). Run it as the user who owns the host's folder.`;
  }
  if (errno === 'EXDEV') {
    return `The modules in ${path} are on another file system than the folder around them (${errno}), so that none can be exchanged as a whole. Put both on one.`;
  }
  return `${messageOf(thrown)}.`;
}

import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { realFileSystem } from '../../core/file-system.js';
import { packagePath } from '../../core/own-package.js';
import { homeFolder } from '../../core/private-folder.js';
import { printable } from '../../core/safe-text.js';
import { finishOutput, outputForPeople } from '../output.js';
import { disableCommand, nextSteps, removalSteps } from './next-steps.js';
import { recordWords, type FlagSpec } from './record-words.js';
import { removeUnit, UnitFileTrouble, writeUnit } from './unit-file.js';
import { targetOf, unitText, type UnitOptions } from './unit-text.js';
import { whyNoProgram, whyNoWord } from './unit-words.js';

/** A service of systemd that records until it is stopped. It writes or prints the unit, and starts nothing. */

export interface ServiceOptions {
  readonly action: 'print' | 'install' | 'remove';
  readonly name: string;
  readonly isForUser: boolean;
  /** Who records; only of a service of the system. */
  readonly runAs?: string;
  readonly isForced: boolean;
  /** What follows `record`. Commander has taken it. */
  readonly typed: readonly string[];
  readonly flags: readonly FlagSpec[];
}

const SYSTEM_FOLDER = '/etc/systemd/system';
const MAIN = packagePath('dist/cli/main.js');
const OUTPUT_LIMIT_MS = 1000;

/** Resolves with the exit code. */
export async function service(options: ServiceOptions): Promise<number> {
  const stdout = outputForPeople(1);
  const stderr = outputForPeople(2);
  const warn = (sentence: string): void => void stderr.write(`${printable(sentence)}\n`);
  try {
    stdout.write(await done(options, warn));
    return 0;
  } catch (thrown) {
    if (!(thrown instanceof UnitFileTrouble)) throw thrown;
    warn(`error: ${thrown.message}`);
    return 1;
  } finally {
    await finishOutput(stdout, OUTPUT_LIMIT_MS);
    await finishOutput(stderr, OUTPUT_LIMIT_MS);
  }
}

/** What is printed. Rejects with an `UnitFileTrouble`. */
async function done(options: ServiceOptions, warn: (sentence: string) => void): Promise<string> {
  const { action, name, isForUser, isForced } = options;
  if (action === 'print') return unitText(unitOf(options, warn));
  const place = { fileSystem: realFileSystem, path: join(folderOf(isForUser), `${name}.service`), isForced };
  if (action === 'remove') {
    await refuseEnabled(options, folderOf(isForUser));
    await removeUnit(place);
    return `Removed ${place.path}.\n${removalSteps(isForUser)}`;
  }
  const unit = unitOf(options, warn);
  const written = await writeUnit(place, unitText(unit));
  if (isForUser) await warnOfGroup(warn);
  const how = { new: 'Wrote', replaced: 'Replaced', 'as it was': 'Nothing has changed in' }[written];
  const who = isForUser ? '' : ` as ${unit.user}`;
  return `${how} ${place.path}: records${who} into ${shownOut(unit.out)}.\n${nextSteps(unit, written)}`;
}

/** systemctl no longer disables what has no unit, and a link to nothing would be left. */
async function refuseEnabled({ name, isForUser, isForced }: ServiceOptions, folder: string): Promise<void> {
  const link = join(folder, `${targetOf(isForUser)}.wants`, `${name}.service`);
  const isEnabled = await realFileSystem.lstat(link).then(
    () => true,
    () => false, // missing; what else is wrong, the removal tells
  );
  if (!isEnabled || isForced) return;
  throw new UnitFileTrouble(`${name} still starts with the machine. First: ${disableCommand(name, isForUser)}`);
}

function unitOf(options: ServiceOptions, warn: (sentence: string) => void): UnitOptions {
  const { name, isForUser, runAs, typed, flags } = options;
  const { words, out } = recordWords(typed, flags);
  const node = process.execPath;
  const bad = [MAIN, ...words].find((word) => whyNoWord(word) !== undefined);
  if (bad !== undefined) throw new UnitFileTrouble(`${bad} ${whyNoWord(bad)}: no unit can say that.`);
  const why = whyNoProgram(node);
  if (why !== undefined)
    throw new UnitFileTrouble(
      `The path of Node.js, ${node}, ${why}: systemd would not start it. Install it elsewhere.`,
    );
  if (MAIN.includes('/_npx/'))
    warn(
      'warning: This csi-cameras is in a cache of npx, which npm may empty. Install it, and use the one that is installed.',
    );
  return { name, isForUser, user: isForUser ? '' : (runAs ?? usualUser()), node, main: MAIN, record: words, out };
}

/** Whoever types it, also behind `sudo`; never root, unless that is said. */
function usualUser(): string {
  const { SUDO_USER: sudoUser = '' } = process.env;
  const user = process.getuid?.() === 0 ? sudoUser : userName();
  if (user !== '' && user !== 'root') return user;
  throw new UnitFileTrouble('It is not known who is to record. Say it: --run-as pi (or --run-as root).');
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return ''; // the system does not know this user; the caller asks for a name
  }
}

function folderOf(isForUser: boolean): string {
  if (!isForUser) return SYSTEM_FOLDER;
  const fromEnvironment = process.env['XDG_CONFIG_HOME'] ?? '';
  const home = homeFolder();
  if (isAbsolute(fromEnvironment)) return join(fromEnvironment, 'systemd/user');
  if (home === undefined) throw new UnitFileTrouble('This user has no home directory, and so no services of its own.');
  return join(home, '.config/systemd/user');
}

function shownOut(out: string): string {
  return isAbsolute(out) ? out : `~/${out}`;
}

/** A service of the system gets the group from its unit; one of a user has those of the user. */
async function warnOfGroup(warn: (sentence: string) => void): Promise<void> {
  const groups = await readFile('/etc/group', 'utf8').catch(() => ''); // then there is nothing to say
  const gid = /^video:[^:]*:(\d+):/m.exec(groups)?.[1];
  if (gid === undefined || process.getuid?.() === 0 || process.getgroups?.().includes(Number(gid)) === true) return;
  warn(
    `warning: This user is not in the group video, and may not open cameras: sudo usermod -aG video ${userName()}, then log in again.`,
  );
}

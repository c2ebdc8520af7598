import { resolve } from 'node:path';

/** The flags of `record` as a unit has them: its process begins in another directory than the one where they are typed. */

/** A flag of `record`, as commander tells of it. */
export interface FlagSpec {
  readonly long?: string | undefined;
  /** Its value is the next word, whatever that is. */
  readonly required: boolean;
  /** Its value is the next word, if that is no flag. */
  readonly optional: boolean;
}

export interface RecordWords {
  readonly words: readonly string[];
  /** The session directory. */
  readonly out: string;
}

/** Where nobody names one: below the home directory, in which the service begins. */
const USUAL_OUT = 'recordings/session_unattended';
/** Their values are paths. */
const PATHS: ReadonlySet<string> = new Set(['--out', '--log-dir', '--state-dir', '--tuning-file']);
/** Its value is a path, or a name that is looked up on `PATH`. */
const PROGRAM = '--capture-tool';

/** The words with absolute paths, and with a session directory that stays the same from start to start. */
export function recordWords(typed: readonly string[], flags: readonly FlagSpec[], cwd = process.cwd()): RecordWords {
  const words: string[] = [];
  let out: string | undefined;
  for (let at = 0; at < typed.length; at += 1) {
    const { name, value, isNextToo } = flagAt(typed, at, flags);
    if (isNextToo) at += 1;
    const isPath = PATHS.has(name) || (name === PROGRAM && value?.includes('/') === true);
    const given = isPath && value !== undefined ? resolve(cwd, value) : value;
    if (name === '--out') out = given;
    words.push(given === undefined ? name : `${name}=${given}`);
  }
  return out === undefined ? { words: [...words, `--out=${USUAL_OUT}`], out: USUAL_OUT } : { words, out };
}

interface TypedFlag {
  readonly name: string;
  readonly value: string | undefined;
  readonly isNextToo: boolean;
}

/** The flag at this place. It is one that commander has taken. */
function flagAt(typed: readonly string[], at: number, flags: readonly FlagSpec[]): TypedFlag {
  const word = typed[at] ?? '';
  const [, long = word, joined] = /^(--[^=]+)=(.*)$/s.exec(word) ?? [];
  if (joined !== undefined) return { name: long, value: joined, isNextToo: false };
  const spec = flags.find((flag) => flag.long === word);
  const next = typed[at + 1];
  const isValue = spec?.required === true || (spec?.optional === true && next?.startsWith('-') === false);
  return { name: word, value: isValue ? next : undefined, isNextToo: isValue };
}

import { type Command, InvalidArgumentError } from 'commander';
import { printable } from '../../core/safe-text.js';
import type { FlagSpec } from './record-words.js';

/** The flags of `service`. What it does is in `service.ts`, which is loaded only when it is used. */

interface ServiceFlags {
  readonly print?: boolean;
  readonly user?: boolean;
  readonly name: string;
  readonly runAs?: string;
  readonly force?: boolean;
}

/** Takes the flags of `record` without recording. Throws a `CommanderError` where one is wrong. Returns those there are. */
type TakeRecordFlags = (typed: readonly string[]) => readonly FlagSpec[];

const HELP = `
Flags of record follow behind --; what they are is in: csi-cameras record --help
  csi-cameras service --print -- --camera 0 --fps 60 --out /data/session_cage
  sudo csi-cameras service install -- --camera 0,1 --out /data/s1 --monitor
  csi-cameras service install --user -- --camera 0
  sudo csi-cameras service install --name camera-1 -- --camera 1 --monitor
  sudo csi-cameras service remove

It records until it is stopped; with --duration it begins a new take each time.
Each start is the next take in the same session directory, and tidies up behind
one that died. Without --out that is ~/recordings/session_unattended.
Cameras are better named than "all": that is those which are there at the start.
It runs no systemctl: it says what to type. docs/unattended.md has the rest.

Exit codes: 0 done, 1 not done, 2 wrong usage.`;

/** Adds the subcommand. */
export function addService(root: Command, takeRecordFlags: TakeRecordFlags): void {
  const before = root.configureOutput();
  const command: Command = root
    .command('service')
    .usage('[options] [install|remove] -- [flags of record]')
    .argument('[do...]', 'install: write the unit where systemd looks for it; remove: remove it there')
    .showHelpAfterError('For help: csi-cameras service --help. Flags of record stand behind --')
    .description('Record where nobody watches: a service of systemd, which starts it again whatever happens.')
    .option('--print', 'print the unit, and write nothing')
    .option('--user', 'a service of your own (systemctl --user), which needs no root')
    .option('--name <name>', 'name of the service; each further one needs another', unitName, 'csi-cameras')
    .option('--run-as <user>', 'who records (default: you, also behind sudo); not with --user', userName)
    .option('--force', 'replace or remove a unit that somebody has changed')
    .addHelpText('after', HELP)
    .configureOutput({
      outputError: (text, write) => before.outputError?.(flagOfRecord(text, takeRecordFlags) ?? text, write),
    })
    .action(async (words: readonly string[], flags: ServiceFlags) => {
      // Behind --print the first word is a flag of record already.
      const [first] = words;
      const isAction = first === 'install' || first === 'remove';
      const typed = isAction ? words.slice(1) : words;
      const wrong = whyWrong(isAction ? first : undefined, typed, flags);
      if (wrong !== undefined) command.error(`error: ${wrong}`, { exitCode: 2 });
      const { service } = await import('./service.js');
      process.exitCode = await service({
        action: isAction ? first : 'print',
        name: flags.name,
        isForUser: flags.user === true,
        ...(flags.runAs === undefined ? {} : { runAs: flags.runAs }),
        isForced: flags.force === true,
        typed,
        flags: takeRecordFlags(typed),
      });
    });
}

/** The error for a flag of `record` that stands before `--`, or `undefined` if the text is about something else. */
function flagOfRecord(text: string, takeRecordFlags: TakeRecordFlags): string | undefined {
  const [, typed] = /^error: unknown option '(--[a-z-]+)/.exec(text) ?? [];
  if (typed === undefined || !takeRecordFlags([]).some((flag) => flag.long === typed)) return undefined;
  return `error: ${typed} is a flag of record: put -- before it, as in csi-cameras service --print -- ${typed} ...\n`;
}

function whyWrong(action: string | undefined, typed: readonly string[], flags: ServiceFlags): string | undefined {
  if (action === undefined && flags.print !== true) return 'Say what to do: --print, install or remove.';
  if (action !== undefined && flags.print === true) return `--print writes nothing, so it does not go with ${action}.`;
  if (action === 'remove' && typed.length > 0) return 'remove takes no flags of record.';
  if (typed[0]?.startsWith('-') === false)
    return `Behind -- stand flags of record alone, not "${printable(typed[0])}".`;
  return flags.user === true && flags.runAs !== undefined
    ? '--user records as you, so --run-as says nothing.'
    : undefined;
}

/** As systemd takes it, but for templates (`@`). */
function unitName(text: string): string {
  const name = text.replace(/\.service$/, '');
  if (!/^[A-Za-z0-9][A-Za-z0-9:_.-]{0,99}$/.test(name))
    throw new InvalidArgumentError('It must be made of letters, digits and : _ . - only.');
  return name;
}

/** As systemd takes it. */
function userName(text: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_-]{0,30}$/.test(text)) throw new InvalidArgumentError('It must be the name of a user.');
  return text;
}

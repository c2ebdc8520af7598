import { accessSync, constants, statSync } from 'node:fs';
import { InvalidArgumentError, Option, type Command } from 'commander';
import * as v from 'valibot';
import {
  SETTING_GROUPS,
  SETTING_NAMES,
  settingsIn,
  settingSpec,
  type PartialSettings,
  type SettingName,
  type SettingSpec,
} from '../../core/camera-settings.js';
import { errnoOf } from '../../core/errors.js';
import { printable } from '../../core/safe-text.js';
import { settingFromText, settingSchema } from '../../protocol/setting-schemas.js';
import { FLAGS_OF_THEIR_OWN, flagOf, OTHER_WORDS } from '../settings/setting-names.js';

/** The flags of camera settings, made from their table. Which of them go together is not checked here. */

/** For people whose picture is too dark or not sharp: where to begin. */
export const AIMING_HELP = `
Too dark, too bright or not sharp? Begin with the numbers that \`still\` prints:
  --exposure-time-us 10000    twice as long is twice as bright; blurs what moves
  --gain 4                    twice as high is twice as bright; noisier
  --lens-position-dioptres 2  focus at 1/2 m (0: far away), if the lens can move
Not set, they are automatic and may change while recording. A flag holds once.
To hold values from then on, for each still and recording, one of these:
  csi-cameras settings --camera 0 --set exposureTimeUs=10000 --set gain=4
  csi-cameras settings --camera 0 --fix     what automatic finds now`;

const VALUES: Readonly<Record<Exclude<SettingSpec['kind'], 'switch'>, string>> = {
  number: 'n',
  whole: 'n',
  word: 'word',
  choice: 'n',
  pair: 'red,blue',
  rectangle: 'x,y,w,h',
  mode: 'mode',
  file: 'path',
};

/**
 * Adds a flag for each setting, under the heading of its group. A value that cannot be is wrong usage, and a word of the
 * capture tool is answered with the flag that is meant. `without`: settings that mean nothing to the command.
 */
export function withSettingFlags(command: Command, without: readonly SettingName[] = []): Command {
  for (const name of SETTING_NAMES) {
    if (FLAGS_OF_THEIR_OWN.has(name) || without.includes(name)) continue;
    for (const option of optionsOf(name)) command.addOption(option);
  }
  const before = command.configureOutput();
  return command.configureOutput({
    outputError: (text, write) => {
      const meant = unknownFlag(text, command);
      if (meant === undefined) before.outputError?.(text, write);
      else write(meant);
    },
  });
}

/** The settings among the values of a command's flags. */
export function settingsOfFlags(flags: object): PartialSettings {
  const { quality, size }: { quality?: unknown; size?: object } = flags;
  return settingsIn({ ...flags, jpegQuality: quality, ...size });
}

function optionsOf(name: SettingName): readonly Option[] {
  const spec = settingSpec(name);
  const heading = `${SETTING_GROUPS[spec.group]}:`;
  // Its first sentence: `--help` is long enough. docs/configuration.md has all of it.
  const summary = spec.summary.replace(/\.(?: .*)?$/, '');
  if (spec.kind === 'switch') {
    // The configuration, or what was kept, may have switched it on.
    const off = `--no-${flagOf(name).slice(2)}`;
    return [new Option(flagOf(name), `${summary} (${off}: not)`).helpGroup(heading), new Option(off).hideHelp()];
  }
  const option = new Option(`${flagOf(name)} <${VALUES[spec.kind]}>`, `${summary}${allowedIn(spec)}`);
  return [option.helpGroup(heading).argParser((text) => valueOf(name, text))];
}

/** What may be given, unless the summary says so. */
function allowedIn(spec: SettingSpec): string {
  if (spec.kind === 'word') return ` (${spec.words.join(', ')})`;
  return 'min' in spec ? ` (${spec.min} to ${spec.max})` : '';
}

function valueOf(name: SettingName, text: string): unknown {
  const value = settingFromText(name, text);
  const checked = v.safeParse(settingSchema(name), value);
  if (!checked.success) throw new InvalidArgumentError(`It ${checked.issues[0].message}.`);
  if (settingSpec(name).kind === 'file') checkFile(String(value));
  return checked.output;
}

function checkFile(path: string): void {
  try {
    accessSync(path, constants.R_OK);
    if (statSync(path).isFile()) return;
  } catch (thrown) {
    throw new InvalidArgumentError(`It must be a file that can be read (${errnoOf(thrown) ?? 'unknown'}).`);
  }
  throw new InvalidArgumentError('It must be a file.');
}

/** The error for a flag that has another name here, or `undefined` if the text is about something else. */
function unknownFlag(text: string, command: Command): string | undefined {
  const [, typed = '', word = ''] = /^error: unknown option '(--([a-z-]+))/i.exec(text) ?? [];
  const long = new Set(command.options.map((option) => option.long));
  const meant = Object.keys(OTHER_WORDS).filter(
    (flag) => long.has(flag) && OTHER_WORDS[flag]?.includes(word.toLowerCase()) === true,
  );
  if (meant.length === 0) return undefined;
  return `error: unknown option '${printable(typed)}', did you mean ${meant.map((flag) => `"${flag}"`).join(' or ')}?\n`;
}

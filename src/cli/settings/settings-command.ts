import { InvalidArgumentError, type Command } from 'commander';
import { SETTING_NAMES } from '../../core/camera-settings.js';
import { CAMERA_INDEX_RANGE } from '../../core/capture-limits.js';
import { printable } from '../../core/safe-text.js';
import type { SettingsChange } from '../../module/settings/settings-desk.js';
import { checkSettings, settingFromText } from '../../protocol/setting-schemas.js';
import { cameraIndex, rangeText } from '../flags/flag-values.js';
import { nearestWord } from '../nearest-word.js';
import { settingNamed, settingsMeantBy } from './setting-names.js';

/** The flags of `settings`. What it does is in `settings.ts`, which is loaded only when it is used. */

export interface SettingsFlags {
  readonly camera?: number;
  readonly simulate?: boolean;
  readonly captureTool?: string;
  readonly logDir?: string;
  readonly stateDir?: string;
  readonly configPath?: string;
  readonly json?: boolean;
  readonly reset?: boolean;
  readonly set?: SettingsChange;
  readonly fix?: boolean;
}

/** Adds the flags and the help to the subcommand. */
export function withSettingsFlags(command: Command): Command {
  const before = command.configureOutput();
  return command
    .configureOutput({ outputError: (text, write) => before.outputError?.(meantToSet(text) ?? text, write) })
    .showHelpAfterError('For help: csi-cameras settings --help')
    .description(
      'Show what each camera will be asked for and where each value came from, or change what is kept of one. Without --fix it opens no camera; what a camera really gives is told by still and record.',
    )
    .option(
      '--camera <n>',
      `index of the camera, ${rangeText(CAMERA_INDEX_RANGE)}, or picam:N (default: all)`,
      cameraIndex,
    )
    .option('--config-path <file>', 'configuration file, JSON or key = value (docs/configuration.md)')
    .option('--json', 'print JSON, for programs')
    .option(
      '--set <name=value>',
      'keep this value for the camera, such as gain=2; an empty value (gain=) takes it back; may be repeated',
      change,
    )
    .option('--reset', 'forget what is kept for the camera')
    .option(
      '--fix',
      'open the camera, wait for a steady exposure, then fix and keep what automatic found: exposure, gain, colours and focus',
    )
    .addHelpText(
      'after',
      `
Examples:
  csi-cameras settings
  csi-cameras settings --camera 0 --set exposureTimeUs=5000 --set gain=2
  csi-cameras settings --camera 0 --fix
Let automatic find everything anew, twice as bright, and hold it:
  csi-cameras settings --camera 0 --reset --fix \\
    --set exposureCompensationStops=1
Forget all of it:
  csi-cameras settings --camera 0 --reset

Kept values apply to each later still and recording, also after a restart. They
win over the configuration; a flag of \`record\` or \`still\` wins over them, once.
Done in this order: --reset, --set, --fix.

Exit codes: 0 done, 1 could not be done or ended by Ctrl-C, 2 wrong usage.`,
    );
}

const LOOK = 'It must look like gain=2.';

function whyNoName(typed: string): string {
  const meant = settingsMeantBy(typed);
  const nearest = nearestWord(typed, SETTING_NAMES);
  const names = meant.length > 0 || nearest === undefined ? meant : [nearest];
  const advice = names.length === 0 ? 'See: csi-cameras settings' : `Did you mean ${names.join(' or ')}?`;
  return `${printable(typed)} is not a setting. ${advice}`;
}

/** The error for a flag of `record` that is typed here, or `undefined` if the text is about something else. */
function meantToSet(text: string): string | undefined {
  const [, flag = ''] = /^error: unknown option '(--[a-z-]+)/i.exec(text) ?? [];
  const named = settingNamed(flag);
  const [name] = named === undefined ? settingsMeantBy(flag) : [named];
  if (name === undefined) return undefined;
  return `error: settings has no flag ${printable(flag)}. To keep a value: --set ${name}=...\n`;
}

/** Reads one `name=value` and adds it to those before. */
export function change(text: string, before: SettingsChange = {}): SettingsChange {
  const equals = text.indexOf('=');
  const typed = text.slice(0, Math.max(equals, 0)).trim();
  const name = settingNamed(typed);
  if (name === undefined) throw new InvalidArgumentError(equals === -1 ? LOOK : whyNoName(typed));
  const value = text.slice(equals + 1).trim();
  if (value === '' || value === 'null') return { ...before, [name]: null };
  const { settings, bad } = checkSettings({ [name]: settingFromText(name, value) });
  if (bad[0] !== undefined) throw new InvalidArgumentError(`${name} ${bad[0].why}.`);
  return { ...before, ...settings };
}

import { InvalidArgumentError, type Command } from 'commander';
import { isSettingName, SETTING_NAMES } from '../../core/camera-settings.js';
import { CAMERA_INDEX_RANGE } from '../../core/capture-limits.js';
import { printable } from '../../core/safe-text.js';
import type { SettingsChange } from '../../module/settings/settings-desk.js';
import { checkSettings, settingFromText } from '../../protocol/setting-schemas.js';
import { rangeText, wholeIn } from '../flag-values.js';
import { nearestWord } from '../nearest-word.js';

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
  return command
    .showHelpAfterError('For help: csi-cameras settings --help')
    .description('Show the settings of the cameras and where each value came from, or change what is kept of one.')
    .option(
      '--camera <n>',
      `index of the camera, ${rangeText(CAMERA_INDEX_RANGE)} (default: all)`,
      wholeIn(CAMERA_INDEX_RANGE),
    )
    .option('--config-path <file>', 'configuration file, JSON or key = value (docs/configuration.md)')
    .option('--json', 'print JSON, for programs')
    .option(
      '--set <name=value>',
      'keep this value for the camera, such as gain=2; an empty value takes it back (may be repeated)',
      change,
    )
    .option('--reset', 'forget what is kept for the camera')
    .option('--fix', 'open the camera, wait for a steady exposure, then fix and keep what automatic found')
    .addHelpText(
      'after',
      `
Examples:
  csi-cameras settings
  csi-cameras settings --camera 0 --set exposureTimeUs=5000 --set gain=2
  csi-cameras settings --camera 0 --fix
  csi-cameras settings --camera 0 --reset

The order: default, configuration, kept, flags of record. What is kept applies to each later start.

Exit codes: 0 done, 1 could not be done, 2 wrong usage.`,
    );
}

/** Reads one `name=value` and adds it to those before. */
export function change(text: string, before: SettingsChange = {}): SettingsChange {
  const equals = text.indexOf('=');
  const name = text.slice(0, Math.max(equals, 0)).trim();
  if (!isSettingName(name)) {
    const nearest = nearestWord(name, SETTING_NAMES);
    const advice = nearest === undefined ? 'See: csi-cameras settings' : `Did you mean ${nearest}?`;
    throw new InvalidArgumentError(
      equals === -1 ? 'It must look like gain=2.' : `${printable(name)} is not a setting. ${advice}`,
    );
  }
  const value = text.slice(equals + 1).trim();
  if (value === '' || value === 'null') return { ...before, [name]: null };
  const { settings, bad } = checkSettings({ [name]: settingFromText(name, value) });
  if (bad[0] !== undefined) throw new InvalidArgumentError(`${name} ${bad[0].why}.`);
  return { ...before, ...settings };
}

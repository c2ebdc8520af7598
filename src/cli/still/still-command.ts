import type { Command } from 'commander';
import { CAMERA_INDEX_RANGE, SIDE_RANGE } from '../../core/capture-limits.js';
import { cameraIndex, notEmpty, rangeText, size } from '../flags/flag-values.js';
import { AIMING_HELP, settingsOfFlags, withSettingFlags } from '../flags/setting-flags.js';

/** The flags of `still`. What it does is in `still.ts`, which is loaded only when it is used. */

interface StillFlags {
  readonly camera: number;
  readonly out?: string;
  readonly force?: boolean;
  readonly simulate?: boolean;
  readonly captureTool?: string;
  readonly stateDir?: string;
}

/** Adds the subcommand. */
export function addStill(root: Command, withStateFlag: (command: Command) => Command): void {
  const command = withStateFlag(root.command('still'))
    .showHelpAfterError('For help: csi-cameras still --help')
    .description('Take one picture of a camera that is not in use, at full resolution. It takes some seconds.')
    .option('--camera <n>', `index of the camera, ${rangeText(CAMERA_INDEX_RANGE)}, or picam:N`, cameraIndex, 0)
    .option('--out <file>', 'where the picture goes: a file, or a folder (default: ./still_DATE_TIME.jpg)', notEmpty)
    .option('--force', 'with --out: replace a file that is there')
    .option('--size <WxH>', `size, sides of ${rangeText(SIDE_RANGE)} (default: all of the sensor)`, size)
    .option('--simulate', 'use the virtual camera')
    .option('--capture-tool <path>', 'take it with this program instead of rpicam-still', notEmpty)
    .addHelpText(
      'after',
      `${AIMING_HELP}\n\nExit codes: 0 taken, 1 could not be taken, 2 wrong usage, 130 ended by Ctrl-C.`,
    )
    .action(async (flags: StillFlags) => {
      const { takeStillForPeople } = await import('./still.js');
      process.exitCode = await takeStillForPeople({ ...flags, settings: settingsOfFlags(flags) });
    });
  withSettingFlags(command, ['sync']);
}

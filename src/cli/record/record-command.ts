import type { Command } from 'commander';
import { CAMERA_INDEX_RANGE, FPS_RANGE, SIDE_RANGE } from '../../core/capture-limits.js';
import { cameraIndex, DURATION_RANGE, notEmpty, numberIn, rangeText, size } from '../flag-values.js';
import { AIMING_HELP, settingsOfFlags, withSettingFlags } from '../setting-flags.js';

/** The flags of `record`. What it does is in `record.ts`, which is loaded only when it is used. */

interface RecordFlags {
  readonly camera: number;
  readonly duration?: number;
  readonly out?: string;
  readonly simulate?: boolean;
  readonly captureTool?: string;
  readonly logDir?: string;
  readonly stateDir?: string;
  readonly minFreeBytes?: number;
}

/** The log directory, of which this is the usual subfolder. */
type LogPlace = (logDir: string | undefined, subfolder: string | undefined) => Promise<string>;

/** Adds the flags, the help and the action to the subcommand. */
export function addRecording(command: Command, logPlace: LogPlace): void {
  command
    .showHelpAfterError('For help: csi-cameras record --help')
    .description('Record from one camera and show progress, until the duration is over or Ctrl-C is pressed.')
    .option('--camera <n>', `index of the camera, ${rangeText(CAMERA_INDEX_RANGE)}, or picam:N`, cameraIndex, 0)
    .option(
      '--duration <seconds>',
      `stop after this long, ${rangeText(DURATION_RANGE)} (default: Ctrl-C stops)`,
      numberIn(DURATION_RANGE),
    )
    .option('--fps <n>', `frames a second, ${rangeText(FPS_RANGE)} (default: 30)`, numberIn(FPS_RANGE))
    .option(
      '--size <WxH>',
      `size, sides of ${rangeText(SIDE_RANGE)} (default: the widest view that keeps the rate)`,
      size,
    )
    .option('--out <dir>', 'session directory (default: ./session_DATE_TIME)', notEmpty)
    .addHelpText(
      'after',
      `${AIMING_HELP}\n\nExit codes: 0 recorded and nothing lost, 1 could not record, 2 wrong usage,\n3 recorded, but frames were lost or the recording was cut short.`,
    )
    .action(async (flags: RecordFlags) => {
      const { record } = await import('./record.js');
      // A folder of its own: two processes that log to one folder rotate each other's files away.
      const ownFolder = flags.logDir === undefined ? `record-camera-${flags.camera}` : undefined;
      const settings = settingsOfFlags(flags);
      process.exitCode = await record({ ...flags, settings, logDir: await logPlace(flags.logDir, ownFolder) });
    });
  withSettingFlags(command);
}

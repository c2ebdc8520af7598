import { Option, type Command } from 'commander';
import { CAMERA_INDEX_RANGE, FPS_RANGE, SIDE_RANGE } from '../../core/capture-limits.js';
import {
  cameraChoice,
  DURATION_RANGE,
  FIRST_CAMERA,
  notEmpty,
  numberIn,
  rangeText,
  size,
  TRIAL_RANGE,
  wholeIn,
  type CameraChoice,
} from '../flags/flag-values.js';
import type { MonitorFlags } from '../flags/monitor-flags.js';
import { AIMING_HELP, settingsOfFlags, withSettingFlags } from '../flags/setting-flags.js';

/** The flags of `record`. What it does is in `record.ts`, which is loaded only when it is used. */

interface RecordFlags extends MonitorFlags {
  readonly camera: CameraChoice;
  readonly duration?: number;
  readonly trial?: number;
  readonly label?: string;
  readonly out?: string;
  readonly simulate?: boolean;
  readonly captureTool?: string;
  readonly logDir?: string;
  readonly stateDir?: string;
  readonly minFreeBytes?: number;
  readonly checksums?: boolean;
}

const SEVERAL_HELP = `
Several cameras begin together, or none does if one cannot be opened:
  csi-cameras record --camera 0 --camera 1
  csi-cameras record --camera all
Flags hold for all of them. What is for one camera alone is kept for it first:
  csi-cameras settings --camera 1 --set gain=2`;

const EXIT_HELP = `Exit codes: 0 recorded and nothing lost, 1 could not record, 2 wrong usage,
3 recorded, but frames were lost or the recording was cut short.
Of several cameras the worst counts: 1 if nothing was recorded from one of them,
else 3 if one is not complete.`;

/** The log directory, of which this is the usual subfolder. */
type LogPlace = (logDir: string | undefined, subfolder: string | undefined) => Promise<string>;

/** Adds the flags, the help and the action to the subcommand. */
export function addRecording(command: Command, logPlace: LogPlace): void {
  command
    .showHelpAfterError('For help: csi-cameras record --help')
    .description(
      'Record from one camera or several and show progress, until the duration is over or Ctrl-C is pressed.',
    )
    .addOption(
      new Option(
        '--camera <n>',
        `index of the camera, ${rangeText(CAMERA_INDEX_RANGE)}, or picam:N; for several repeat it, or write 0,1; all: every camera that is connected`,
      )
        .argParser(cameraChoice)
        .default(FIRST_CAMERA, '0'),
    )
    .option(
      '--duration <seconds>',
      `stop after this long, ${rangeText(DURATION_RANGE)} (default: Ctrl-C stops)`,
      numberIn(DURATION_RANGE),
    )
    .option('--trial <n>', `number of the trial, ${rangeText(TRIAL_RANGE)} (default: 1)`, wholeIn(TRIAL_RANGE))
    .option('--label <text>', 'label of the trial, for the timing files')
    .option('--fps <n>', `frames a second, ${rangeText(FPS_RANGE)} (default: 30)`, numberIn(FPS_RANGE))
    .option(
      '--size <WxH>',
      `size, sides of ${rangeText(SIDE_RANGE)} (default: the widest view that keeps the rate)`,
      size,
    )
    .option(
      '--checksums',
      'also sum the frames up, so that `verify` finds a changed bit in a picture (recording.checksums)',
    )
    .option('--out <dir>', 'session directory (default: ./session_DATE_TIME)', notEmpty)
    .addHelpText('after', `${AIMING_HELP}\n${SEVERAL_HELP}\n\n${EXIT_HELP}`)
    .hook('preAction', () => {
      const { monitor, monitorControl } = command.opts<RecordFlags>();
      if (monitorControl === true && (monitor ?? 0) === 0) {
        command.error('error: --monitor-control needs a page. Add --monitor.', { exitCode: 2 });
      }
    })
    .action(async (flags: RecordFlags) => {
      const { record } = await import('./record.js');
      // A folder of its own: two processes that log to one folder rotate each other's files away.
      const ownFolder = flags.logDir === undefined ? logFolderOf(flags.camera) : undefined;
      const settings = settingsOfFlags(flags);
      process.exitCode = await record({ ...flags, settings, logDir: await logPlace(flags.logDir, ownFolder) });
    });
  withSettingFlags(command);
}

function logFolderOf(cameras: CameraChoice): string {
  if (cameras === 'all') return 'record-cameras-all';
  return `record-camera${cameras.length === 1 ? '' : 's'}-${cameras.join('-')}`;
}

import { type Command, InvalidArgumentError } from 'commander';
import { notEmpty } from '../flags/flag-values.js';
import type { ClipFlags } from './clip-flags.js';

/** The flags of `clip`. What it does is in `clip.ts`, which is loaded only when it is used. */

const HELP = `
A range has both of its ends. Frames and tuples count from 1. Seconds are sensor
time since the first row. Of an align file (csi-cameras align) each camera's
frames from the first to the last of the tuples are cut; name the session then.

The clip is a recording like any other, in a session directory of its own:
csi-cameras verify works on it, the rows count from 1 and keep their times, and
the info file tells where it is from.

Examples:
  csi-cameras clip session_X/CSICameras/LABEL/X_CSI_trial001_LABEL.avi --frames 1000-2000
  csi-cameras clip VIDEO --seconds 12.5-20 --out ~/clips
  csi-cameras clip session_X --align session_X_trial001_align.csv --tuples 1-500

Exit codes: 0 cut, 1 could not be cut, 2 wrong usage, 4 cut, but frames are not
what was recorded (by checksums), 130 ended by Ctrl-C; then nothing is left.`;

/** Adds the subcommand. */
export function addClip(root: Command): void {
  const command = root
    .command('clip')
    .argument('<file>', 'a video or its timing file; with --align the session directory', notEmpty)
    .showHelpAfterError('For help: csi-cameras clip --help')
    .description('Cut some frames out of a recording, byte for byte, with their rows.')
    .option('--frames <A-B>', 'these frames of the video', wholeRange)
    .option('--seconds <A-B>', 'frames within these seconds', secondsRange)
    .option('--sensor-ns <A-B>', 'frames with sensor times from A to B, nanoseconds', bigRange)
    .option('--align <file>', 'align file, with --tuples', notEmpty)
    .option('--tuples <A-B>', 'frames of these tuples of the align file, of every camera', wholeRange)
    .option('--out <dir>', 'folder in which the session directory of the clip is made (default: this one)', notEmpty)
    .addHelpText('after', HELP)
    .action(async (file: string, flags: ClipFlags) => {
      const ranges = [flags.frames, flags.seconds, flags.sensorNs, flags.tuples].filter((range) => range !== undefined);
      if (ranges.length !== 1) {
        command.error('error: Name one range: --frames, --seconds, --sensor-ns, or --align with --tuples.', {
          exitCode: 2,
        });
      }
      if ((flags.align === undefined) !== (flags.tuples === undefined)) {
        command.error('error: --align and --tuples belong together.', { exitCode: 2 });
      }
      const { clipForPeople } = await import('./clip.js');
      process.exitCode = await clipForPeople(file, flags);
    });
}

function rangeOf<End>(text: string, end: RegExp, parse: (text: string) => End, example: string): readonly [End, End] {
  const [, from = '', to = ''] = /^([\d.]+)-([\d.]+)$/.exec(text) ?? [];
  if (!end.test(from) || !end.test(to)) throw new InvalidArgumentError(`It must look like ${example}.`);
  return [parse(from), parse(to)];
}

const wholeRange = (text: string): readonly [number, number] => rangeOf(text, /^\d{1,15}$/, Number, '1000-2000');
const secondsRange = (text: string): readonly [number, number] =>
  rangeOf(text, /^\d{1,9}(?:\.\d{1,9})?$/, Number, '12.5-20');
const bigRange = (text: string): readonly [bigint, bigint] =>
  rangeOf(text, /^\d{1,19}$/, BigInt, '9297983128000-9298983128000');

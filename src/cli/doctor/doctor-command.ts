import { InvalidArgumentError, type Command } from 'commander';
import { FPS_RANGE, SIDE_RANGE } from '../../core/capture-limits.js';
import { DURATION_RANGE, folder, numberIn, rangeText, size, wholeIn } from '../flags/flag-values.js';
import type { DoctorFlags } from './doctor.js';

/** The flags of `doctor`. What it does is in `doctor.ts`, which is loaded only when it is used. */

/** Cameras of one machine. */
const CAMERAS_RANGE = { min: 1, max: 8 } as const;
const RATE_RANGE = { min: 0.001, max: 100_000 } as const;
const UNITS = { s: 1, m: 60, min: 60, h: 3600, d: 86_400 } as const;

const HELP = `
Before the experiment:
  csi-cameras doctor --out /data --fps 60 --size 1456x1088 --cameras 2 --duration 2h --camera
  csi-cameras doctor --out /data --rate 25          25 MB a second, however they come about
  csi-cameras doctor --no-disk-test                 only looks: nothing is written

Without --rate and --size the rate is that of the newest recording in --out that has an info file.
Only the disk test writes (a file of its own, for 5 s), only --camera opens cameras (for 3 s).
docs/doctor.md has each check.

Exit codes: 0 ready, 1 could not look, 2 wrong usage, 3 warnings, 4 do not start, 130 ended by Ctrl-C.`;

/** Adds the subcommand. */
export function addDoctor(root: Command, withModuleFlags: (command: Command) => Command): void {
  const command: Command = withModuleFlags(root.command('doctor'))
    .showHelpAfterError('For help: csi-cameras doctor --help')
    .description('Before an experiment: look at this machine, and say whether it will hold out.')
    .option('--out <dir>', 'where it will be recorded to (default: ~/recordings)', folder)
    .option('--fps <n>', `frames a second, ${rangeText(FPS_RANGE)} (default: 30)`, numberIn(FPS_RANGE))
    .option('--size <WxH>', `size, sides of ${rangeText(SIDE_RANGE)}`, size)
    .option('--cameras <n>', 'how many cameras record at once (default: 1)', wholeIn(CAMERAS_RANGE))
    .option('--rate <MB/s>', 'what is to be written, MB a second, of all cameras together', megabytes)
    .option('--duration <time>', 'how long it will take: 90s, 20m, 2h, 3d, or seconds', duration)
    .option('--camera', 'open the cameras for 3 s and count their frames')
    .option('--no-disk-test', 'do not write to the disk for 5 s')
    .option('--json', 'print JSON, for programs')
    .addHelpText('after', HELP)
    .action(async (flags: DoctorFlags) => {
      if (flags.rate !== undefined && flags.size !== undefined) {
        command.error('error: --rate says how much comes, and --size too. Give one of them.', { exitCode: 2 });
      }
      const { doctor } = await import('./doctor.js');
      process.exitCode = await doctor(flags);
    });
}

function megabytes(text: string): number {
  return numberIn(RATE_RANGE)(text.replace(/\s*MB\/s$/i, '')) * 1e6;
}

/** Seconds. */
function duration(text: string): number {
  const [, value = '', unit = 's'] = /^([\d.]+)(s|min|m|h|d)?$/.exec(text) ?? [];
  const seconds = Number(value) * (unit in UNITS ? UNITS[unit as keyof typeof UNITS] : Number.NaN);
  if (value === '' || !(seconds >= DURATION_RANGE.min && seconds <= DURATION_RANGE.max)) {
    throw new InvalidArgumentError('It must look like 90s, 20m, 2h or 3d.');
  }
  return seconds;
}

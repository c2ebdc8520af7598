import type { Command } from 'commander';
import { notEmpty, wholeIn } from '../flags/flag-values.js';

/** The flags of `report`. What it does is in `report.ts`, which is loaded only when it is used. */

interface ReportFlags {
  readonly out?: string;
  readonly thumbnails: number;
}

const THUMBNAILS_RANGE = { min: 0, max: 48 } as const;

/** Adds the subcommand. */
export function addReport(root: Command): void {
  root
    .command('report')
    .argument('<path>', "a session directory, a camera's folder, or a file of a recording", notEmpty)
    .showHelpAfterError('For help: csi-cameras report --help')
    .description(
      'Check recordings and write what was found into one HTML file, to read, print and hand on. It opens without a network and holds no script. Recordings are never changed.',
    )
    .option(
      '--out <file>',
      'where the report goes: a new file, or a folder (default: report.html in the directory; of one recording NAME_report.html in the current folder; never over a file that is there)',
      notEmpty,
    )
    .option('--thumbnails <n>', 'pictures of each recording, 0 to 48', wholeIn(THUMBNAILS_RANGE), 12)
    .addHelpText(
      'after',
      `
Examples:
  csi-cameras report session_20260106_081726
  csi-cameras report session_20260106_081726 --out /tmp/for-the-paper.html
  csi-cameras report session_20260106_081726/CSICameras/IMX296_picam_0 --thumbnails 24

One session at a time: of a directory with several sessions, name each.

Exit codes: 0 every frame is there, 1 could not be checked or written, 2 wrong usage, 3 frames were lost or it ended
early, all accounted for, 4 damaged. The report is written with 0, 3 and 4, and with 1 where there is anything to tell.`,
    )
    .action(async (path: string, flags: ReportFlags) => {
      const { reportForPeople } = await import('./report.js');
      process.exitCode = await reportForPeople({ path, ...flags });
    });
}

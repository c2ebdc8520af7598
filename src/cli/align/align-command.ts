import type { Command } from 'commander';
import { notEmpty, numberIn, rangeText, TRIAL_RANGE, wholeIn } from '../flags/flag-values.js';

/** The flags of `align`. What it does is in `align.ts`, which is loaded only when it is used. */

interface AlignFlags {
  readonly trial?: number;
  readonly reference?: string;
  readonly toleranceMs?: number;
  readonly complete?: boolean;
  readonly out?: string;
  readonly json?: boolean;
}

/** A frame time of ten seconds is the longest that cameras are asked for. */
const TOLERANCE_RANGE = { min: 0, max: 10_000 } as const;

const HELP = `
Each frame of the reference is a row of the CSV file, with its partner of every
other camera: each is the other's nearest, and at most the tolerance away. 0 in
the columns of a camera means: no frame there. docs/aligning.md has the columns.

Examples:
  csi-cameras align session_20260106_081726
  csi-cameras align session_20260106_081726 --trial 2 --complete --out pairs.csv
  csi-cameras align session_20260106_081726 --reference picam:1 --json

Exit codes: 0 aligned, 1 could not be aligned, 2 wrong usage.`;

/** Adds the subcommand. */
export function addAlign(root: Command): void {
  root
    .command('align')
    .argument('<session>', 'session directory', notEmpty)
    .showHelpAfterError('For help: csi-cameras align --help')
    .description('Match the frames of several cameras by their sensor times. Writes one CSV file for each trial.')
    .option(
      '--trial <n>',
      `only this trial, ${rangeText(TRIAL_RANGE)} (default: every trial with two cameras)`,
      wholeIn(TRIAL_RANGE),
    )
    .option('--reference <id>', 'camera whose frames are the rows, such as picam:0 (default: the slowest)', notEmpty)
    .option(
      '--tolerance-ms <t>',
      'most that partners are apart (default: half a frame time of the faster of the two)',
      numberIn(TOLERANCE_RANGE),
    )
    .option('--complete', 'only rows in which every camera has a frame')
    .option(
      '--out <file>',
      'the CSV file, with one trial (default: beside the session, SESSION_trialNNN_align.csv)',
      notEmpty,
    )
    .option('--json', 'print the figures as JSON, for programs')
    .addHelpText('after', HELP)
    .action(async (session: string, flags: AlignFlags) => {
      const { alignForPeople } = await import('./align.js');
      process.exitCode = await alignForPeople(session, flags);
    });
}

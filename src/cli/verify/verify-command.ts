import { Option, type Command } from 'commander';
import { notEmpty } from '../flags/flag-values.js';

/** The flags of `verify`. What it does is in `verify.ts`, which is loaded only when it is used. */

interface VerifyFlags {
  readonly quick?: boolean;
  readonly decode?: boolean;
  readonly logDir?: string;
  readonly json?: boolean;
}

const HELP = `
PATH is a session, a camera's folder, a video, or a timing file. Nothing is ever written.
  csi-cameras verify session_20260106_081726              every byte of a session
  csi-cameras verify session_20260106_081726 --quick      indexes and rows alone: a blink
  csi-cameras verify session_*/ --json > verified.json    for programs

Exit codes: 0 proven, nothing lost; 1 something could not be checked (unreadable, none found, being recorded);
2 wrong usage; 3 sound, but frames were lost or it ended early; 4 damaged: a check failed. Of several
recordings the worst counts: 4, 1, 3, 0.`;

/** Adds the subcommand. */
export function addVerify(root: Command): void {
  root
    .command('verify')
    .showHelpAfterError('For help: csi-cameras verify --help')
    .description('Prove that recordings are whole: every frame there, every row its own, every loss accounted for.')
    .argument('<path...>', 'sessions, folders of cameras, videos, timing files')
    .addOption(new Option('--quick', 'read indexes, chunk heads and rows, no pictures').conflicts('decode'))
    .option('--decode', 'decode every picture, too: some 20 s a GB and core')
    .option('--log-dir <dir>', 'hold frame_drops.jsonl in this directory against the account, too', notEmpty)
    .option('--json', 'print JSON, for programs')
    .addHelpText('after', HELP)
    .action(async (paths: readonly string[], flags: VerifyFlags) => {
      const { verifyForPeople } = await import('./verify.js');
      process.exitCode = await verifyForPeople(paths, flags);
    });
}

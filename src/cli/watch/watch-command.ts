import { Option, type Command } from 'commander';
import { notEmpty } from '../flags/flag-values.js';
import { DEFAULT_PLACE, monitorUrl, type GivenUrl } from './monitor-place.js';

/** The flags of `watch`. What it does is in `watch.ts`, which is loaded only when it is used. */

interface WatchFlags {
  readonly url: GivenUrl;
  readonly tokenFile?: string;
  readonly once?: boolean;
  readonly json?: boolean;
}

const HELP = `
At a terminal it fills the screen until q is pressed. Elsewhere it writes a line for each change.
  csi-cameras watch --url 8723             another process of this machine
  csi-cameras watch --once                 one table, then the exit code

Exit codes: 0 all is well (without --once: ended by q or Ctrl-C), 1 no answer, or the token is wrong,
2 wrong usage, 3 something is wrong.`;

/** Adds the subcommand. */
export function addWatch(root: Command): void {
  root
    .command('watch')
    .showHelpAfterError('For help: csi-cameras watch --help')
    .description('Show what a running csi-cameras does, in this terminal. It must run with --monitor.')
    .addOption(
      new Option('--url <url>', 'where the monitor is: a URL, HOST:PORT, or the port alone')
        .argParser(monitorUrl)
        .default(monitorUrl(DEFAULT_PLACE), DEFAULT_PLACE),
    )
    .option('--token-file <file>', "file with the monitor's token, where reading needs one", notEmpty)
    .option('--once', 'show it once and end')
    .option('--json', 'print the whole answer as a line of JSON, for programs; without --once one each second')
    .addHelpText('after', HELP)
    .action(async (flags: WatchFlags) => {
      const { watch } = await import('./watch.js');
      process.exitCode = await watch(flags);
    });
}

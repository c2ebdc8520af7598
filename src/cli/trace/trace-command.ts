import type { Command } from 'commander';
import { folder, notEmpty } from '../flags/flag-values.js';

/** The flags of `trace`. What it does is in `trace.ts`, which is loaded only when it is used. */

interface TraceFlags {
  readonly open?: boolean;
  readonly logDir?: string;
  readonly follow?: boolean;
  readonly json?: boolean;
}

const HELP = `
  csi-cameras trace rec_001                the life of this command: steps, answer, what happened meanwhile
  csi-cameras trace rec_                   the beginning of an id is enough, where only one begins so
  csi-cameras trace rec_001 --follow       goes on until it has ended
  csi-cameras trace --open                 commands that have no end
  csi-cameras trace ID --log-dir ~/.local/state/csi-cameras/logs/record-camera-0    of a record

Exit codes: 0 found (with --open: looked), 1 the logs cannot be read, 2 wrong usage,
3 no such id, 130 ended by Ctrl-C.`;

/** Adds the subcommand. */
export function addTrace(root: Command): void {
  const command: Command = root
    .command('trace')
    .argument('[id]', 'id of the command, or its beginning', notEmpty)
    .showHelpAfterError('For help: csi-cameras trace --help')
    .description('Follow one command of a host through the logs.')
    .option('--open', 'show the commands that have no end, instead')
    .option('--log-dir <dir>', 'directory of the logs (default: ~/.local/state/csi-cameras/logs)', folder)
    .option('--follow', 'go on with what is logged from now on, until the command has ended')
    .option('--json', 'print JSON, for programs')
    .addHelpText('after', HELP)
    .action(async (id: string | undefined, flags: TraceFlags) => {
      const wrong = whyWrong(id, flags);
      if (wrong !== undefined) command.error(`error: ${wrong}`, { exitCode: 2 });
      const { trace } = await import('./trace.js');
      process.exitCode = await trace(id, flags);
    });
}

function whyWrong(id: string | undefined, { open = false, follow = false }: TraceFlags): string | undefined {
  if (id === undefined && !open) return 'Say which command: csi-cameras trace ID, or --open for those without an end.';
  if (id !== undefined && open) return '--open shows all commands without an end, so it takes no id.';
  return follow && open ? '--follow follows one command, so it takes an id instead of --open.' : undefined;
}

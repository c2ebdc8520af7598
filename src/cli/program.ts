import { Command } from 'commander';
import { VERSION } from '../core/own-package.js';

const MAX_HELP_COLUMNS = 100;

/** The program without its commands and flags. Help, version and wrong usage throw a `CommanderError`. */
export function program(): Command {
  return new Command('csi-cameras')
    .version(VERSION, '-V, --version')
    .exitOverride()
    .showHelpAfterError('For help: csi-cameras --help')
    .configureOutput({
      // Lines across a whole wide screen are hard to read.
      getOutHelpWidth: () => Math.min(process.stdout.columns || 80, MAX_HELP_COLUMNS),
      getErrHelpWidth: () => Math.min(process.stderr.columns || 80, MAX_HELP_COLUMNS),
    })
    .enablePositionalOptions();
}

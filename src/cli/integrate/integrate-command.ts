import { Argument, type Command } from 'commander';
import { notEmpty } from '../flags/flag-values.js';

/** The flags of `integrate`. What it does is in `integrate.ts`, which is loaded only when it is used. */

interface IntegrateFlags {
  readonly remove?: boolean;
  readonly dryRun?: boolean;
}

/** Adds the subcommand. */
export function addIntegrate(root: Command): void {
  root
    .command('integrate')
    .addArgument(new Argument('<host>', 'the host program').choices(['rpi-logger']))
    .argument('<dir>', 'its folder: the one that holds rpi_logger', notEmpty)
    .showHelpAfterError('For help: csi-cameras integrate --help')
    .description(
      'Put csi-cameras into the folder of a host, as its module for CSI cameras. The module that is there is kept beside.',
    )
    .option('--remove', 'put the module back that was there before')
    .option('--dry-run', 'only say what would be done')
    .addHelpText(
      'after',
      `
Examples:
  csi-cameras integrate rpi-logger ~/RPi_Logger
  csi-cameras integrate rpi-logger ~/RPi_Logger --remove

Do it again after csi-cameras was updated or moved. Restart the host afterwards. docs/field-host.md has the rest.

Exit codes: 0 done, 1 could not be done (nothing has changed), 2 wrong usage.`,
    )
    .action(async (_host: string, path: string, flags: IntegrateFlags) => {
      const { integrateForPeople } = await import('./integrate.js');
      process.exitCode = await integrateForPeople({
        path,
        isRemoval: flags.remove === true,
        isDryRun: flags.dryRun === true,
      });
    });
}

import { Command, InvalidArgumentError, Option } from 'commander';
import { VERSION } from '../core/version.js';
import { logDirectory } from './log-directory.js';

/** The commands and flags of the command line. Each command has its own file, which is loaded only when it is used. */

const wholeNumber = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
};

const wholeBytes = (text: string): number => {
  const value = Number(text);
  if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError('It must be a whole number of bytes.');
  }
  return value;
};

const positiveNumber = (text: string): number => {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
};

const size = (text: string): { width: number; height: number } => {
  const parts = /^(\d{1,5})x(\d{1,5})$/.exec(text);
  if (parts === null) throw new InvalidArgumentError('It must look like 1456x1088.');
  return { width: Number(parts[1]), height: Number(parts[2]) };
};

const level = (text: string): string => {
  const names: Record<string, string> = { warning: 'warn', critical: 'error' };
  const lower = text.toLowerCase();
  const name = names[lower] ?? lower;
  if (!['debug', 'info', 'warn', 'error'].includes(name)) {
    throw new InvalidArgumentError('It must be debug, info, warn or error.');
  }
  return name;
};

interface ModuleFlags {
  readonly logDir?: string;
  readonly simulate?: boolean;
  readonly captureTool?: string;
}

interface HostFlags extends ModuleFlags {
  readonly configPath?: string;
  readonly outputDir?: string;
  readonly logLevel?: string;
  readonly instanceId?: string;
  readonly cameraIndex?: number;
  readonly minFreeBytes?: number;
}

interface RecordFlags extends ModuleFlags {
  readonly camera: number;
  readonly duration?: number;
  readonly fps?: number;
  readonly size?: { width: number; height: number };
  readonly out?: string;
  readonly minFreeBytes?: number;
}

function withModuleFlags(command: Command): Command {
  return command
    .option('--log-dir <dir>', 'directory of the logs (default: ~/.local/state/csi-cameras/logs)')
    .option('--simulate', 'use the virtual camera')
    .option('--capture-tool <path>', 'capture with this program instead of rpicam-vid');
}

function withRecordingFlags(command: Command): Command {
  return command.option(
    '--min-free-bytes <n>',
    'do not record when less is free on the disk (default: 268435456; 0: no limit)',
    wholeBytes,
  );
}

/** Flags that hosts pass to every module. They have no meaning for a module without a window. */
const IGNORED = [
  '--session-prefix <p>',
  '--window-geometry <g>',
  '--platform <p>',
  '--architecture <a>',
  '--is-raspberry-pi [flag]',
  '--enable-commands',
  '--no-console',
];

/** A flag before the subcommand would be the host child's: `--simulate record` would open a real camera. */
function refuseEarlyFlags(root: Command, subcommand: Command): void {
  const early = root.options.find((option) => root.getOptionValueSource(option.attributeName()) === 'cli');
  if (early === undefined) return;
  const name = subcommand.name();
  root.error(
    `error: ${early.long} stands before "${name}" and has no effect there. Put it behind: csi-cameras ${name} ${early.long} ...`,
  );
}

/** Makes the program without running it. Help, version and wrong usage throw a `CommanderError`. */
export function commandLine(): Command {
  const root = new Command('csi-cameras')
    .description(
      'Records CSI cameras. Without a subcommand it is the module of a data-logging host, with commands on stdin and statuses on stdout.',
    )
    .version(VERSION, '-V, --version')
    .exitOverride()
    .showHelpAfterError()
    .enablePositionalOptions()
    .hook('preSubcommand', refuseEarlyFlags)
    .addHelpText(
      'after',
      '\nFrom a terminal:\n  csi-cameras record --simulate --duration 5\n  csi-cameras cameras\n\nExit codes: 0 done, 2 wrong usage. For those of `record` see `record --help`.',
    );
  withRecordingFlags(withModuleFlags(root))
    .option('--config-path <file>', 'configuration file, JSON or key = value (docs/configuration.md)')
    .option('--output-dir <dir>', 'data directory, for session directories that commands give as relative paths')
    .option('--log-level <level>', 'level of csicameras.log: debug, info, warn or error', level)
    .option('--instance-id <id>', 'write the logs to a subfolder of this name')
    .option('--camera-index <n>', 'assign picam:N at start', wholeNumber)
    .action(async (flags: HostFlags) => {
      const { runStdioHost } = await import('./stdio-host.js');
      await runStdioHost({
        logDir: logDirectory(flags.logDir, flags.instanceId),
        dataDir: flags.outputDir,
        configPath: flags.configPath,
        cameraIndex: flags.cameraIndex,
        overrides: {
          ...(flags.simulate === true ? { simulate: true } : {}),
          ...(flags.captureTool === undefined ? {} : { tool: flags.captureTool }),
          ...(flags.logLevel === undefined ? {} : { logLevel: flags.logLevel }),
          ...(flags.minFreeBytes === undefined ? {} : { minFreeBytes: flags.minFreeBytes }),
        },
      });
    });
  for (const flag of IGNORED)
    root.addOption(new Option(flag, 'accepted because hosts pass it, but ignored').hideHelp());
  withRecordingFlags(withModuleFlags(root.command('record')))
    .description('Record from one camera and show progress, until the duration is over or Ctrl-C is pressed.')
    .option('--camera <n>', 'index of the camera', wholeNumber, 0)
    .option('--duration <seconds>', 'stop after this long (default: Ctrl-C stops)', positiveNumber)
    .option('--fps <n>', 'frames a second (default: 30)', positiveNumber)
    .option('--size <WxH>', 'size (default: the capture tool chooses)', size)
    .option('--out <dir>', 'session directory (default: ./session_DATE_TIME)')
    .addHelpText(
      'after',
      '\nExit codes: 0 recorded and nothing lost, 1 could not record, 2 wrong usage,\n3 recorded, but frames were lost or the recording was cut short.',
    )
    .action(async (flags: RecordFlags) => {
      const { record } = await import('./record.js');
      // A folder of its own: two processes that log to one folder rotate each other's files away.
      const ownFolder = flags.logDir === undefined ? `record-camera-${flags.camera}` : undefined;
      process.exitCode = await record({ ...flags, logDir: logDirectory(flags.logDir, ownFolder) });
    });
  withModuleFlags(root.command('cameras'))
    .description('List the cameras and their modes.')
    .option('--json', 'print JSON, for programs')
    .addHelpText('after', '\nExit codes: 0 listed, 1 the capture tool failed, 2 wrong usage.')
    .action(async (flags: ModuleFlags & { json?: boolean }) => {
      const { listCamerasForPeople } = await import('./cameras.js');
      process.exitCode = await listCamerasForPeople(flags);
    });
  return root;
}

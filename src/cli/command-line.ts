import { type Command, Option } from 'commander';
import { CAMERA_INDEX_RANGE } from '../core/capture-limits.js';
import { printable } from '../core/safe-text.js';
import { addDoctor } from './doctor/doctor-command.js';
import { addAlign } from './align/align-command.js';
import { addClip } from './clip/clip-command.js';
import { folder, FREE_BYTES_RANGE, level, notEmpty, rangeText, wholeIn } from './flags/flag-values.js';
import { addIntegrate } from './integrate/integrate-command.js';
import { logDirectory } from './log-directory.js';
import { withMonitorFlags, type MonitorFlags } from './flags/monitor-flags.js';
import { nearestWord } from './nearest-word.js';
import { sayOnStderr } from './output.js';
import { program } from './program.js';
import { addRecording } from './record/record-command.js';
import { addReport } from './report/report-command.js';
import { addService } from './service/service-command.js';
import { addStill } from './still/still-command.js';
import { withSettingsFlags, type SettingsFlags } from './settings/settings-command.js';
import { addVerify } from './verify/verify-command.js';
import { addTrace } from './trace/trace-command.js';
import { addWatch } from './watch/watch-command.js';

/** The commands and flags of the command line. Each command has its own file, which is loaded only when it is used. */

interface ModuleFlags {
  readonly logDir?: string;
  readonly simulate?: boolean;
  readonly captureTool?: string;
}

interface HostFlags extends ModuleFlags, MonitorFlags {
  readonly stateDir?: string;
  readonly configPath?: string;
  readonly outputDir?: string;
  readonly logLevel?: string;
  readonly instanceId?: string;
  readonly cameraIndex?: number;
  readonly record?: boolean;
  readonly minFreeBytes?: number;
  readonly debugSocket?: string;
}

function withModuleFlags(command: Command): Command {
  return command
    .option('--log-dir <dir>', 'directory of the logs (default: ~/.local/state/csi-cameras/logs)', notEmpty)
    .option('--simulate', 'use the virtual camera')
    .option('--capture-tool <path>', 'capture with this program instead of rpicam-vid', notEmpty);
}

function withStateFlag(command: Command): Command {
  const summary = 'directory of what is kept, such as the settings of cameras (default: ~/.local/state/csi-cameras)';
  return command.option('--state-dir <dir>', summary, folder);
}

function withRecordingFlags(command: Command): Command {
  return command.option(
    '--min-free-bytes <n>',
    'do not record when less is free on the disk (default: 268435456; 0: no limit)',
    wholeIn(FREE_BYTES_RANGE),
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

/**
 * The error for a command that does not exist, or `undefined` if there is none. Commander says "too many arguments" instead,
 * because the program does something without a command too.
 */
function unknownCommand(root: Command): string | undefined {
  const [typed] = root.args;
  const names = root.commands.map((command) => command.name());
  if (typed === undefined || typed.startsWith('-') || names.includes(typed)) return undefined;
  const nearest = nearestWord(typed, names);
  const advice = nearest === undefined ? `. The commands are: ${names.join(', ')}.` : `, did you mean "${nearest}"?`;
  return `error: unknown command "${printable(typed)}"${advice}\n`;
}

function recordCommand(root: Command): Command {
  const command = withRecordingFlags(withStateFlag(withModuleFlags(root.command('record'))));
  addRecording(withMonitorFlags(command), logPlace);
  return command;
}

/** Takes flags of `record` without recording, for a command that writes them down. */
function takeRecordFlags(typed: readonly string[]): Command['options'] {
  const root = program();
  const command = recordCommand(root).action(() => {});
  root.parse(['record', ...typed], { from: 'user' });
  return command.options;
}

/** The log directory; where it is not the usual one, a line on stderr says so. */
async function logPlace(logDir: string | undefined, subfolder: string | undefined): Promise<string> {
  const { path, note } = await logDirectory(logDir, subfolder);
  if (note !== undefined) sayOnStderr(note);
  return path;
}

/** Makes the program without running it. Help, version and wrong usage throw a `CommanderError`. */
export function commandLine(): Command {
  const root = program();
  root
    .description(
      'Records CSI cameras. At a terminal, use one of the commands below. Without a command it serves a data-logging program (the host), which writes commands to stdin and reads statuses from stdout.',
    )
    .configureOutput({
      outputError: (text, write) => {
        write(unknownCommand(root) ?? text);
      },
    })
    .helpCommand('help [command]', 'display help for command')
    .hook('preSubcommand', refuseEarlyFlags)
    .addHelpText(
      'after',
      `
From a terminal:
  csi-cameras cameras                      which cameras there are
  csi-cameras still                        a picture: is it bright and sharp?
  csi-cameras still --gain 4               the same with another gain
  csi-cameras settings --camera 0 --fix    hold what automatic finds
  csi-cameras record --duration 5          record; says whether anything moved
  csi-cameras doctor --out DIR             before: will this machine hold out?
  csi-cameras watch                        what another csi-cameras does now
  csi-cameras verify SESSION               is every recorded frame there?
  csi-cameras report SESSION               the same as a page with pictures
  csi-cameras align SESSION                match the frames of several cameras
  csi-cameras clip VIDEO --frames 1-100    cut out some frames, byte for byte
  csi-cameras service --print              record where nobody watches (systemd)
  csi-cameras integrate rpi-logger DIR     into the logging host in the field
The first six also run without a camera: add --simulate at the end.

Exit codes: 0 done, 2 wrong usage. For those of a command see its --help.`,
    );
  withMonitorFlags(withRecordingFlags(withStateFlag(withModuleFlags(root))))
    .option('--config-path <file>', 'configuration file, JSON or key = value (docs/configuration.md)')
    .option('--output-dir <dir>', 'data directory, for session directories that commands give as relative paths')
    .option('--log-level <level>', 'level of csicameras.log: debug, info, warn or error', level)
    .option('--instance-id <id>', 'write the logs to a subfolder of this name')
    .option(
      '--camera-index <n>',
      `assign picam:N at start, ${rangeText(CAMERA_INDEX_RANGE)}`,
      wholeIn(CAMERA_INDEX_RANGE),
    )
    .option(
      '--record',
      'with --camera-index: begin trial 1 at once, in --output-dir (default: a new folder in ~/recordings)',
    )
    .option('--debug-socket <path>', 'mirror all commands and statuses to this Unix socket', folder)
    .action(async (flags: HostFlags) => {
      if (flags.record === true && flags.cameraIndex === undefined) {
        root.error('error: --record needs to know the camera. Add --camera-index N.', { exitCode: 2 });
      }
      const { runStdioHost } = await import('./stdio-host.js');
      await runStdioHost({
        logDir: await logPlace(flags.logDir, flags.instanceId),
        stateDir: flags.stateDir,
        dataDir: flags.outputDir,
        configPath: flags.configPath,
        debugSocket: flags.debugSocket,
        cameraIndex: flags.cameraIndex,
        isRecordingAtOnce: flags.record === true,
        monitor: flags,
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
  recordCommand(root);
  addStill(root, withStateFlag);
  withSettingsFlags(withStateFlag(withModuleFlags(root.command('settings')))).action(async (flags: SettingsFlags) => {
    const { settings } = await import('./settings/settings.js');
    // Only an opened camera writes logs.
    const logDir = flags.fix === true ? await logPlace(flags.logDir, 'settings') : '';
    process.exitCode = await settings({ ...flags, logDir });
  });
  withModuleFlags(root.command('cameras'))
    .showHelpAfterError('For help: csi-cameras cameras --help')
    .description('List the cameras and their modes.')
    .option('--json', 'print JSON, for programs')
    .addHelpText('after', '\nExit codes: 0 listed, 1 the capture tool failed, 2 wrong usage.')
    .action(async (flags: ModuleFlags & { json?: boolean }) => {
      const { listCamerasForPeople } = await import('./cameras.js');
      process.exitCode = await listCamerasForPeople(flags);
    });
  addService(root, takeRecordFlags);
  addWatch(root);
  addDoctor(root, withModuleFlags);
  addVerify(root);
  addReport(root);
  addAlign(root);
  addClip(root);
  addTrace(root);
  addIntegrate(root);
  return root;
}

import { SHUTDOWN_STDOUT_MS } from '../core/closing-budget.js';
import { systemClock } from '../core/clock.js';
import { createCsiCamerasModule } from '../module/container.js';
import type { CsiCamerasModule } from '../module/csi-cameras-module.js';
import type { HostContext } from '../protocol/host.js';
import { readConfigFile } from './config-file.js';
import { DebugSocket } from './debug/debug-socket.js';
import { LineReader } from './line-reader.js';
import { LinesForPeople } from './lines-for-people.js';
import { monitorLine, monitorSection, type MonitorFlags } from './flags/monitor-flags.js';
import { openOutput, sayOnStderr } from './output.js';
import { recordingFolder } from './session-folder.js';
import { StatusWriter } from './status-writer.js';

const IDLE_CONTROL = '--monitor-control has no effect without --monitor, or monitor.port in the configuration file.';

export interface StdioHostOptions {
  readonly logDir: string;
  readonly stateDir: string | undefined;
  readonly dataDir: string | undefined;
  readonly configPath: string | undefined;
  /** Absolute path of the Unix socket that mirrors all commands and statuses. */
  readonly debugSocket: string | undefined;
  /** Options of the command line. They override the configuration file. */
  readonly overrides: {
    readonly simulate?: boolean;
    readonly tool?: string;
    readonly logLevel?: string;
    readonly minFreeBytes?: number;
  };
  /** Index of a camera to assign at start. */
  readonly cameraIndex: number | undefined;
  /** Whether that camera's trial 1 begins at once. */
  readonly isRecordingAtOnce: boolean;
  readonly monitor: MonitorFlags;
}

/** Runs the module as a child process, with commands on stdin and statuses on stdout. The process exits with 0. */
export async function runStdioHost(options: StdioHostOptions): Promise<void> {
  const module = createCsiCamerasModule();
  const debug = options.debugSocket === undefined ? null : new DebugSocket(options.debugSocket);
  let isEnding = false;
  const end = (reason: string): void => {
    if (isEnding) return;
    isEnding = true;
    void module
      .shutDown(reason)
      .then(() =>
        Promise.all([writer, people, ...(debug === null ? [] : [debug])].map((one) => one.end(SHUTDOWN_STDOUT_MS))),
      )
      // Exit explicitly: something that is stuck must not keep the process alive.
      .finally(() => process.exit(0));
  };
  const people = new LinesForPeople();
  const writer = new StatusWriter(
    (onTrouble) => openOutput(1, onTrouble),
    () => {
      end('stdout closed');
    },
    systemClock,
    (warning) => {
      people.show(warning);
    },
  );
  surviveBugs(module);
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      end(signal);
    });
  }
  const { config, configProblems } = await readConfiguration(options);
  const debugProblem = await openDebugSocket(debug, module);
  await module.start({
    dataDir: options.dataDir,
    stateDir: options.stateDir,
    logDir: options.logDir,
    config,
    configProblems: [...configProblems, ...(debugProblem === null ? [] : [debugProblem])],
    sendStatus: (message) => {
      writer.write(message);
      people.show(message);
      // A host reads the status. A person who tries the program has no other way to learn the address.
      if (message.status === 'monitor_started' && process.stderr.isTTY)
        sayOnStderr(monitorLine(message.data, module.monitorLink, true));
      if (message.status === 'shutdown_complete') end('quit');
    },
  });
  if (process.stdin.isTTY) {
    sayOnStderr(
      'csi-cameras waits for commands as JSON lines. To record from a terminal, see: csi-cameras record --help',
    );
  }
  readCommands(module, end);
  if (options.cameraIndex !== undefined) await beginWith(module, options.cameraIndex, options);
}

/** Resolves with a sentence where nothing is mirrored although it was asked for. */
async function openDebugSocket(debug: DebugSocket | null, module: CsiCamerasModule): Promise<string | null> {
  if (debug === null) return null;
  module.watch((message) => {
    debug.status(message);
  });
  module.watchCommands((command) => {
    debug.command(command);
  });
  return debug.open();
}

/** Sends what a host would send first. Nobody waits for the answers: they are statuses like all others. */
async function beginWith(module: CsiCamerasModule, index: number, options: StdioHostOptions): Promise<void> {
  const device_id = `picam:${index}`;
  // No host sends this again, so a camera that is busy or not plugged in yet is tried until it is there.
  void module.command({ command: 'assign_device', device_id, camera_index: index, keep_trying: true });
  if (!options.isRecordingAtOnce) return;
  const session_dir = await recordingFolder(options.dataDir);
  sayOnStderr(`Trial 1 of ${device_id} goes into ${session_dir}`);
  void module.command({ command: 'start_recording', device_id, session_dir, trial_number: 1 });
}

function readCommands(module: CsiCamerasModule, end: (reason: string) => void): void {
  const reader = new LineReader((line) => {
    if (line.ok) void module.command(line.value);
    else module.refuse(line.error, line.excerpt);
  });
  process.stdin.on('data', (chunk: Buffer) => {
    reader.push(chunk);
  });
  const over = (): void => {
    reader.end();
    end('stdin closed');
  };
  process.stdin.once('end', over);
  process.stdin.on('error', over);
}

/** Logs a bug in this program and keeps it running. Only `quit`, a signal or the end of stdin ends this process. */
function surviveBugs(module: CsiCamerasModule): void {
  process.on('uncaughtException', (thrown) => {
    module.logUnexpected('uncaught exception', thrown);
  });
  process.on('unhandledRejection', (thrown) => {
    module.logUnexpected('unhandled rejection', thrown);
  });
}

/** The configuration file, overridden by the command line. A file that cannot be used is reported and ignored. */
async function readConfiguration(
  options: StdioHostOptions,
): Promise<Required<Pick<HostContext, 'config' | 'configProblems'>>> {
  const { simulate, tool, logLevel, minFreeBytes } = options.overrides;
  const { config: base, problems: configProblems } = await readConfigFile(options.configPath);
  const section = (name: string): object => {
    const held: unknown = Reflect.get(base, name);
    return typeof held === 'object' && held !== null ? held : {};
  };
  const monitor = monitorSection(options.monitor, section('monitor'), options.cameraIndex ?? 0);
  const config = {
    ...base,
    ...(Object.keys(monitor).length === 0 ? {} : { monitor }),
    ...(simulate === undefined ? {} : { simulate }),
    ...(tool === undefined ? {} : { camera: { ...section('camera'), tool } }),
    ...(minFreeBytes === undefined ? {} : { recording: { ...section('recording'), minFreeBytes } }),
    ...(logLevel === undefined ? {} : { logs: { ...section('logs'), level: logLevel } }),
  };
  const isIdle = options.monitor.monitorControl === true && !(Number(Reflect.get(monitor, 'port')) > 0);
  return { config, configProblems: isIdle ? [...configProblems, IDLE_CONTROL] : configProblems };
}

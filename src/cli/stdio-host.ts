import { readFile } from 'node:fs/promises';
import { SHUTDOWN_STDOUT_MS } from '../core/closing-budget.js';
import { messageOf } from '../core/errors.js';
import { createCsiCamerasModule } from '../module/container.js';
import type { CsiCamerasModule } from '../module/csi-cameras-module.js';
import { LineReader } from './line-reader.js';
import { StatusWriter, unblockedStdout } from './status-writer.js';

export interface StdioHostOptions {
  readonly logDir: string;
  readonly dataDir: string | undefined;
  readonly configPath: string | undefined;
  /** What the command line says, over what the file says. */
  readonly overrides: {
    readonly simulate?: boolean;
    readonly tool?: string;
    readonly logLevel?: string;
    readonly minFreeBytes?: number;
  };
  /** Assigned at start. */
  readonly cameraIndex: number | undefined;
}

/** The module as a child process: commands on stdin, statuses on stdout. Ends the process with 0. */
export async function runStdioHost(options: StdioHostOptions): Promise<void> {
  const module = createCsiCamerasModule();
  let isEnding = false;
  const end = (reason: string): void => {
    if (isEnding) return;
    isEnding = true;
    void module
      .shutDown(reason)
      .then(() => writer.end(SHUTDOWN_STDOUT_MS))
      // The one end of this process: whatever is stuck must not keep it.
      .finally(() => process.exit(0));
  };
  const writer = new StatusWriter(unblockedStdout(), () => {
    end('stdout closed');
  });
  surviveMistakes(module);
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      end(signal);
    });
  }
  await module.start({
    dataDir: options.dataDir,
    logDir: options.logDir,
    config: await readConfiguration(options),
    sendStatus: (message) => {
      writer.write(message);
      if (message.status === 'shutdown_complete') end('quit');
    },
  });
  if (process.stdin.isTTY) {
    process.stderr.write('csi-cameras reads commands as JSON lines here. For people: csi-cameras record --help\n');
  }
  if (options.cameraIndex !== undefined) {
    const device = { device_id: `picam:${options.cameraIndex}`, camera_index: options.cameraIndex };
    void module.command({ command: 'assign_device', ...device });
  }
  readCommands(module, end);
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
  process.stdin.once('error', over);
}

/** Nothing ends this process but `quit`, a signal and the end of stdin: a mistake of ours is logged, not fatal. */
function surviveMistakes(module: CsiCamerasModule): void {
  process.on('uncaughtException', (thrown) => {
    module.logUnexpected('uncaught exception', thrown);
  });
  process.on('unhandledRejection', (thrown) => {
    module.logUnexpected('unhandled rejection', thrown);
  });
}

/** The file's configuration under the command line's. A file that cannot be used is a problem to report, not an end. */
async function readConfiguration({ configPath, overrides }: StdioHostOptions): Promise<unknown> {
  const { simulate, tool, logLevel, minFreeBytes } = overrides;
  const base = configPath === undefined ? {} : await readJsonObject(configPath);
  const section = (name: string): object => {
    const held: unknown = Reflect.get(base, name);
    return typeof held === 'object' && held !== null ? held : {};
  };
  return {
    ...base,
    ...(simulate === undefined ? {} : { simulate }),
    ...(tool === undefined ? {} : { camera: { ...section('camera'), tool } }),
    ...(minFreeBytes === undefined ? {} : { recording: { ...section('recording'), minFreeBytes } }),
    ...(logLevel === undefined ? {} : { logs: { ...section('logs'), level: logLevel } }),
  };
}

async function readJsonObject(path: string): Promise<object> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
    return { [`${path}: not a JSON object`]: true };
  } catch (thrown) {
    // Becomes a `config_ignored` warning with the path and the reason: the module starts with its defaults.
    return { [`${path}: ${messageOf(thrown)}`]: true };
  }
}

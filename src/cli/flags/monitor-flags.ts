import type { Command } from 'commander';
import type { StatusData } from '../../protocol/statuses.js';
import { rangeText, wholeIn } from './flag-values.js';

/** The flags of the monitor, and what they make of a configuration. */

/** Of camera 0. Each further camera has the next one, because a host may run one process a camera. */
export const FIRST_MONITOR_PORT = 8722;
/** 0: no monitor, whatever the configuration file says. */
const PORT_RANGE = { min: 0, max: 65_535 } as const;

export interface MonitorFlags {
  /** The port. `true`: the usual one. */
  readonly monitor?: number | true;
  readonly monitorControl?: boolean;
}

export function withMonitorFlags(command: Command): Command {
  return command
    .option(
      '--monitor [port]',
      `serve a page with pictures, and metrics, on this port, ${rangeText(PORT_RANGE)} (default: ${FIRST_MONITOR_PORT} plus the index of the camera; 0: none)`,
      wholeIn(PORT_RANGE),
    )
    .option('--monitor-control', 'let the page change settings and take snapshots; it asks for a token then');
}

/**
 * The section `monitor` of the configuration. `configured`: as the configuration file has it. A port of a file counts from
 * camera 0, as the usual one does, because several processes share the file; a port of a flag is taken as it is.
 */
export function monitorSection(flags: MonitorFlags, configured: object, cameraIndex: number): object {
  const port = portOf(flags.monitor, Reflect.get(configured, 'port'), cameraIndex);
  return {
    ...configured,
    ...(port === undefined ? {} : { port }),
    ...(flags.monitorControl === true ? { control: true } : {}),
  };
}

function portOf(asked: MonitorFlags['monitor'], configured: unknown, cameraIndex: number): number | undefined {
  if (typeof asked === 'number') return asked;
  const base = typeof configured === 'number' && configured > 0 ? configured : undefined;
  if (base === undefined && asked === undefined) return undefined;
  return (base ?? FIRST_MONITOR_PORT) + cameraIndex;
}

/** Where the page is, for a person. Its token is a secret: only a terminal shows it. */
export function monitorLine(
  { url, token_file: tokenFile }: StatusData<'monitor_started'>,
  link: string | null,
  isTerminal: boolean,
): string {
  if (isTerminal) return `Monitor: ${link ?? url}`;
  return tokenFile === null ? `Monitor: ${url}` : `Monitor: ${url} (its token is in ${tokenFile})`;
}

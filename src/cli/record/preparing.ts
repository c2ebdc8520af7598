import type { PartialSettings } from '../../core/camera-settings.js';
import { messageOf } from '../../core/errors.js';
import { cleanText, MAX_FREE_TEXT } from '../../protocol/free-text.js';
import { connectedCameras, NO_CAMERAS } from '../connected-cameras.js';
import { whyFlagsCannotBe } from '../flags/flag-conflicts.js';
import { monitorSection, type MonitorFlags } from '../flags/monitor-flags.js';
import type { CameraChoice } from '../flags/flag-values.js';

/** What is asked for by flags, made ready before a camera is opened. */

export interface RecordOptions extends MonitorFlags {
  readonly camera: CameraChoice;
  /** Seconds. `undefined`: until a signal. */
  readonly duration?: number;
  /** Default: 1. */
  readonly trial?: number;
  readonly label?: string;
  /** Asked for by flags, of every camera. They win over what was kept. */
  readonly settings?: PartialSettings;
  readonly out?: string;
  readonly simulate?: boolean;
  readonly captureTool?: string;
  readonly logDir: string;
  readonly stateDir?: string;
  readonly minFreeBytes?: number;
  readonly checksums?: boolean;
}

/** The configuration of the module. */
export function configOf({ simulate, captureTool, minFreeBytes, checksums }: RecordOptions): object {
  return {
    simulate: simulate === true,
    camera: captureTool === undefined ? {} : { tool: captureTool },
    // Somebody who asked for an hour wants the rest of the hour once a loose cable was pushed back in.
    recording: {
      resumeAfterReconnect: true,
      ...(minFreeBytes === undefined ? {} : { minFreeBytes }),
      ...(checksums === undefined ? {} : { checksums }),
    },
  };
}

/** The same with the monitor, if one is asked for. Its port is that of the first camera. */
export function withMonitor(config: object, flags: MonitorFlags, [first = 0]: readonly number[]): object {
  return flags.monitor === undefined ? config : { ...config, monitor: monitorSection(flags, {}, first) };
}

/** The indices of the cameras, or why there are none, as a sentence. */
export async function indicesOf(choice: CameraChoice, config: object): Promise<readonly number[] | string> {
  if (choice !== 'all') return choice;
  try {
    const connected = await connectedCameras(config);
    return connected.length === 0 ? NO_CAMERAS : connected.map(({ index }) => index);
  } catch (thrown) {
    return messageOf(thrown);
  }
}

/** Why the settings among the flags cannot be, as sentences. One that holds for every camera names none. */
export async function whySettingsCannotBe(
  indices: readonly number[],
  { settings = {}, stateDir }: RecordOptions,
  config: object,
): Promise<readonly string[]> {
  const all = await Promise.all(indices.map((index) => whyFlagsCannotBe(settings, { index, config, stateDir })));
  const [first] = all;
  if (first !== undefined && all.every((why) => why === first)) return [first];
  return all.flatMap((why, at) => (why === undefined ? [] : [`picam:${indices[at]}: ${why}`]));
}

/** The label as it can be written into a row. `warn` is told if it is another one than was given. */
export function labelOf({ label = '' }: RecordOptions, warn: (sentence: string) => void): string {
  const clean = cleanText(label);
  if (clean !== label) {
    warn(
      `--label was changed. It is one line of at most ${MAX_FREE_TEXT} characters: control characters become spaces, and the rest is cut.`,
    );
  }
  return clean;
}

import type { StatusData, StatusName } from '../../protocol/statuses.js';
import type { MonitorEvent } from '../view.js';

/** What a status says to people. Statuses that only answer a question, and figures, say nothing here. */

export interface Sentence {
  readonly level: MonitorEvent['level'];
  readonly deviceId: string | null;
  readonly text: string;
  /** Sentences of a camera with the same one, one after another, are one event that says how often. */
  readonly repeats?: string;
}

export interface SentenceContext {
  /** Whether the camera gave frames until now. */
  readonly wasReady: boolean;
}

type Speaker<N extends StatusName> = (data: StatusData<N>, context: SentenceContext) => Sentence | null;

const SPEAKERS: { readonly [N in StatusName]?: Speaker<N> } = {
  device_ready: ({ device_id: deviceId, model, width, height, fps, downtime_ms: downtimeMs }) => {
    const what = `${model}, ${width} x ${height}, ${fps} frames a second`;
    if (downtimeMs === undefined) return info(deviceId, `The camera is ready: ${what}.`);
    return info(deviceId, `The camera is back after ${seconds(downtimeMs / 1000)}: ${what}.`);
  },
  device_error: ({ device_id: deviceId, code, error, retry_in_ms: retryInMs }, { wasReady }) => {
    if (retryInMs === undefined) return failure(deviceId, `The camera is given up: ${error}`);
    if (wasReady) return failure(deviceId, `Camera lost: ${error}`);
    return { ...failure(deviceId, `The camera could not be opened: ${error}`), repeats: `device_error ${code}` };
  },
  device_unassigned: ({ device_id: deviceId, port_released: isReleased }) =>
    isReleased
      ? info(deviceId, 'The host released the camera.')
      : warning(deviceId, 'The host released the camera, but its capture process did not end. It may hold the camera.'),
  recording_started: ({ device_id: deviceId, trial_number: trial, trial_label: label, take }) =>
    info(deviceId, `Recording began: trial ${trial}${label === '' ? '' : ` (${label})`}, take ${take}.`),
  recording_stopped: stopped,
  recording_error: ({ device_id: deviceId, code, error }) =>
    code === 'start_cancelled' ? info(deviceId, error) : failure(deviceId, `Recording failed: ${error}`),
  settings_changed: ({ device_id: deviceId }) => info(deviceId, 'The settings of the camera were changed.'),
  snapshot_taken: ({ device_id: deviceId, path }) => info(deviceId, `Snapshot taken: ${path}`),
  preview_toggled: ({ success, enabled, error }) => {
    if (!success) return warning(null, `The preview could not be changed: ${error ?? 'no reason given.'}`);
    return info(null, enabled ? 'The host turned the preview on.' : 'The host turned the preview off.');
  },
  command_nack: ({ code, error }) => ({ ...warning(null, `A command was refused: ${error}`), repeats: `nack ${code}` }),
  warning: ({ device_id: deviceId = null, code, message }) => ({ ...warning(deviceId, message), repeats: code }),
  shutdown_started: ({ reason }) => info(null, `The module is shutting down (${reason}).`),
};

/** The sentence of a status, or null. It holds texts of hosts and tools, as they came. */
export function sentenceOf<N extends StatusName>(
  status: N,
  data: StatusData<N>,
  context: SentenceContext,
): Sentence | null {
  return SPEAKERS[status]?.(data, context) ?? null;
}

const ENDED_BY: Readonly<Partial<Record<string, string>>> = {
  device_error: 'the camera was lost',
  disk_full: 'the disk is full',
  io_error: 'the disk failed',
  shutdown: 'the module was shut down',
};

function stopped(data: StatusData<'recording_stopped'>): Sentence | null {
  const { device_id: deviceId, trial_number: trial, take, reason, frames, dropped, duration_s: durationS } = data;
  if (trial === null) return null; // the answer to a stop, and nothing was recorded
  if (take === null) return info(deviceId, `Trial ${trial} was stopped before its first frame.`);
  const counts = `${count(frames)} ${frames === 1 ? 'frame' : 'frames'} in ${seconds(durationS)}, ${count(dropped)} dropped`;
  const why = reason === 'command' ? '' : ` (${ENDED_BY[reason] ?? reason})`;
  const text = `Recording ended${why}: trial ${trial}, take ${take}, ${counts}.`;
  if (reason !== 'command' && reason !== 'shutdown') return failure(deviceId, text);
  return dropped > 0 ? warning(deviceId, text) : info(deviceId, text);
}

const info = (deviceId: string | null, text: string): Sentence => ({ level: 'info', deviceId, text });
const warning = (deviceId: string | null, text: string): Sentence => ({ level: 'warning', deviceId, text });
const failure = (deviceId: string | null, text: string): Sentence => ({ level: 'error', deviceId, text });

/** `12 340`, with a no-break space. */
function count(value: number): string {
  return String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, '\u{A0}');
}

/** `4.2 s`, `75 s`, `12 min`. */
function seconds(value: number): string {
  if (value >= 120) return `${Math.round(value / 60)} min`;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} s`;
}

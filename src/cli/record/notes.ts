import type { StatusMessage } from '../../protocol/statuses.js';

/** A sentence about a camera, which is named where there are several. */
export type Naming = (deviceId: string | null | undefined, sentence: string) => string;

/** Where there is one camera, everybody knows which one is meant. */
export function namingFor(deviceIds: readonly string[]): Naming {
  return (deviceId, sentence) =>
    deviceIds.length < 2 || typeof deviceId !== 'string' ? sentence : `${deviceId}: ${sentence}`;
}

/** What a person must see of a status while recording, or `undefined`. What answers a command is told by its sender. */
export function noteOf(message: StatusMessage, naming: Naming): string | undefined {
  const { status, data } = message;
  if (status === 'device_error' || status === 'recording_error') {
    if (message.in_reply_to !== undefined) return undefined;
    return `error: ${naming(data.device_id, `${data.code}: ${data.error}`)}`;
  }
  if (status === 'device_ready' && data.reconnected === true) {
    const downtime = `${((data.downtime_ms ?? 0) / 1000).toFixed(1)} s`;
    return naming(data.device_id, `The camera is back after ${downtime}.`);
  }
  return status === 'warning' ? `warning: ${naming(data.device_id, data.message)}` : undefined;
}

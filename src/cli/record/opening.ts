import { systemClock } from '../../core/clock.js';
import { within, withResolve } from '../../core/within.js';
import type { CsiCamerasModule } from '../../module/csi-cameras-module.js';
import type { StatusMessage } from '../../protocol/statuses.js';

/** How long a failure waits for those of other cameras, so that a person hears of both. */
const OTHER_FAILURES_MS = 1000;

/** A camera that gives frames. */
export interface OpenCamera {
  readonly deviceId: string;
  readonly model: string;
  /** What it shows, in words. */
  readonly view: string;
  /** Frames a second. */
  readonly fps: number;
}

export interface Failure {
  readonly deviceId: string;
  readonly error: string;
}

/**
 * Opens all cameras at the same time. Resolves with them in this order, or with why some of them cannot be opened as soon as
 * that is known; others may be on their way then. `undefined`: stopped before.
 */
export async function openAll(
  module: Pick<CsiCamerasModule, 'command'>,
  deviceIds: readonly string[],
  stopped: Promise<undefined>,
): Promise<{ readonly cameras: readonly OpenCamera[]; readonly failures: readonly Failure[] } | undefined> {
  const cameras = new Map<string, OpenCamera>();
  const failures = new Map<string, Failure>();
  const { promise: failed, resolve: fail } = withResolve<true>();
  const open = async (deviceId: string): Promise<void> => {
    const answer = await module.command({ command: 'assign_device', device_id: deviceId });
    if (answer.status === 'device_ready') {
      const { model, view, fps } = answer.data;
      cameras.set(deviceId, { deviceId, model, view, fps });
      return;
    }
    failures.set(deviceId, { deviceId, error: errorOf(answer) });
    fail(true);
  };
  const all = Promise.all(deviceIds.map((deviceId) => open(deviceId))).then(() => true as const);
  if ((await Promise.race([all, failed, stopped])) === undefined) return undefined;
  if (failures.size > 0) await within(systemClock, OTHER_FAILURES_MS, all);
  return { cameras: inOrder(deviceIds, cameras), failures: inOrder(deviceIds, failures) };
}

/** Why a command failed, as a sentence. */
export function errorOf({ status, data }: StatusMessage): string {
  return 'error' in data && typeof data.error === 'string' ? data.error : status;
}

function inOrder<Value>(deviceIds: readonly string[], values: ReadonlyMap<string, Value>): readonly Value[] {
  return deviceIds.flatMap((deviceId) => values.get(deviceId) ?? []);
}

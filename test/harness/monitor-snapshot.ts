import type { MonitorSnapshot } from '../../src/monitor/view.js';
import type { StatusReport } from '../../src/protocol/statuses.js';
import { answerOf, streaming } from './monitor-answers.js';

/** What a monitor's server knows of a module with these cameras: each of them streams. */
export function snapshotOf(deviceIds: readonly string[], state: StatusReport['state'] = 'running'): MonitorSnapshot {
  const told = deviceIds.map((device_id) => streaming({ device_id, display_name: device_id }));
  const { status, cameras, events } = answerOf({ cameras: told, status: { state } });
  return {
    view: { status, cameras, events },
    totals: { cameras: {}, warnings: {} },
    madeNs: process.hrtime.bigint(),
    madeWallMs: Date.now(),
    startedWallMs: Date.now(),
  };
}

import type { ServerTraffic } from '../server/traffic.js';
import type { MonitorSnapshot } from '../view.js';

/** A stand-in until the metrics are there. */
export function exposition(snapshot: MonitorSnapshot, traffic: ServerTraffic, nowWallMs: number): string {
  return `# ${snapshot.view.status.version} ${traffic.connections} ${nowWallMs}\n`;
}

import type { ServerTraffic } from '../server/traffic.js';
import type { MonitorSnapshot } from '../view.js';
import { CAMERA_FAMILIES } from './camera-families.js';
import type { Family } from './family.js';
import { MODULE_FAMILIES } from './module-families.js';
import { sceneOf } from './scene.js';
import { familyText } from './text-format.js';
import { TOTAL_FAMILIES } from './total-families.js';

/** Every metric there is. docs/monitoring.md has them all. */
export const FAMILIES: readonly Family[] = [...MODULE_FAMILIES, ...CAMERA_FAMILIES, ...TOTAL_FAMILIES];

/**
 * The `Content-Type` that goes with it: `text/plain; version=0.0.4; charset=utf-8`. `ageMs`: of the snapshot, by the
 * monotonic clock. The wall clock of a Pi jumps when it finds the network.
 */
export function exposition(snapshot: MonitorSnapshot, traffic: ServerTraffic, ageMs: number): string {
  const scene = sceneOf(snapshot, traffic, ageMs);
  return FAMILIES.map((family) => familyText(family, family.samples(scene))).join('');
}

import type { Clock } from '../../core/clock.js';
import { fromNow } from '../../core/deadline.js';
import type { Command } from '../../protocol/commands.js';
import type { Report } from '../../protocol/statuses.js';
import * as reports from '../reports.js';
import type { HandlerContext } from './handler-context.js';

/** The instant of a start: one for all its cameras. Instants are CLOCK_MONOTONIC, nanoseconds. */

/** How far ahead a host may set it, s. A start that waits keeps its command waiting. */
const MAX_AHEAD_S = 60;

/** Why a command that arrives now is refused for its instant, or `null`. */
export function instantRefusal(clock: Clock, { parameters }: Command): Report | null {
  const askedNs = 'start_mono_ns' in parameters ? parameters.start_mono_ns : null;
  if (askedNs === undefined || askedNs === null || askedNs <= fromNow(clock, MAX_AHEAD_S * 1_000)) return null;
  const message = `start_mono_ns is more than ${MAX_AHEAD_S} s ahead. It is CLOCK_MONOTONIC of this machine, which is now ${clock.monotonicNs()}.`;
  return reports.commandNack('invalid_command', message);
}

/** The instant that the host asked for, else now. Warns of one that has passed. Call it right before the cameras are started. */
export function takeInstant(
  { cameraDependencies: { clock, report } }: HandlerContext,
  askedNs: bigint | null | undefined,
  id: string,
): bigint {
  const nowNs = clock.monotonicNs();
  if (askedNs === undefined || askedNs === null) return nowNs;
  if (askedNs < nowNs) {
    const lateMs = Number(nowNs - askedNs) / 1_000_000;
    const late = lateMs < 1_000 ? `${lateMs.toFixed(3)} ms` : `${(lateMs / 1_000).toFixed(3)} s`;
    const message = `start_mono_ns passed ${late} ago, so the take begins with the next frame. offset_ns says how late.`;
    report({ status: 'warning', data: { code: 'start_passed', message } }, id);
  }
  return askedNs;
}

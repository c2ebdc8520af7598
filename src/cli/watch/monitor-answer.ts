import * as v from 'valibot';
import { statusReport } from '../../protocol/statuses.js';
import type { MonitorAnswer } from '../../monitor/view.js';

/** Checks what a monitor answers: whatever listens at that address may answer anything. */

const duration = v.pipe(v.number(), v.minValue(0));

const lastEnd = v.object({
  reason: v.string(),
  error: v.nullable(v.object({ code: v.string(), error: v.string() })),
  ago_ms: duration,
  trial_number: v.nullable(v.number()),
  take: v.nullable(v.number()),
  frames: v.number(),
  dropped: v.number(),
  video_path: v.nullable(v.string()),
});

const monitorAnswer = v.object({
  status: statusReport,
  cameras: v.array(
    v.object({ device_id: v.string(), grown_ms_ago: v.nullable(duration), last_end: v.nullable(lastEnd) }),
  ),
  events: v.array(
    v.object({
      ago_ms: duration,
      level: v.picklist(['info', 'warning', 'error']),
      device_id: v.nullable(v.string()),
      text: v.string(),
    }),
  ),
  status_age_ms: duration,
  control: v.boolean(),
});

/** The answer that this JSON is, or `null` if it is not one. */
export function answerIn(value: unknown): MonitorAnswer | null {
  const checked = v.safeParse(monitorAnswer, value);
  return checked.success ? checked.output : null;
}

import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { BOTH_HOSTS } from '../../harness/both-hosts.js';
import { cleanFolder } from '../../harness/clean-folder.js';
import type { MockHost } from '../../harness/mock-host.js';
import { waitForFrames } from '../../harness/whole-recording.js';

/** Most decimals of a number by its field's name; other numbers are whole. The harness holds every status against the schemas besides. */
const DECIMALS: Readonly<Record<string, number>> = {
  fps: 5,
  capture_fps: 5,
  record_fps: 5,
  preview_fps: 5,
  fill: 3,
  buffer_fill: 3,
  jitter_ms: 1,
  median: 1,
  max: 1,
  event_loop_delay_ms: 1,
  write_delay_ms: 1,
  temperature_c: 1,
  uptime_s: 3,
  duration_s: 3,
  gain: 3,
  lens_position_dioptres: 3,
  lux: 1,
};

/** `path: number` of each number below the value that has more digits than its name allows. */
function tooLong(value: unknown, path: string): string[] {
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([name, held]) => tooLong(held, `${path}.${name}`));
  }
  if (typeof value !== 'number') return [];
  const name = path.split('.').findLast((part) => !/^\d+$/.test(part)) ?? ''; // of a list, the list's
  const decimals = String(value).split('.')[1]?.length ?? 0;
  return decimals <= (DECIMALS[name] ?? 0) && !String(value).includes('e') ? [] : [`${path}: ${value}`];
}

describe.each(BOTH_HOSTS)('the figures of a recording module that runs %s', (_kind, startHost) => {
  const folder = cleanFolder(() => host.end());
  let host: MockHost;

  it.each([
    ['59.94', 59.94, 11],
    ['7.77', 7.77, 3.3],
  ])('have as many digits as they have meaning at %s frames a second', async (_text, fps, recordFps) => {
    const config = { camera: { fps }, recording: { fps: recordFps }, preview: { fps: 1.7 } };
    host = await startHost({ folder: folder.path, config });
    await host.expect('device_ready', { command: 'assign_device', device_id: 'picam:0' });
    const session = join(folder.path, 'session_1');
    await host.expect('recording_started', { command: 'record', session_dir: session, trial_number: 1 });
    await waitForFrames(host, 7);
    const { data } = await host.expect('status_report', { command: 'get_status' });
    const [camera] = data.cameras;
    expect([camera?.state, camera?.given?.fps]).toEqual(['recording', fps]);
    expect(camera?.capture_fps).not.toBe(0);
    expect(camera?.recording?.duration_s).not.toBe(0);
    expect(camera?.figures_age_ms).toEqual(expect.any(Number));
    const told = expect.any(Number);
    expect(data.disk).toMatchObject({ free_bytes: told, reserve_bytes: 256 * 1024 * 1024, age_ms: told });
    await host.log.wait('heartbeat');
    await host.expect('recording_stopped', { command: 'stop_recording' });
    expect(host.log.all.flatMap(({ status, data: held }) => tooLong(held, status))).toEqual([]);
  });
});

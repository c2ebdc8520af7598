import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { PlainLines } from '../../../src/cli/plain-lines.js';
import type { Report, StatusMessage } from '../../../src/protocol/statuses.js';

const HOUR_MS = 3_600_000;

function message(report: Report): StatusMessage {
  return { type: 'status', timestamp: '2026-01-06T14:30:52.123Z', ...report };
}

const retry = (code: string, device = 'picam:0', retryInMs = 500, error = 'The cable is loose.'): StatusMessage =>
  message({
    status: 'device_error',
    data: { device_id: device, code, error, recoverable: true, retry_in_ms: retryInMs } as never,
  });
const unassigned = (device: string | null): StatusMessage =>
  message({ status: 'device_unassigned', data: { device_id: device, port_released: true } });
const warning = (code: string, text: string): StatusMessage =>
  message({ status: 'warning', data: { code, message: text } });
const nack = (error: string): StatusMessage =>
  message({ status: 'command_nack', data: { success: false, code: 'invalid_command', error } });
const recordingError = (error: string): StatusMessage =>
  message({ status: 'recording_error', data: { device_id: 'picam:0', code: 'disk_full', error } });
const ready = message({
  status: 'device_ready',
  data: {
    device_id: 'picam:0',
    camera_id: 'picam:0',
    model: 'imx296',
    width: 640,
    height: 480,
    fps: 30,
    mode: null,
    view: '640x480',
  },
});

/** The lines for statuses that come one a `stepMs`. */
function linesOf(messages: readonly StatusMessage[], stepMs = 1): string[] {
  const lines = new PlainLines();
  return messages.flatMap((one, index) => lines.lineFor(one, index * stepMs) ?? []);
}

describe('PlainLines', () => {
  it('says of each trouble the device, the code and the sentence', () => {
    expect(
      linesOf([
        recordingError('The disk is full.'),
        nack('The line is not valid JSON.'),
        warning('under_voltage', 'The supply voltage is too low.'),
        retry('camera_disconnected'),
        message({
          status: 'device_error',
          data: { device_id: 'picam:1', code: 'camera_not_found', error: 'No camera.', recoverable: false },
        }),
      ]),
    ).toEqual([
      'error: picam:0: disk_full: The disk is full.',
      'error: invalid_command: The line is not valid JSON.',
      'warning: under_voltage: The supply voltage is too low.',
      'error: picam:0: camera_disconnected: The cable is loose. The next attempt is in 0.5 s.',
      'error: picam:1: camera_not_found: No camera.',
    ]);
  });

  it('says nothing of statuses that nobody must see', () => {
    expect(linesOf([ready, message({ status: 'ready', data: { version: '1', pid: 1 } })])).toEqual([]);
  });

  it('shows of repeated attempts the first, then one an hour with how many it did not show', () => {
    const attempts = Array.from({ length: 301 }, (_, index) => retry('camera_not_found', 'picam:0', 500 * (index + 1)));
    const lines = linesOf(attempts, 30_000);
    expect(lines).toHaveLength(3);
    expect(lines[1]).toContain('(119 more lines like this were not shown.)');
    expect(lines[2]).toContain('(119 more lines like this were not shown.)');
  });

  it('shows each change of the code, of each device by itself', () => {
    const lines = linesOf([
      retry('camera_in_use'),
      retry('camera_in_use'),
      retry('camera_in_use', 'picam:1'),
      retry('camera_not_found'),
      retry('camera_not_found'),
      retry('camera_in_use'),
    ]);
    expect(lines.map((line) => line.split(':').slice(1, 4).join(':').trim())).toEqual([
      'picam:0: camera_in_use',
      'picam:1: camera_in_use',
      'picam:0: camera_not_found',
      'picam:0: camera_in_use',
    ]);
  });

  it('shows of attempts that fail with one code the first and one an hour, whatever else they say and however often', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ maxLength: 20 }), fc.integer({ min: 0, max: 600_000 })), { maxLength: 100 }),
        (attempts) => {
          const lines = new PlainLines();
          let nowMs = 0;
          let hidden = 0;
          let shownMs = -HOUR_MS;
          for (const [text, stepMs] of attempts) {
            nowMs += stepMs;
            const line = lines.lineFor(retry('capture_failed', 'picam:0', 500, text), nowMs);
            const isDue = nowMs - shownMs >= HOUR_MS;
            expect(line !== undefined).toBe(isDue);
            if (isDue && hidden > 0) expect(line).toContain(`(${hidden} more lines like this were not shown.)`);
            if (isDue) shownMs = nowMs;
            hidden = isDue ? 0 : hidden + 1;
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it('shows the first attempt again once the camera was there', () => {
    expect(linesOf([retry('frame_timeout'), retry('frame_timeout'), ready, retry('frame_timeout')])).toHaveLength(2);
  });

  it('shows the first attempt again once the camera was released, and of other cameras no more than before', () => {
    const attempts = [retry('frame_timeout'), retry('frame_timeout', 'picam:1')];
    expect(linesOf([...attempts, unassigned('picam:1'), ...attempts])).toHaveLength(3);
    expect(linesOf([...attempts, unassigned(null), ...attempts])).toHaveLength(4);
  });

  it('shows the same warning once an hour, whatever its figures, and other ones beside it', () => {
    const low = (minutes: number): StatusMessage => warning('disk_low_soon', `Full in ${minutes} minutes.`);
    const other = warning('disk_low_soon', 'Another disk is full.');
    expect(linesOf([low(10), low(9), other, low(2)], 60_000)).toHaveLength(2);
    expect(linesOf([low(10), low(9), low(8), low(2)], HOUR_MS / 2)).toEqual([
      'warning: disk_low_soon: Full in 10 minutes.',
      'warning: disk_low_soon: Full in 8 minutes. (1 more lines like this were not shown.)',
    ]);
  });

  it('shows a client that waits for its server all night once an hour, and its failed attempts too', () => {
    const night = Array.from({ length: 6 * 60 * 10 }, (_, index) => {
      const waited = (index % 6) * 10;
      if (waited === 0) return retry('sync_timeout', 'picam:1');
      return warning('sync_waiting', `The camera waits for its synchronising server, for ${waited} s so far.`);
    });
    const lines = linesOf(night, 10_000);
    expect(lines[0]).toMatch(/^error: picam:1: sync_timeout: /);
    expect(lines[1]).toMatch(/sync_waiting: The camera waits for its synchronising server, for 10 s so far\.$/);
    expect(lines.length).toBeLessThanOrEqual(2 * 10 + 1);
  });

  it('shows an error that answers somebody again, but no flood of it', () => {
    const errors = Array.from({ length: 10_000 }, () => recordingError('The disk is full.'));
    expect(linesOf(errors)).toHaveLength(5);
  });

  it('is one printable line of limited length, and never more than a hundred an hour, whatever comes', () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 });
    const any = fc.oneof(
      text.map((word) => nack(word)),
      text.map((word) => recordingError(word)),
      fc.tuple(text, text).map(([code, words]) => warning(code, words)),
      fc.tuple(text, text).map(([code, device]) => retry(code, device)),
      fc.constant(ready),
      fc.constant(nack('x'.repeat(100_000))),
    );
    fc.assert(
      fc.property(
        fc.array(any, { maxLength: 400, size: 'max' }),
        fc.integer({ min: 0, max: 60_000 }),
        (all, stepMs) => {
          const lines = new PlainLines();
          const shown: number[] = [];
          for (const [index, one] of all.entries()) {
            const line = lines.lineFor(one, index * stepMs);
            if (line === undefined) continue;
            shown.push(index * stepMs);
            expect(line).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
            expect(line.length).toBeLessThan(1_300);
          }
          for (const fromMs of shown) {
            expect(shown.filter((atMs) => atMs >= fromMs && atMs < fromMs + HOUR_MS).length).toBeLessThanOrEqual(100);
          }
        },
      ),
      { numRuns: 30 },
    );
  });
});

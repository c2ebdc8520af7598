import { SMALL_GEOMETRY } from '../recordings.js';
import { sensorTimestampOf, usualMetadata } from '../jpeg-frames.js';
import { LOST, change, inPicture } from './damaged-info.js';
import { flip } from './damaged-videos.js';
import type { RecordingCase } from './recording-case.js';
import { TINY_GEOMETRY } from './take-in-memory.js';

const PROVEN = { verdict: 'proven' } as const;

/** So many frames fill both parts of a recording of this layout. */
export const TWO_PARTS = { ...TINY_GEOMETRY, maxGroups: 2 };

/** Recordings that nothing is wrong with, however strange they look. */
export const GOOD_RECORDINGS: readonly RecordingCase[] = [
  { what: 'of the usual kind', expected: PROVEN },
  { what: 'of the usual kind, when all is decoded', depth: 'decode', expected: PROVEN },
  { what: 'of the usual kind, looked at quickly', depth: 'quick', expected: PROVEN },
  { what: 'of one frame', recorded: { frames: 1 }, expected: PROVEN },
  { what: 'of two frames', recorded: { frames: 2 }, expected: PROVEN },
  { what: 'of one group', recorded: { geometry: SMALL_GEOMETRY }, expected: PROVEN },
  {
    what: 'of 700 frames, two live indexes and more',
    recorded: { geometry: SMALL_GEOMETRY, frames: 700 },
    expected: PROVEN,
  },
  { what: 'of frames with odd and even sizes', recorded: { padding: (number) => number % 2 }, expected: PROVEN },
  { what: 'of large pictures', recorded: { large: true, frames: 12 }, depth: 'decode', expected: PROVEN },
  {
    what: 'whose label has a quote, a comma and a line break',
    recorded: { request: { trialLabel: 'a "label",\nin two lines' } },
    expected: PROVEN,
  },
  { what: 'whose label is empty', recorded: { request: { trialLabel: '' } }, expected: PROVEN },
  {
    what: 'whose label is a formula, in other letters',
    recorded: { request: { trialLabel: '=1+1 – Ärger 測試 🎥' } },
    expected: PROVEN,
  },
  {
    what: 'whose label is a terminal’s command',
    recorded: { request: { trialLabel: '\u001b[2J\u0007red' } },
    expected: PROVEN,
  },
  {
    what: 'with nanoseconds beyond 2^53',
    recorded: { times: (number) => beyondDoubles(number) },
    expected: PROVEN,
  },
  {
    what: 'whose camera gave no times',
    recorded: { times: () => ({ sensorTimestampNs: 0n }) },
    expected: PROVEN,
  },
  {
    what: 'of a camera that gave no times, with gaps that nobody can see',
    recorded: { times: () => ({ sensorTimestampNs: 0n }), lost: LOST },
    expected: PROVEN,
    withInfo: { verdict: 'lost' },
  },
  {
    what: 'during which the clock was set by an hour',
    recorded: { times: (number) => ({ wallClockUs: wall(number) + (number > 30 ? 3_600_000_000n : 0n) }) },
    expected: { ...PROVEN, notes: ['V18'] },
  },
  {
    what: 'during which the clock was set back',
    recorded: { times: (number) => ({ wallClockUs: wall(number) - (number > 30 ? 90_000_000n : 0n) }) },
    expected: { ...PROVEN, notes: ['V18'] },
  },
  {
    what: 'of another trial and take than the first',
    recorded: { request: { trialNumber: 1234, deviceId: 'virtual:cam"3"', cameraLabel: '../Büro/IMX708' } },
    change: (take) => change(take, () => ({ camera_label: take.name.replace(/^.*trial\d+_/, '') })),
    expected: PROVEN,
  },
  { what: 'whose frames were lost, each accounted for', recorded: { lost: LOST }, expected: { verdict: 'lost' } },
  {
    what: 'whose first frames were lost',
    recorded: { lost: [1, 2, 3].map((number) => ({ number, reason: 'timeout' as const })) },
    expected: PROVEN,
    withInfo: { verdict: 'lost' },
  },
  {
    what: 'whose camera’s times were out of order',
    recorded: {
      times: (number) => ({
        sensorTimestampNs: sensorTimestampOf(number === 20 ? 18 : number) - (number === 20 ? 1n : 0n),
      }),
    },
    expected: { verdict: 'lost' },
  },
  {
    what: 'with metadata',
    recorded: { metadata: usualMetadata, request: { writesMetadata: true } },
    expected: PROVEN,
  },
  { what: 'with checksums', recorded: { checksums: true }, expected: PROVEN },
  {
    what: 'with a bit of a picture turned and no checksums: nobody can see it',
    change: (take) => flip(take, inPicture(take, 17), 3),
    expected: PROVEN,
  },
  { what: 'in two parts', recorded: { geometry: TWO_PARTS, frames: 48 }, expected: PROVEN },
  { what: 'in two parts, the second one', recorded: { geometry: TWO_PARTS, frames: 48 }, part: 1, expected: PROVEN },
  {
    what: 'in three parts, of which the second one is gone',
    recorded: { geometry: TWO_PARTS, frames: 100 },
    part: 2,
    change: (_, parts) => parts[1]?.remove(),
    expected: PROVEN,
    withInfo: { verdict: 'damaged', failed: ['V24'] },
  },
];

function wall(number: number): bigint {
  return 1_767_681_006_123_456n + sensorTimestampOf(number) / 1000n;
}

/** A machine that has run for half a year and more. */
function beyondDoubles(number: number) {
  const sensorTimestampNs = 2n ** 53n + 1n + sensorTimestampOf(number);
  return {
    sensorTimestampNs,
    arrivedMonotonicNs: sensorTimestampNs + 41_000_123n,
    wallClockUs: 1_767_681_006_123_456n + sensorTimestampNs / 1000n,
  };
}

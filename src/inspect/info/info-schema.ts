import * as v from 'valibot';
import { CHECKSUM_BLOCK_FRAMES, INFO_SCHEMA, type InfoFile, MAX_INFO_GAPS } from '../../recording/info/info-file.js';

/**
 * The shape of an info file, for whoever reads one that may be damaged or hostile: what passes has every field, each of its
 * kind and of a bounded size. Whether it tells the truth does not belong here (V21 to V24).
 */

const MAX_TEXT = 4096;
const MAX_ARGUMENTS = 512;
const MAX_SETTINGS = 200;
/** A take has 7.2 million frames at most: more blocks than that are no checksums of ours. */
const MAX_BLOCKS = 100_000;
/** Settings are numbers, words, pairs and rectangles. Whoever shows them need not go deeper. */
const MAX_SETTING_DEPTH = 4;

const text = v.pipe(v.string(), v.maxLength(MAX_TEXT));
/** A name in a folder, never a path. */
const name = v.pipe(
  text,
  v.check((value) => value !== '' && value !== '.' && value !== '..' && !/[/\0]/.test(value), 'must be a file name'),
);
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const fromOne = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const figure = v.pipe(v.number(), v.finite());
const rate = v.pipe(figure, v.minValue(0));
/** 64 bits as text: never through a double. */
const whole = v.pipe(
  v.string(),
  v.regex(/^-?\d{1,19}$/),
  v.check((digits) => BigInt(digits) === BigInt.asIntN(64, BigInt(digits)), 'must fit 64 bits'),
);
const decimal = v.pipe(v.string(), v.regex(/^-?\d{1,19}\.\d{1,9}$/));
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

const setting = v.custom<unknown>((value) => isPlain(value, MAX_SETTING_DEPTH), 'must be a setting');

function fewKeys<Value>(record: v.GenericSchema<unknown, Record<string, Value>>) {
  return v.pipe(
    record,
    v.check((value) => Object.keys(value).length <= MAX_SETTINGS),
  );
}

function isPlain(value: unknown, depth: number): boolean {
  if (value === null || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'string') return value.length <= MAX_TEXT;
  if (depth === 0 || typeof value !== 'object') return false;
  const values: unknown[] = Object.values(value);
  return values.length <= MAX_SETTINGS && values.every((inner) => isPlain(inner, depth - 1));
}

const rowFile = v.object({ name, bytes: count, rows: count, sha256 });
const times = v.object({ sensor_timestamp_ns: whole, record_time_mono: decimal, record_time_unix: decimal });
const health = v.object({
  temperature_c: v.nullable(figure),
  free_bytes: v.nullable(v.pipe(figure, v.minValue(0))),
  load: v.nullable(text),
});
const reason = v.picklist(['buffer_full', 'timeout', 'write_error', 'skipped', 'source_gap']);

const facts = v.object({
  schema: v.literal(INFO_SCHEMA),
  device_id: text,
  camera_label: text,
  session: text,
  trial: count,
  trial_label: text,
  take: fromOne,
  part: v.object({ number: v.nullable(fromOne), continues_take: v.nullable(fromOne), is_continued: v.boolean() }),
  files: v.object({
    video: v.object({ name, bytes: count, frames: count }),
    timing: rowFile,
    metadata: v.nullable(rowFile),
  }),
  first: times,
  last: times,
  clock: v.object({
    sensor: v.picklist(['boottime', 'none']),
    boot: v.nullable(v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/))),
    wall_minus_mono_start_ns: v.nullable(whole),
    wall_minus_mono_end_ns: v.nullable(whole),
    synchronised: v.nullable(v.boolean()),
  }),
  rate: v.object({
    asked_fps: v.nullable(rate),
    period_least_ns: v.nullable(figure),
    period_median_ns: v.nullable(figure),
    period_most_ns: v.nullable(figure),
  }),
  account: v.nullable(
    v.object({
      delivered: count,
      recorded: count,
      dropped: count,
      dropped_by: v.object({ buffer_full: count, timeout: count, write_error: count }),
      skipped: count,
      source_gaps: count,
      disordered: count,
    }),
  ),
  gaps: v.pipe(v.array(v.object({ after_frame: count, frames: count, reason })), v.maxLength(MAX_INFO_GAPS)),
  gaps_total: v.nullable(count),
  settings: v.object({
    asked: v.nullable(fewKeys(v.record(text, setting))),
    given: v.nullable(fewKeys(v.record(text, v.nullable(v.tuple([figure, figure]))))),
  }),
  tool: v.nullable(
    v.object({
      name: v.nullable(text),
      version: v.nullable(text),
      arguments: v.pipe(v.array(text), v.maxLength(MAX_ARGUMENTS)),
    }),
  ),
  end: v.object({
    kind: v.picklist(['stopped', 'failed', 'continued', 'recovered', 'clip']),
    reason: v.nullable(text),
    error: v.nullable(text),
  }),
  health: v.object({ start: v.nullable(health), end: v.nullable(health) }),
  checksums: v.nullable(
    v.object({
      algorithm: v.literal('crc32'),
      frames_per_block: v.literal(CHECKSUM_BLOCK_FRAMES),
      blocks: v.pipe(v.array(v.pipe(v.string(), v.regex(/^[0-9a-f]{8}$/))), v.maxLength(MAX_BLOCKS)),
    }),
  ),
  source: v.nullable(v.object({ video: name, trial: count, take: fromOne, first_frame: fromOne, last_frame: fromOne })),
});

/** A field that this version does not know is left out, so that a later one may add some. */
export const INFO_SHAPE: v.GenericSchema<unknown, InfoFile> = v.object({
  RecordingDuration: rate,
  VideoCodec: v.literal('mjpeg'),
  VideoFrameRate: rate,
  VideoFrameCount: count,
  ImageWidth: count,
  ImageHeight: count,
  ImagePixelFormat: v.nullable(text),
  ImageBitDepth: v.literal(8),
  ManufacturersModelName: v.nullable(text),
  SoftwareVersions: text,
  csi_cameras: facts,
});

import type { FileHandle } from 'node:fs/promises';
import type { FrameTimes } from '../core/frame.js';
import { csvField } from './csv-field.js';
import type { InfoTimes } from './info/info-file.js';
import { RowFile } from './row-file.js';

/** The first line of every timing file, byte for byte. */
export const TIMING_HEADER =
  'trial,module,device_id,label,record_time_unix,record_time_mono,frame_index,sensor_timestamp_ns,video_pts\n';

/** In the column `module` of every row. */
export const MODULE_NAME = 'CSICameras';

/** The values that are the same in every row of a take. */
export interface TimingSubject {
  readonly trialNumber: number;
  readonly deviceId: string;
  readonly trialLabel: string;
}

/** The columns before the times, including their commas. */
export function rowPrefix(subject: TimingSubject): string {
  return `${subject.trialNumber},${MODULE_NAME},${csvField(subject.deviceId)},${csvField(subject.trialLabel)},`;
}

/**
 * One row. `index` counts from 1. Times are formatted from integers, because nanoseconds do not fit into a double.
 */
export function timingRow(prefix: string, times: FrameTimes, index: number): string {
  const { record_time_unix: unix, record_time_mono: mono, sensor_timestamp_ns: sensor } = timesOf(times);
  return `${prefix}${unix},${mono},${index},${sensor},${index}\n`;
}

/** The three times as a row has them, digit by digit. */
export function timesOf(times: FrameTimes): InfoTimes {
  return {
    sensor_timestamp_ns: String(times.sensorTimestampNs),
    record_time_mono: decimal(times.arrivedMonotonicNs, 9),
    record_time_unix: decimal(times.wallClockUs, 6),
  };
}

/** `value` units of 10^-digits as a decimal number with exactly that many digits after the point. */
function decimal(value: bigint, digits: number): string {
  const sign = value < 0n ? '-' : '';
  const text = (value < 0n ? -value : value).toString().padStart(digits + 1, '0');
  return `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

export interface TimingCsvOptions {
  /** Path for error messages. */
  readonly path: string;
  readonly subject: TimingSubject;
  /** Called for each row when it is final. */
  readonly onSettled?: (times: FrameTimes) => void;
}

/** The timing file: one row for each frame, with its times. Rejects and closes the descriptor as `RowFile.create` does. */
export function createTimingCsv(
  handle: FileHandle,
  { path, subject, onSettled }: TimingCsvOptions,
): Promise<RowFile<FrameTimes>> {
  const prefix = rowPrefix(subject);
  return RowFile.create(handle, {
    path,
    header: TIMING_HEADER,
    format: (times: FrameTimes, index) => timingRow(prefix, times, index),
    ...(onSettled === undefined ? {} : { onSettled }),
  });
}

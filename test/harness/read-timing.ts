import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';

const HEADER =
  'trial,module,device_id,label,record_time_unix,record_time_mono,frame_index,sensor_timestamp_ns,video_pts';

/** A row of the timing file, as text but for what is counted or compared. */
export interface TimingRowRead {
  readonly trial: string;
  readonly module: string;
  readonly deviceId: string;
  readonly label: string;
  /** Seconds, as written. */
  readonly recordTimeUnix: string;
  readonly recordTimeMono: string;
  readonly frameIndex: number;
  readonly sensorTimestampNs: bigint;
  readonly videoPts: number;
}

/** Reads a timing file with a reader that is not ours; its header must be the one of the specification, byte for byte. */
export async function readTiming(timingPath: string): Promise<TimingRowRead[]> {
  const text = await readFile(timingPath, 'utf8');
  assert(text.startsWith(`${HEADER}\n`), 'header of the timing file');
  assert(text.endsWith('\n'), 'the timing file ends with a whole row');
  const records: string[][] = parse(text, { from_line: 2 });
  return records.map((fields) => {
    const [trial = '', module = '', deviceId = '', label = '', unix = '', mono = '', index, sensor = '', pts] = fields;
    assert.match(unix, /^\d+\.\d{6}$/);
    assert.match(mono, /^\d+\.\d{9}$/);
    return {
      trial,
      module,
      deviceId,
      label,
      recordTimeUnix: unix,
      recordTimeMono: mono,
      frameIndex: Number(index),
      sensorTimestampNs: BigInt(sensor),
      videoPts: Number(pts),
    };
  });
}

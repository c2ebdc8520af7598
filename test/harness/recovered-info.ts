import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { infoPathOf } from '../../src/recording/takes/take-paths.js';
import type { InfoFile } from '../../src/recording/info/info-file.js';
import { readTiming } from './read-timing.js';

interface ClosedFiles {
  readonly videoPath: string;
  readonly timingPath: string;
  readonly metadataPath?: string;
}

/** Holds the info file that the closing of a dead process's take wrote against the files, read by other means. Resolves with it. */
export async function assertRecoveredInfo({ videoPath, timingPath, metadataPath }: ClosedFiles): Promise<InfoFile> {
  const info: InfoFile = JSON.parse(await readFile(infoPathOf(videoPath), 'utf8'));
  const [video, timing] = [await readFile(videoPath), await readFile(timingPath)];
  const rows = await readTiming(timingPath);
  const [frames, scale, rate] = [140, 128, 132].map((at) => video.readUInt32LE(at));
  assert.equal(rows.length, frames);
  const { files, ...facts } = info.csi_cameras;
  assert.deepEqual(files.video, { name: basename(videoPath), bytes: video.length, frames });
  assert.deepEqual(files.timing, { name: basename(timingPath), ...rowFile(timing), rows: frames });
  if (metadataPath === undefined) assert.equal(files.metadata, null);
  else {
    const metadata = await readFile(metadataPath);
    assert.deepEqual(files.metadata, { name: basename(metadataPath), ...rowFile(metadata), rows: frames });
  }
  for (const [told, row] of [[facts.first, rows[0]] as const, [facts.last, rows.at(-1)] as const]) {
    assert.deepEqual(told, {
      sensor_timestamp_ns: String(row?.sensorTimestampNs),
      record_time_mono: row?.recordTimeMono,
      record_time_unix: row?.recordTimeUnix,
    });
  }
  const steps = rows
    .slice(1)
    .map((row, index) => Number(row.sensorTimestampNs - (rows[index]?.sensorTimestampNs ?? 0n)));
  steps.sort((a, b) => a - b);
  assert.equal(facts.rate.period_least_ns, steps[0] ?? null);
  assert.equal(facts.rate.period_most_ns, steps.at(-1) ?? null);
  const median = steps[Math.ceil(steps.length / 2) - 1];
  if (median !== undefined) assert(Math.abs((facts.rate.period_median_ns ?? 0) / median - 1) <= 0.01);
  assert.equal(info.VideoFrameCount, frames);
  assert.equal(info.VideoFrameRate, (rate ?? 0) / (scale ?? 0));
  assert.equal(info.RecordingDuration, ((frames ?? 0) * (scale ?? 0)) / (rate ?? 0));
  assert.equal(facts.device_id, rows[0]?.deviceId);
  assert.equal(facts.trial_label, rows[0]?.label);
  assert.equal(facts.trial, Number(rows[0]?.trial));
  // What only the dead one knew.
  assert.deepEqual(facts.end, { kind: 'recovered', reason: null, error: null });
  const { account, gaps, gaps_total: gapsTotal, settings, tool, checksums, source } = facts;
  assert.deepEqual(
    { account, gaps, gapsTotal, settings, tool, checksums, source },
    {
      account: null,
      gaps: [],
      gapsTotal: null,
      settings: { asked: null, given: null },
      tool: null,
      checksums: null,
      source: null,
    },
  );
  return info;
}

function rowFile(bytes: Buffer): { readonly bytes: number; readonly sha256: string } {
  return { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

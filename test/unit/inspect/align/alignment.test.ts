import { open, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { writeAlignFile } from '../../../../src/inspect/align/align-file.js';
import { alignTrial, type Alignment, type AlignWishes } from '../../../../src/inspect/align/alignment.js';
import { figuresOf } from '../../../../src/inspect/align/figures.js';
import { findRecordings } from '../../../../src/inspect/recording-files.js';
import type { InfoFile } from '../../../../src/recording/info/info-file.js';
import { infoText } from '../../../../src/recording/info/info-text.js';
import { infoPathOf } from '../../../../src/recording/takes/take-paths.js';
import { infoOf } from '../../../harness/bad-recordings/info-of-files.js';
import { type MadeCamera, makeCamera, sessionIn, trueTimes } from '../../../harness/side-by-side-cameras.js';
import { temporaryFolder } from '../../../harness/temporary-folder.js';

const FRAMES = 600;
const PERIOD_NS = 33_333_000n;
/** 50 ppm faster. */
const FAST_NS = 33_331_333n;
const FIRST: MadeCamera = { index: 0, frames: FRAMES, periodNs: PERIOD_NS };
const SECOND: MadeCamera = { index: 1, frames: FRAMES, periodNs: FAST_NS, beginsAfterNs: 12_000_000n };

describe('frames of several cameras', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(async () => {
    await folder.remove();
  });

  async function aligned(wishes: AlignWishes = {}): Promise<Alignment> {
    const { recordings } = await findRecordings([sessionIn(folder.path)]);
    return alignTrial(1, recordings, wishes);
  }

  async function csvOf(alignment: Alignment, onlyComplete = false): Promise<readonly Record<string, string>[]> {
    const path = join(folder.path, 'align.csv');
    const handle = await open(path, 'w');
    await writeAlignFile(handle, alignment, onlyComplete);
    await handle.close();
    const [header = '', ...lines] = (await readFile(path, 'utf8')).trimEnd().split('\n');
    const names = header.split(',');
    return lines.map((line) => Object.fromEntries(line.split(',').map((cell, at) => [names[at] ?? '', cell])));
  }

  it('are matched as their true times say, at rates 50 ppm apart, though one loses 1 %', async () => {
    const isLost = (number: number): boolean => number % 100 === 37;
    await makeCamera(folder.path, FIRST);
    await makeCamera(folder.path, { ...SECOND, isLost });
    const alignment = await aligned();
    const rows = await csvOf(alignment);

    const kept = Array.from({ length: FRAMES }, (_, at) => at + 1).filter((number) => !isLost(number));
    const [timeOf, otherTimeOf] = [trueTimes(FIRST), trueTimes(SECOND)];
    expect(rows).toHaveLength(FRAMES);
    for (const [at, row] of rows.entries()) {
      // Both run 12 ms apart, and come no nearer than 11: frame n belongs to frame n, unless that was lost.
      const number = at + 1;
      const place = kept.indexOf(number) + 1;
      const isThere = place > 0;
      expect(row).toEqual({
        tuple: String(number),
        time_ns: String(timeOf(number) - timeOf(1)),
        complete: isThere ? '1' : '0',
        picam_0_frame: String(number),
        picam_0_take: '1',
        picam_0_sensor_timestamp_ns: String(timeOf(number)),
        picam_0_offset_us: '0.000',
        picam_1_frame: String(place),
        picam_1_take: isThere ? '1' : '0',
        picam_1_sensor_timestamp_ns: isThere ? String(otherTimeOf(number)) : '0',
        picam_1_offset_us: isThere ? (Number(otherTimeOf(number) - timeOf(number)) / 1000).toFixed(3) : '0.000',
      });
    }
    const [camera] = figuresOf(alignment).cameras;
    expect(camera).toMatchObject({ matched: kept.length, missing: 6, slips: 0, rate_differs_ppm: 50.01 });
    expect(camera?.one_frame_every_s).toBeCloseTo(666.5, 0);
    expect(camera?.reference_alone).toEqual({ before: 0, after: 0, gap: 6, rate: 0, slip: 0, apart: 0 });
  });

  it('leave out tuples that lack a frame, if only complete ones are wanted, and these keep their numbers', async () => {
    await makeCamera(folder.path, { ...FIRST, frames: 20 });
    await makeCamera(folder.path, { ...SECOND, frames: 20, isLost: (number) => number === 3 || number === 7 });
    const rows = await csvOf(await aligned(), true);
    expect(rows.map(({ tuple }) => tuple)).toEqual(
      Array.from({ length: 20 }, (_, at) => String(at + 1)).filter((tuple) => tuple !== '3' && tuple !== '7'),
    );
  });

  it('count a slip each time the drift is one frame, and tell the rate from each camera alone', async () => {
    // 1,000 ppm: half a frame after some 500 frames. From there on frame n belongs to frame n + 1.
    await makeCamera(folder.path, { ...FIRST, frames: 1500 });
    await makeCamera(folder.path, { index: 1, frames: 1500, periodNs: 33_299_667n, beginsAfterNs: 1_000_000n });
    const [camera] = figuresOf(await aligned()).cameras;
    expect(camera).toMatchObject({ slips: 1, matched: 1499 });
    expect(camera?.rate_differs_ppm).toBeCloseTo(1001, 0);
    expect(camera?.reference_alone.after).toBe(1);
  });

  it('take the slowest camera for the reference, and use no partner twice', async () => {
    await makeCamera(folder.path, { index: 0, frames: 300, periodNs: 33_333_333n });
    await makeCamera(folder.path, { index: 1, frames: 250, periodNs: 40_000_000n, beginsAfterNs: 1_000_000n });
    const alignment = await aligned();
    expect(alignment.reference.deviceId).toBe('picam:1');
    const rows = await csvOf(alignment);
    const partners = rows.map(({ picam_0_frame: frame }) => frame).filter((frame) => frame !== '0');
    expect(new Set(partners).size).toBe(partners.length);
    const [camera] = figuresOf(alignment).cameras;
    expect(camera).toMatchObject({ slips: null, matched: partners.length });
    expect(camera?.alone.rate).toBe(300 - partners.length);
  });

  it('of three cameras stand in one row', async () => {
    for (const index of [0, 1, 2]) {
      await makeCamera(folder.path, { index, frames: 10, beginsAfterNs: BigInt(index) * 2_000_000n });
    }
    const rows = await csvOf(await aligned({ reference: 'picam:1' }));
    expect(Object.keys(rows[0] ?? {}).filter((name) => name.endsWith('_offset_us'))).toEqual([
      'picam_1_offset_us',
      'picam_0_offset_us',
      'picam_2_offset_us',
    ]);
    expect(rows.map((row) => [row['picam_0_offset_us'], row['picam_2_offset_us']])).toEqual(
      rows.map(() => ['-2000.000', '2000.000']),
    );
  });

  it('of several takes of a camera are one run, and the rows name the take', async () => {
    await makeCamera(folder.path, { ...FIRST, frames: 100 });
    await makeCamera(folder.path, { ...SECOND, frames: 40, isLost: (number) => number > 20 });
    await makeCamera(folder.path, { ...SECOND, frames: 40, isLost: (number) => number <= 20 });
    const rows = await csvOf(await aligned());
    expect(rows.slice(18, 22).map((row) => [row['picam_1_take'], row['picam_1_frame']])).toEqual([
      ['1', '19'],
      ['1', '20'],
      ['2', '1'],
      ['2', '2'],
    ]);
  });

  it('keep their nanoseconds beyond what a double holds', async () => {
    const uptimeNs = 9_100_000_000_000_000_001n;
    const far = (number: number) => {
      const sensorTimestampNs = uptimeNs + BigInt(number) * PERIOD_NS;
      const arrivedMonotonicNs = sensorTimestampNs + 41_000_123n;
      return { sensorTimestampNs, arrivedMonotonicNs, wallClockUs: 1_767_681_006_123_456n + sensorTimestampNs / 1000n };
    };
    await makeCamera(folder.path, { index: 0, frames: 5, times: far });
    await makeCamera(folder.path, { index: 1, frames: 5, times: far });
    const rows = await csvOf(await aligned());
    expect(rows.map((row) => row['picam_1_sensor_timestamp_ns'])).toEqual(
      [1, 2, 3, 4, 5].map((number) => String(uptimeNs + BigInt(number) * PERIOD_NS)),
    );
  });

  it('that have no time or one out of order find no partner, and cost no other frame its own', async () => {
    await makeCamera(folder.path, { ...FIRST, frames: 60 });
    const timeOf = trueTimes(SECOND);
    const wrong = new Map([
      [10, 0n],
      [20, timeOf(20) + 7_200_000_000_000n],
      [30, timeOf(28)],
    ]);
    const times = (number: number) => ({ sensorTimestampNs: wrong.get(number) ?? timeOf(number) });
    await makeCamera(folder.path, { ...SECOND, frames: 60, times });
    const alignment = await aligned();
    const [camera] = figuresOf(alignment).cameras;
    expect(camera).toMatchObject({ matched: 57, frames_without_time: 1, frames_disordered: 2 });
    expect(alignment.warnings.filter((text) => text.startsWith('picam:1'))).toHaveLength(2);
  });

  it('are refused where a camera told no sensor times', async () => {
    await makeCamera(folder.path, { ...FIRST, frames: 5 });
    await makeCamera(folder.path, { ...SECOND, frames: 5, times: () => ({ sensorTimestampNs: 0n }) });
    await expect(aligned()).rejects.toThrow(/picam:1 told no sensor times/);
  });

  it('are refused where the machine was started in between: its clocks are far apart', async () => {
    await makeCamera(folder.path, { ...FIRST, frames: 5 });
    const times = (number: number) => ({ wallClockUs: 1_800_000_000_000_000n + BigInt(number) });
    await makeCamera(folder.path, { ...SECOND, frames: 5, times });
    await expect(aligned()).rejects.toThrow(/not recorded by one machine between two of its starts/);
  });

  /** Gives the camera's recording an info file, from what its files say, changed. */
  async function giveInfo(camera: MadeCamera, change: (info: InfoFile) => InfoFile): Promise<void> {
    const { videoPath, timingPath } = await makeCamera(folder.path, camera);
    const name = basename(videoPath, '.avi');
    const files = { name, take: 1, video: await readFile(videoPath), timing: await readFile(timingPath) };
    const info = infoOf({ ...files, metadata: null, lost: [] });
    await writeFile(infoPathOf(videoPath), infoText(change(info)));
  }

  const ours = (info: InfoFile, changed: Partial<InfoFile['csi_cameras']>): InfoFile => ({
    ...info,
    csi_cameras: { ...info.csi_cameras, ...changed },
  });

  it('are refused where their info files name different boots, though their clocks agree', async () => {
    const bootIs = (boot: string) => (info: InfoFile) => ours(info, { clock: { ...info.csi_cameras.clock, boot } });
    await giveInfo({ ...FIRST, frames: 5 }, bootIs('0123456789abcdef'));
    await giveInfo({ ...SECOND, frames: 5 }, bootIs('fedcba9876543210'));
    await expect(aligned()).rejects.toThrow(/their info files name different boots/);
  });

  it('come with warnings where their models or exposures differ', async () => {
    const exposed = (least: number, most: number) => (info: InfoFile) =>
      ours(info, { settings: { asked: null, given: { exposure_time_us: [least, most] } } });
    await giveInfo({ ...FIRST, frames: 5 }, exposed(5000, 5010));
    await giveInfo({ ...SECOND, frames: 5 }, (info) => ({
      ...exposed(8000, 9000)(info),
      ManufacturersModelName: 'imx708',
    }));
    expect((await aligned()).warnings).toEqual([
      expect.stringMatching(/^The cameras are of different models \(picam:0 imx296, picam:1 imx708\)/),
      expect.stringMatching(/picam:0 5000 to 5010 us, picam:1 8000 to 9000 us.* up to 2000 us further apart/),
    ]);
  });

  it('come without warnings where models, exposures and boots are the same', async () => {
    const exposed = (info: InfoFile) =>
      ours(info, { settings: { asked: null, given: { exposure_time_us: [5000, 5010] } } });
    await giveInfo({ ...FIRST, frames: 5 }, exposed);
    await giveInfo({ ...SECOND, frames: 5 }, exposed);
    expect((await aligned()).warnings).toEqual([]);
  });

  it('are refused where there is one camera alone, or not the one that was asked for', async () => {
    await makeCamera(folder.path, { ...FIRST, frames: 5 });
    await expect(aligned()).rejects.toThrow(/picam:0 alone: two cameras are needed/);
    await makeCamera(folder.path, { ...SECOND, frames: 5 });
    await expect(aligned({ reference: 'picam:7' })).rejects.toThrow(/It has picam:0, picam:1/);
  });

  it('that are further apart than asked have no partner', async () => {
    await makeCamera(folder.path, { ...FIRST, frames: 20 });
    await makeCamera(folder.path, { ...SECOND, frames: 20 });
    const [camera] = figuresOf(await aligned({ toleranceNs: 5_000_000 })).cameras;
    expect(camera).toMatchObject({ matched: 0, offset_us: null });
    expect(camera?.reference_alone).toMatchObject({ apart: 19, before: 1 });
  });
});

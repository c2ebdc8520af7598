import { describe, expect, it } from '@jest/globals';
import { judgePair } from '../../../bench/hold/pair-judge.mjs';
import { StampFinder, rowsOf } from '../../../bench/hold/take-files.mjs';
import { mismatches, toldOf, unevenSteps } from '../../../bench/hold/take-judge.mjs';
import { cpuUsPerFrame, judgeTogether } from '../../../bench/hold/together-judge.mjs';

const FPS = 25;
const PERIOD_NS = 40_000_000n;

/** A take of these frames, counted from the start of the trial. */
function takeOf(device: string, take: number, firstFrame: number, frames: number, reason = 'command') {
  const rows = Array.from({ length: frames }, (_, index) => 1_000n + PERIOD_NS * BigInt(firstFrame + index));
  const told = { device, trial: 1, take, frames, delivered: frames, lost: 0, reason };
  return { told, files: { rows, pictures: [...rows] } };
}

describe('the files of a take', () => {
  it('tell each picture by its own timestamp, however the pieces are cut', () => {
    const video = Buffer.from('RIFF frame=1 sensor_timestamp_ns=1000 ## frame=2 sensor_timestamp_ns=41000 ##');
    for (let size = 1; size <= video.length; size += 1) {
      const finder = new StampFinder();
      for (let at = 0; at < video.length; at += size) finder.push(video.subarray(at, at + size));
      expect(finder.end()).toEqual([1_000n, 41_000n]);
    }
  });

  it('tell each row by its timestamp', () => {
    expect(rowsOf('head\n1,m,d,,1.0,1.0,1,1000,1\n1,m,d,,1.0,1.0,2,41000,2\n')).toEqual([1_000n, 41_000n]);
  });

  it('agree with what was told, or say how many frames do not', () => {
    const whole = takeOf('picam:0', 1, 0, 10);
    expect([mismatches(whole), unevenSteps(whole, FPS)]).toEqual([0, 0]);
    const { told, files } = whole;
    expect(mismatches({ told: { ...told, frames: 11 }, files })).toBe(2);
    expect(mismatches({ told, files: { ...files, pictures: files.pictures.toSpliced(4, 1, 7n) } })).toBe(1);
    const holed = { rows: files.rows.toSpliced(4, 1), pictures: files.pictures.toSpliced(4, 1) };
    expect(unevenSteps({ told, files: holed }, FPS)).toBe(1);
  });

  it('count as lost whatever the reason', () => {
    const data = { device_id: 'picam:0', trial_number: 1, take: 1, frames: 5, delivered: 8, reason: 'command' };
    expect(toldOf({ ...data, dropped: 1, skipped: 2, source_gaps: 4 }).lost).toBe(7);
  });
});

const UNDISTURBED = ['device_ack', 'device_ready', 'recording_started', 'recording_stopped'];
const PAIR: Parameters<typeof judgePair>[0] = {
  fps: FPS,
  downtimeMs: 800,
  whole: { device: 'picam:0', takes: [takeOf('picam:0', 1, 0, 100)], statuses: UNDISTURBED, complaints: [] },
  killed: {
    device: 'picam:1',
    takes: [takeOf('picam:1', 1, 0, 40, 'device_error'), takeOf('picam:1', 2, 60, 40)],
    statuses: [...UNDISTURBED, 'device_error', 'device_ready', 'recording_started', 'recording_stopped'],
    complaints: ['Trying again.'],
  },
};

/** What is not kept. */
function broken(pair: typeof PAIR): string[] {
  return judgePair(pair).flatMap(({ what, kept }) => (kept === true ? [] : [what]));
}

describe('a pair of which one was killed', () => {
  it('is as it should be when the other is whole and both account for all frames', () => {
    expect(broken(PAIR)).toEqual([]);
  });

  it('is not when the other one noticed anything', () => {
    const whole = { ...PAIR.whole, statuses: [...UNDISTURBED, 'warning'], complaints: ['The disk is slow.'] };
    expect(broken({ ...PAIR, whole })).toEqual([
      expect.stringContaining('the other: complaints'),
      expect.stringContaining('the other: statuses'),
    ]);
  });

  it('is not when the killed one stayed away, or came back in other files than it said', () => {
    const [first, second] = PAIR.killed.takes;
    if (first === undefined || second === undefined) throw new Error('There are two takes.');
    expect(broken({ ...PAIR, killed: { ...PAIR.killed, takes: [first] } })).toEqual([
      expect.stringContaining('takes'),
      expect.stringContaining('frames between its takes'),
      expect.stringContaining('both: frames'),
    ]);
    expect(broken({ ...PAIR, downtimeMs: 6_000 })).toHaveLength(2);
    const short = { ...second, files: { ...second.files, rows: second.files.rows.slice(1) } };
    expect(broken({ ...PAIR, killed: { ...PAIR.killed, takes: [first, short] } })).toEqual([
      expect.stringContaining('disagree'),
    ]);
  });
});

/** A stage in which each camera takes so much of a core. */
function stage(cameras: number, percentEach: number, megabytes: number, othersPercent = 0) {
  const corePercent = [cameras * percentEach];
  const [residentMb, frames] = [[megabytes], cameras * 600];
  const faults = { dropped: 0, missing: 0, mismatches: 0, uneven: 0 };
  return { cameras, fps: 60, seconds: 10, frames, corePercent, residentMb, othersPercent, ...faults };
}

const LINEAR = [[stage(1, 6, 80), stage(2, 6, 95), stage(4, 6, 125)]];

describe('cameras together', () => {
  const keptOf = (...judged: Parameters<typeof judgeTogether>) => judgeTogether(...judged).map(({ kept }) => kept);

  it('cost a frame what is measured over all frames', () => {
    expect(cpuUsPerFrame(stage(4, 6, 100))).toBeCloseTo(1_000);
  });

  it('are linear where each one costs what the first one does', () => {
    expect(keptOf(stage(4, 6, 125), LINEAR).every((kept) => kept === true)).toBe(true);
  });

  it('are not where each makes the others dearer, in time or in memory', () => {
    const dear = [[stage(1, 6, 80), stage(2, 7, 95), stage(4, 8, 125)]];
    expect(keptOf(stage(4, 8, 125), dear)).toEqual([true, true, true, true, true, false, true]);
    const large = [[stage(1, 6, 80), stage(2, 6, 95), stage(4, 6, 170)]];
    expect(keptOf(stage(4, 6, 170), large)).toEqual([true, true, true, true, true, true, false]);
    // Garbage of the one camera that the two had not: the later ones are as large as ever.
    const swung = [[stage(1, 6, 96), stage(2, 6, 95), stage(4, 6, 170)]];
    expect(keptOf(stage(4, 6, 170), swung)).toEqual([true, true, true, true, true, true, false]);
  });

  it('are not judged by their cost where other programs have the machine', () => {
    const dear = [[stage(1, 6, 80, 60), stage(2, 7, 95), stage(4, 8, 125)]];
    expect(keptOf(stage(4, 8, 125), dear)).toContain('busy');
  });

  it('have lost nothing, in any of the runs', () => {
    const gap = { ...stage(2, 6, 95), missing: 1, uneven: 1 };
    expect(keptOf(stage(4, 6, 125), [[stage(1, 6, 80), gap, stage(4, 6, 125)]])).toEqual([
      true,
      false,
      false,
      true,
      true,
      true,
      true,
    ]);
    expect(keptOf({ ...stage(4, 6, 125), mismatches: 3 }, [])).toEqual([true, true, true, false]);
  });
});

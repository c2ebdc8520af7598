import type { Measured } from '../../../bench/bench.mjs';
import type { FlatOut } from '../../../bench/flat-out.mjs';
import type { Paced } from '../../../bench/paced.mjs';
import type { ScheduleSummary } from '../../../bench/schedule/run-figures.mjs';
import type { SideBySide } from '../../../bench/schedule/side-by-side.mjs';
import { distribution, type Spread } from '../../../bench/statistics.mjs';
import type { ContenderSummary } from '../../../bench/summary.mjs';

/** Results as a run of the bench could have had them, for what is made of results. */

const around = (median: number): Spread => ({ median, min: median * 0.9, max: median * 1.2 });

function contender(name: string, megabytesPerSecond: number, cpuSecondsPerGb: number): ContenderSummary {
  return {
    contender: name,
    runs: 5,
    megabytesPerSecond: around(megabytesPerSecond),
    cpuSecondsPerGb: around(cpuSecondsPerGb),
    cpuSystemSecondsPerGb: around(cpuSecondsPerGb / 2),
    cpuSecondsPerGbWithStart: around(cpuSecondsPerGb + 0.1),
    peakResidentMb: name === 'csi-cameras' ? around(120) : null,
  };
}

function flatOut(cameras: number, fileSystem: string): FlatOut {
  const others = fileSystem === 'tmpfs' ? ['cat', 'ffmpeg'] : ['cat', 'ffmpeg', 'cat, synced', 'ffmpeg, synced'];
  return {
    place: fileSystem === 'tmpfs' ? '/dev/shm' : '/tmp',
    fileSystem,
    cameras,
    gigabytes: 2,
    othersPercent: around(3),
    contenders: [...others.map((name) => contender(name, 400, 1.5)), contender('csi-cameras', 800, 0.6)],
    ratios: others.map((to) => ({
      to,
      throughput: 2.1,
      cpu: 0.4,
      cpuWithStart: 0.6,
      throughputPaired: around(2.1),
      cpuPaired: around(0.4),
    })),
    times: null,
    runs: [],
  };
}

function paced(cameras: number): Paced {
  const values = distribution([40, 50, 60, 90]);
  return {
    place: '/tmp',
    fileSystem: 'ext4',
    cameras,
    fps: 60,
    seconds: 20,
    frames: cameras * 1200,
    dropped: 0,
    latestMs: 1.5,
    othersPercent: 4,
    corePercent: 4 * cameras,
    coreSystemPercent: cameras,
    cpuUsPerFrame: 600,
    peakResidentMb: 90,
    times: {
      workUs: values,
      workWithCallsUs: values,
      commitUs: values,
      threadUs: values,
      readerBusyMs: values,
      readerGapMs: values,
      arrivedMs: values,
      writtenMs: values,
      durableMs: values,
    },
  };
}

function scheduleSummary(name: string, cpuUsPerFrame: number | null): ScheduleSummary {
  const hasFrames = cpuUsPerFrame !== null;
  return {
    contender: name,
    runs: 5,
    figures: {
      cpuUsPerFrame: hasFrames ? around(cpuUsPerFrame) : null,
      switchesPerFrame: hasFrames ? around(2) : null,
      readsPerFrame: hasFrames ? around(3) : null,
      corePercent: around(hasFrames ? (cpuUsPerFrame * 60) / 10_000 : 0.3),
      switchesPerSecond: around(hasFrames ? 120 : 20),
    },
  };
}

export function sideBySide(): SideBySide {
  return {
    place: '/tmp',
    fileSystem: 'ext4',
    usedMemory: true,
    lost: 0,
    othersPercent: around(2),
    contenders: [
      scheduleSummary('csi-cameras', 900),
      scheduleSummary('csi-cameras, no camera', null),
      scheduleSummary('ffmpeg', 750),
    ],
    ratios: [{ contender: 'csi-cameras', to: 'ffmpeg', cpu: around(1.2), switches: around(2) }],
    runs: [],
  };
}

export function measured(): Measured {
  return {
    flatOut: [flatOut(1, 'tmpfs'), flatOut(2, 'tmpfs'), flatOut(1, 'ext4')],
    schedule: sideBySide(),
    paced: [paced(1), paced(2)],
    proof: { checksumUs: around(105), infoFrameUs: around(2), infoFileUs: around(1500), meanFrameBytes: 281_000 },
    start: {
      launches: 10,
      place: '/tmp',
      steps: {
        bareNodeMs: around(40),
        readyMs: around(200),
        ackMs: around(3),
        firstFrameMs: around(150),
        startedMs: around(20),
        stoppedMs: around(9),
        exitMs: around(38),
      },
    },
    growth: ['tmpfs', 'ext4'].map((fileSystem) => ({
      contender: 'csi-cameras',
      place: fileSystem === 'tmpfs' ? '/dev/shm' : '/tmp',
      fileSystem,
      gigabytes: 3,
      frames: 10_654,
      steps: [1, 2, 3].map((gigabytes) => ({
        gigabytes,
        megabytesPerSecond: 400,
        cpuSecondsPerGb: 1,
        residentMb: 150,
      })),
    })),
    skipped: ['4 GB: there is no room for it.'],
    verdicts: [],
  };
}

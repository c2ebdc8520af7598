// @ts-check
import { spread } from './statistics.mjs';
import { sideBySideText } from './schedule/schedule-report.mjs';
import { STEPS } from './start-times.mjs';
import { spreadText, table } from './table.mjs';

/** What a person reads: Markdown. Pure. */

/** @typedef {import('./statistics.mjs').Distribution} Distribution */
/** @typedef {import('./paced.mjs').Paced} Paced */
/** @typedef {import('./flat-out.mjs').FlatOut} FlatOut */

/**
 * What stands above the tables.
 *
 * @typedef {object} Head
 * @property {string} title
 * @property {string} at ISO date
 * @property {import('./machine.mjs').Machine} machine
 * @property {import('./frames.mjs').FrameSet} frames
 * @property {readonly string[]} plots files beside the report
 */

/**
 * @param {Head} head
 * @param {import('./bench.mjs').Measured} measured
 * @returns {string}
 */
export function reportText(head, measured) {
  const { flatOut, schedule, paced, proof, start, growth, verdicts, skipped } = measured;
  const sections = [
    `# ${head.title}`,
    machineText(head),
    verdicts.length === 0 ? '' : `## Limits\n\n${verdictsText(verdicts)}`,
    flatOut.length === 0 ? '' : `## Flat out\n\n${flatOutText(flatOut)}`,
    plotText(head, 'throughput'),
    plotText(head, 'cpu'),
    schedule === null ? '' : `## On schedule, side by side\n\n${sideBySideText(schedule)}`,
    paced.length === 0 ? '' : `## On schedule, by the number of cameras\n\n${pacedText(paced)}`,
    plotText(head, 'latency'),
    proof === null ? '' : `## Proof\n\n${proofText(proof)}`,
    start === null ? '' : `## Start-up\n\n${startText(start)}`,
    growth.length === 0 ? '' : `## Growth with length\n\n${growthText(growth)}`,
    plotText(head, 'growth'),
    skipped.length === 0 ? '' : `## Left out\n\n${skipped.map((reason) => `- ${reason}\n`).join('')}`,
    'What the figures mean, and how they are measured: `docs/bench.md`.\n',
  ];
  return sections
    .filter((section) => section !== '')
    .map((section) => section.trimEnd())
    .join('\n\n')
    .concat('\n');
}

/** @param {Head} head */
function machineText({ at, machine, frames }) {
  const { cpu, cores, memoryMb, kernel, node, ffmpeg, gstreamer, module } = machine;
  return table(
    ['measured on', ''],
    [
      ['date', at.slice(0, 10)],
      ['csi-cameras', module],
      ['machine', `${cpu}, ${cores} cores, ${(memoryMb / 1000).toFixed(0)} GB`],
      ['kernel', kernel],
      ['Node', node],
      ['ffmpeg', ffmpeg ?? 'none'],
      ['GStreamer', gstreamer ?? 'none'],
      ['frames', `${Math.round(frames.meanBytes / 1000)} KB, 1456x1088, made by ${frames.madeBy}`],
    ],
  );
}

/** @param {Head} head @param {string} name */
function plotText({ plots }, name) {
  const file = plots.find((plot) => plot.endsWith(`${name}.svg`));
  return file === undefined ? '' : `![${PLOT_TITLES[name] ?? name}](${file})`;
}

/** @type {Readonly<Record<string, string>>} */
const PLOT_TITLES = {
  throughput: 'Throughput beside the peers',
  cpu: 'CPU time a GB beside the peers',
  latency: 'Work on a frame, and from sensor to disk, by percentile',
  growth: 'Cost of each GB of one long recording',
};

/** @param {readonly import('./limits.mjs').Verdict[]} verdicts */
export function verdictsText(verdicts) {
  const rows = verdicts.map(({ what, value, atLeast, atMost, digits, unit, kept }) => [
    what,
    `${value.toFixed(digits)} ${unit}`,
    atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`,
    { yes: 'yes', no: '**no**', busy: 'machine busy' }[kept],
  ]);
  return table(['what', 'measured', 'limit', 'kept'], rows);
}

/** @param {readonly FlatOut[]} all */
export function flatOutText(all) {
  const rows = all.flatMap(({ fileSystem, cameras, contenders }) =>
    contenders.map((one) => [
      one.contender,
      fileSystem,
      String(cameras),
      spreadText(one.megabytesPerSecond, 0),
      spreadText(one.cpuSecondsPerGb, 2),
      one.cpuSystemSecondsPerGb.median.toFixed(2),
      one.cpuSecondsPerGbWithStart.median.toFixed(2),
      one.peakResidentMb === null ? '' : spreadText(one.peakResidentMb, 0),
      String(one.runs),
    ]),
  );
  const others = spread(all.map(({ othersPercent }) => othersPercent.median));
  const head = ['', 'to', 'cameras', 'MB/s', 'CPU s/GB', "kernel's", 'with start-up', 'resident MB', 'runs'];
  const ratios = all.flatMap(({ fileSystem, cameras, ratios: own }) =>
    own.map(({ to, throughput, cpu, throughputPaired, cpuPaired }) => [
      to,
      fileSystem,
      String(cameras),
      throughput.toFixed(2),
      spreadText(throughputPaired, 2),
      cpu.toFixed(2),
      spreadText(cpuPaired, 2),
    ]),
  );
  const ratioHead = ['csi-cameras over', 'to', 'cameras', 'throughput', 'round by round', 'CPU', 'round by round'];
  const times = all.flatMap((one) => (one.times === null ? [] : [{ cameras: one.cameras, times: one.times }]));
  return [
    `Median (min to max); all cameras together. Other programs had ${spreadText(others, 0)} % of the machine's CPU.\n`,
    table(head, rows),
    ...(ratios.length === 0 ? [] : [table(ratioHead, ratios)]),
    ...(times.length === 0 ? [] : ['One more run, with the time of each frame taken:\n', frameTimesText(times)]),
  ].join('\n');
}

/** @param {readonly { cameras: number, times: import('./paced.mjs').FrameTimes }[]} all */
function frameTimesText(all) {
  const rows = all.flatMap(({ cameras, times }) => [
    percentilesRow('work on a frame, us', cameras, times.workUs, 0),
    percentilesRow('with handing over to the system, us', cameras, times.workWithCallsUs, 0),
    percentilesRow('a commit, us', cameras, times.commitUs, 0),
    percentilesRow("the thread's time a frame, us", cameras, times.threadUs, 0),
    percentilesRow('reader: busy between two reads, ms', cameras, times.readerBusyMs, 2),
    percentilesRow('reader: from one read to the next, ms', cameras, times.readerGapMs, 2),
  ]);
  return table(PERCENTILES_HEAD, rows);
}

const PERCENTILES_HEAD = ['', 'cameras', 'mean', 'p50', 'p99', 'p99.9', 'max'];

/**
 * @param {string} title
 * @param {number} cameras
 * @param {Distribution} values
 * @param {number} digits
 */
function percentilesRow(title, cameras, { mean, p50, p99, p999, max }, digits) {
  return [title, String(cameras), ...[mean, p50, p99, p999, max].map((value) => value.toFixed(digits))];
}

/** @param {readonly Paced[]} all */
export function pacedText(all) {
  const rows = all.map((one) => [
    `${one.cameras} at ${one.fps} fps`,
    one.fileSystem,
    durationOf(one),
    String(one.frames),
    String(one.dropped),
    `${one.corePercent.toFixed(1)} %`,
    `${one.coreSystemPercent.toFixed(1)} %`,
    one.cpuUsPerFrame.toFixed(0),
    one.peakResidentMb.toFixed(0),
    one.latestMs.toFixed(1),
    `${one.othersPercent.toFixed(0)} %`,
  ]);
  const head = [
    'cameras',
    'to',
    'for',
    'frames',
    'lost',
    'of one core',
    "kernel's",
    'CPU us/frame',
    'resident MB',
    'stand-in late, ms',
    'CPU of others',
  ];
  const latencies = all.flatMap(({ cameras, times }) => [
    percentilesRow('sensor to last byte read, ms', cameras, times.arrivedMs, 1),
    percentilesRow('sensor to written, ms', cameras, times.writtenMs, 1),
    percentilesRow('sensor to durable, ms', cameras, times.durableMs, 0),
  ]);
  return [table(head, rows), frameTimesText(all), table(PERCENTILES_HEAD, latencies)].join('\n');
}

/** @param {Paced} paced */
function durationOf({ seconds }) {
  return seconds < 120 ? `${seconds.toFixed(0)} s` : `${(seconds / 60).toFixed(1)} min`;
}

/** @param {import('./proof-costs.mjs').ProofCosts} costs */
export function proofText(costs) {
  const { checksumUs, infoFrameUs, infoFileUs, meanFrameBytes } = costs;
  const rows = [
    [`checksum of a frame of ${Math.round(meanFrameBytes / 1000)} KB`, spreadText(checksumUs, 0)],
    ['a frame noted for the info file', spreadText(infoFrameUs, 2)],
    ['an info file with 1,000 gaps, once', spreadText(infoFileUs, 0)],
  ];
  return `CPU time, medians (min to max).\n\n${table(['what', 'us'], rows)}`;
}

/** @param {import('./start-times.mjs').StartTimes} start */
export function startText({ launches, steps }) {
  const rows = /** @type {(keyof typeof STEPS)[]} */ (Object.keys(STEPS)).map((step) => [
    STEPS[step],
    spreadText(steps[step], steps[step].median < 20 ? 1 : 0),
  ]);
  return `Medians (min to max) of ${launches}.\n\n${table(['step', 'ms'], rows)}`;
}

/** @param {readonly import('./growth.mjs').Growth[]} all */
export function growthText(all) {
  const rows = all.flatMap(({ contender, fileSystem, steps }) =>
    steps.map((step) => [
      contender,
      fileSystem,
      step.gigabytes.toFixed(1),
      step.megabytesPerSecond.toFixed(0),
      step.cpuSecondsPerGb.toFixed(2),
      step.residentMb.toFixed(0),
    ]),
  );
  return `One long recording each, by the GB.\n\n${table(['', 'to', 'up to GB', 'MB/s', 'CPU s/GB', 'resident MB'], rows)}`;
}

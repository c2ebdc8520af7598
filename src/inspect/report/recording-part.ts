import type { InfoFile } from '../../recording/info/info-file.js';
import type { Finding } from '../verdict.js';
import { formatBytes } from '../../core/figures.js';
import { clockOf, counted, grouped, milliseconds, utc } from '../figures-as-text.js';
import { html, type Html, markup } from './html.js';
import { type RecordingLine, type ReportRecording, verdictWord } from './report-data.js';
import type { DelayFigures, IntervalFigures } from './row-figures.js';
import { delayPlot, GAP_FACTOR, histogramPlot, intervalPlot } from './row-plots.js';
import { chip, factList, filesTable, gapsTable, MOST_GAPS, settingsTable } from './tables.js';
import { notProven, sentenceAbout, withoutVerdict } from './wording.js';

/** The part of a report about one recording. */

const MOST_FINDINGS = 50;

export interface RecordingPart {
  readonly html: Html;
  readonly sentence: string;
  /** What is not proven of it: sentences. */
  readonly notProven: readonly string[];
}

export function recordingPart(recording: ReportRecording, line: RecordingLine): RecordingPart {
  const { verified, rows, info } = recording;
  const sentence = sentenceAbout(verified, rows === null || rows.clock === 'sensor');
  const unproven = notProven(verified, {
    hasInfo: info !== null,
    hasSensorTimes: rows === null || rows.clock === 'sensor',
  });
  const name = `Trial ${verified.trial ?? '?'}, take ${verified.take ?? '?'}`;
  const part = html`<section class="recording" id="${line.anchor}">
    <h2>${name} <span class="camera">${line.camera}</span></h2>
    <p class="verdict ${verified.verdict}">${chip(verified)} ${withoutVerdict(sentence)}</p>
    ${findingList(verified.findings)} ${overview(recording, line)} ${thumbnailFigure(recording)} ${times(recording)}
    ${
      verified.gaps.length === 0
        ? ''
        : html`<h3>${verified.gapsTotal > MOST_GAPS ? `The ${MOST_GAPS} largest gaps` : 'Gaps'}</h3>
            ${gapsTable(verified.gaps, verified.gapsTotal)}`
    }
    <div class="block">
      <h3>Settings</h3>
      ${
        info === null
          ? html`<p>Not known: ${whyNoInfo(recording)}</p>`
          : html`<p class="soft">
                Asked: what the camera was told. Given: the least and the most that the recorded frames told.
              </p>
              ${settingsTable(info.csi_cameras)}`
      }
    </div>
    <div class="block">
      <h3>Clocks and versions</h3>
      ${info === null ? html`<p>Not known: ${whyNoInfo(recording)}</p>` : clocks(info)}
    </div>
    <div class="block">
      <h3>Files</h3>
      ${filesTable(recording)}
    </div>
    ${
      unproven.length === 0
        ? ''
        : html`<div class="block">
            <h3>Not proven</h3>
            <ul>
              ${unproven.map((text) => html`<li>${text}</li>`)}
            </ul>
          </div>`
    }
  </section>`;
  return { html: part, sentence, notProven: unproven };
}

function whyNoInfo({ noInfo }: ReportRecording): string {
  return noInfo === null ? 'this recording has no info file.' : `the info file ${noInfo}.`;
}

const KINDS: Readonly<Record<Finding['kind'], string>> = { failed: 'failed', lost: 'loss', note: 'note' };

function findingList(findings: readonly Finding[]): Html | string {
  if (findings.length === 0) return '';
  const weight = { failed: 0, lost: 1, note: 2 };
  const shown = [...findings].sort((a, b) => weight[a.kind] - weight[b.kind]).slice(0, MOST_FINDINGS);
  const rest = findings.length - shown.length;
  return html`<ul class="findings">
      ${shown.map(
        ({ id, kind, frame, message }) =>
          html`<li class="${kind}">
            <b>${KINDS[kind]}</b> <code>${id}</code> ${frame === null ? '' : `frame ${grouped(frame)}: `}${message}
          </li>`,
      )}
    </ul>
    ${rest > 0 ? html`<p class="soft">And ${counted(rest, 'more')}: csi-cameras verify lists them.</p>` : ''}`;
}

function overview({ verified, rows, info }: ReportRecording, line: RecordingLine): Html {
  const { frames, durationS, fps, videoBytes, account, checked } = verified;
  const end = info?.csi_cameras.end;
  const counts = account === null ? null : accountText(account);
  return factList([
    ['Label', line.label === '' ? null : line.label],
    ['Begun', utc(line.startMs)],
    [
      'Frames',
      frames === null
        ? 'unknown'
        : `${grouped(frames)} in the video, ${verified.rows === null ? 'rows unknown' : counted(verified.rows, 'row')}`,
    ],
    ['Duration', durationS === null ? null : clockOf(durationS, 3)],
    [
      'Rate',
      fps === null
        ? null
        : `${fps.toFixed(3)} Hz on average${betweenLosses(fps, rows?.intervals?.median)}${info?.csi_cameras.rate.asked_fps ? `, asked ${info.csi_cameras.rate.asked_fps}` : ''}`,
    ],
    [
      'Picture',
      info === null
        ? null
        : `${info.ImageWidth} × ${info.ImageHeight} px, ${info.ImagePixelFormat ?? 'format unknown'}`,
    ],
    [
      'Video',
      videoBytes === null
        ? null
        : `${formatBytes(videoBytes)}; ${formatBytes(verified.bytesRead)} read for this report`,
    ],
    ['Account', counts ?? 'none: nobody counted what was dropped'],
    [
      'Ended',
      end === undefined
        ? stateWords(verified.state)
        : `${END_WORDS[end.kind]}${end.reason === null ? '' : ` (${end.reason})`}${end.error === null ? '' : `, ${end.error}`}`,
    ],
    ['Checks made', checked.length === 0 ? null : checked.join(' ')],
    ['Times', rows?.clock === 'recorder' ? 'of arrival: the camera gave none' : null],
  ]);
}

/** A mean rate is lower than the camera's own where frames are missing. */
function betweenLosses(fps: number, medianMs: number | undefined): string {
  if (medianMs === undefined || Math.abs((fps * medianMs) / 1000 - 1) < 0.001) return '';
  return `, ${(1000 / medianMs).toFixed(3)} Hz by the median interval`;
}

function accountText(account: NonNullable<ReportRecording['verified']['account']>): Html {
  const by = Object.entries(account.dropped_by)
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => `${grouped(count)} ${reason}`);
  const dropped = `${grouped(account.dropped)} dropped${by.length === 0 ? '' : ` (${by.join(', ')})`}`;
  return html`${grouped(account.delivered)} delivered = ${grouped(account.recorded)} recorded + ${dropped} +
  ${grouped(account.skipped)} skipped on purpose. ${counted(account.source_gaps, 'frame')} never came from the
  camera.${account.disordered > 0 ? ` ${counted(account.disordered, 'timestamp')} out of order.` : ''}`;
}

const END_WORDS = {
  stopped: 'as asked',
  failed: 'early, with an error',
  continued: 'continued in the next take',
  recovered: 'closed after its recorder died',
  clip: 'cut out of another recording',
} as const;

function stateWords(state: ReportRecording['verified']['state']): string {
  if (state === 'closed') return 'closed; how is not known';
  if (state === 'left_open') return 'left open: its recorder died';
  return state === 'recording' ? 'not yet: it is being recorded' : 'unknown';
}

function thumbnailFigure({ thumbnails }: ReportRecording): Html | string {
  const { pictures, notes } = thumbnails;
  const said = notes.map((note) => html`<p class="soft">${note}</p>`);
  if (pictures.length === 0) return html`${said}`;
  return html`<figure>
    <figcaption>Pictures over time, each at an eighth of its size or less</figcaption>
    <div class="thumbnails">
      ${pictures.map(
        ({ frame, atS, png }) =>
          html`<div>
            <img alt="Frame ${grouped(frame)}" src="data:image/png;base64,${markup(png.toString('base64'))}" />
            <p>${grouped(frame)}<span class="soft"> ${atS === null ? '' : clockOf(atS)}</span></p>
          </div>`,
      )}
    </div>
    ${said}
  </figure>`;
}

function times(recording: ReportRecording): Html {
  const { rows, noRows } = recording;
  if (rows === null || noRows === null) return plots(recording);
  return html`<p class="cut">Times are shown up to row ${grouped(rows.count)} alone: ${noRows}</p>
    ${plots(recording)}`;
}

function plots({ rows, noRows }: ReportRecording): Html {
  if (rows === null)
    return html`<h3>Times</h3>
      <p>Not shown: ${noRows ?? 'there are no rows.'}</p>`;
  const { intervals, delays, count } = rows;
  if (intervals === null) {
    const why =
      count < 2
        ? `${counted(count, 'frame')}: there is no interval.`
        : 'All frames have the same time, or each an earlier one than the frame before.';
    return html`<h3>Times</h3>
      <p>${why}</p>
      ${delays === null ? '' : delayFigure(rows, delays)}`;
  }
  return html`${intervalFigure(rows, intervals)}
    <figure>
      <figcaption>How often each interval comes</figcaption>
      ${histogramPlot(intervals.histogram)}${besideText(intervals)}
    </figure>
    ${delays === null ? html`<p>Delay: not known, because the camera gave no sensor times.</p>` : delayFigure(rows, delays)}`;
}

type Rows = NonNullable<ReportRecording['rows']>;

function intervalFigure(rows: Rows, intervals: IntervalFigures): Html {
  const { least, low, median, high, most, mostAfterFrame, disordered, disorderedAfterFrame, buckets } = intervals;
  const whose = rows.clock === 'sensor' ? 'sensor time' : 'time of arrival';
  const columns =
    buckets.size === 1
      ? 'A line an interval'
      : `A line covers ${counted(buckets.size, 'interval')}, from the shortest to the longest`;
  return html`<figure>
    <figcaption>Time from each frame to the next (${whose})</figcaption>
    ${intervalPlot(rows, intervals)}
    <p>
      Median ${milliseconds(median)}, 99 of 100 within ${milliseconds(low)} to ${milliseconds(high)}, shortest
      ${milliseconds(least)}, longest <b>${milliseconds(most)}</b> after frame ${grouped(mostAfterFrame)}.
    </p>
    <p class="soft">
      ${columns}; dashed: the median; dots: longer than ${GAP_FACTOR} medians, so a frame is missing there.
    </p>
    ${disordered === 0 ? '' : html`<p>${counted(disordered, 'step stands still or goes back', 'steps stand still or go back')} in time, the first after frame ${grouped(disorderedAfterFrame ?? 0)}; the plot leaves ${disordered === 1 ? 'it' : 'them'} out.</p>`}
    ${rows.untold === 0 ? '' : html`<p>${counted(rows.untold, 'frame')} came without a sensor time (0 in the timing file), the first is frame ${grouped(rows.untoldFirstFrame ?? 0)}; ${rows.untold === 1 ? 'it has' : 'they have'} no interval and no delay here.</p>`}
  </figure>`;
}

function besideText({ histogram: { shorter, longer, step } }: IntervalFigures): Html {
  const beside = [
    ...(shorter > 0 ? [`${grouped(shorter)} shorter`] : []),
    ...(longer > 0 ? [`${grouped(longer)} longer`] : []),
  ];
  return html`<p class="soft">
    Steps of ${milliseconds(step)}.
    ${beside.length === 0 ? 'All intervals are shown.' : `Beside the plot: ${beside.join(' and ')}.`}
  </p>`;
}

function delayFigure(rows: Rows, delays: DelayFigures): Html {
  return html`<figure>
    <figcaption>Delay: from the sensor time to the arrival in the recorder</figcaption>
    ${delayPlot(rows, delays)}
    <p>
      Median ${milliseconds(delays.median)}, least ${milliseconds(delays.least)}, most ${milliseconds(delays.most)} at
      frame ${grouped(delays.mostFrame)}.
    </p>
    <p class="soft">
      It holds readout, encoding and the way to the recorder. Where it grows, the computer could not keep up.
    </p>
  </figure>`;
}

function clocks(info: InfoFile): Html {
  const { clock, tool, part, source, health } = info.csi_cameras;
  const moved = movedMs(clock.wall_minus_mono_start_ns, clock.wall_minus_mono_end_ns);
  return factList([
    ['Sensor', info.ManufacturersModelName],
    [
      'Sensor time',
      clock.sensor === 'boottime' ? 'nanoseconds since this machine was started' : 'none: the camera gave none',
    ],
    [
      'Boot',
      clock.boot === null
        ? null
        : html`<code>${clock.boot}</code> (equal in recordings of one machine and start: their sensor times can be
            compared)`,
    ],
    [
      'Wall clock',
      clock.synchronised === null
        ? 'not known whether it was synchronised'
        : clock.synchronised
          ? 'synchronised at the end'
          : 'not synchronised: times of other machines cannot be compared',
    ],
    [
      'Wall clock moved',
      moved === null ? 'unknown' : `${milliseconds(moved)} against the monotonic clock, from start to end`,
    ],
    ['Software', info.SoftwareVersions],
    ['Capture tool', tool === null ? null : `${tool.name ?? 'unknown'} ${tool.version ?? ''}`],
    [
      'Its arguments',
      tool === null || tool.arguments.length === 0 ? null : html`<code>${tool.arguments.join(' ')}</code>`,
    ],
    [
      'Part',
      (part.number ?? 1) === 1 && !part.is_continued
        ? null
        : `${part.number ?? 1} of a recording in several takes${part.is_continued ? ', continued in the next take' : ''}`,
    ],
    [
      'Cut out of',
      source === null
        ? null
        : `${source.video}, trial ${source.trial}, take ${source.take}, frames ${grouped(source.first_frame)} to ${grouped(source.last_frame)}`,
    ],
    ['Temperature', temperatureText(health.start?.temperature_c ?? null, health.end?.temperature_c ?? null)],
  ]);
}

function temperatureText(start: number | null, end: number | null): string | null {
  if (start === null && end === null) return null;
  return `${start ?? '?'} °C at the start, ${end ?? '?'} °C at the end`;
}

function movedMs(start: string | null, end: string | null): number | null {
  if (start === null || end === null || !/^-?\d{1,30}$/.test(start) || !/^-?\d{1,30}$/.test(end)) return null;
  return Number(BigInt(end) - BigInt(start)) / 1e6;
}

/** Instead of the part, where the session is too large for it. */
export function shortPart(line: RecordingLine, sentence: string): Html {
  return html`<section class="recording short" id="${line.anchor}">
    <h2>
      Trial ${line.verified.trial ?? '?'}, take ${line.verified.take ?? '?'} <span class="camera">${line.camera}</span>
    </h2>
    <p>
      ${verdictWord(line.verified)}. ${sentence} Plots, pictures and files are left out, because this report would be
      too large: make a report of <code>${line.verified.files.stem}</code> alone.
    </p>
  </section>`;
}

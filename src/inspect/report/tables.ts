import type { InfoFile } from '../../recording/info/info-file.js';
import type { Gap, VerifiedRecording } from '../verdict.js';
import { formatBytes } from '../../core/figures.js';
import { clockOf, counted, grouped } from '../figures-as-text.js';
import { html, type Html } from './html.js';
import { type RecordingLine, type ReportRecording, verdictWord } from './report-data.js';
import { reasonInWords } from './wording.js';

export const MOST_GAPS = 50;
/** Of a recorder's settings there are some thirty; a foreign info file may have more. */
const MOST_SETTINGS = 60;

export function recordingsTable(lines: readonly RecordingLine[]): Html {
  const rows = lines.map(({ anchor, verified, camera, label, lost }) => {
    const { trial, take, frames, durationS, fps } = verified;
    return html`<tr>
      <td class="number">${trial ?? '?'}</td>
      <td class="number">${take ?? '?'}</td>
      <td class="camera"><a href="#${anchor}">${camera}</a></td>
      <td>${label}</td>
      <td class="number">${frames === null ? '?' : grouped(frames)}</td>
      <td class="number">${durationS === null ? '?' : clockOf(durationS)}</td>
      <td class="number">${fps === null ? '?' : fps.toFixed(2)}</td>
      <td class="number">${lost === null ? '–' : grouped(lost)}</td>
      <td>${chip(verified)}</td>
    </tr>`;
  });
  return html`<table class="wide">
    <thead>
      <tr>
        <th class="number">Trial</th>
        <th class="number">Take</th>
        <th>Camera</th>
        <th>Label</th>
        <th class="number">Frames</th>
        <th class="number">Duration</th>
        <th class="number">Hz</th>
        <th class="number">Lost</th>
        <th>Verdict</th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}

export function chip(verified: VerifiedRecording): Html {
  return html`<span class="chip ${verified.verdict}">${verdictWord(verified)}</span>`;
}

/** The largest gaps, the largest first; of equal ones the earlier first. */
export function gapsTable(gaps: readonly Gap[], total: number): Html {
  const largest = [...gaps].sort((a, b) => b.frames - a.frames || a.afterFrame - b.afterFrame).slice(0, MOST_GAPS);
  const rows = largest.map(
    ({ afterFrame, atS, frames, reason }) =>
      html`<tr>
        <td class="number">${grouped(afterFrame)}</td>
        <td class="number">${atS === null ? '?' : clockOf(atS, 3)}</td>
        <td class="number">${grouped(frames)}</td>
        <td>${reasonInWords(reason)} ${reason === 'not explained' ? '' : html`<code>${reason}</code>`}</td>
      </tr>`,
  );
  const rest = total - largest.length;
  const note =
    rest > 0 ? html`<p class="soft">The ${counted(largest.length, 'largest one')} of ${grouped(total)}.</p>` : '';
  return html`<table class="wide">
      <thead>
        <tr>
          <th class="number">After frame</th>
          <th class="number">Time</th>
          <th class="number">Missing</th>
          <th>Why</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
    ${note}`;
}

/** A row for each setting that was asked for or that frames told; the many that are neither share a sentence. */
export function settingsTable({ settings }: InfoFile['csi_cameras']): Html {
  const asked = new Map(Object.entries(settings.asked ?? {}));
  const given = new Map(Object.entries(settings.given ?? {}).map(([name, extent]) => [nameAsked(name, asked), extent]));
  const all = [...new Set([...asked.keys(), ...given.keys()])];
  if (all.length === 0) return html`<p>Neither what was asked for nor what the camera gave is known.</p>`;
  const isSilent = (name: string): boolean =>
    asked.has(name) && isAutomatic(name, asked.get(name)) && (given.get(name) ?? null) === null;
  const silent = all.filter(isSilent);
  const names = all.filter((name) => !isSilent(name));
  const rows = names.slice(0, MOST_SETTINGS).map((name) => {
    const extent = given.get(name) ?? null;
    return html`<tr>
      <td><code>${name}</code></td>
      <td class="number">${asked.has(name) ? valueText(name, asked.get(name)) : html`<span class="soft">–</span>`}</td>
      ${
        extent === null
          ? html`<td class="number soft" colspan="2">not told</td>`
          : html`<td class="number">${figure(extent[0])}</td>
              <td class="number">${figure(extent[1])}</td>`
      }
    </tr>`;
  });
  const more = names.length - MOST_SETTINGS;
  return html`<table>
      <thead>
        <tr>
          <th>Setting</th>
          <th class="number">Asked</th>
          <th class="number">Given, least</th>
          <th class="number">Given, most</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
    ${more > 0 ? html`<p class="soft">${counted(more, 'further setting is', 'further settings are')} not shown.</p>` : ''}
    ${silent.length > 0 ? html`<p class="soft">Automatic, and not told by the frames: ${silent.slice(0, MOST_SETTINGS).join(', ')}.</p>` : ''}`;
}

/** What frames tell is named as in statuses (`exposure_time_us`), what was asked for as in commands (`exposureTimeUs`). */
function nameAsked(given: string, asked: ReadonlyMap<string, unknown>): string {
  const name = given.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return asked.has(name) ? name : given;
}

/** A size of 0 is the widest view. */
function isAutomatic(name: string, value: unknown): boolean {
  return value === null || value === undefined || (value === 0 && (name === 'width' || name === 'height'));
}

function valueText(name: string, value: unknown): string {
  if (isAutomatic(name, value)) return 'automatic';
  if (typeof value === 'string') return value === '' ? '–' : value;
  if (Array.isArray(value)) return value.map(String).join(', ').slice(0, 200);
  return (JSON.stringify(value) ?? '').slice(0, 200);
}

const figure = (value: number): string => grouped(Number(value.toPrecision(6)));

/** Names, sizes and digests. */
export function filesTable({ files, info }: ReportRecording): Html {
  const facts = info?.csi_cameras.files;
  const digests = new Map(
    [facts?.timing, facts?.metadata].flatMap((file) => (file ? [[file.name, file.sha256] as const] : [])),
  );
  const rows = files.map(
    ({ name, bytes }) =>
      html`<tr>
        <td class="name">
          ${name}${digests.has(name) ? html`<br /><span class="soft digest">sha256 ${digests.get(name) ?? ''}</span>` : ''}
        </td>
        <td class="number">${bytes === null ? '?' : `${grouped(bytes)} bytes`}</td>
        <td class="number">${bytes === null ? '' : formatBytes(bytes)}</td>
      </tr>`,
  );
  return html`<table class="wide">
    <thead>
      <tr>
        <th>File</th>
        <th class="number">Size</th>
        <th class="number"></th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}

/** Pairs of a name and what is known. `null` is left out. */
export function factList(facts: readonly (readonly [name: string, value: Html | string | null])[]): Html {
  return html`<dl>
    ${facts
      .filter(([, value]) => value !== null)
      .map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
  </dl>`;
}

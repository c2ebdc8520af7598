import { VERSION } from '../../core/own-package.js';
import { counted, grouped, utc } from '../figures-as-text.js';
import { html, type Html, markup } from './html.js';
import { type RecordingLine, verdictWordOf } from './report-data.js';
import { STYLE } from './style.js';
import { recordingsTable } from './tables.js';
import { legend, timeline } from './timeline.js';
import { headline, NEVER_PROVEN, withoutVerdict } from './wording.js';

/** The page around the recordings. It holds no script and asks for nothing: it must open in ten years, on any machine. */

export interface ReportPage {
  /** What is reported: the session's name, or a recording's. */
  readonly name: string;
  readonly madeMs: number;
  readonly lines: readonly RecordingLine[];
  /** Parts of the recordings, in the order of `lines`. */
  readonly parts: readonly Html[];
  /** What is not proven of some of them: sentences, each once. */
  readonly notProven: readonly string[];
  /** Of the only recording. `null` where there are several. */
  readonly sentence: string | null;
  /** Sentences about what was found and could not be looked at. */
  readonly problems: readonly string[];
}

const POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

export function reportPage(page: ReportPage): string {
  const { name, lines, parts, problems } = page;
  const { verdict, text } = headline(lines, page.sentence);
  const frames = lines.reduce((sum, { verified }) => sum + (verified.frames ?? 0), 0);
  const cameras = new Set(lines.map(({ camera }) => camera)).size;
  const drawn = timeline(lines);
  return html`<!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${markup(POLICY)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="generator" content="csi-cameras ${VERSION}" />
        <title>${verdictWordOf(lines)}: ${name}</title>
        <style>
          ${markup(STYLE)}
        </style>
      </head>
      <body>
        <header>
          <p class="kind">Report of recordings</p>
          <h1>${name}</h1>
          <p class="soft">
            ${counted(lines.length, 'recording')}, ${counted(cameras, 'camera')}, ${counted(frames, 'frame')}. Made
            ${utc(page.madeMs)?.replace(/\.\d+/, '') ?? ''} by csi-cameras ${VERSION}.
          </p>
          <p class="headline ${verdict}"><b>${verdictWordOf(lines)}</b><span>${withoutVerdict(text)}</span></p>
        </header>
        <main>
          ${
            problems.length === 0
              ? ''
              : html`<h2>Not looked at</h2>
                  <ul>
                    ${problems.slice(0, 20).map((problem) => html`<li>${problem}</li>`)}
                  </ul>
                  ${problems.length > 20 ? html`<p>And ${grouped(problems.length - 20)} more.</p>` : ''}`
          }
          ${
            drawn === null
              ? ''
              : html`<figure class="first">
                  <figcaption>When each camera recorded</figcaption>
                  ${drawn}
                  <p class="soft">${legend(lines)}</p>
                </figure>`
          }
          <h2>Recordings</h2>
          ${recordingsTable(lines)}
          <p class="soft">
            Lost: dropped by the recorder, never came from the camera, or not explained. –: nobody counted.
          </p>
          <div class="block">
            <h2>What this does not prove</h2>
            <ul>
              ${[...page.notProven, ...NEVER_PROVEN].map((sentence) => html`<li>${sentence}</li>`)}
            </ul>
          </div>
          ${parts}
        </main>
      </body>
    </html> `.text;
}

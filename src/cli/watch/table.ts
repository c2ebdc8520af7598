import { printable } from '../../core/safe-text.js';
import type { MonitorAnswer } from '../../monitor/view.js';
import { duration } from '../../monitor/wording/amounts.js';
import { eventText } from '../../monitor/wording/event-text.js';
import type { CameraWords, PageWords } from '../../monitor/wording/words.js';
import { FIGURES, figuresOf, type Figures } from './figures.js';
import { faint, glyphOf, inTone, type Looks } from './looks.js';
import { cut, padEnd, padStart, widthOf, wrapped } from './text-width.js';

/** What is known, as lines for a terminal. Pure: it writes nothing. Every foreign text is made printable here. */

export interface Shown {
  readonly words: PageWords;
  readonly answer: MonitorAnswer | null;
  /** Of the answer, ms. */
  readonly ageMs: number;
  /** Why the last request failed, or ''. */
  readonly trouble: string;
}

const GAP = '  ';
const INDENT = '  ';
/** Names of cameras come from hosts. A longer one is cut; the sentence below it has all of it where it matters. */
const MAX_NAME_COLUMNS = 24;
/** With fewer columns sentences stand alone. */
const FEWEST_COLUMNS_FOR_FIGURES = 40;
/** Longest text of a sentence, characters: nothing here fills a screen by itself. */
const MAX_TEXT = 600;

/** All of it. `rows`: height of the terminal, beyond which the lines at the end are left out; `Infinity` for no limit. */
export function tableLines(shown: Shown, columns: number, rows: number, looks: Looks): readonly string[] {
  const head = [...bannerLines(shown, columns, looks), ...summaryLines(shown, columns)];
  const cameras = cameraLines(shown, columns, rows - head.length - 1, looks);
  const lines = [...head, ...(cameras.length === 0 ? [] : ['', ...cameras])];
  const events = eventLines(shown, columns, Math.min(rows, 1000) - lines.length - 2, looks);
  return [...lines, ...(events.length === 0 ? [] : ['', faint(cut('Events', columns), looks), ...events])].slice(
    0,
    rows,
  );
}

function bannerLines({ words: { banner }, trouble }: Shown, columns: number, looks: Looks): readonly string[] {
  const why = trouble === '' ? [] : wrapped(clean(trouble), columns);
  if (banner === null) return why;
  const lines = wrapped(clean(banner.text), columns - 2);
  return [...lines.map((line) => inTone(` ${padEnd(line, columns - 2)} `, banner.tone, looks)), ...why];
}

function summaryLines({ words }: Shown, columns: number): readonly string[] {
  return wrapped(words.summary.map(clean).join(' '), columns);
}

/** At most so many rows. Where they do not fit, the worst cameras come first and the others are counted. */
function cameraLines(shown: Shown, columns: number, rows: number, looks: Looks): readonly string[] {
  const blocks = blocksOf(shown, columns, looks);
  const { cameras } = shown.words;
  const whole = blocks.flatMap(({ lines }) => lines);
  const header = headerLine(shown, columns, looks);
  if (header.length + whole.length <= rows) return [...header, ...whole];
  const worstFirst = blocks.toSorted((a, b) => b.severity - a.severity);
  const lines: string[] = [...header];
  let count = 0;
  for (const block of worstFirst) {
    if (lines.length + block.lines.length > rows - 1) break;
    lines.push(...block.lines);
    count += 1;
  }
  const left = cameras.length - count;
  return [...lines, cut(`and ${left} more ${left === 1 ? 'camera' : 'cameras'}; this terminal is too low.`, columns)];
}

interface Block {
  readonly severity: number;
  readonly lines: readonly string[];
}

function blocksOf(shown: Shown, columns: number, looks: Looks): readonly Block[] {
  const layout = layoutOf(shown, columns);
  return shown.words.cameras.map((camera) => {
    const badge = padEnd(badgeOf(camera, looks), layout.badge);
    const name = cut(
      padEnd(cut(clean(camera.name), layout.name), layout.name),
      Math.max(0, columns - layout.badge - 2),
    );
    const figures = figuresOf(camera, shown.answer, shown.ageMs);
    const cells = layout.figures.map(([figure, width]) => padStart(figures[figure], width));
    const row = [inTone(cut(badge, columns), camera.badge.tone, looks), name, ...cells].join(GAP).trimEnd();
    const texts = [camera.sentence, camera.advice, ...camera.remarks].map(clean).filter((text) => text !== '');
    const below = texts.flatMap((text) => wrapped(text, columns - INDENT.length).map((line) => INDENT + line));
    return { severity: camera.severity, lines: [row, ...below] };
  });
}

function headerLine(shown: Shown, columns: number, looks: Looks): readonly string[] {
  const layout = layoutOf(shown, columns);
  if (shown.words.cameras.length === 0 || layout.figures.length === 0) return [];
  const cells = layout.figures.map(([figure, width]) => padStart(figure, width));
  return [faint([padEnd('', layout.badge), padEnd('camera', layout.name), ...cells].join(GAP), looks)];
}

interface Layout {
  readonly badge: number;
  readonly name: number;
  readonly figures: readonly (readonly [figure: keyof Figures, width: number])[];
}

/** The widths of the columns, with as many figures as fit. */
function layoutOf({ words, answer, ageMs }: Shown, columns: number): Layout {
  const badge = Math.max(0, ...words.cameras.map(({ badge: { word } }) => widthOf(clean(word)) + 2));
  const widest = Math.max('camera'.length, ...words.cameras.map(({ name }) => widthOf(clean(name))));
  const name = Math.min(MAX_NAME_COLUMNS, widest);
  const rows = words.cameras.map((camera) => figuresOf(camera, answer, ageMs));
  const figures: [keyof Figures, number][] = [];
  let taken = badge + GAP.length + name;
  for (const figure of columns < FEWEST_COLUMNS_FOR_FIGURES ? [] : FIGURES) {
    const width = Math.max(figure.length, ...rows.map((row) => row[figure].length));
    taken += GAP.length + width;
    if (taken > columns) break;
    figures.push([figure, width]);
  }
  return { badge, name, figures };
}

function badgeOf({ badge }: CameraWords, looks: Looks): string {
  return `${glyphOf(badge.shape, looks)} ${clean(badge.word)}`;
}

function eventLines({ words, answer, ageMs }: Shown, columns: number, rows: number, looks: Looks): readonly string[] {
  if (answer === null || rows < 1) return [];
  return answer.events.slice(0, rows).map((event) => {
    const sign = event.level === 'info' ? ' ' : glyphOf(event.level === 'error' ? 'cross' : 'warning', looks);
    const age = padStart(`${duration(event.ago_ms + ageMs)} ago`, 10);
    return cut(`${age} ${sign} ${clean(eventText(event, words.cameras))}`, columns);
  });
}

function clean(text: string): string {
  return printable(text.slice(0, MAX_TEXT));
}

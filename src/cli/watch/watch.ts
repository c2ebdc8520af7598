import { ReadStream, WriteStream } from 'node:tty';
import { systemClock } from '../../core/clock.js';
import { messageOf } from '../../core/errors.js';
import { jsonLine } from '../../core/safe-text.js';
import type { PageWords } from '../../monitor/wording/words.js';
import { finishOutput, outlived, openOutput, sayOnStderr } from '../output.js';
import { stopSignal } from '../stop-signal.js';
import { askMonitor, type Asked } from './ask-monitor.js';
import { Changes } from './changes.js';
import { faint, looksOf } from './looks.js';
import { momentOf, MonitorReader } from './monitor-reader.js';
import { monitorPlace, type GivenUrl, type MonitorPlace } from './monitor-place.js';
import { Screen } from './screen.js';
import { tableLines } from './table.js';
import { cut } from './text-width.js';

export interface WatchOptions {
  readonly url: GivenUrl;
  readonly tokenFile?: string;
  readonly once?: boolean;
  readonly json?: boolean;
}

const ALL_WELL = 0;
const NO_ANSWER = 1;
const SOMETHING_WRONG = 3;

/** How often the screen is drawn between two answers: ages grow meanwhile. */
const REDRAW_MS = 500;
/** How long a reader has to take the last lines. */
const LAST_LINES_MS = 1000;
/** Of a table that goes into a pipe or a file. */
const PIPE_COLUMNS = 100;

/** Shows what a monitor tells. Resolves with the exit code. */
export async function watch(options: WatchOptions): Promise<number> {
  const place = await monitorPlace(options.url, options.tokenFile).catch((thrown: unknown) => {
    sayOnStderr(`error: ${messageOf(thrown)}`);
    return null;
  });
  if (place === null) return NO_ANSWER;
  if (options.once === true) return once(place, options.json === true);
  if (options.json === true) return follow(place, jsonLines());
  const terminal = process.stdout;
  const isScreen = terminal instanceof WriteStream && process.env['TERM'] !== 'dumb';
  return isScreen ? onScreen(place, terminal) : follow(place, changedLines());
}

async function once(place: MonitorPlace, isJson: boolean): Promise<number> {
  const started = momentOf(systemClock);
  const asked = await askMonitor(place);
  if (asked.kind !== 'answered') {
    sayOnStderr(`error: ${asked.why}`);
    return NO_ANSWER;
  }
  const reader = new MonitorReader(() => Promise.resolve(asked), systemClock);
  reader.take(asked, started);
  const shown = reader.shown();
  const isTerminal = process.stdout.isTTY;
  const columns = isTerminal ? process.stdout.columns || 80 : PIPE_COLUMNS;
  const lines = isJson
    ? [jsonLine(asked.json)]
    : tableLines(shown, columns, Infinity, looksOf(isTerminal, process.env));
  const output = outlived(openOutput(1));
  for (const line of lines) output.write(`${line}\n`);
  await finishOutput(output, LAST_LINES_MS);
  return isWell(shown.words) ? ALL_WELL : SOMETHING_WRONG;
}

/** Whether nobody needs to act. */
function isWell({ banner, cameras }: PageWords): boolean {
  const tones = [...(banner === null ? [] : [banner.tone]), ...cameras.map(({ badge }) => badge.tone)];
  return tones.every((tone) => tone === 'quiet' || tone === 'live' || tone === 'recording');
}

/** What is written of each piece of news: lines for stdout, and for stderr. */
type Telling = (asked: Asked, reader: MonitorReader) => { readonly out: readonly string[]; readonly err?: string };

function changedLines(): Telling {
  const changes = new Changes();
  return (_, reader) => ({ out: changes.lines(reader.shown(), localTime(new Date(systemClock.wallMs()))) });
}

function jsonLines(): Telling {
  let told = '';
  return (asked) => {
    const why = asked.kind === 'answered' ? '' : asked.why;
    const isNew = why !== told;
    told = why;
    if (asked.kind === 'answered') return { out: [jsonLine(asked.json)] };
    return isNew ? { out: [], err: why } : { out: [] };
  };
}

/** Writes lines until a signal comes, or nobody reads them. */
async function follow(place: MonitorPlace, telling: Telling): Promise<number> {
  const ending = stopSignal();
  const over = new AbortController();
  const output = openOutput(1).on('error', ending.stop);
  const reader = new MonitorReader((signal) => askMonitor(place, signal), systemClock);
  const running = reader.run(over.signal, (asked) => {
    const { out, err } = telling(asked, reader);
    for (const line of out) output.write(`${line}\n`);
    if (err !== undefined) sayOnStderr(err);
  });
  await ending.promise;
  over.abort();
  await running;
  ending.cancel();
  await finishOutput(output, LAST_LINES_MS);
  return ALL_WELL;
}

/** Shows the table until `q` or a signal comes. */
async function onScreen(place: MonitorPlace, terminal: WriteStream): Promise<number> {
  const ending = stopSignal();
  const over = new AbortController();
  const looks = looksOf(true, process.env);
  const reader = new MonitorReader((signal) => askMonitor(place, signal), systemClock);
  const keyboard = process.stdin instanceof ReadStream ? process.stdin : null;
  const screen = new Screen(terminal, keyboard, { onQuit: ending.stop, onStale: draw });
  function draw(): void {
    const { columns, rows } = screen;
    const lines = tableLines(reader.shown(), columns, rows - 1, looks);
    const footer = faint(cut(`q quits.  The host controls recording.  ${place.url}`, columns), looks);
    // A terminal of one row has no room for the footer.
    const blank = Array.from({ length: Math.max(0, rows - 1 - lines.length) }, () => '');
    screen.draw(rows < 2 ? lines : [...lines, ...blank, footer]);
  }
  screen.open();
  const stopDrawing = systemClock.every(REDRAW_MS, draw);
  const running = reader.run(over.signal, draw);
  try {
    await ending.promise;
  } finally {
    stopDrawing();
    over.abort();
    await running;
    screen.close();
    ending.cancel();
  }
  return ALL_WELL;
}

/** For example `2026-05-04 17:03:09`, of the clock on the wall. */
function localTime(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

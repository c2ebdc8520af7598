import { newsAgeMs, pageStateOf } from '../wording/limits.js';
import { wordsFor } from '../wording/words-for.js';
import { byId, setData, setText } from './dom.js';
import { Head } from './head.js';
import { listenToKeys } from './keys.js';
import { after, type Moment, msSince, now } from './moments.js';
import { PictureLoop } from './picture-loop.js';
import { StatusLoop } from './status-loop.js';
import { TokenForm } from './token-form.js';
import { takeTokenFromAddress } from './token.js';
import { Tiles } from './tiles.js';

/** The page: asks for the status and for pictures, and draws what is so. What is said comes from `wording/`. */

const DRAW_MS = 250;

takeTokenFromAddress();
const head = new Head();
const token = new TokenForm(() => status.poll());
const tiles = new Tiles(byId('cameras'), () => token.askForControl());
const pictures = new PictureLoop(() => tiles.viewers);
const status = new StatusLoop((isNew) => {
  draw();
  if (isNew && status.seen.answer !== null) tiles.note(status.seen.answer);
});

/** Of the recorder that this page came from. */
let version: string | null = null;
/** A load that takes longer than this failed. Another one before that would begin it anew. */
const LOAD_LIMIT_MS = 20_000;
let loadsAnew: Moment | null = null;

function draw(): void {
  try {
    drawSeen();
  } catch (thrown) {
    admitFailure();
    throw thrown;
  }
}

function drawSeen(): void {
  const { seen } = status;
  const { answer, answeredMsAgo } = seen;
  const state = pageStateOf(seen);
  const words = wordsFor(seen);
  setData(document.body, 'page', state);
  head.draw(words);
  tiles.draw(words, answer, pictures.isPaused);
  token.draw(state === 'refused');
  if (answer === null) return;
  version ??= answer.status.version;
  // The recorder was updated: its words may have changed, and it has a page of its own.
  if (version !== answer.status.version) loadAnew();
  head.drawEvents(answer.events, words.cameras, newsAgeMs(answer, answeredMsAgo));
  setText(byId('version'), `CSI Cameras ${answer.status.version}, process ${answer.status.pid}.`);
}

function loadAnew(): void {
  if (loadsAnew !== null && msSince(loadsAnew) < LOAD_LIMIT_MS) return;
  loadsAnew = now();
  location.reload();
}

/** A mistake of this page must not leave old claims on it. */
function admitFailure(): void {
  setData(document.body, 'page', 'silent');
  head.fail();
  byId('cameras').replaceChildren();
}

function drawOften(): void {
  after(DRAW_MS, drawOften);
  if (status.isWorthDrawing) draw();
}

document.addEventListener('visibilitychange', () => {
  if (!document.hidden) status.pollShown();
});
window.addEventListener('pageshow', ({ persisted }) => {
  if (persisted) status.pollShown();
});
window.addEventListener('online', () => status.poll());
window.addEventListener('hashchange', () => {
  if (takeTokenFromAddress()) status.poll();
});

listenToKeys(tiles, pictures, draw);
status.poll();
pictures.start();
drawOften();

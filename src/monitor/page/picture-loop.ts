import type { NoPicture } from '../wording/picture-words.js';
import { after, type Moment, msSince, now } from './moments.js';
import { cameraPath, request } from './requests.js';

const TILE_PERIOD_MS = 500;
const ENLARGED_PERIOD_MS = 200;
/** Where a camera had no picture. Such an answer takes the server up to 400 ms, and all cameras share one loop. */
const WITHOUT_PICTURE_MS = 1_500;
const LIMIT_MS = 2_000;
/** Where nothing is to be fetched, or the server does not answer. */
const IDLE_MS = 250;

/** Who shows the pictures of a camera. */
export interface Viewer {
  readonly deviceId: string;
  readonly isVisible: boolean;
  readonly isEnlarged: boolean;
  /** The bitmap is closed afterwards. */
  show(bitmap: ImageBitmap, ageMs: number): void;
  /** There is no new picture. */
  tell(why: NoPicture): void;
}

interface Turn {
  fetched: Moment | null;
  periodMs: number;
  /** Number of the last picture. 0: any will do. */
  frameNumber: number;
}

/**
 * One loop for all cameras, one request at a time: so a tab takes one of the server's connections for pictures, whatever it shows.
 * Fetched, decoded, drawn and closed one by one, because an `<img>` of the same pictures grows to hundreds of MB.
 */
export class PictureLoop {
  readonly #turns = new Map<string, Turn>();
  #isPaused = false;

  constructor(private readonly viewers: () => readonly Viewer[]) {}

  start(): void {
    void this.#next();
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  togglePause(): void {
    this.#isPaused = !this.#isPaused;
  }

  async #next(): Promise<void> {
    let waitMs = IDLE_MS;
    try {
      waitMs = await this.#fetchOne();
    } catch {
      // The server is gone, or it was no picture: the age of the last one says so.
    } finally {
      after(waitMs, () => void this.#next());
    }
  }

  /** Fetches for the one that has waited longest. Returns how long nobody else is due, ms. */
  async #fetchOne(): Promise<number> {
    if (document.hidden || this.#isPaused) return IDLE_MS;
    let [due, dueInMs]: [Viewer | null, number] = [null, IDLE_MS];
    for (const viewer of this.viewers()) {
      const inMs = viewer.isVisible ? this.#dueInMs(viewer) : IDLE_MS;
      if (inMs < dueInMs) [due, dueInMs] = [viewer, inMs];
    }
    if (due === null || dueInMs > 0) return dueInMs;
    await this.#fetch(due, this.#turnOf(due.deviceId));
    return 0;
  }

  /** Negative: overdue. */
  #dueInMs(viewer: Viewer): number {
    const turn = this.#turnOf(viewer.deviceId);
    if (turn.fetched === null) return Number.NEGATIVE_INFINITY;
    const periodMs = viewer.isEnlarged && turn.periodMs === TILE_PERIOD_MS ? ENLARGED_PERIOD_MS : turn.periodMs;
    return periodMs - msSince(turn.fetched);
  }

  #turnOf(deviceId: string): Turn {
    const known = this.#turns.get(deviceId);
    if (known !== undefined) return known;
    const turn = { fetched: null, periodMs: TILE_PERIOD_MS, frameNumber: 0 };
    this.#turns.set(deviceId, turn);
    return turn;
  }

  async #fetch(viewer: Viewer, turn: Turn): Promise<void> {
    const asked = now();
    turn.fetched = asked;
    turn.periodMs = WITHOUT_PICTURE_MS;
    const path = cameraPath(viewer.deviceId, `frame?after=${turn.frameNumber}`);
    // A camera that is opened again counts from 1: after an answer without a picture, any number will do.
    turn.frameNumber = 0;
    const got = await request({ path, limitMs: LIMIT_MS }, readPicture);
    if (typeof got === 'string') return viewer.tell(got);
    const bitmap = await createImageBitmap(got.blob);
    try {
      // The server may have waited for the picture: it may look older by that, and never younger.
      viewer.show(bitmap, got.ageMs + msSince(asked));
      turn.periodMs = TILE_PERIOD_MS;
      turn.frameNumber = got.frameNumber;
    } finally {
      bitmap.close();
    }
  }
}

async function readPicture(answer: Response) {
  if (answer.status === 204) return noPicture(answer.headers.get('X-Preview'));
  if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
  const ageMs = Number(answer.headers.get('X-Frame-Age-Ms') ?? Number.NaN);
  const frameNumber = Number(answer.headers.get('X-Frame-Number') ?? Number.NaN);
  // A picture whose age is not known is not shown: it could be of yesterday.
  if (!(ageMs >= 0) || !Number.isSafeInteger(frameNumber)) throw new Error('The picture has no age.');
  // Not `answer.blob()`: such blobs pile up in the browser's own process.
  return { ageMs, frameNumber, blob: new Blob([await answer.arrayBuffer()], { type: 'image/jpeg' }) };
}

function noPicture(word: string | null): NoPicture {
  return word === 'off' || word === 'paused' || word === 'lost' ? word : 'none';
}

import { frameTimeNs } from '../align/frame-pairs.js';
import { CannotClip } from './cannot-clip.js';
import type { ClipSource } from './clip-source.js';

/** Frames of a recording, both ends included, from 1. */
export interface FrameRange {
  readonly first: number;
  readonly last: number;
}

/** What is to be cut out. Both ends are included. */
export type ClipWish =
  | { readonly kind: 'frames'; readonly from: number; readonly to: number }
  /** Sensor time since the first row, seconds. */
  | { readonly kind: 'seconds'; readonly from: number; readonly to: number }
  | { readonly kind: 'sensorNs'; readonly from: bigint; readonly to: bigint };

/** The frames that are wished for. Throws `CannotClip` with the range that there is. */
export function framesOf(wish: ClipWish, source: ClipSource): FrameRange {
  const { stem } = source.files;
  if (source.rows.count === 0) throw new CannotClip(`${stem} holds no frames.`);
  if (wish.from > wish.to) throw new CannotClip(`The range ends before it begins. ${whatThereIs(source)}`, true);
  if (wish.kind === 'frames') {
    if (wish.from < 1 || wish.to > source.rows.count) throw outside(source);
    return { first: wish.from, last: wish.to };
  }
  const times = timesOf(source);
  const toNs = (sinceS: number): bigint => times.firstNs + BigInt(Math.round(sinceS * 1e9));
  const [fromNs, untilNs] = wish.kind === 'seconds' ? [toNs(wish.from), toNs(wish.to)] : [wish.from, wish.to];
  // The last frame lasts for one frame time, so that the length that a player shows is a good end.
  const slackNs = wish.kind === 'seconds' ? times.periodNs : 0n;
  if (fromNs < times.firstNs || untilNs > times.lastNs + slackNs) throw outside(source);
  const first = source.rows.sensorNs.findIndex((ns) => ns >= fromNs && ns <= untilNs);
  const last = source.rows.sensorNs.findLastIndex((ns) => ns >= fromNs && ns <= untilNs);
  if (first === -1) throw new CannotClip(`No frame lies within the range: it is shorter than a frame time.`, true);
  return { first: first + 1, last: last + 1 };
}

function outside(source: ClipSource): CannotClip {
  return new CannotClip(`The range is not in ${source.files.stem}. ${whatThereIs(source)}`, true);
}

function whatThereIs(source: ClipSource): string {
  const { count, sensorNs } = source.rows;
  const frames = `It has the frames 1 to ${count}`;
  const known = sensorNs.filter((ns) => ns !== 0n);
  const [firstNs, lastNs] = [known.at(0), known.at(-1)];
  if (firstNs === undefined || lastNs === undefined) return `${frames}, without sensor times.`;
  return `${frames}, which are the seconds 0 to ${seconds(lastNs - firstNs)} and the sensor times ${firstNs} to ${lastNs}.${goesOn(source)}`;
}

/** A range that spans several videos is cut out of each. */
function goesOn({ info, files }: ClipSource): string {
  return info?.csi_cameras.part.is_continued === true
    ? ` The recording goes on in take ${files.take + 1}, of which a clip of its own can be cut.`
    : '';
}

interface Times {
  readonly firstNs: bigint;
  readonly lastNs: bigint;
  readonly periodNs: bigint;
}

function timesOf({ rows, files }: ClipSource): Times {
  const known = rows.sensorNs.filter((ns) => ns !== 0n);
  const [firstNs, lastNs] = [known.at(0), known.at(-1)];
  if (firstNs === undefined || lastNs === undefined) {
    throw new CannotClip(`${files.stem} has no sensor times. Name the frames instead: --frames 1-${rows.count}.`, true);
  }
  const periodNs = frameTimeNs(Float64Array.from(known, (ns) => Number(ns - firstNs)));
  return { firstNs, lastNs, periodNs: BigInt(Math.round(periodNs || 0)) };
}

/** Rounded down to milliseconds: it can be asked for as it is shown. */
function seconds(ns: bigint): string {
  return (Number(ns / 1_000_000n) / 1000).toFixed(3);
}

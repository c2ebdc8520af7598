import { existsSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { formatBytes, roundedFps } from '../../core/figures.js';
import { printable } from '../../core/safe-text.js';
import type { StatusData } from '../../protocol/statuses.js';
import { isHeld, linesOfGiven } from './given-lines.js';

const UNMOUNTED = 'on a disk that is no longer mounted, or that another one is mounted over';

/** A process with a tiny limit of its files' size makes many parts. */
const MAX_SHOWN_PARTS = 10;

export type Take = StatusData<'recording_stopped'>;

/** Whether this path leads to a file now. */
export type IsThere = (path: string) => boolean;

/**
 * The summary of the takes (at least one) of one camera for a person, with commands to play and check the first that is
 * there. A path is told only where it leads to the file: a disk may be unmounted while it is recorded on. `view`: what the
 * camera showed, in words.
 */
export function summaryOf(takes: readonly Take[], view: string, isThere: IsThere = existsSync): string {
  const lines = linesOfTakes(takes, view, isThere);
  const look = howToLook(takes, isThere);
  return look === '' ? lines : `${lines}\n${look}`;
}

/** The takes of a camera. `name`: the camera's, where there are several. */
export function linesOfTakes(takes: readonly Take[], view: string, isThere: IsThere, name?: string): string {
  const head = name === undefined ? '' : `${name}  `;
  return `${takes.map((take) => `${head}${describeTake(take, isThere)}`).join('')}  view     ${printable(view)}\n`;
}

/** Commands to play, check and convert the first video that is there; empty where none is. */
export function howToLook(takes: readonly Take[], isThere: IsThere): string {
  const first = takes.map((take) => take.video_path).find((path) => path !== null && isThere(path));
  if (first === undefined || first === null) return '';
  const isOnlyVideo = takes.length === 1 && (takes[0]?.parts ?? []).length < 2;
  const it = isOnlyVideo ? 'it' : 'the first video';
  const shown = quoted(shorter(first));
  const check = `ffprobe -v error -count_packets -show_entries stream=nb_read_packets ${shown}`;
  return [
    `Play ${it} (VLC and mpv can play it too):\n  ffplay ${shown}`,
    `Count its frames:\n  ${check}`,
    `Convert it, frame for frame:\n  ${conversionOf(first)}`,
    `Verify ${isOnlyVideo ? 'it' : 'the session'}:\n  csi-cameras verify ${isOnlyVideo ? shown : quoted(shorter(sessionOf(first)))}\n`,
  ].join('\n');
}

/** What to do where exposure, gain or focus of a camera moved; empty where none did. */
export function howToHold(takes: readonly Take[], isSimulated: boolean): string {
  const moved = takes.filter((take) => !isHeld(take.given));
  if (moved.length === 0) return '';
  const indices = new Set(moved.map((take) => take.device_id?.replace('picam:', '') ?? ''));
  const commands = [...indices].map(
    (index) => `  csi-cameras settings --camera ${index} --fix${isSimulated ? ' --simulate' : ''}\n`,
  );
  return `Exposure, gain or focus changed while recording. Let the camera find them once, and hold them:\n${commands.join('')}`;
}

/** Whether there is exactly one take, it ended by command, and no frame is missing. */
export function isWhole(takes: readonly Take[]): boolean {
  const isComplete = ({ dropped, source_gaps: gaps, reason }: Take): boolean =>
    dropped === 0 && gaps === 0 && reason === 'command';
  return takes.length === 1 && takes.every(isComplete);
}

/**
 * Without these options ffmpeg makes the nearest usual rate, and with it another number of frames (docs/converting.md). They
 * are right for 5.1, the oldest in the field, up to 8.
 */
function conversionOf(path: string): string {
  const copy = quoted(shorter(path).replace(/\.avi$/u, '.mp4'));
  return `ffmpeg -i ${quoted(shorter(path))} -fps_mode passthrough -enc_time_base -1 ${copy}`;
}

function describeTake(take: Take, isThere: IsThere): string {
  const place = (path: string | null): string => {
    if (path === null) return UNMOUNTED;
    return isThere(path) ? printable(shorter(path)) : `moved, removed, or ${UNMOUNTED}`;
  };
  // One video could not hold it: all of them are the recording.
  const files = take.parts ?? [take];
  const fps = take.duration_s === 0 ? 0 : take.frames / take.duration_s;
  const disordered = take.timestamps_disordered;
  const stamps = disordered === 1 ? '1 sensor timestamp is' : `${disordered} sensor timestamps are`;
  const ending = take.reason === 'command' || take.reason === 'shutdown' ? '' : `, ended by ${take.reason}`;
  return [
    `Recorded ${take.frames} frames in ${take.duration_s.toFixed(2)} s (${roundedFps(fps)} fps, ${formatBytes(take.bytes)})${ending}`,
    ...files
      .slice(0, MAX_SHOWN_PARTS)
      .flatMap((file) => [
        `  video    ${place(file.video_path)}`,
        `  timing   ${place(file.timing_path)}`,
        ...(file.metadata_path === undefined ? [] : [`  metadata ${place(file.metadata_path)}`]),
      ]),
    ...(files.length <= MAX_SHOWN_PARTS ? [] : [`  and ${files.length - MAX_SHOWN_PARTS} more parts beside them`]),
    ...(disordered === 0 ? [] : [`  times    ${stamps} out of order; no frame was touched`]),
    `  frames   ${take.dropped} dropped, ${take.source_gaps} lost in the camera, ${take.skipped} skipped on purpose`,
    ...linesOfGiven(take.given),
    '',
  ].join('\n');
}

/** `{session}/CSICameras/{label}/{video}` */
function sessionOf(videoPath: string): string {
  return dirname(dirname(dirname(videoPath)));
}

/** The path quoted for a shell, because people copy the line. A leading `-` would be an option, so `./` goes before it. */
function quoted(path: string): string {
  const plain = printable(path);
  return `'${(plain.startsWith('-') ? `./${plain}` : plain).replaceAll("'", String.raw`'\''`)}'`;
}

/** The path relative to the current directory, if it is inside it. */
function shorter(path: string): string {
  const here = currentFolder();
  if (here === '/') return path;
  const fromHere = relative(here, path);
  return fromHere.startsWith('..') || dirname(fromHere) === '' ? path : fromHere;
}

/** Node throws where the current directory was removed. */
function currentFolder(): string {
  try {
    return process.cwd();
  } catch {
    return '/'; // then the path stays as it is
  }
}

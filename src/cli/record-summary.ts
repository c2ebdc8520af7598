import { dirname, relative } from 'node:path';
import { printable } from '../core/safe-text.js';
import type { StatusData } from '../protocol/statuses.js';
import { formatBytes } from './progress.js';

export type Take = StatusData<'recording_stopped'>;

/** The summary of the takes (at least one) for a person, with commands to play and check the first. */
export function summaryOf(takes: readonly Take[]): string {
  const lines = takes.map(describeTake).join('');
  const first = takes[0]?.video_path;
  if (first === undefined || first === null) return lines;
  const shown = quoted(shorter(first));
  const check = `ffprobe -v error -count_packets -show_entries stream=nb_read_packets ${shown}`;
  return `${lines}\nPlay it (VLC and mpv can play it too):\n  ffplay ${shown}\nCount its frames:\n  ${check}\n`;
}

/** Whether there is exactly one take, it ended by command, and no frame is missing. */
export function isWhole(takes: readonly Take[]): boolean {
  const isComplete = ({ dropped, source_gaps: gaps, reason }: Take): boolean =>
    dropped === 0 && gaps === 0 && reason === 'command';
  return takes.length === 1 && takes.every(isComplete);
}

function describeTake(take: Take): string {
  const fps = take.duration_s === 0 ? 0 : take.frames / take.duration_s;
  const ending = take.reason === 'command' || take.reason === 'shutdown' ? '' : `, ended by ${take.reason}`;
  return [
    `Recorded ${take.frames} frames in ${take.duration_s.toFixed(2)} s (${fps.toFixed(2)} fps, ${formatBytes(take.bytes)})${ending}`,
    `  video    ${printable(shorter(take.video_path ?? ''))}`,
    `  timing   ${printable(shorter(take.timing_path ?? ''))}`,
    `  frames   ${take.dropped} dropped, ${take.source_gaps} lost in the camera, ${take.skipped} skipped on purpose`,
    '',
  ].join('\n');
}

/** The path quoted for a shell, because people copy the line. A leading `-` would be an option, so `./` goes before it. */
function quoted(path: string): string {
  const plain = printable(path);
  return `'${(plain.startsWith('-') ? `./${plain}` : plain).replaceAll("'", String.raw`'\''`)}'`;
}

/** The path relative to the current directory, if it is inside it. */
function shorter(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere.startsWith('..') || dirname(fromHere) === '' ? path : fromHere;
}

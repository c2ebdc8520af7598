import type { RecordingPart, RecordingResult } from './recording-session.js';

/** What a recording came to, from the videos that hold it, in order. */
export function resultOf(parts: readonly RecordingPart[]): RecordingResult {
  return {
    paths: parts[0]?.paths ?? null,
    frames: sum(parts, ({ frames }) => frames),
    durationS: sum(parts, ({ durationS }) => durationS),
    bytes: sum(parts, ({ bytes }) => bytes),
    ...(parts.length > 1 ? { parts } : {}),
  };
}

function sum(parts: readonly RecordingPart[], figure: (part: RecordingPart) => number): number {
  return parts.reduce((total, part) => total + figure(part), 0);
}

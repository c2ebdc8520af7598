/** Amounts for a person. */

/** For example `512 MB` or `1.8 GB`; thousand by thousand, as disks are sold. */
export function bytesText(bytes: number): string {
  for (const [unit, size] of [
    ['TB', 1e12],
    ['GB', 1e9],
    ['MB', 1e6],
  ] as const) {
    if (bytes >= size) return `${digits(bytes / size)} ${unit}`;
  }
  return `${Math.round(bytes / 1000)} KB`;
}

export function rateText(bytesPerSecond: number): string {
  return `${bytesText(bytesPerSecond)}/s`;
}

/** For example `45 s`, `12 minutes`, `3.5 hours`, `12 days`. */
export function timeText(seconds: number): string {
  if (seconds < 120) return `${digits(seconds)} s`;
  if (seconds < 2 * 3600) return `${Math.floor(seconds / 60)} minutes`;
  if (seconds < 72 * 3600) return `${digits(seconds / 3600)} hours`;
  return `${Math.floor(seconds / 86_400)} days`;
}

/** For example `1 camera`, `2 cameras`. */
export function countOf(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

function digits(value: number): string {
  return value < 10 ? String(Number(value.toFixed(1))) : String(Math.floor(value));
}

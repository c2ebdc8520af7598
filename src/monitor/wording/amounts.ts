/** Numbers as people read them. */

/** Groups of three digits, with no-break spaces between: `12 340`. */
export function count(value: number): string {
  return String(Math.round(value)).replaceAll(/\B(?=(?:\d{3})+$)/g, '\u{A0}');
}

/** `1 frame`, `12 340 frames`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Rounded down, because it tells how long something has lasted: `7 s`, `3 min`, `2 h`, `4 days`. */
export function duration(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 120) return `${s} s`;
  if (s < 7_200) return `${Math.floor(s / 60)} min`;
  if (s < 172_800) return `${Math.floor(s / 3_600)} h`;
  return `${Math.floor(s / 86_400)} days`;
}

/** Decimal units, as disks are sold: `112 GB`, `8.4 GB`. */
export function bytes(value: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let scaled = value;
  let unit = 0;
  // 999.5, because it would be rounded to a fourth digit.
  while (scaled >= 999.5 && unit < units.length - 1) {
    scaled /= 1000;
    unit += 1;
  }
  const digits = unit > 0 && scaled < 9.95 ? 1 : 0;
  return `${scaled.toFixed(digits)} ${units[unit] ?? ''}`;
}

/** The last part of a path. Paths are those of Linux. */
export function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

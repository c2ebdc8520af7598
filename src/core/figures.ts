/**
 * How many digits a figure has in statuses and logs: as many as it has meaning. What is counted, compared or written into a
 * recording keeps all its digits; round only where a figure leaves the program.
 */

/** Below 1, decimals alone would turn 0.005 frames a second into 0.01. */
const SIGNIFICANT_DIGITS_BELOW_ONE = 3;

/** Frames a second: 2 decimals; below 1, three significant digits. */
export function roundedFps(fps: number): number {
  return fps < 1 ? Number(fps.toPrecision(SIGNIFICANT_DIGITS_BELOW_ONE)) : toDecimals(fps, 2);
}

/** Milliseconds: 1 decimal. */
export function roundedMs(ms: number): number {
  return toDecimals(ms, 1);
}

/** Seconds: 3 decimals. */
export function roundedS(seconds: number): number {
  return toDecimals(seconds, 3);
}

/** A share from 0 to 1: 3 decimals. */
export function roundedShare(share: number): number {
  return toDecimals(share, 3);
}

/** Degrees Celsius: 1 decimal. */
export function roundedC(degrees: number): number {
  return toDecimals(degrees, 1);
}

/** A gain, or a factor of another kind: 3 decimals. */
export function roundedGain(gain: number): number {
  return toDecimals(gain, 3);
}

/** Dioptres: 3 decimals. */
export function roundedDioptres(dioptres: number): number {
  return toDecimals(dioptres, 3);
}

/** A part of a sensor or a picture, as a share of the whole: 4 decimals, which is a pixel or less. */
export function roundedPart(share: number): number {
  return toDecimals(share, 4);
}

/** Lux: 1 decimal. */
export function roundedLux(lux: number): number {
  return toDecimals(lux, 1);
}

/** For example `3.2 MB`. The units are decimal, like those on disks and in players. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit] ?? 'B'}`;
}

function toDecimals(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}

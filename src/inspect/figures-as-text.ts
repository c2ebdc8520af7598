/** How figures are written for a person, wherever recordings are inspected. */

/** `18,000`. The first `toLocaleString` of a process takes 12 ms. */
export function grouped(value: number): string {
  const [whole = '', part] = String(Math.abs(value)).split('.');
  const digits = /^\d+$/.test(whole) ? whole.replaceAll(/\B(?=(?:\d{3})+$)/g, ',') : whole;
  return `${value < 0 ? '−' : ''}${digits}${part === undefined ? '' : `.${part}`}`;
}

/** `1 frame`, `12 frames`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** Time since the first frame: `00:01:13.5`. */
export function clockOf(seconds: number, decimals = 1): string {
  if (!Number.isFinite(seconds)) return 'unknown';
  const factor = 10 ** decimals;
  const units = Math.round(Math.abs(seconds) * factor);
  const whole = Math.floor(units / factor);
  const two = (value: number): string => String(value).padStart(2, '0');
  const time = `${two(Math.floor(whole / 3600))}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  const part = decimals === 0 ? '' : `.${String(units % factor).padStart(decimals, '0')}`;
  return `${seconds < 0 ? '−' : ''}${time}${part}`;
}

/** Milliseconds with so many digits that neighbours differ: `33.333 ms`, `1,200 ms`, `2.00 h`. */
export function milliseconds(ms: number): string {
  const size = Math.abs(ms);
  if (size >= 7_200_000) return `${grouped(Number((ms / 3_600_000).toFixed(2)))} h`;
  if (size >= 100_000) return `${grouped(Number((ms / 1000).toFixed(1)))} s`;
  if (size >= 1000) return `${grouped(Math.round(ms))} ms`;
  return `${grouped(Number(ms.toFixed(3)))} ms`;
}

/** `2026-01-06 08:17:26.123 UTC`. `null` where it is no time. */
export function utc(ms: number | null): string | null {
  if (ms === null || Math.abs(ms) > 8.64e15) return null;
  return `${new Date(ms).toISOString().replace('T', ' ').replace('Z', '')} UTC`;
}

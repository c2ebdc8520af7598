/** `18000` as `18,000`. The first `toLocaleString` of a process takes 12 ms. */
export function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+(?!\d))/g, ',');
}

/** `1 row`, `1,200 rows`. */
export function counted(count: number, what: string): string {
  return `${grouped(count)} ${what}${count === 1 ? '' : 's'}`;
}

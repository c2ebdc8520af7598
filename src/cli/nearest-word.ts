/** The word that was probably meant, or `undefined` where none is near: at most a third of its letters may be wrong. */
export function nearestWord(typed: string, words: readonly string[]): string | undefined {
  const near = words
    .map((word) => ({ word, distance: editDistance(typed.toLowerCase(), word) }))
    .filter(({ word, distance }) => distance <= Math.max(1, Math.floor(word.length / 3)));
  return near.toSorted((a, b) => a.distance - b.distance)[0]?.word;
}

/** Letters to insert, remove, replace or swap with their neighbour (optimal string alignment). */
function editDistance(a: string, b: string): number {
  // More letters than that are no typing error, and cost time.
  if (Math.abs(a.length - b.length) > 3) return Infinity;
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    const at = (up: number, column: number): number => (up === 0 ? row : rows[i - up])?.[column] ?? Infinity;
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          at(1, j) + 1,
          at(0, j - 1) + 1,
          at(1, j - 1) + (isSame ? 0 : 1),
          isSwapped && i > 1 && j > 1 ? at(2, j - 2) + 1 : Infinity,
        ),
      );
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? Infinity;
}

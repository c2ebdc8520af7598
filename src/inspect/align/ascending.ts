/**
 * The largest choice of these times that ascends strictly, by their positions. Times that run backwards, stand still or are
 * hours ahead for some frames fall out, and as few others with them as can be. Patience sorting: n log n at worst.
 */
export function ascendingOnes(times: Float64Array): Uint32Array {
  /** Of each length of a chain: the position of the smallest time that ends one. */
  const ends = new Uint32Array(times.length);
  const before = new Int32Array(times.length);
  let length = 0;
  for (let at = 0; at < times.length; at += 1) {
    const time = times[at] ?? 0;
    let [low, high] = [0, length];
    // Nearly always it is later than all before it.
    if (length > 0 && (times[ends[length - 1] ?? 0] ?? 0) < time) low = length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((times[ends[middle] ?? 0] ?? 0) < time) low = middle + 1;
      else high = middle;
    }
    before[at] = low === 0 ? -1 : (ends[low - 1] ?? 0);
    ends[low] = at;
    if (low === length) length += 1;
  }
  const chosen = new Uint32Array(length);
  let at = length === 0 ? -1 : (ends[length - 1] ?? 0);
  for (let place = length - 1; place >= 0; place -= 1) {
    chosen[place] = at;
    at = before[at] ?? -1;
  }
  return chosen;
}

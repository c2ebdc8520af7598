const BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/** FNV-1a, 32 bits, unsigned. It tells blocks and names apart, but does not protect against intentional changes. */
export function fnv1a(bytes: Uint8Array): number {
  let value = BASIS;
  // A loop by index, because for...of takes three times as long and each commit hashes a block.
  for (let at = 0; at < bytes.length; at += 1) value = Math.imul(value ^ (bytes[at] ?? 0), PRIME);
  return value >>> 0;
}

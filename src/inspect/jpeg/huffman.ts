/**
 * Huffman tables as lookups. An entry of a table is what the next 16 bits of the scan begin with; 0: with no code.
 */

/** Bits of the small lookup, which holds nearly every code and stays in the fastest cache. */
export const FAST_BITS = 10;

/** For AC: bits that code and value take (0 to 4), steps in the block (from 5; 64: the block ends). For DC: length, size. */
export interface Lookup {
  readonly fast: Uint16Array;
  /** By 16 bits. */
  readonly full: Uint16Array;
}

/** Steps that end a block. */
export const END_OF_BLOCK = 64;

type Kind = 'dc' | 'ac';

/** The numbers 0 to 3 of both kinds. */
export interface HuffmanTables {
  readonly dc: (Lookup | undefined)[];
  readonly ac: (Lookup | undefined)[];
}

/** Lookups of the DHT payloads seen last: the frames of a video have the same ones, and making one takes a while. */
const known = new Map<string, Lookup>();
const MAX_KNOWN = 32;

/** Puts the tables of a DHT payload into `tables`. Returns what is wrong, or `undefined`. */
export function readTables(payload: Buffer, tables: HuffmanTables): string | undefined {
  let at = 0;
  while (at < payload.length) {
    const head = payload[at] ?? 0;
    const counts = payload.subarray(at + 1, at + 17);
    const symbols = counts.reduce((sum, count) => sum + count, 0);
    const end = at + 17 + symbols;
    const number = head & 15;
    if (head >> 4 > 1 || number > 3 || counts.length < 16 || symbols > 256 || end > payload.length) return BROKEN;
    const kind: Kind = head >> 4 === 0 ? 'dc' : 'ac';
    const lookup = lookupOf(payload.subarray(at + 1, end), kind);
    if (lookup === undefined) return BROKEN;
    tables[kind][number] = lookup;
    at = end;
  }
  return undefined;
}

const BROKEN = 'its Huffman tables are broken';

function lookupOf(table: Buffer, kind: Kind): Lookup | undefined {
  const key = kind + table.toString('latin1');
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = makeLookup(table, kind);
  if (known.size >= MAX_KNOWN) known.clear();
  if (made !== undefined) known.set(key, made);
  return made;
}

/** `table`: 16 counts, then the symbols. */
function makeLookup(table: Buffer, kind: Kind): Lookup | undefined {
  const full = new Uint16Array(65_536);
  const fast = new Uint16Array(1 << FAST_BITS);
  let next = 16;
  let from = 0;
  for (let length = 1; length <= 16; length += 1) {
    const span = 1 << (16 - length);
    for (let count = table[length - 1] ?? 0; count > 0; count -= 1) {
      if (from + span > 65_536) return undefined; // more codes than there are
      const entry = entryOf(table[next] ?? 0, length, kind);
      full.fill(entry, from, from + span);
      if (length <= FAST_BITS) fast.fill(entry, from >> (16 - FAST_BITS), (from + span) >> (16 - FAST_BITS));
      from += span;
      next += 1;
    }
  }
  return { fast, full };
}

/** 0 for symbols that a baseline JPEG of 8 bits cannot have. */
function entryOf(symbol: number, length: number, kind: Kind): number {
  if (kind === 'dc') return symbol <= 11 ? length | (symbol << 5) : 0;
  const [run, size] = [symbol >> 4, symbol & 15];
  if (size > 10) return 0;
  if (size > 0) return (length + size) | ((run + 1) << 5);
  if (run === 0) return length | (END_OF_BLOCK << 5);
  return run === 15 ? length | (16 << 5) : 0;
}

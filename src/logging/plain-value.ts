import { isNativeError } from 'node:util/types';
import { messageOf } from '../core/errors.js';
import { jsonLine } from '../core/safe-text.js';

/** A value that `JSON.stringify` accepts without throwing and without calling foreign code. */
export type PlainValue = string | number | boolean | null | readonly PlainValue[] | PlainRecord;
export interface PlainRecord {
  readonly [key: string]: PlainValue;
}

const MAX_DEPTH = 8;
/** The most characters and nodes of one logged value, counted together. More than a log line holds (64 KiB). */
const MAX_COST = 128 * 1024;
const MAX_KEY_LENGTH = 256;

/**
 * Any value as plain data for a log line. Never throws, although a host's value may contain itself or throw when it
 * is read. bigint becomes text (a double would change it), and so do `NaN` and infinities. An Error gives its type,
 * message, code, stack, cause and own fields; binary data gives only its length.
 */
export function toPlain(value: unknown): PlainValue {
  return new Walk().visit(value, 0) ?? null;
}

/** The same for a record. Anything that is not an object gives an empty record. */
export function toPlainRecord(value: unknown): PlainRecord {
  const plain = toPlain(value);
  return isRecord(plain) ? plain : {};
}

function isRecord(value: PlainValue): value is PlainRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

class Walk {
  readonly #ancestors = new Set<object>();
  #budget = MAX_COST;

  /** `undefined` means that the field is left out, as in JSON. */
  visit(value: unknown, depth: number): PlainValue | undefined {
    this.#budget -= 1;
    switch (typeof value) {
      case 'string':
        return this.#text(value);
      case 'number':
        return Number.isFinite(value) ? value : String(value);
      case 'boolean':
        return value;
      case 'bigint':
        return String(value);
      case 'symbol':
        return String(value);
      case 'function':
        return '[function]';
      case 'undefined':
        return undefined;
      case 'object':
        return value === null ? null : this.#object(value, depth);
    }
  }

  #text(text: string): string {
    const kept = cutText(text, Math.max(this.#budget, 0));
    this.#budget -= kept.length;
    return kept;
  }

  #object(value: object, depth: number): PlainValue {
    if (this.#ancestors.has(value)) return '[circular]';
    if (depth >= MAX_DEPTH || this.#budget <= 0) return '[cut]';
    this.#ancestors.add(value);
    try {
      return this.#contents(value, depth);
    } catch (thrown) {
      return `[unreadable: ${messageOf(thrown)}]`;
    } finally {
      this.#ancestors.delete(value);
    }
  }

  #contents(value: object, depth: number): PlainValue {
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
    if (value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
    if (isNativeError(value) || value instanceof Error) return this.#error(value, depth);
    if ('toJSON' in value && typeof value.toJSON === 'function') {
      const json: unknown = Reflect.apply(value.toJSON, value, []);
      return this.visit(json, depth + 1) ?? null;
    }
    if (Array.isArray(value) || value instanceof Set) return this.#list(value as Iterable<unknown>, depth);
    if (value instanceof Map) return this.#fields(value as Iterable<[unknown, unknown]>, depth);
    return this.#fields(Object.entries(value), depth);
  }

  #error(error: Error, depth: number): PlainValue {
    // `Object.entries` misses these fields, because the language makes them not enumerable. `name` is logged as `type`.
    const { name, message, stack, cause } = error;
    const own = Object.entries(error).filter(([key]) => key !== 'name');
    return this.#fields([['type', name], ['message', message], ...own, ['stack', stack], ['cause', cause]], depth);
  }

  #list(items: Iterable<unknown>, depth: number): PlainValue {
    const plain: PlainValue[] = [];
    for (const item of items) {
      if (this.#budget <= 0) {
        plain.push('[cut]');
        break;
      }
      plain.push(this.visit(item, depth + 1) ?? null);
    }
    return plain;
  }

  #fields(entries: Iterable<[unknown, unknown]>, depth: number): PlainValue {
    // Without a prototype, `__proto__` is an ordinary key.
    const plain = Object.create(null) as Record<string, PlainValue>;
    for (const [key, field] of entries) {
      if (this.#budget <= 0) {
        plain['cut'] = true;
        break;
      }
      const name = cutText(String(key), MAX_KEY_LENGTH);
      this.#budget -= name.length;
      const value = this.visit(field, depth + 1);
      if (value !== undefined) plain[name] = value;
    }
    return plain;
  }
}

/** The first `maxLength` UTF-16 units, followed by the original length. It never splits a surrogate pair. */
export function cutText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const last = text.charCodeAt(maxLength - 1);
  const end = last >= 0xd800 && last <= 0xdbff ? maxLength - 1 : maxLength;
  return `${text.slice(0, end)}[cut: ${text.length} characters]`;
}

/**
 * Increasingly strict limits for a line that is too long: how many fields it keeps, and how many characters of each.
 */
const CUTS = [
  { fields: 64, characters: 8 * 1024 },
  { fields: 64, characters: 1024 },
  { fields: 16, characters: 128 },
  { fields: 8, characters: 16 },
  { fields: 0, characters: 0 },
] as const;

/**
 * The record as one line of JSON of at most `maxBytes` bytes of UTF-8. A longer record is cut and says so:
 * `"cut":true,"original_bytes":N`. The last fields are cut first. An object that is cut becomes the beginning of its
 * JSON text.
 */
export function jsonWithin(record: PlainRecord, maxBytes: number): string {
  const whole = jsonLine(record);
  const originalBytes = Buffer.byteLength(whole);
  if (originalBytes <= maxBytes) return whole;
  const entries = Object.entries(record);
  let line = '{}';
  for (const { fields, characters } of CUTS) {
    const kept = entries.slice(0, fields).map(([key, value]) => [cutText(key, 64), cutValue(value, characters)]);
    line = jsonLine(Object.fromEntries([...kept, ['cut', true], ['original_bytes', originalBytes]]));
    if (Buffer.byteLength(line) <= maxBytes) break;
  }
  return line;
}

function cutValue(value: PlainValue, characters: number): PlainValue {
  if (typeof value === 'string') return cutText(value, characters);
  if (typeof value !== 'object' || value === null) return value;
  const text = JSON.stringify(value);
  return text.length <= characters ? value : cutText(text, characters);
}

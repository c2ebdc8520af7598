import { describe, expect, it } from '@jest/globals';
import { anything, assert, dictionary, integer, property, string } from 'fast-check';
import { CsiCamerasError } from '../../../src/core/errors.js';
import { cutText, jsonWithin, toPlain, toPlainRecord } from '../../../src/logging/plain-value.js';

describe('toPlain', () => {
  it('leaves plain data as it is', () => {
    const data = { text: 'a', number: 1.5, flag: true, nothing: null, list: [1, { deep: 'b' }] };
    expect(JSON.parse(JSON.stringify(toPlain(data)))).toEqual(data);
  });

  it('writes what JSON cannot say as text', () => {
    const value = { big: 2n ** 63n, nan: Number.NaN, far: -Infinity, symbol: Symbol('s'), call: () => 1 };
    expect({ ...toPlainRecord(value) }).toEqual({
      big: '9223372036854775808',
      nan: 'NaN',
      far: '-Infinity',
      symbol: 'Symbol(s)',
      call: '[function]',
    });
  });

  it('leaves undefined fields out, and keeps their place in a list', () => {
    expect(JSON.stringify(toPlain({ a: undefined, b: [undefined] }))).toBe('{"b":[null]}');
    expect(toPlain(undefined)).toBeNull();
  });

  it('gives an error with its code, context, stack and cause', () => {
    const cause = Object.assign(new Error('no space'), { code: 'ENOSPC' });
    const error = new CsiCamerasError('disk_full', 'The disk is full.', { path: '/x' }, { cause });
    expect(JSON.parse(JSON.stringify(toPlain(error)))).toEqual({
      type: 'CsiCamerasError',
      message: 'The disk is full.',
      code: 'disk_full',
      context: { path: '/x' },
      stack: error.stack,
      cause: { type: 'Error', message: 'no space', code: 'ENOSPC', stack: cause.stack },
    });
  });

  it('survives values that hold themselves', () => {
    const loop: Record<string, unknown> = { name: 'loop', twin: { a: 1 } };
    loop['self'] = loop;
    loop['twinAgain'] = loop['twin'];
    expect(JSON.stringify(toPlain(loop))).toBe(
      '{"name":"loop","twin":{"a":1},"self":"[circular]","twinAgain":{"a":1}}',
    );
  });

  it('survives values that refuse to be read', () => {
    const hostile = {
      getter: Object.defineProperty({}, 'x', {
        enumerable: true,
        get() {
          throw new Error('no');
        },
      }),
      json: {
        toJSON() {
          // oxlint-disable-next-line typescript/only-throw-error -- anything can be thrown at us
          throw { toString: 'not even a function' };
        },
      },
      proxy: new Proxy(
        {},
        {
          has() {
            throw new TypeError('closed');
          },
        },
      ),
    };
    expect({ ...toPlainRecord(hostile) }).toEqual({
      getter: '[unreadable: no]',
      json: '[unreadable: no reason given]',
      proxy: '[unreadable: closed]',
    });
  });

  it('takes dates, maps, sets and binary data', () => {
    const value = {
      date: new Date(0),
      map: new Map([['k', 1]]),
      set: new Set([1]),
      bytes: Buffer.alloc(5),
      raw: new ArrayBuffer(3),
    };
    expect(JSON.stringify(toPlain(value))).toBe(
      '{"date":"1970-01-01T00:00:00.000Z","map":{"k":1},"set":[1],"bytes":"[5 bytes]","raw":"[3 bytes]"}',
    );
  });

  it('keeps a key named __proto__ a key', () => {
    const plain = toPlain(JSON.parse('{"__proto__":{"polluted":true}}'));
    expect(JSON.stringify(plain)).toBe('{"__proto__":{"polluted":true}}');
  });

  it('bounds the work on what is deep, wide or long', () => {
    let deep: unknown = 'bottom';
    for (let level = 0; level < 100_000; level += 1) deep = [deep];
    const wide = Object.fromEntries(Array.from({ length: 200_000 }, (_, index) => [`k${index}`, index]));
    const long = Array.from({ length: 500_000 }, () => 1);
    const plain = toPlain({ deep, wide, list: long, text: 'x'.repeat(10_000_000) });
    expect(JSON.stringify(plain).length).toBeLessThan(1_000_000);
    expect(JSON.stringify(toPlain(long))).toContain('"[cut]"]');
  });
});

describe('cutText', () => {
  it('never leaves half a surrogate pair', () => {
    expect(cutText('a😀b', 2)).toBe('a[cut: 4 characters]');
    expect(cutText('a😀b', 3)).toBe('a😀[cut: 4 characters]');
    expect(cutText('abc', 3)).toBe('abc');
  });
});

describe('jsonWithin', () => {
  it('says that it was cut, how long it was, and keeps the first and the short fields', () => {
    const record = toPlainRecord({ id: 'rec_1', payload: { pad: 'x'.repeat(90_000) }, last: 7 });
    const line = jsonWithin(record, 65_535);
    const cut = JSON.parse(line) as Record<string, unknown>;
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(65_535);
    expect(cut).toMatchObject({ id: 'rec_1', last: 7, cut: true, original_bytes: 90_044 });
    expect(cut['payload']).toMatch(/^\{"pad":"x+\[cut: 90010 characters\]$/);
  });

  it('gives valid JSON within the limit whatever the record', () => {
    assert(
      property(
        dictionary(string({ unit: 'binary' }), anything()),
        integer({ min: 64, max: 2_000 }),
        (record, limit) => {
          const line = jsonWithin(toPlainRecord(record), limit);
          expect(Buffer.byteLength(line)).toBeLessThanOrEqual(limit);
          expect(typeof JSON.parse(line)).toBe('object');
          expect(line).not.toContain('\n');
        },
      ),
    );
  });
});

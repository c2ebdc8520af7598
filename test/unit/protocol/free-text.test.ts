import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { cleanText, MAX_FREE_TEXT } from '../../../src/protocol/free-text.js';

describe('cleanText', () => {
  it.each([
    ['', ''],
    ['a, "b"; c', 'a, "b"; c'],
    ['a\tb\r\nc', 'a b  c'],
    ['\u0000\u007f\u0085\u009f', '    '],
    ['a\u2028b\u2029c', 'a b c'],
    ['\ud83d', ' '],
    ['\udc41\ud83d', '  '],
    ['👁 auge', '👁 auge'],
    [`${'x'.repeat(254)}👁`, `${'x'.repeat(254)}👁`],
    [`${'x'.repeat(255)}👁`, 'x'.repeat(255)],
    [`${'x'.repeat(256)}y`, 'x'.repeat(256)],
    [`${'x'.repeat(255)}\ud83d\t`, `${'x'.repeat(255)} `],
  ])('makes %j to %j', (text, clean) => {
    expect(cleanText(text)).toBe(clean);
  });

  it('gives valid text on one line, no longer than allowed, and leaves its own result alone', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary', minLength: 200, maxLength: 400 }));
    const halves = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 300 });
    fc.assert(
      fc.property(
        fc.oneof(
          text,
          halves.map((units) => String.fromCharCode(...units)),
        ),
        (any) => {
          const clean = cleanText(any);
          expect(clean.isWellFormed()).toBe(true);
          expect(clean).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
          expect(clean.length).toBeLessThanOrEqual(MAX_FREE_TEXT);
          expect(clean.length).toBeGreaterThanOrEqual(Math.min(any.length, MAX_FREE_TEXT - 1));
          expect(cleanText(clean)).toBe(clean);
        },
      ),
    );
  });

  it('does not read all of a huge text', () => {
    expect(cleanText('x'.repeat(10_000_000))).toBe('x'.repeat(256));
  });
});

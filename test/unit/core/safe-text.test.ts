import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { jsonLine, printable } from '../../../src/core/safe-text.js';

/** What ends a line for some reader, or drives a terminal. */
const DANGEROUS = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

const anyText = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\u001B[2J', '\u009B', '\u0085', '\u2028', '\u202E', '\r'),
    fc.string({ unit: 'binary' }),
  ),
});

describe('printable', () => {
  it.each([
    ['imx296', 'imx296'],
    ['\u001B[31mred\u001B[0m', 'red'],
    ['\u001B]0;title\u0007name', 'name'],
    ['a\r\nb\tc', 'a  b c'],
    ['up\u009B2Jdown', 'updown'],
    ['txt.\u202Egpj', 'txt. gpj'],
    ['Kamera Süd 🎥', 'Kamera Süd 🎥'],
  ])('of %j is %j', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it('leaves nothing that drives a terminal, whatever the text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(printable(text)).not.toMatch(DANGEROUS);
      }),
    );
  });
});

describe('jsonLine', () => {
  it('is one line for every reader, and the same value, whatever the text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const line = jsonLine({ [text]: [text] });
        expect(line).not.toMatch(DANGEROUS);
        const isWellFormed = text.isWellFormed();
        expect(JSON.parse(line)).toEqual(isWellFormed ? { [text]: [text] } : expect.anything());
      }),
    );
  });
});

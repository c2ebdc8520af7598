import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { LineReader, type Line } from '../../../src/cli/line-reader.js';
import { MAX_LINE_BYTES } from '../../../src/protocol/commands.js';

/** What the chunks are read as, the end of the stream included. */
function read(chunks: Iterable<Buffer | string>): Line[] {
  const lines: Line[] = [];
  const reader = new LineReader((line) => lines.push(line));
  for (const chunk of chunks) reader.push(Buffer.from(chunk));
  reader.end();
  return lines;
}

const good = (value: unknown): Line => ({ ok: true, value });
const bad = (error: string): unknown => ({ ok: false, error, excerpt: expect.any(String) });
const NOT_JSON = 'The line is not valid JSON. Send one JSON object per line.';
const NOT_UTF8 = 'The line is not valid UTF-8.';
const TOO_LONG = 'The line is longer than 65536 bytes.';

/** A JSON text of exactly so many bytes. */
const jsonOf = (bytes: number): string => JSON.stringify('x'.repeat(bytes - 2));

describe('LineReader', () => {
  it('reads one JSON value a line', () => {
    expect(read(['{"command":"get_status"}\n{"a":[1,null]}\n"text"\n'])).toEqual([
      good({ command: 'get_status' }),
      good({ a: [1, null] }),
      good('text'),
    ]);
  });

  it('hands each line over as soon as its end is there', () => {
    const lines: Line[] = [];
    const reader = new LineReader((line) => lines.push(line));
    reader.push(Buffer.from('1'));
    expect(lines).toEqual([]);
    reader.push(Buffer.from('\n2'));
    expect(lines).toEqual([good(1)]);
  });

  it('takes a last line without a newline for a line', () => {
    expect(read(['{"a":1}\n{"b":2}'])).toEqual([good({ a: 1 }), good({ b: 2 })]);
  });

  it('takes CRLF for a line end, and skips empty lines', () => {
    expect(read(['{"a":1}\r\n\r\n\n   \n\t\n{"b":2}\r\n'])).toEqual([good({ a: 1 }), good({ b: 2 })]);
  });

  it('skips a byte order mark', () => {
    expect(read(['\uFEFF{"a":1}\n'])).toEqual([good({ a: 1 })]);
  });

  it.each([['{"a":'], ['{a:1}'], ['hello'], ['{"a":1}{"b":2}'], ['{"a":"\u0001"}'], ['\u0000'], ['NaN']])(
    'says that %p is no JSON, and reads the next line',
    (text) => {
      expect(read([`${text}\n1\n`])).toEqual([bad(NOT_JSON), good(1)]);
    },
  );

  it.each([
    ['a byte that begins nothing', Buffer.from([0x22, 0xff, 0x22])],
    ['a character that is cut off', Buffer.from([0x22, 0xe2, 0x82, 0x22])],
    ['an overlong form', Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
    ['half a surrogate pair', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
  ])('says that %s is no UTF-8, and reads the next line', (_what, bytes) => {
    expect(read([bytes, '\n"é"\n'])).toEqual([bad(NOT_UTF8), good('é')]);
  });

  it('takes a line of the greatest length, and refuses one byte more', () => {
    expect(MAX_LINE_BYTES).toBe(65_536);
    expect(read([`${jsonOf(MAX_LINE_BYTES)}\n`])).toEqual([good('x'.repeat(MAX_LINE_BYTES - 2))]);
    expect(read([`${jsonOf(MAX_LINE_BYTES + 1)}\n1\n`])).toEqual([bad(TOO_LONG), good(1)]);
  });

  it.each([[1], [7], [200], [4_096], [65_536], [65_537], [2_000_000]])(
    'refuses a line of 1 MiB in pieces of %p bytes once, keeps its beginning, and reads the next line',
    (pieceBytes) => {
      const bytes = Buffer.from(`${jsonOf(1024 * 1024)}\n{"next":true}\n`);
      const pieces: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += pieceBytes) pieces.push(bytes.subarray(at, at + pieceBytes));
      const lines = read(pieces);
      expect(lines).toEqual([bad(TOO_LONG), good({ next: true })]);
      expect(lines[0]).toMatchObject({ excerpt: `"${'x'.repeat(199)}` });
    },
  );

  it('refuses a last line that is too long and has no newline', () => {
    expect(read([jsonOf(100_000)])).toEqual([bad(TOO_LONG)]);
  });

  it('keeps no more of a bad line than an excerpt', () => {
    const [line] = read([`x${'y'.repeat(50_000)}\n`]);
    expect(line).toEqual({ ok: false, error: NOT_JSON, excerpt: `x${'y'.repeat(199)}` });
  });

  it('reads the same whatever the chunk borders: cut at every byte', () => {
    const bytes = Buffer.from('{"a":"é€😀"}\r\n\nnonsense\n{"b":[1,2]}\n"\uFFFD"\n3');
    const whole = read([bytes]);
    expect(whole).toHaveLength(5);
    for (let at = 0; at <= bytes.length; at += 1) {
      expect(read([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(whole);
    }
    expect(read(Array.from(bytes, (byte) => Buffer.from([byte])))).toEqual(whole);
  });

  it('never throws, and answers every line that is not blank, whatever the bytes', () => {
    const chunk = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            chunk,
            fc.constantFrom('\n', '{"a":1}', '\r\n').map((text) => Buffer.from(text)),
          ),
        ),
        (chunks) => {
          const lines = read(chunks);
          const texts = Buffer.concat(chunks).toString('latin1').split('\n');
          const whole = read([Buffer.concat(chunks)]);
          expect(lines).toEqual(whole);
          expect(lines.length).toBeLessThanOrEqual(texts.length);
        },
      ),
    );
  });
});

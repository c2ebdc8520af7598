import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { familyText } from '../../../../src/monitor/metrics/text-format.js';

const head = { name: 'm', type: 'gauge', help: 'What it is.', labels: ['camera'] } as const;
const lineOf = (label: string): string =>
  familyText(head, [[1, label]])
    .split('\n')
    .slice(2, -1)
    .join('\n');

describe('the text format', () => {
  it('has help, type and a line for each sample', () => {
    const text = familyText({ ...head, labels: ['a', 'b'] }, [
      [1.5, 'x', 'y'],
      [-2, 'x', 'z'],
    ]);
    expect(text).toBe('# HELP m What it is.\n# TYPE m gauge\nm{a="x",b="y"} 1.5\nm{a="x",b="z"} -2\n');
  });

  it('has no braces without labels', () => {
    expect(familyText({ ...head, labels: [] }, [[3]])).toContain('\nm 3\n');
  });

  it('says nothing of a family without samples', () => {
    expect(familyText(head, [])).toBe('');
  });

  it('writes numbers as Prometheus reads them', () => {
    const numbers = [Infinity, -Infinity, NaN, 1e21, 1e-7, 2 ** 53];
    const text = familyText(
      { ...head, labels: [] },
      numbers.map((value) => [value] as const),
    );
    expect(text.match(/(?<=^m ).+$/gm)).toEqual(['+Inf', '-Inf', 'NaN', '1e+21', '1e-7', '9007199254740992']);
  });

  it('escapes help texts', () => {
    expect(familyText({ ...head, help: 'a\\b\nc "d"' }, [[1, '']])).toContain('# HELP m a\\\\b\\nc "d"\n');
  });

  it.each([
    ['a"b', 'a\\"b'],
    ['a\\b', 'a\\\\b'],
    ['a\nb', 'a\\nb'],
    ['Käfer 🪲', 'Käfer 🪲'],
    ['"} 5\nm{camera="', '\\"} 5\\nm{camera=\\"'],
    ['a\u0000b\r\u009b', 'a\\\\u0000b\\\\u000d\\\\u009b'],
    ['\ud800 and \udfff', '\\\\ud800 and \\\\udfff'],
  ])('escapes the label %j', (label, escaped) => {
    expect(lineOf(label)).toBe(`m{camera="${escaped}"} 1`);
  });

  it('keeps any label in one line that gives it back, after UTF-8 too', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (label) => {
        const line = Buffer.from(lineOf(label)).toString();
        const [, escaped = ''] = /^m\{camera="((?:[^"\\\n]|\\["\\n])*)"\} 1$/.exec(line) ?? [];
        const read = escaped.replaceAll(/\\(["\\n])/g, (_, letter: string) => (letter === 'n' ? '\n' : letter));
        const plain = read.replaceAll(/\\u([0-9a-f]{4})/g, (_, code: string) =>
          String.fromCharCode(parseInt(code, 16)),
        );
        // A text that holds such an escape itself comes out shorter: it is read in the same way.
        expect(plain).toBe(
          label.replaceAll(/\\u([0-9a-f]{4})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16))),
        );
      }),
    );
  });
});

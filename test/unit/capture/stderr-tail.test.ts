import { describe, expect, it } from '@jest/globals';
import { LineLimit } from '../../../src/capture/line-limit.js';
import { StderrTail } from '../../../src/capture/stderr-tail.js';
import { TestClock } from './test-clock.js';

function texts(tail: StderrTail): string[] {
  return tail.lines.map((line) => line.text);
}

describe('StderrTail', () => {
  it('puts lines together from pieces, strips colours and control characters, and skips empty lines', () => {
    const seen: string[] = [];
    const tail = new StderrTail((line) => seen.push(line));
    tail.push(Buffer.from('\u001B[1;31mERR'), 1n);
    tail.push(Buffer.from('OR\u001B[0m\u0000 bad\r\n\n  \nlast'), 2n);
    expect(seen).toEqual(['ERROR  bad']);
    tail.finish(3n);
    expect(tail.lines).toEqual([
      { text: 'ERROR  bad', readAtNs: 2n },
      { text: 'last', readAtNs: 3n },
    ]);
  });

  it('keeps the last forty lines and cuts long ones', () => {
    const tail = new StderrTail();
    tail.push(Buffer.from(Array.from({ length: 100 }, (_, index) => `line ${index}\n`).join('')), 0n);
    tail.push(Buffer.from(`${'x'.repeat(6000)}\n`), 0n);
    expect(tail.lines).toHaveLength(40);
    expect(texts(tail)[0]).toBe('line 61');
    expect(texts(tail)[39]).toHaveLength(500);
  });

  it('holds little of a line that never ends', () => {
    const tail = new StderrTail();
    for (let index = 0; index < 100; index += 1) tail.push(Buffer.alloc(1000, 'y'), 0n);
    tail.finish(0n);
    expect(texts(tail)).toEqual(['y'.repeat(500)]);
  });

  it('reads both ends of a flood, not its middle', () => {
    let count = 0;
    const tail = new StderrTail(() => {
      count += 1;
    });
    tail.push(Buffer.from(`first\n${'flood\n'.repeat(20_000)}ERROR: *** last ***\n`), 0n);
    expect(count).toBeLessThan(6000);
    expect(texts(tail).at(-1)).toBe('ERROR: *** last ***');
  });
});

describe('LineLimit', () => {
  it('lets a burst pass, then so many a second, and counts what it held back', () => {
    const clock = new TestClock();
    const limit = new LineLimit(clock, 3, 2);
    expect([1, 2, 3, 4, 5].map(() => limit.pass())).toEqual([0, 0, 0, undefined, undefined]);
    clock.advance(500);
    expect([1, 2].map(() => limit.pass())).toEqual([2, undefined]);
    clock.advance(60_000);
    expect([1, 2, 3, 4].map(() => limit.pass())).toEqual([1, 0, 0, undefined]);
  });
});

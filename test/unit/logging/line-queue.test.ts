import { describe, expect, it } from '@jest/globals';
import { LineQueue } from '../../../src/logging/line-queue.js';
import { ManualClock } from '../../harness/manual-clock.js';

const clock = new ManualClock(1_000);

function queueOf(blocks: number, blockBytes = 100): LineQueue {
  return new LineQueue({
    clock,
    blockBytes,
    maxBytes: blocks * blockBytes,
    gapLine: ({ lines, sinceMs }) => `lost ${lines} since ${sinceMs}`,
  });
}

function drain(queue: LineQueue): string {
  let text = '';
  for (let block = queue.peek(); block !== undefined; block = queue.peek()) {
    text += block.toString();
    queue.confirm();
  }
  return text;
}

const line = (number: number): string => `line ${String(number).padStart(4, '0')} ${'x'.repeat(14)}`; // 25 bytes with newline

describe('LineQueue', () => {
  it('gives the lines in order, whole, in blocks', () => {
    const queue = queueOf(10);
    for (let number = 0; number < 30; number += 1) queue.push(line(number));
    const first = queue.peek();
    expect(first?.toString()).toBe([0, 1, 2, 3].map((number) => `${line(number)}\n`).join(''));
    expect(drain(queue)).toBe(Array.from({ length: 30 }, (_, number) => `${line(number)}\n`).join(''));
    expect(queue.lost).toBe(0);
  });

  it('gives the same block until it is confirmed, and adds nothing to it', () => {
    const queue = queueOf(10);
    queue.push(line(1));
    const taken = queue.peek();
    queue.push(line(2));
    expect(queue.peek()?.toString()).toBe(`${line(1)}\n`);
    expect(taken?.toString()).toBe(`${line(1)}\n`);
    queue.confirm();
    expect(queue.peek()?.toString()).toBe(`${line(2)}\n`);
  });

  it('refuses the newest when it is full, counts, and tells of it where they are missing', () => {
    const queue = queueOf(3);
    for (let number = 0; number < 20; number += 1) queue.push(line(number));
    expect(queue.lost).toBe(8);
    queue.peek();
    queue.confirm();
    queue.push(line(20));
    const text = drain(queue);
    const told = `${line(11)}\nlost 8 since 1000\n${line(20)}\n`;
    expect(text.endsWith(told)).toBe(true);
    expect(queue.lost).toBe(8);
  });

  it('tells of the loss when there is room again, also without another line', () => {
    const queue = queueOf(2);
    for (let number = 0; number < 9; number += 1) queue.push(line(number));
    expect(drain(queue)).toContain('lost 1 since 1000\n');
  });

  it('tells of a loss that happened before a line got to it', () => {
    const queue = queueOf(2);
    queue.lose(5);
    queue.lose(0);
    expect(drain(queue)).toBe('lost 5 since 1000\n');
    expect(queue.lost).toBe(5);
  });

  it('counts what is discarded, and what a discarded line told of is told again, but counted once', () => {
    const queue = queueOf(2);
    for (let number = 0; number < 10; number += 1) queue.push(line(number)); // 8 fit
    queue.peek();
    queue.confirm(); // 4 written, and the gap of 2 told in the queue
    queue.discard(); // 4 lines and that one
    expect(queue.lost).toBe(6);
    queue.push(line(11));
    expect(drain(queue)).toBe(`lost 6 since 1000\n${line(11)}\n`);
    expect(queue.lost).toBe(6);
  });

  it('counts a line longer than a block as lost', () => {
    const queue = queueOf(2);
    queue.push('x'.repeat(queue.maxLineBytes + 1));
    expect(queue.lost).toBe(1);
    queue.push('é'.repeat(49)); // 98 bytes: UTF-8 is what counts
    expect(queue.lost).toBe(1);
  });

  it('never holds more than its memory, however long nothing is confirmed', () => {
    const queue = queueOf(4, 1_000);
    for (let number = 0; number < 100_000; number += 1) queue.push(line(number));
    expect(queue.lost).toBe(100_000 - 4 * 40);
  });

  it('does not write over a block that was discarded while a write of it hangs', () => {
    const queue = queueOf(2);
    queue.push(line(1));
    const hanging = queue.peek();
    queue.discard();
    for (let number = 2; number < 8; number += 1) queue.push(line(number));
    expect(hanging?.toString()).toBe(`${line(1)}\n`);
  });
});

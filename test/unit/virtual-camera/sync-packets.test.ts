import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';

import { answerPacket, helloPacket, readAnswer, readHello } from '../../../src/virtual-camera/sync/packets.js';

const NOW_US = 9_297_983_128_000;
const AGREEMENT = { periodUs: 1_000_000 / 60, originUs: NOW_US - 500_000, startUs: NOW_US + 1_166_667 };
const NONCE = 0xfedcba98;

describe('what synchronised cameras say', () => {
  it('arrives as it was said', () => {
    expect(readHello(helloPacket(NONCE))).toBe(NONCE);
    expect(readAnswer(answerPacket(NONCE, AGREEMENT), NONCE, NOW_US)).toEqual(AGREEMENT);
  });

  it('is no answer to somebody else, and a hello is no answer', () => {
    expect(readAnswer(answerPacket(NONCE, AGREEMENT), NONCE - 1, NOW_US)).toBeUndefined();
    expect(readAnswer(helloPacket(NONCE), NONCE, NOW_US)).toBeUndefined();
    expect(readHello(answerPacket(NONCE, AGREEMENT))).toBeUndefined();
  });

  it.each([
    ['a period of nothing', { periodUs: 0 }],
    ['a period below 0', { periodUs: -16_667 }],
    ['a period of an hour', { periodUs: 3_600_000_000 }],
    ['a period that is no number', { periodUs: Number.NaN }],
    ['an endless period', { periodUs: Number.POSITIVE_INFINITY }],
    ['a frame of the future', { originUs: NOW_US + 1 }],
    ['a frame before the machine started', { originUs: -1 }],
    ['a start before the first frame', { startUs: NOW_US - 500_001 }],
    ['a start in two days', { startUs: NOW_US + 172_800_000_000 }],
    ['a start that is no number', { startUs: Number.NaN }],
  ])('is nothing with %s', (_, wrong) => {
    expect(readAnswer(answerPacket(NONCE, { ...AGREEMENT, ...wrong }), NONCE, NOW_US)).toBeUndefined();
  });

  it('is nothing with one byte too many, too few, or wrong in its head', () => {
    const [hello, answer] = [helloPacket(NONCE), answerPacket(NONCE, AGREEMENT)];
    for (const packet of [hello.subarray(1), hello.subarray(0, -1), Buffer.concat([hello, Buffer.from([0])])]) {
      expect(readHello(packet)).toBeUndefined();
    }
    expect(readAnswer(answer.subarray(0, -1), NONCE, NOW_US)).toBeUndefined();
    expect(readAnswer(Buffer.concat([answer, Buffer.from([0])]), NONCE, NOW_US)).toBeUndefined();
    for (let at = 0; at < 12; at += 1) {
      const [wrongHello, wrongAnswer] = [Buffer.from(hello), Buffer.from(answer)];
      wrongHello[at] = (hello[at] ?? 0) ^ 0x40;
      wrongAnswer[at] = (answer[at] ?? 0) ^ 0x40;
      expect([readHello(wrongHello), readAnswer(wrongAnswer, NONCE, NOW_US)]).toEqual([undefined, undefined]);
    }
  });

  it('is nothing where it is any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const packet = Buffer.from(bytes);
        expect([readHello(packet), readAnswer(packet, NONCE, NOW_US)]).toEqual([undefined, undefined]);
      }),
    );
  });
});

import { FrameComposer, type FrameFormat } from '../../src/virtual-camera/picture/frame-composer.js';

export const NOON_US = Date.UTC(2026, 0, 6, 12) * 1000;

/** A composer of a small picture, but for what is said. */
export function composer(format: Partial<FrameFormat> = {}): FrameComposer {
  return new FrameComposer({
    width: 320,
    height: 240,
    quality: 85,
    isMono: false,
    title: 'IMX219 CAMERA 1',
    ...format,
  });
}

export function frameOf(from: FrameComposer, number: number, wallUs = NOON_US): Buffer {
  const target = Buffer.alloc(from.maxFrameBytes);
  return target.subarray(0, from.compose(number, 1_000_000 + number, wallUs, target, 0));
}

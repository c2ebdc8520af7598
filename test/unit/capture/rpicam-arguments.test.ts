import { describe, expect, it } from '@jest/globals';
import type { CaptureSettings } from '../../../src/capture/camera-source.js';
import { asksForMetadata, captureArguments } from '../../../src/capture/rpicam-arguments.js';

const SETTINGS: CaptureSettings = {
  width: 1456,
  height: 1088,
  fps: 60,
  jpegQuality: 85,
  bufferCount: 12,
  frameTimeoutMs: 2000,
  firstFrameTimeoutMs: 5000,
  syncTimeoutMs: 60_000,
};

describe('captureArguments', () => {
  it('asks for JPEG frames and their metadata in one stream', () => {
    expect(captureArguments(1, SETTINGS).join(' ')).toBe(
      '--nopreview --timeout 0 --codec mjpeg --flush --output - --metadata - --metadata-format txt ' +
        '--camera 1 --framerate 60 --quality 85 --buffer-count 12 --no-raw --width 1456 --height 1088',
    );
  });

  it('leaves the size to the tool where none is asked for', () => {
    const given = captureArguments(0, { ...SETTINGS, width: 0, height: 0 });
    expect(given).not.toContain('--width');
    expect(given).not.toContain('--height');
  });

  it.each([
    [29.97, '29.97'],
    [1 / 3, '0.333333'],
    [0.01, '0.01'],
  ])('writes a rate of %d without an exponent', (fps, text) => {
    const given = captureArguments(0, { ...SETTINGS, fps });
    expect(given[given.indexOf('--framerate') + 1]).toBe(text);
  });

  it('leaves out what the tool does not know, and both metadata options together', () => {
    const given = captureArguments(0, SETTINGS, new Set(['--no-raw', '--buffer-count', '--metadata-format']));
    expect(given.join(' ')).toBe(
      '--nopreview --timeout 0 --codec mjpeg --flush --output - --camera 0 --framerate 60 --quality 85 --width 1456 --height 1088',
    );
    expect(asksForMetadata(new Set(['--metadata-format']))).toBe(false);
    expect(asksForMetadata(new Set(['--no-raw']))).toBe(true);
  });

  it('names a sensor mode in place of leaving the raw stream out, where the tool knows how', () => {
    const given = (leftOut: readonly '--mode'[]): string =>
      captureArguments(0, SETTINGS, new Set(leftOut), '1640:1232:8:P').join(' ');
    expect(given([])).toContain('--buffer-count 12 --mode 1640:1232:8:P --width');
    expect(given([])).not.toContain('--no-raw');
    expect(given(['--mode'])).toContain('--buffer-count 12 --no-raw --width');
    expect(() => captureArguments(0, SETTINGS, new Set(), '1; rm')).toThrow('W:H:bits:P');
  });

  it.each([
    ['a negative index', -1, {}],
    ['an index that is no whole number', 0.5, {}],
    ['no buffers', 0, { bufferCount: 0 }],
  ])('refuses %s', (_what, index, settings) => {
    expect(() => captureArguments(index, { ...SETTINGS, ...settings })).toThrow(
      expect.objectContaining({ code: 'unsupported_mode' }),
    );
  });

  it('refuses one side of a size, and names it', () => {
    for (const [side, name] of [
      [{ width: 0 }, 'width'],
      [{ height: 0 }, 'height'],
    ] as const) {
      expect(() => captureArguments(0, { ...SETTINGS, ...side })).toThrow(
        expect.objectContaining({ code: 'invalid_setting', context: { setting: name, value: '0' } }),
      );
    }
  });
});

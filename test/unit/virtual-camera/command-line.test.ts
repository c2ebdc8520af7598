import { describe, expect, it } from '@jest/globals';

import { NO_CONTROLS } from '../../../src/virtual-camera/sensor/controls.js';
import { helpText, OPTION_SPECS, parseOptions } from '../../../src/virtual-camera/options/vid-options.js';

describe('the command line', () => {
  it('takes what the module asks for', () => {
    const text =
      '--nopreview --timeout 0 --codec mjpeg --flush --output - --metadata - --metadata-format txt --camera 1 ' +
      '--width 1640 --height 1232 --framerate 41.5 --quality 85 --buffer-count 12 --no-raw';
    expect(parseOptions(text.split(' '))).toEqual({
      action: 'stream',
      camera: 1,
      verbose: 1,
      width: 1640,
      height: 1232,
      framerate: 41.5,
      timeoutMs: 0,
      frames: 0,
      sync: 'off',
      codec: 'mjpeg',
      quality: 85,
      output: '-',
      metadata: '-',
      metadataFormat: 'txt',
      mode: undefined,
      bufferCount: 12,
      controls: NO_CONTROLS,
    });
  });

  it('has the defaults of rpicam-vid', () => {
    expect(parseOptions([])).toMatchObject({
      width: 640,
      height: 480,
      framerate: 30,
      timeoutMs: 5000,
      codec: 'h264',
      quality: 50,
      output: '',
      metadataFormat: 'json',
      bufferCount: 6,
    });
  });

  it('understands short options, values behind = and values that are stuck on', () => {
    expect(parseOptions(['-n', '-t', '250', '-o', '-', '--width=320', '--height=240', '-q95'])).toMatchObject({
      timeoutMs: 250,
      output: '-',
      width: 320,
      height: 240,
      quality: 95,
    });
    expect(parseOptions(['-v']).verbose).toBe(2);
    expect(parseOptions(['--verbose=0', '--brightness', '-0.5', '--hdr', '--circular=8']).verbose).toBe(0);
  });

  it.each([
    ['500', 500],
    ['5sec', 5000],
    ['1.5s', 1500],
    ['2min', 120_000],
    ['500us', 0.5],
  ])('reads the time %s', (text, expected) => {
    expect(parseOptions(['-t', text]).timeoutMs).toBe(expected);
  });

  it('rounds sizes down to even ones and keeps them and the quality within limits', () => {
    expect(parseOptions(['--width', '641', '--height', '1'])).toMatchObject({ width: 640, height: 16 });
    expect(parseOptions(['--quality', '0']).quality).toBe(1);
    expect(parseOptions(['--quality', '101']).quality).toBe(100);
    expect(parseOptions(['--framerate', '0']).framerate).toBe(30);
  });

  it('reads a mode, and forgets it with --no-raw', () => {
    expect(parseOptions(['--mode', '1640:1232:10:P']).mode).toEqual({ width: 1640, height: 1232 });
    expect(parseOptions(['--mode', '1640:1232', '--no-raw']).mode).toBeUndefined();
  });

  it.each([
    ['--foo', "unrecognised option '--foo'"],
    ['--foo=3', "unrecognised option '--foo'"],
    ['-z', "unrecognised option '-z'"],
    ['--width', "the required argument for option '--width' is missing"],
    ['--width --height 3', "the required argument for option '--width' is missing"],
    ['--width abc', "the argument ('abc') for option '--width' is invalid"],
    ['--width -4', "the argument ('-4') for option '--width' is invalid"],
    ['--framerate 3x', "the argument ('3x') for option '--framerate' is invalid"],
    ['--flush=maybe', "the argument ('maybe') for option '--flush' is invalid"],
    ['--width 3 --width 4', "option '--width' cannot be specified more than once"],
    ['here', 'too many positional options have been specified on the command line'],
    ['--mode big', 'Invalid mode'],
    ['--mode 640:480:10:X', 'Packing indicator should be P or U'],
    ['--metadata-format xml', 'unrecognised metadata format xml'],
    ['--timeout soon', 'Invalid time string provided'],
    ['--sync foo', 'incorrect sync value foo'],
    ['--sync', "the required argument for option '--sync' is missing"],
  ])('refuses %s', (line, message) => {
    expect(() => parseOptions(line.split(' '))).toThrow(message);
  });

  it.each([
    ['off', 'off'],
    ['server', 'server'],
    ['Client', 'client'],
  ])('synchronises as it is told: %s', (word, sync) => {
    expect(parseOptions(['--sync', word]).sync).toBe(sync);
  });

  it('does not know what an old version does not know', () => {
    expect(() => parseOptions(['--metadata', '-'], ['--metadata'])).toThrow("unrecognised option '--metadata'");
    expect(parseOptions(['--metadata-format', 'txt'], ['--metadata']).metadataFormat).toBe('txt');
  });

  it('has each name once, and tells all of them', () => {
    const names = OPTION_SPECS.map(({ name }) => name);
    const shorts = OPTION_SPECS.flatMap(({ short }) => short ?? []);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(shorts).size).toBe(shorts.length);
    for (const name of names) expect(helpText()).toContain(`--${name}`);
  });

  it.each([
    ['--help', 'help'],
    ['-h', 'help'],
    ['--version', 'version'],
    ['--list-cameras', 'list'],
    ['--list-cameras=0', 'stream'],
  ])('with %s it does: %s', (option, action) => {
    expect(parseOptions([option]).action).toBe(action);
  });
});

import { CAMERA_SETTINGS, type PartialSettings, type SettingName } from '../../../../src/core/camera-settings.js';

/** One example of each setting, and what the capture tool is told of it besides the arguments of every stream. */
export interface AskedSetting {
  readonly asked: PartialSettings;
  readonly commandLine: string;
}

export const ASKED: Readonly<Record<SettingName, AskedSetting>> = {
  exposureTimeUs: { asked: { exposureTimeUs: 5000 }, commandLine: '--shutter 5000' },
  gain: { asked: { gain: 2.5 }, commandLine: '--gain 2.5' },
  exposureCompensationStops: { asked: { exposureCompensationStops: -0.5 }, commandLine: '--ev -0.5' },
  metering: { asked: { metering: 'spot' }, commandLine: '--metering spot' },
  exposureMode: { asked: { exposureMode: 'sport' }, commandLine: '--exposure sport' },
  flickerPeriodUs: { asked: { flickerPeriodUs: 10_000 }, commandLine: '--flicker-period 10000us' },
  focusMode: { asked: { focusMode: 'continuous' }, commandLine: '--autofocus-mode continuous' },
  lensPositionDioptres: {
    asked: { lensPositionDioptres: 1.5 },
    commandLine: '--autofocus-mode manual --lens-position 1.5',
  },
  focusRange: { asked: { focusRange: 'macro' }, commandLine: '--autofocus-range macro' },
  focusSpeed: { asked: { focusSpeed: 'fast' }, commandLine: '--autofocus-speed fast' },
  focusWindow: { asked: { focusWindow: [0.25, 0, 0.5, 1] }, commandLine: '--autofocus-window 0.25,0,0.5,1' },
  whiteBalance: { asked: { whiteBalance: 'daylight' }, commandLine: '--awb daylight' },
  colourGains: { asked: { colourGains: [1.5, 2] }, commandLine: '--awbgains 1.5,2' },
  saturation: { asked: { saturation: 0 }, commandLine: '--saturation 0' },
  width: { asked: { width: 640, height: 480 }, commandLine: '--width 640 --height 480' },
  height: { asked: { width: 800, height: 600 }, commandLine: '--width 800 --height 600' },
  fps: { asked: { fps: 29.97 }, commandLine: '--framerate 29.97' },
  hflip: { asked: { hflip: true }, commandLine: '--hflip' },
  vflip: { asked: { vflip: true }, commandLine: '--vflip' },
  rotationDegrees: { asked: { rotationDegrees: 180 }, commandLine: '--rotation 180' },
  regionOfInterest: { asked: { regionOfInterest: [0, 0, 1 / 3, 0.5] }, commandLine: '--roi 0,0,0.333333,0.5' },
  brightness: { asked: { brightness: -1 }, commandLine: '--brightness -1' },
  contrast: { asked: { contrast: 1.25 }, commandLine: '--contrast 1.25' },
  sharpness: { asked: { sharpness: 1e-6 }, commandLine: '--sharpness 0.000001' },
  noiseReduction: { asked: { noiseReduction: 'cdn_off' }, commandLine: '--denoise cdn_off' },
  jpegQuality: { asked: { jpegQuality: 93 }, commandLine: '--quality 93' },
  hdr: { asked: { hdr: 'single-exp' }, commandLine: '--hdr=single-exp' },
  sensorMode: { asked: { sensorMode: '1640:1232:10:P' }, commandLine: '--mode 1640:1232:10:P' },
  sync: { asked: { sync: 'client' }, commandLine: '--sync client' },
  tuningFile: { asked: { tuningFile: '/etc/my tuning.json' }, commandLine: '--tuning-file /etc/my tuning.json' },
};

const NO_NUMBERS: readonly unknown[] = [Number.NaN, Infinity, -Infinity, '1', 'auto', true, [1], {}];
const NO_WORDS: readonly unknown[] = [
  '',
  'AUTO',
  'auto ',
  'auto\n',
  'auto --output=/tmp/x',
  '--hflip',
  'nonsense',
  1,
  true,
  ['auto'],
  {},
];
const NO_TEXT: readonly unknown[] = ['', 1, true, ['/x'], {}];

/** At least ten values that a setting never takes. */
export function badValues(name: SettingName): readonly unknown[] {
  const spec = CAMERA_SETTINGS[name];
  switch (spec.kind) {
    case 'number':
      return [spec.min - 0.01, spec.max + 0.01, ...NO_NUMBERS];
    case 'whole':
      return [spec.min - 1, spec.max + 1, spec.min + 0.5, ...NO_NUMBERS];
    case 'word':
      return NO_WORDS.filter((word) => !(spec.words as readonly unknown[]).includes(word));
    case 'choice':
      return [90, 270, -180, 360, 180.5, ...NO_NUMBERS];
    case 'switch':
      return [0, 1, 'true', 'false', 'yes', '', [], {}, Number.NaN, [true]];
    case 'pair':
      return [[], [1], [1, 2, 3], [1, 0], [33, 1], [1, Number.NaN], ['1', '2'], '1,2', 1.5, {}, [1, [2]]];
    case 'rectangle':
      return [
        [],
        [0, 0, 1],
        [0, 0, 1, 1, 1],
        [0, 0, 0, 1],
        [0, 0, 1, 1e-9],
        [0.5, 0, 0.6, 1],
        [0, 0.5, 1, 0.6],
        [-0.1, 0, 0.5, 1],
        [2, 2, 2, 2],
        [0, 0, Number.NaN, 1],
        ['0', '0', '1', '1'],
        '0,0,1,1',
        // oxlint-disable-next-line no-sparse-arrays -- a hole is no number
        [0, , 1, 1],
      ];
    case 'mode':
      return [
        ...NO_TEXT,
        '1640:1232',
        '1640:1232:10',
        '1640:1232:10:U',
        '1640:1232:9:P',
        '0640:1232:10:P',
        '1640:1232:10:P ',
        '1640:1232:10:P\n',
        '--mode',
        '640x480',
      ];
    case 'file':
      return [
        ...NO_TEXT,
        'tuning.json',
        './tuning.json',
        '~/tuning.json',
        '--output=/tmp/x',
        '-o',
        ' /etc/passwd',
        '/etc/passwd\u0000.json',
        '/x\n--output',
        '/\u0085',
        '/\u2028',
        '/\u001b[31m',
        '/\ud800',
        `/${'x'.repeat(4096)}`,
      ];
  }
}

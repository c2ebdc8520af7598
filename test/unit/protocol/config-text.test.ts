import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { DEFAULT_CONFIG, describeOptions, optionAt, readConfig } from '../../../src/protocol/config.js';
import { readConfigText } from '../../../src/protocol/config-text.js';
import { HOST_CONFIG_KEYS, HOST_OWN_KEYS, REPLACED_MODULE_KEYS } from '../../../src/protocol/host-config-keys.js';

const read = (text: string): ReturnType<typeof readConfigText> => readConfigText(text, 'The file');
/** The whole configuration of a text that has no problems. */
function configOf(text: string): unknown {
  const { config, problems } = read(text);
  expect(problems).toEqual([]);
  const whole = readConfig(config);
  expect(whole.problems).toEqual([]);
  return whole.config;
}

/** As the host writes it for a camera. */
const HOST_FILE = `\uFEFF# CSI camera\r
display_name = CSI Cameras\r
visible = True\r
internal = False\r
platforms = raspberry_pi\r
\r
enabled = True
device_connected = False
window_geometry = 640x480+10+20
   # ours
resolution = 1456x1088
frame_rate = 60
jpeg_quality = "90"
record_fps = 12.5
preview_fps='2'   # for a slow network
min_free_bytes = 1000000000
resume_after_reconnect = False
log_level = WARNING
`;

describe('a host file of "key = value" lines', () => {
  it('sets our options under the names of the host, and passes over what is the host its own', () => {
    expect(configOf(HOST_FILE)).toEqual({
      ...DEFAULT_CONFIG,
      camera: { ...DEFAULT_CONFIG.camera, width: 1456, height: 1088, fps: 60, jpegQuality: 90 },
      recording: { ...DEFAULT_CONFIG.recording, fps: 12.5, minFreeBytes: 1e9, resumeAfterReconnect: false },
      preview: { ...DEFAULT_CONFIG.preview, fps: 2 },
      logs: { ...DEFAULT_CONFIG.logs, level: 'warn' },
    });
  });

  it('sets settings of single cameras, by names with or without quotes: the last dot ends them', () => {
    const lines = [
      'cameras."picam:0".gain = 2',
      'cameras.picam:0.colourGains = 1.7, 1.5  # of the left one',
      "cameras./base/soc/i2c@88000/imx296@1a.hflip = 'yes'",
      'cameras."a.b.c".exposureTimeUs = 5000',
      'cameras.a.b.c.gain = 3',
      'cameras.picam:0.gain = 2.5',
      'cameras.picam:1.gain =',
    ];
    const { config, problems } = read(lines.join('\n'));
    expect(problems).toEqual([]);
    expect(config).toEqual({
      cameras: {
        'picam:0': { gain: 2.5, colourGains: [1.7, 1.5] },
        '/base/soc/i2c@88000/imx296@1a': { hflip: true },
        'a.b.c': { exposureTimeUs: 5000, gain: 3 },
      },
    });
    expect(readConfig(config).problems).toEqual([]);
  });

  it('names keys of cameras that are none, and their values that cannot be used', () => {
    const { config, problems } = read('cameras.picam:0.gian = 2\ncameras.gain = 2\ncameras.picam:0.gain = 0.5\n');
    expect(config).toEqual({});
    expect(problems).toEqual([
      'The file has keys that this module does not know. They are ignored: cameras.picam:0.gian, cameras.gain.',
      'The file has values that cannot be used. The defaults are used: cameras.picam:0.gain must be at least 1 (it is "0.5").',
    ]);
  });

  it('sets every option under its own name', () => {
    const single = describeOptions().filter(({ path, default: value }) => value !== null && path !== 'cameras');
    for (const { path, default: value } of single) {
      const text = typeof value === 'string' && value === '' ? 'some text' : String(value);
      expect(read(`${path} = ${text}`).problems).toEqual([]);
      const [section = '', name] = path.split('.');
      const set = typeof value === 'string' && value === '' ? 'some text' : value;
      expect(read(`${path} = ${text}`).config).toEqual(
        name === undefined ? { [section]: set } : { [section]: { [name]: set } },
      );
    }
  });

  it.each([
    ['True', true],
    ['true', true],
    ['yes', true],
    ['ON', true],
    ['1', true],
    ['False', false],
    ['no', false],
    ['off', false],
    ['0', false],
    ['"True"', true],
    ['True # now', true],
  ])('takes %p for a truth value', (text, value) => {
    expect(read(`simulate = ${text}`)).toEqual({ config: { simulate: value }, problems: [] });
  });

  it.each([
    ['30', 30],
    ['30.0', 30],
    ['+29.97', 29.97],
    ['1e1', 10],
    ['.5', 0.5],
    ["'15'", 15],
    ['24#x', 'camera.fps'],
    ['0x10', 'camera.fps'],
    ['thirty', 'camera.fps'],
    ['nan', 'camera.fps'],
    ['Infinity', 'camera.fps'],
    ['1001', 'camera.fps'],
    ['30 fps', 'camera.fps'],
  ])('takes %p for a number, or names the key', (text, expected) => {
    const { config, problems } = read(`camera.fps = ${text}`);
    if (typeof expected === 'number')
      expect({ config, problems }).toEqual({ config: { camera: { fps: expected } }, problems: [] });
    else expect({ config, problems }).toEqual({ config: {}, problems: [expect.stringContaining(expected)] });
  });

  it.each([
    ['DEBUG', 'debug'],
    ['INFO', 'info'],
    ['Warn', 'warn'],
    ['WARNING', 'warn'],
    ['ERROR', 'error'],
    ['CRITICAL', 'error'],
  ])('takes the log level %p for %p', (text, level) => {
    expect(read(`log_level = ${text}`).config).toEqual({ logs: { level } });
    expect(read(`logs.level = ${text}`).config).toEqual({ logs: { level } });
  });

  it.each([
    ['camera.tool = /usr/bin/vid', '/usr/bin/vid'],
    ['camera.tool="/opt/my tools/vid # 2"', '/opt/my tools/vid # 2'],
    ['camera.tool = /opt/vid#2', '/opt/vid#2'],
    ['camera.tool = /opt/vid # the new one', '/opt/vid'],
    ['camera.tool = /opt/a=b', '/opt/a=b'],
    ['\tcamera.tool\t=\t/opt/vid\t', '/opt/vid'],
  ])('reads %p', (line, tool) => {
    expect(read(line)).toEqual({ config: { camera: { tool } }, problems: [] });
  });

  it.each([['frame_rate ='], ['frame_rate = None'], ['frame_rate = ""'], ['frame_rate = # later']])(
    'takes %p for left out',
    (line) => {
      expect(read(line)).toEqual({ config: {}, problems: [] });
    },
  );

  it('takes the last of several values for one option, under whatever name', () => {
    expect(read('frame_rate = 10\ncamera.fps = 20\nframe_rate = 25').config).toEqual({ camera: { fps: 25 } });
  });

  it('names all unknown keys in one sentence', () => {
    const { config, problems } = read(
      'frame_rate = 25\nframerate = 30\ncamera.fsp = 1\ncamera.fps.x = 1\n__proto__ = 1',
    );
    expect(config).toEqual({ camera: { fps: 25 } });
    expect(problems).toEqual([
      'The file has keys that this module does not know. They are ignored: framerate, camera.fsp, camera.fps.x, __proto__.',
    ]);
  });

  it('names all values that cannot be used in one sentence, under the names that were written', () => {
    const { config, problems } = read('resolution = full\nframe_rate = 0\nlog_level = loud\njpeg_quality = 80');
    expect(config).toEqual({ camera: { jpegQuality: 80 } });
    expect(problems).toEqual([
      'The file has values that cannot be used. The defaults are used: resolution must look like 1456x1088 (it is "full"); ' +
        'frame_rate must be at least 0.005 (it is "0"); log_level must be debug, info, warn or error (it is "loud").',
    ]);
  });

  it('sets both sides of a size, or neither', () => {
    expect(read('resolution = 640 X 480').config).toEqual({ camera: { width: 640, height: 480 } });
    expect(read('resolution = 640x8')).toEqual({ config: {}, problems: [expect.stringContaining('resolution')] });
    expect(read('resolution = 640x480x2')).toEqual({ config: {}, problems: [expect.stringContaining('resolution')] });
  });

  it('counts the lines that are none', () => {
    expect(read('\n\nno pair\n = 5\ncamera.fps = 5\n[camera]').problems).toEqual([
      'The file has lines that are not "key = value". They are ignored: line 3, 4, 6.',
    ]);
  });

  it.each([['[1]'], ['"camera.fps = 5'.slice(0, 11)], ['# nothing\nbut words\n']])('is told what %j is not', (text) => {
    expect(read(text)).toEqual({
      config: {},
      problems: [
        'The file cannot be used (it is not JSON, which starts with "{", and has no line "key = value"). It is ignored.',
      ],
    });
  });

  it('stays readable whatever the number and the length of the mistakes', () => {
    const keys = Array.from({ length: 10_000 }, (_, index) => `key_${index} = 1`).join('\n');
    const { problems } = read(
      `${keys}\n${'x'.repeat(5_000)} = 1\nframe_rate = \u001b[2J${'9'.repeat(5_000)}\n${'y'.repeat(100_000)}=1`,
    );
    expect(problems).toHaveLength(3);
    expect(problems[0]).toMatch(/key_0, key_1, .* and 99\d\d more\.$/);
    for (const problem of problems) {
      expect(problem.length).toBeLessThan(600);
      expect(problem).not.toMatch(/\p{Cc}/u);
    }
  });
});

describe('a JSON configuration', () => {
  it.each([['{"camera":{"fps":60}}'], ['\uFEFF\r\n  {"camera":{"fps":60}}\n']])(
    'is told by its first character: %j',
    (text) => {
      expect(read(text)).toEqual({ config: { camera: { fps: 60 } }, problems: [] });
    },
  );

  it('that is broken is one problem', () => {
    expect(read('{"camera":')).toEqual({
      config: {},
      problems: [expect.stringMatching(/^The file cannot be used \(.+\)\. It is ignored\.$/)],
    });
  });
});

describe('any text', () => {
  it('gives a configuration that needs no second warning', () => {
    const key = fc.constantFrom(
      ...describeOptions().map(({ path }) => path),
      ...Object.keys(HOST_CONFIG_KEYS),
      ...HOST_OWN_KEYS,
      'constructor',
      '__proto__',
    );
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.double().map(String),
      fc.constantFrom('True', '640x480', '"', "'#"),
    );
    const line = fc.oneof(
      fc.tuple(key, value).map((pair) => pair.join(' = ')),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(line), fc.constantFrom('\n', '\r\n', '\r'), (lines, end) => {
        const { config, problems } = read(lines.join(end));
        if (lines.join(end).trimStart().startsWith('{')) return;
        expect(problems.length).toBeLessThanOrEqual(3);
        expect(readConfig(config).problems).toEqual([]);
      }),
    );
  });
});

describe('the keys of the host', () => {
  it('name options that there are, and no option of our own', () => {
    for (const path of Object.values(HOST_CONFIG_KEYS).flat()) expect(optionAt(path)).toBeDefined();
    const keys = [...Object.keys(HOST_CONFIG_KEYS), ...HOST_OWN_KEYS, ...REPLACED_MODULE_KEYS];
    for (const key of keys) expect(optionAt(key)).toBeUndefined();
  });

  it("are no problem where a camera's copy is still that of the module in Python", () => {
    const lines = [
      'enabled = true',
      'log_level = debug',
      'console_output = False',
      'view.show_io_panel = true',
      'view.show_logger = False',
      'preview_resolution = auto',
      'preview_scale = 0.25',
      'preview_divisor = 4',
      'output_dir = cameras_csi',
      'session_prefix = cameras_csi',
      'frame_rate = 60',
      'window_geometry = 320x200',
    ];
    expect(read(lines.join('\n'))).toEqual({
      config: { camera: { fps: 60 }, logs: { level: 'debug' } },
      problems: [],
    });
    expect(read('view_ = 1\npreview = 2').problems).toEqual([expect.stringContaining('view_, preview')]);
  });
});

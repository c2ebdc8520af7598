/** The options of rpicam-vid 1.12, and what the virtual camera makes of them. Options without effect are accepted. */
import { type OptionKind, type OptionSpec, parseCommandLine } from './command-line.js';
import { ToolError } from './tool-error.js';

const spec = (name: string, kind: OptionKind, help: string, more: Partial<OptionSpec> = {}): OptionSpec => ({
  name,
  kind,
  help,
  ...more,
});

/** Options that change what the virtual camera does. */
const EFFECTIVE: readonly OptionSpec[] = [
  spec('help', 'flag', 'Print this help message', { short: 'h' }),
  spec('version', 'flag', 'Displays the build version number'),
  spec('list-cameras', 'flag', 'Lists the available cameras attached to the system'),
  spec('camera', 'natural', 'Chooses the camera to use, by its index in the list'),
  spec('verbose', 'optional', 'Level 0 is no output, 1 is default, 2 is verbose', { short: 'v', implied: '2' }),
  spec('width', 'natural', 'Output image width, pixels (0 = 640)'),
  spec('height', 'natural', 'Output image height, pixels (0 = 480)'),
  spec('framerate', 'number', 'Frames a second (default 30)'),
  spec('timeout', 'text', 'Time to run, in ms unless it has a unit; 0 for ever (default 5sec)', { short: 't' }),
  spec('frames', 'natural', 'Run for this many frames; overrides the timeout'),
  spec('output', 'text', 'Output file, or - for stdout', { short: 'o' }),
  spec('codec', 'text', 'Only mjpeg here'),
  spec('quality', 'integer', 'JPEG quality, 1 to 100 (default 50)', { short: 'q' }),
  spec('metadata', 'text', 'File for the metadata of each frame, or - for stdout'),
  spec('metadata-format', 'text', 'txt or json (default json)'),
  spec('mode', 'text', 'Sensor mode as W:H:bit-depth:packing'),
  spec('no-raw', 'flag', 'Request no raw stream; overrides --mode'),
  spec('buffer-count', 'natural', 'Buffers that may wait while nobody reads (default 6)'),
];

/** Options of rpicam-vid that have no effect here, as `name` or `name,short`. */
const WITHOUT_EFFECT: Readonly<Partial<Record<OptionKind, string>>> = {
  flag: `flush nopreview,n fullscreen,f qt-preview hflip vflip inline listen,l keypress,k signal,s split low-latency
    libav-audio`,
  text: `preview,p post-process-file post-process-libs preview-libs encoder-libs info-text roi shutter metering exposure
    awb awbgains denoise tuning-file viewfinder-mode autofocus-mode autofocus-range autofocus-speed autofocus-window
    lens-position flicker-period bitrate,b profile level save-pts initial,i sync libav-video-codec
    libav-video-codec-opts libav-format audio-codec audio-source audio-device audio-bitrate av-sync`,
  natural: `wrap viewfinder-width viewfinder-height lores-width lores-height viewfinder-buffer-count intra,g segment
    audio-channels audio-samplerate alsa-period-size`,
  number: 'analoggain gain ev brightness contrast saturation sharpness rotation',
  optional: 'hdr circular config,c',
};

function withoutEffect([kind, names]: [string, string]): readonly OptionSpec[] {
  return names.split(/\s+/u).map((entry) => {
    const [name = '', short] = entry.split(',');
    return spec(name, kind as OptionKind, 'No effect here', short === undefined ? {} : { short });
  });
}

export const OPTION_SPECS: readonly OptionSpec[] = [
  ...EFFECTIVE,
  ...Object.entries(WITHOUT_EFFECT).flatMap(withoutEffect),
];

export interface ToolOptions {
  /** The action: show the help, the version or the list, or stream. */
  readonly action: 'help' | 'version' | 'list' | 'stream';
  /** Index in the list. */
  readonly camera: number;
  readonly verbose: number;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Frames a second. */
  readonly framerate: number;
  /** Milliseconds; 0 for ever. */
  readonly timeoutMs: number;
  /** Number of frames to send; 0 for no limit. */
  readonly frames: number;
  readonly codec: string;
  /** 1 to 100. */
  readonly quality: number;
  /** A path; `-` for stdout, '' to discard. */
  readonly output: string;
  readonly metadata: string;
  readonly metadataFormat: 'txt' | 'json';
  readonly mode: { readonly width: number; readonly height: number } | undefined;
  readonly bufferCount: number;
}

const DEFAULT_WIDTH = 640;
const DEFAULT_HEIGHT = 480;
const DEFAULT_BUFFER_COUNT = 6;
const UNITS_IN_MS: Readonly<Record<string, number>> = {
  '': 1,
  ns: 1e-6,
  us: 1e-3,
  ms: 1,
  s: 1000,
  sec: 1000,
  min: 60_000,
  h: 3_600_000,
  hr: 3_600_000,
};

/** Parses a command line (without node and script). `unknown`: options that an old version does not know yet. */
export function parseOptions(args: readonly string[], unknown: readonly string[] = []): ToolOptions {
  const known = OPTION_SPECS.filter(({ name }) => !unknown.includes(`--${name}`));
  const values = parseCommandLine(args, known);
  const number = (name: string, fallback: number): number => Number(values.get(name) ?? fallback);
  const isOn = (name: string): boolean => /^(?:1|true|yes|on)$/iu.test(values.get(name) ?? '');
  const framerate = number('framerate', -1);
  return {
    action: actionOf(isOn),
    camera: number('camera', 0),
    verbose: number('verbose', 1),
    // YUV 4:2:0 needs even sizes; the real tool rounds down too.
    width: evenSize(number('width', 0), DEFAULT_WIDTH),
    height: evenSize(number('height', 0), DEFAULT_HEIGHT),
    framerate: framerate > 0 ? framerate : 30,
    timeoutMs: parseTime(values.get('timeout') ?? '5sec'),
    frames: number('frames', 0),
    codec: values.get('codec') ?? 'h264',
    quality: Math.min(100, Math.max(1, number('quality', 50))),
    output: values.get('output') ?? '',
    metadata: values.get('metadata') ?? '',
    metadataFormat: parseMetadataFormat(values.get('metadata-format') ?? 'json'),
    mode: isOn('no-raw') ? undefined : parseMode(values.get('mode') ?? ''),
    bufferCount: Math.max(1, number('buffer-count', 0) || DEFAULT_BUFFER_COUNT),
  };
}

function actionOf(isOn: (name: string) => boolean): ToolOptions['action'] {
  if (isOn('help')) return 'help';
  if (isOn('version')) return 'version';
  return isOn('list-cameras') ? 'list' : 'stream';
}

function evenSize(asked: number, fallback: number): number {
  return asked === 0 ? fallback : Math.max(16, asked - (asked % 2));
}

function parseTime(text: string): number {
  const match = /^(\d+(?:\.\d*)?)([a-z]*)$/u.exec(text);
  const unit = UNITS_IN_MS[match?.[2] ?? ''];
  if (!match || unit === undefined) throw new ToolError('Invalid time string provided');
  return Number(match[1]) * unit;
}

function parseMetadataFormat(text: string): 'txt' | 'json' {
  const format = text.toLowerCase();
  if (format === 'txt' || format === 'json') return format;
  throw new ToolError(`unrecognised metadata format ${text}`);
}

function parseMode(text: string): ToolOptions['mode'] {
  if (text === '') return undefined;
  const match = /^(\d+):(\d+)(?::\d+(?::(.))?)?/u.exec(text);
  if (!match) throw new ToolError('Invalid mode');
  if (match[3] !== undefined && !/[pu]/iu.test(match[3])) throw new ToolError('Packing indicator should be P or U');
  return { width: Number(match[1]), height: Number(match[2]) };
}

/** What `--help` prints. */
export function helpText(): string {
  const lines = OPTION_SPECS.map(({ name, short, kind, help }) => {
    const names = short === undefined ? `--${name}` : `-${short} [ --${name} ]`;
    return `  ${`${names}${kind === 'flag' ? '' : ' arg'}`.padEnd(38)} ${help}`;
  });
  return `Valid options are:\n${lines.join('\n')}\n`;
}

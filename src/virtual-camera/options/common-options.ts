/** The options that rpicam-vid and rpicam-still share, besides those of the camera's settings. */
import { type OptionKind, type OptionSpec, optionSpec as spec } from './command-line.js';
import { CONTROL_SPECS, parseControls } from './control-options.js';
import { type CameraControls } from '../sensor/controls.js';
import { parseTimeMs } from './time-text.js';
import { ToolError } from '../tool-error.js';

const EFFECTIVE: readonly OptionSpec[] = [
  spec('help', 'flag', 'Print this help message', { short: 'h' }),
  spec('version', 'flag', 'Displays the build version number'),
  spec('list-cameras', 'flag', 'Lists the available cameras attached to the system'),
  spec('camera', 'natural', 'Chooses the camera to use, by its index in the list'),
  spec('verbose', 'optional', 'Level 0 is no output, 1 is default, 2 is verbose', { short: 'v', implied: '2' }),
  spec('width', 'natural', 'Output image width, pixels (0 = default)'),
  spec('height', 'natural', 'Output image height, pixels (0 = default)'),
  spec('framerate', 'number', 'Frames a second (default 30)'),
  spec('timeout', 'text', 'Time to run, in ms unless it has a unit; 0 for ever (default 5sec)', { short: 't' }),
  spec('output', 'text', 'Output file, or - for stdout', { short: 'o' }),
  spec('metadata', 'text', 'File for the metadata of each frame, or - for stdout'),
  spec('metadata-format', 'text', 'txt or json (default json)'),
  spec('mode', 'text', 'Sensor mode as W:H:bit-depth:packing'),
  spec('no-raw', 'flag', 'Request no raw stream; overrides --mode'),
  spec('buffer-count', 'natural', 'Buffers that may wait while nobody reads (default 6)'),
];

/** Options that have no effect here, as `name` or `name,short`. */
export type WithoutEffect = Readonly<Partial<Record<OptionKind, string>>>;

const WITHOUT_EFFECT: WithoutEffect = {
  flag: 'flush nopreview,n fullscreen,f qt-preview',
  text: `preview,p post-process-file post-process-libs preview-libs encoder-libs info-text viewfinder-mode`,
  natural: 'wrap viewfinder-width viewfinder-height lores-width lores-height viewfinder-buffer-count',
  optional: 'config,c',
};

export function withoutEffect(names: WithoutEffect): readonly OptionSpec[] {
  return Object.entries(names).flatMap(([kind, list]) =>
    list.split(/\s+/u).map((entry) => {
      const [name = '', short] = entry.split(',');
      return spec(name, kind as OptionKind, 'No effect here', short === undefined ? {} : { short });
    }),
  );
}

export const COMMON_SPECS: readonly OptionSpec[] = [...EFFECTIVE, ...CONTROL_SPECS, ...withoutEffect(WITHOUT_EFFECT)];

export interface CommonOptions {
  /** The action: show the help, the version or the list, or take pictures. */
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
  /** 1 to 100. */
  readonly quality: number;
  /** A path; `-` for stdout, '' to discard. */
  readonly output: string;
  readonly metadata: string;
  readonly metadataFormat: 'txt' | 'json';
  readonly mode: { readonly width: number; readonly height: number } | undefined;
  readonly bufferCount: number;
  readonly controls: CameraControls;
}

/** What an option is if it is not given. */
export interface CommonDefaults {
  /** Pixels; 0 for the whole sensor. */
  readonly width: number;
  readonly height: number;
  readonly quality: number;
}

const DEFAULT_BUFFER_COUNT = 6;

export function parseCommon(values: ReadonlyMap<string, string>, defaults: CommonDefaults): CommonOptions {
  const number = (name: string, fallback: number): number => Number(values.get(name) ?? fallback);
  const framerate = number('framerate', -1);
  return {
    action: actionOf(values),
    camera: number('camera', 0),
    verbose: number('verbose', 1),
    // YUV 4:2:0 needs even sizes; the real tool rounds down too.
    width: evenSize(number('width', 0), defaults.width),
    height: evenSize(number('height', 0), defaults.height),
    framerate: framerate > 0 ? framerate : 30,
    timeoutMs: parseTimeMs(values.get('timeout') ?? '5sec', 'ms'),
    quality: Math.min(100, Math.max(1, number('quality', defaults.quality))),
    output: values.get('output') ?? '',
    metadata: values.get('metadata') ?? '',
    controls: parseControls(values),
    metadataFormat: parseMetadataFormat(values.get('metadata-format') ?? 'json'),
    mode: isOn(values, 'no-raw') ? undefined : parseMode(values.get('mode') ?? ''),
    bufferCount: Math.max(1, number('buffer-count', 0) || DEFAULT_BUFFER_COUNT),
  };
}

export function isOn(values: ReadonlyMap<string, string>, name: string): boolean {
  return /^(?:1|true|yes|on)$/iu.test(values.get(name) ?? '');
}

function actionOf(values: ReadonlyMap<string, string>): CommonOptions['action'] {
  if (isOn(values, 'help')) return 'help';
  if (isOn(values, 'version')) return 'version';
  return isOn(values, 'list-cameras') ? 'list' : 'stream';
}

function evenSize(asked: number, fallback: number): number {
  return asked === 0 ? fallback : Math.max(16, asked - (asked % 2));
}

function parseMetadataFormat(text: string): 'txt' | 'json' {
  const format = text.toLowerCase();
  if (format === 'txt' || format === 'json') return format;
  throw new ToolError(`unrecognised metadata format ${text}`);
}

function parseMode(text: string): CommonOptions['mode'] {
  if (text === '') return undefined;
  const match = /^(\d+):(\d+)(?::\d+(?::(.))?)?/u.exec(text);
  if (!match) throw new ToolError('Invalid mode');
  if (match[3] !== undefined && !/[pu]/iu.test(match[3])) throw new ToolError('Packing indicator should be P or U');
  return { width: Number(match[1]), height: Number(match[2]) };
}

/** What `--help` prints. */
export function helpTextOf(specs: readonly OptionSpec[]): string {
  const lines = specs.map(({ name, short, kind, help }) => {
    const names = short === undefined ? `--${name}` : `-${short} [ --${name} ]`;
    return `  ${`${names}${kind === 'flag' ? '' : ' arg'}`.padEnd(38)} ${help}`;
  });
  return `Valid options are:\n${lines.join('\n')}\n`;
}

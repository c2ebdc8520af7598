/** The options of rpicam-vid 1.12, and what the virtual camera makes of them. Options without effect are accepted. */
import { type OptionSpec, optionSpec as spec, parseCommandLine } from './command-line.js';
import { COMMON_SPECS, type CommonOptions, helpTextOf, parseCommon, withoutEffect } from './common-options.js';
import { ToolError } from '../tool-error.js';

const EFFECTIVE: readonly OptionSpec[] = [
  spec('frames', 'natural', 'Run for this many frames; overrides the timeout'),
  spec('codec', 'text', 'Only mjpeg here'),
  spec('quality', 'integer', 'JPEG quality, 1 to 100 (default 50)', { short: 'q' }),
  spec('sync', 'text', 'Whether to synchronise with another camera: off, server or client (default off)'),
];

const WITHOUT_EFFECT = {
  flag: 'inline listen,l keypress,k signal,s split low-latency libav-audio',
  text: `bitrate,b profile level save-pts initial,i libav-video-codec libav-video-codec-opts libav-format audio-codec
    audio-source audio-device audio-bitrate av-sync`,
  natural: 'intra,g segment audio-channels audio-samplerate alsa-period-size',
  optional: 'circular',
};

export const OPTION_SPECS: readonly OptionSpec[] = [...COMMON_SPECS, ...EFFECTIVE, ...withoutEffect(WITHOUT_EFFECT)];

export interface ToolOptions extends CommonOptions {
  /** Number of frames to send; 0 for no limit. */
  readonly frames: number;
  readonly codec: string;
  readonly sync: 'off' | 'server' | 'client';
}

/** rpicam-vid takes this size whatever the sensor. */
const DEFAULTS = { width: 640, height: 480, quality: 50 };

/** Parses a command line (without node and script). `unknown`: options that an old version does not know yet. */
export function parseOptions(args: readonly string[], unknown: readonly string[] = []): ToolOptions {
  const values = parseCommandLine(
    args,
    OPTION_SPECS.filter(({ name }) => !unknown.includes(`--${name}`)),
  );
  return {
    ...parseCommon(values, DEFAULTS),
    frames: Number(values.get('frames') ?? 0),
    codec: values.get('codec') ?? 'h264',
    sync: parseSync(values.get('sync') ?? 'off'),
  };
}

function parseSync(text: string): ToolOptions['sync'] {
  const word = text.toLowerCase();
  if (word === 'off' || word === 'server' || word === 'client') return word;
  throw new ToolError(`incorrect sync value ${text}`);
}

export const helpText = (): string => helpTextOf(OPTION_SPECS);

/** The options of rpicam-still (libcamera-still, libcamera-jpeg). Options without effect are accepted. */
import { type OptionSpec, optionSpec as spec, parseCommandLine } from './command-line.js';
import { COMMON_SPECS, type CommonOptions, helpTextOf, isOn, parseCommon, withoutEffect } from './common-options.js';
import { ToolError } from '../tool-error.js';

const EFFECTIVE: readonly OptionSpec[] = [
  spec('quality', 'integer', 'JPEG quality, 1 to 100 (default 93)', { short: 'q' }),
  spec('encoding', 'text', 'Only jpg here', { short: 'e' }),
  spec('immediate', 'flag', 'Take the picture without a preview phase'),
];

const WITHOUT_EFFECT = {
  flag: 'datetime timestamp keypress,k signal,s raw,r autofocus-on-capture zsl',
  text: 'exif,x timelapse thumb latest',
  natural: 'framestart restart',
};

export const STILL_SPECS: readonly OptionSpec[] = [...COMMON_SPECS, ...EFFECTIVE, ...withoutEffect(WITHOUT_EFFECT)];

export interface StillOptions extends CommonOptions {
  readonly encoding: string;
  readonly isImmediate: boolean;
}

/** The whole sensor. */
const DEFAULTS = { width: 0, height: 0, quality: 93 };
const ENCODINGS = new Set(['jpg', 'png', 'bmp', 'rgb', 'rgb24', 'rgb48', 'yuv420']);

/** As `parseOptions` of rpicam-vid. Throws a `ToolError`. */
export function parseStillOptions(args: readonly string[], unknown: readonly string[] = []): StillOptions {
  const values = parseCommandLine(
    args,
    STILL_SPECS.filter(({ name }) => !unknown.includes(`--${name}`)),
  );
  const encoding = values.get('encoding') ?? 'jpg';
  const options = { ...parseCommon(values, DEFAULTS), encoding, isImmediate: isOn(values, 'immediate') };
  if (!ENCODINGS.has(encoding)) throw new ToolError(`invalid encoding format ${encoding}`);
  return options;
}

export const stillHelpText = (): string => helpTextOf(STILL_SPECS);

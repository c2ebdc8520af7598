/**
 * Parses a command line as boost::program_options does, as far as rpicam-apps use it: `--name value`, `--name=value`,
 * `-n`, `-t 0`, `-t0`. The options themselves are listed in
 * `common-options.ts`, `control-options.ts`, `vid-options.ts` and `still-options.ts`.
 */
import { ToolError } from '../tool-error.js';

/** The kind of value that an option accepts. `flag` and `optional` accept a value only after `=`. */
export type OptionKind = 'flag' | 'text' | 'optional' | 'natural' | 'integer' | 'number';

export interface OptionSpec {
  readonly name: string;
  readonly short?: string;
  readonly kind: OptionKind;
  /** The value of an `optional` that is given without one. */
  readonly implied?: string;
  readonly help: string;
}

export const optionSpec = (
  name: string,
  kind: OptionKind,
  help: string,
  more: Partial<OptionSpec> = {},
): OptionSpec => ({ name, kind, help, ...more });

const PATTERNS: Partial<Record<OptionKind, RegExp>> = {
  flag: /^(?:0|1|true|false|yes|no|on|off)$/iu,
  natural: /^\+?\d+$/u,
  integer: /^[+-]?\d+$/u,
  number: /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/iu,
};

/** Returns the values by option name. Throws a `ToolError` in boost's words. */
export function parseCommandLine(args: readonly string[], specs: readonly OptionSpec[]): ReadonlyMap<string, string> {
  const byName = new Map(specs.map((spec) => [`--${spec.name}`, spec]));
  const byShort = new Map(specs.flatMap((spec) => (spec.short === undefined ? [] : [[`-${spec.short}`, spec]])));
  const values = new Map<string, string>();
  const rest = [...args];
  const isKnownOption = (text: string): boolean =>
    byName.has(text.replace(/=.*$/su, '')) || (/^-[^-]/u.test(text) && byShort.has(text.slice(0, 2)));

  for (let token = rest.shift(); token !== undefined; token = rest.shift()) {
    if (!token.startsWith('-') || token === '-') {
      throw new ToolError('too many positional options have been specified on the command line');
    }
    const isLong = token.startsWith('--');
    const [head, attached] = isLong ? splitAtEquals(token) : splitShort(token);
    const spec = isLong ? byName.get(head) : byShort.get(head);
    if (!spec) throw new ToolError(`unrecognised option '${head}'`);
    if (values.has(spec.name)) throw new ToolError(`option '--${spec.name}' cannot be specified more than once`);

    const canStandAlone = spec.kind === 'flag' || spec.kind === 'optional';
    if (attached === undefined && canStandAlone) {
      values.set(spec.name, spec.implied ?? '1');
      continue;
    }
    const next = rest[0];
    const following = next === undefined || isKnownOption(next) ? undefined : rest.shift();
    const value = attached ?? following;
    if (value === undefined) throw new ToolError(`the required argument for option '--${spec.name}' is missing`);
    if (PATTERNS[spec.kind]?.test(value) === false) {
      throw new ToolError(`the argument ('${value}') for option '--${spec.name}' is invalid`);
    }
    values.set(spec.name, value);
  }
  return values;
}

function splitAtEquals(token: string): [string, string | undefined] {
  const equals = token.indexOf('=');
  return equals === -1 ? [token, undefined] : [token.slice(0, equals), token.slice(equals + 1)];
}

function splitShort(token: string): [string, string | undefined] {
  return [token.slice(0, 2), token.length > 2 ? token.slice(2) : undefined];
}

/**
 * The misbehaviours that the camera can be told: their names, their values, and when they count.
 * `docs/virtual-camera.md` describes each; a test keeps the two in step. The misbehaviours of frames are carried out
 * in `camera-stream.ts` and `streaming.ts`, those of the start in `start-failures.ts`, `open-camera.ts`, `open-stream.ts`,
 * `sync/open-sync.ts`, `still-tool.ts` and `launch.ts`.
 */

/** `start`: read once, when the tool starts. `running`: the control file can switch it too. */
export type When = 'start' | 'running';

export interface MisbehaviourSpec {
  readonly when: When;
  /** Form of the value: N is a frame count, brackets enclose optional parts. '' if it has no value. */
  readonly value: string;
}

export const MISBEHAVIOURS = {
  cameras: { when: 'start', value: 'INDEX[+INDEX]|none' },
  'in-use': { when: 'start', value: '[configure]' },
  'not-found': { when: 'start', value: '' },
  'permission-denied': { when: 'start', value: '' },
  'unsupported-mode': { when: 'start', value: '[configure]' },
  'start-failure': { when: 'start', value: '[remote]' },
  'memory-failure': { when: 'start', value: '' },
  'library-missing': { when: 'start', value: '' },
  'fail-with': { when: 'start', value: 'TEXT' },
  'start-delay': { when: 'start', value: 'MS' },
  'withhold-frames': { when: 'start', value: 'N' },
  'old-version': { when: 'start', value: '[OPTION[+OPTION]]' },
  'give-size': { when: 'start', value: 'WxH' },
  'give-rate': { when: 'start', value: 'FPS' },
  rate: { when: 'start', value: 'any|unlimited' },
  'coloured-stderr': { when: 'start', value: '' },
  'hide-sensor-id': { when: 'start', value: '' },
  dark: { when: 'start', value: '[STOPS]' },
  'sync-port': { when: 'start', value: 'PORT' },
  'sync-frames': { when: 'start', value: 'N' },
  'sync-ppm': { when: 'start', value: 'PPM' },
  'still-hang': { when: 'start', value: '[stubborn]' },
  'still-flood': { when: 'start', value: '[BYTES]' },
  'still-child': { when: 'start', value: '[SECONDS]' },
  'still-half': { when: 'start', value: '' },
  'still-nothing': { when: 'start', value: '' },
  'exit-after': { when: 'running', value: 'N[:CODE]' },
  'fail-after': { when: 'running', value: 'N[:TEXT]' },
  'die-with-signal': { when: 'running', value: 'SIGNAL[:N]' },
  'hang-after': { when: 'running', value: 'N' },
  'disconnect-after': { when: 'running', value: 'N' },
  'restart-loop-after': { when: 'running', value: 'N' },
  'close-stdout-after': { when: 'running', value: 'N' },
  'cut-frame': { when: 'running', value: 'N' },
  'cut-stream': { when: 'running', value: 'N[:CODE]' },
  'garbage-at': { when: 'running', value: 'N[:BYTES]' },
  'garbage-forever-after': { when: 'running', value: 'N' },
  drop: { when: 'running', value: 'N:COUNT' },
  'drop-every': { when: 'running', value: 'N' },
  'no-metadata': { when: 'running', value: '' },
  'no-metadata-at': { when: 'running', value: 'N[:COUNT]' },
  'metadata-in-pieces': { when: 'running', value: '' },
  'no-sensor-timestamp': { when: 'running', value: '' },
  'no-wall-clock': { when: 'running', value: '' },
  'stamps-stand': { when: 'running', value: 'N:COUNT' },
  'stamps-back': { when: 'running', value: 'N:COUNT' },
  'stamps-swapped': { when: 'running', value: 'N:COUNT' },
  'stamps-wild': { when: 'running', value: 'N:COUNT' },
  'wall-clock-in-us': { when: 'running', value: '' },
  'eoi-in-header': { when: 'running', value: '' },
  'ignore-sigint': { when: 'running', value: '' },
  drift: { when: 'running', value: 'NAME:PERCENT[+NAME:PERCENT]' },
  'flood-stderr': { when: 'running', value: '[LINES_PER_SECOND]' },
} as const satisfies Readonly<Record<string, MisbehaviourSpec>>;

export type MisbehaviourName = keyof typeof MISBEHAVIOURS;

/** The requested misbehaviours: the value of each name, '' if it has none. */
export type Misbehaviours = ReadonlyMap<MisbehaviourName, string>;

export const BEHAVED: Misbehaviours = new Map();

function isName(text: string): text is MisbehaviourName {
  return Object.hasOwn(MISBEHAVIOURS, text);
}

/** Turns the form of a value (`N[:CODE]`) into the pattern of values that it accepts. */
function patternOf(form: string): RegExp {
  if (form === '') return /^$/u;
  const pattern = form
    .replaceAll('[', '(?:')
    .replaceAll(']', ')?')
    .replaceAll('+OPTION', '(?:\\+--[a-z-]+)*')
    .replaceAll('OPTION', '--[a-z-]+')
    .replaceAll('+INDEX', '(?:\\+[0-9]+)*')
    .replaceAll('INDEX', '[0-9]+')
    .replaceAll('+NAME:PERCENT', '(?:\\+NAME:PERCENT)*')
    .replaceAll('NAME', '(?:exposure|gain|colour-gains|lens-position)')
    .replaceAll('PERCENT', '-?[0-9]+(?:\\.[0-9]+)?')
    .replaceAll('PORT', '(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])')
    .replaceAll('PPM', '-?[0-9]{1,5}(?:\\.[0-9]+)?')
    .replaceAll('SIGNAL', 'SIG[A-Z0-9]+')
    .replaceAll('TEXT', '[^,]+')
    .replaceAll('WxH', '[0-9]+x[0-9]+')
    .replaceAll('LINES_PER_SECOND', '[0-9]+')
    .replaceAll(/\b(?:FPS|STOPS)\b/gu, '[0-9.]+')
    .replaceAll(/\b(?:N|MS|CODE|BYTES|COUNT|SECONDS)\b/gu, '[0-9]+');
  return new RegExp(`^(?:${pattern})$`, 'u');
}

/**
 * Parses `name` or `name=value`, separated by commas or line ends. Throws an `Error` that names what it does not
 * understand: a test with a mistyped name must not pass because the camera behaved.
 */
export function parseMisbehaviours(text: string): Misbehaviours {
  const asked = new Map<MisbehaviourName, string>();
  for (const entry of text.split(/[,\n]/u)) {
    const [name = '', ...rest] = entry.trim().split('=');
    if (name === '') continue;
    if (!isName(name)) throw new Error(`unknown misbehaviour '${name}'.`);
    const value = rest.join('=');
    const form = MISBEHAVIOURS[name].value;
    if (!patternOf(form).test(value)) {
      throw new Error(`the value of '${name}' is '${value}', but should look like '${form}'.`);
    }
    asked.set(name, value);
  }
  return asked;
}

/** The misbehaviours that can be switched while the camera runs. */
export function whileRunning(asked: Misbehaviours): Misbehaviours {
  return new Map([...asked].filter(([name]) => MISBEHAVIOURS[name].when === 'running'));
}

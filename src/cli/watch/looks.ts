import type { Shape, Tone } from '../../monitor/wording/words.js';

/** How a terminal shows shapes and tones. Shape and word come first: without colours nothing is lost. */
export interface Looks {
  readonly hasColours: boolean;
  /** Whether it shows more than ASCII. */
  readonly isUnicode: boolean;
}

const GLYPHS: Readonly<Record<Shape, readonly [unicode: string, ascii: string]>> = {
  ring: ['○', 'o'],
  dashed: ['◌', '.'],
  triangle: ['▷', '>'],
  dot: ['●', '*'],
  warning: ['▲', '!'],
  cross: ['✕', 'X'],
  square: ['■', '#'],
  question: ['?', '?'],
};

/** Colours of the terminal's own palette, so that they fit to a light and to a dark one. */
const COLOURS: Readonly<Record<Tone, string>> = {
  quiet: '',
  live: '\u001b[34m',
  recording: '\u001b[1;31m',
  caution: '\u001b[1;33m',
  alarm: '\u001b[1;7;31m',
  unknown: '\u001b[1;7m',
};
const FAINT = '\u001b[2m';
const PLAIN = '\u001b[0m';

/** `NO_COLOR` (no-color.org) turns colours off, a terminal that says it is dumb too. */
export function looksOf(isTerminal: boolean, env: NodeJS.ProcessEnv): Looks {
  const has = (name: string): boolean => (env[name] ?? '') !== '';
  // The first one that is set decides (locale(7)).
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value) => (value ?? '') !== '') ?? '';
  return {
    hasColours: isTerminal && !has('NO_COLOR') && env['TERM'] !== 'dumb',
    isUnicode: /utf-?8/i.test(locale),
  };
}

export function glyphOf(shape: Shape, { isUnicode }: Looks): string {
  return GLYPHS[shape][isUnicode ? 0 : 1];
}

/** The text in the colour of its tone. It must be printable, and cut to its width already. */
export function inTone(text: string, tone: Tone, { hasColours }: Looks): string {
  return hasColours && COLOURS[tone] !== '' ? `${COLOURS[tone]}${text}${PLAIN}` : text;
}

export function faint(text: string, { hasColours }: Looks): string {
  return hasColours ? `${FAINT}${text}${PLAIN}` : text;
}

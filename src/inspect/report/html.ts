import { printable } from '../../core/safe-text.js';

/** HTML whose texts are escaped by the type: what is no `Html` is text. Labels and names in a report come from hosts. */

/** Longer texts are cut: an info file of another writer may hold megabytes. */
const MAX_TEXT = 600;

/** Markup that is ready. Only `html` and `markup` make it. */
export class Html {
  constructor(readonly text: string) {}
}

export type HtmlPart = Html | string | number | null | undefined | readonly HtmlPart[];

/** A template whose values are escaped, unless they are `Html` themselves. Attributes must stand in double quotes. */
export function html(literals: TemplateStringsArray, ...values: readonly HtmlPart[]): Html {
  let text = literals[0] ?? '';
  for (const [index, value] of values.entries()) text += textOf(value) + (literals[index + 1] ?? '');
  return new Html(text);
}

/** For text that holds nothing but what this program made of numbers, such as the path of a plot. */
export function markup(text: string): Html {
  return new Html(text);
}

function textOf(value: HtmlPart): string {
  if (value instanceof Html) return value.text;
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return escapeText(value);
  return value.map(textOf).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Without control characters and without characters that turn the direction of the text behind them. */
export function escapeText(text: string): string {
  const cut = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)} ...` : text;
  return printable(cut.toWellFormed?.() ?? cut).replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

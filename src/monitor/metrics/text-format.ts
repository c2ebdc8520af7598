/** Prometheus' text format, version 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/ */

/** A value, then the labels' values in the order of the family's labels. */
export type Sample = readonly [value: number, ...labels: readonly string[]];

/** A metric without its samples, as the documents have it. */
export interface FamilyHead {
  /** A counter's name ends in `_total`. */
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  /** One line: the meaning, with the unit where the name does not tell it. */
  readonly help: string;
  readonly labels: readonly string[];
}

/** The lines of a family. Empty without a sample: a head alone would claim that there is one. */
export function familyText({ name, type, help, labels }: FamilyHead, samples: readonly Sample[]): string {
  if (samples.length === 0) return '';
  const lines = samples.map(([value, ...values]) => `${name}${labelsText(labels, values)} ${numberText(value)}\n`);
  return `# HELP ${name} ${escapedHelp(help)}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function labelsText(names: readonly string[], values: readonly string[]): string {
  if (names.length === 0) return '';
  return `{${names.map((name, at) => `${name}="${escapedLabel(values[at] ?? '')}"`).join(',')}}`;
}

/** C0 without the line feed, DEL and C1: a zero byte ends the whole answer for Prometheus, others disturb who reads it. */
// oxlint-disable-next-line no-control-regex -- They are what is looked for.
const CONTROLS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g;
/** UTF-8 has no form for half of a pair. Both would become U+FFFD: two cameras with one name, which Prometheus refuses. */
const LONE_SURROGATES = /\p{Surrogate}/gu;

/** What a label cannot hold is written out (`\u0000`), so that names that differ stay different. */
function escapedLabel(text: string): string {
  return text
    .replaceAll(CONTROLS, writtenOut)
    .replaceAll(LONE_SURROGATES, writtenOut)
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n');
}

function writtenOut(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function escapedHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function numberText(value: number): string {
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(value);
}

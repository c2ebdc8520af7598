/**
 * The code blocks of a document. The words behind the opening fence say what a block is:
 *
 *     ```sh                          commands: a test runs them
 *     ```sh needs="camera, vlc"      commands that need what a test does not have
 *     ```text                        what a program prints, or what is no command
 *
 * Nothing of a shell is known here: that is in `shell-words.ts`.
 */

export interface Block {
  readonly document: string;
  /** Of its first line behind the fence, counted from 1. */
  readonly line: number;
  readonly language: string;
  readonly needs: readonly string[];
  /** Without the indentation that its fence has. */
  readonly lines: readonly string[];
}

/** What is done with the blocks of each language. */
export const LANGUAGES = {
  sh: 'run',
  python: 'run',
  ts: 'run',
  js: 'run',
  json: 'parsed',
  ini: 'read',
  yaml: 'read',
  matlab: 'read',
  r: 'read',
  console: 'read',
  text: 'read',
} as const;

const OPENING = /^(?<indent> *)(?<fence>`{3,}|~{3,}) *(?<info>[^`]*)$/;
/** In a quotation, or on the line of a list's item. */
const ELSEWHERE = /^[\s>*+\-\d.]*(?:`{3}|~{3})/;
const NEEDS = /^needs="(?<words>[^"]+)"$/;

/** All of them, in order. Throws where a block says something that is not known, or has no end. */
export function blocksOf(document: string, text: string): Block[] {
  const blocks: Block[] = [];
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    const { indent = '', fence, info = '' } = OPENING.exec(lines[at] ?? '')?.groups ?? {};
    if (fence === undefined) {
      if (ELSEWHERE.test(lines[at] ?? ''))
        throw new Error(`${document}:${at + 1}: A block begins on a line of its own.`);
      continue;
    }
    const end = lines.findIndex((line, index) => index > at && closes(line, fence));
    if (end === -1) throw new Error(`${document}:${at + 1}: The block has no end.`);
    const inner = lines.slice(at + 1, end).map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line));
    blocks.push({ document, line: at + 2, ...saidBy(info, `${document}:${at + 1}`), lines: inner });
    at = end;
  }
  return blocks;
}

/** Whether a test runs it where all is there that it needs. TypeScript without an import shows a type, and does nothing. */
export function isRun({ language, lines }: Block): boolean {
  if (LANGUAGES[language as keyof typeof LANGUAGES] !== 'run') return false;
  const isScript = language !== 'ts' && language !== 'js';
  return isScript || lines.some((line) => line.startsWith('import '));
}

/** A session at a terminal: the lines with `$ ` are commands, the others are typed to the command above them. */
export function isSession({ language, lines }: Block): boolean {
  return language === 'sh' && lines[0]?.startsWith('$ ') === true;
}

function closes(line: string, fence: string): boolean {
  const trimmed = line.trim();
  return trimmed.length >= fence.length && trimmed === (fence[0] ?? '').repeat(trimmed.length);
}

function saidBy(info: string, place: string): Pick<Block, 'language' | 'needs'> {
  const [language = '', ...rest] = info.trim().split(/ +(?=[a-z]+=|$)/);
  if (!Object.hasOwn(LANGUAGES, language)) {
    const known = Object.keys(LANGUAGES).join(', ');
    throw new Error(`${place}: "${language}" is no language of a block. Known are: ${known}.`);
  }
  const needs = rest.flatMap((attribute) => {
    const words = NEEDS.exec(attribute)?.groups?.['words'];
    if (words === undefined) throw new Error(`${place}: ${attribute} is not known. A block says needs="camera".`);
    return words.trim().split(/[\s,]+/);
  });
  return { language, needs };
}

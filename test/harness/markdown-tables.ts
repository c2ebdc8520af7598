import { readFileSync } from 'node:fs';

export type Row = Readonly<Record<string, string>>;

/** A document as its tests read it: tables by heading, and code blocks. */
export class MarkdownDocument {
  readonly #lines: readonly string[];

  /** `path` from the project's root. */
  constructor(path: string) {
    this.#lines = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8').split('\n');
  }

  /** The rows of the one table under a heading, by the words in the table's head. Throws where there is none. */
  tableUnder(heading: string): Row[] {
    const lines = this.#under(heading).filter((line) => line.startsWith('|'));
    const [head, rule, ...rows] = lines.map((line) => cellsOf(line));
    if (head === undefined || rule?.every((cell) => /^:?-+:?$/.test(cell)) !== true) {
      throw new Error(`There is no table under "${heading}".`);
    }
    return rows.map((cells) => {
      if (cells.length !== head.length) throw new Error(`A row has ${cells.length} cells: ${cells.join(' | ')}`);
      return Object.fromEntries(head.map((name, column) => [name, cells[column] ?? '']));
    });
  }

  /** The lines of the code blocks under a heading. */
  codeUnder(heading: string): string[] {
    let isCode = false;
    return this.#under(heading).filter((line) => {
      const isFence = line.startsWith('```');
      if (isFence) isCode = !isCode;
      return isCode && !isFence;
    });
  }

  #under(heading: string): string[] {
    const at = this.#lines.findIndex((line) => line.replace(/^#+ /, '') === heading && line.startsWith('#'));
    if (at === -1) throw new Error(`There is no heading "${heading}".`);
    const rest = this.#lines.slice(at + 1);
    const end = rest.findIndex((line) => /^#{1,6} /.test(line));
    return end === -1 ? rest : rest.slice(0, end);
  }
}

/** The cells of a row, without padding; `\|` is a bar in a cell. */
function cellsOf(line: string): string[] {
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}

/** The names in backticks of a cell, in order. */
export function namesIn(cell = ''): string[] {
  return [...cell.matchAll(/`([^`]*)`/g)].map(([, name = '']) => name);
}

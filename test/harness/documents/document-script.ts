import { isSession, type Block } from './document-blocks.js';

/**
 * A document as one script for bash: line for line the document, with everything left out that is not run. So what a block
 * sets and where it goes holds for the next one, as it does for a person, and bash tells of errors by the document's lines.
 * What is typed in a session, and a program in Python, is read from `$DOCUMENT`.
 */
export function scriptOf(text: string, blocks: readonly Block[]): string {
  const script = text.split('\n').map(() => '');
  for (const [index, block] of blocks.entries()) {
    // Python goes on where its last block ended: those before it come first again.
    const before = block.language === 'python' ? blocks.slice(0, index) : [];
    const program = [...before.filter(({ language }) => language === block.language), block];
    script.splice(block.line - 1, block.lines.length, ...linesToRun(block, program));
  }
  return script.join('\n');
}

/** The document without the indentation of its blocks, as what is read from it needs it. */
export function withoutIndents(text: string, blocks: readonly Block[]): string {
  const lines = text.split('\n');
  for (const block of blocks) lines.splice(block.line - 1, block.lines.length, ...block.lines);
  return lines.join('\n');
}

/** What runs the programs in a document. */
const INTERPRETERS: Readonly<Record<string, string>> = {
  python: 'python3 -',
  ts: 'run-typescript',
  js: 'run-typescript',
};

function linesToRun(block: Block, read: readonly Block[]): readonly string[] {
  const { language, line, lines } = block;
  const end = line + lines.length;
  const program = INTERPRETERS[language];
  if (program !== undefined) {
    const ranges = read.map((one) => `${one.line},${one.line + one.lines.length - 1}p`);
    const run = `${program} < <(sed -n '${ranges.join(';')}' "$DOCUMENT")`;
    return lines.map((_, index) => (index === 0 ? run : ''));
  }
  if (!isSession(block)) return lines;
  return lines.map((command, index) => {
    if (!command.startsWith('$ ')) return '';
    const next = lines.findIndex((other, at) => at > index && other.startsWith('$ '));
    const typed = [line + index + 1, next === -1 ? end - 1 : line + next - 1];
    return `type-session ${typed.join(' ')} ${command.slice(2)}`;
  });
}

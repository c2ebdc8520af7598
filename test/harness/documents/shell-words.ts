/**
 * What a block of shell commands says, without running it: each command with its words. Enough of a shell for documents:
 * quotes, comments, continued lines, `&&`, `||`, `;`, `|`, `&`, redirections, substitutions, heredocs. What bash would say
 * is bash's to say: the blocks that can be run are run.
 */

interface Reading {
  readonly commands: string[][];
  words: string[];
  /** `undefined`: between two words. */
  word: string | undefined;
}

const HEREDOC = /<<-?\s*(["']?)(\w+)\1/;

/** The commands in these lines, in order, those within `$(...)` and `(...)` too. */
export function commandsIn(lines: readonly string[]): string[][] {
  const reading: Reading = { commands: [], words: [], word: undefined };
  read(withoutHeredocs(lines).join('\n').replaceAll('\\\n', ' '), reading);
  endCommand(reading);
  return reading.commands;
}

function withoutHeredocs(lines: readonly string[]): string[] {
  const kept: string[] = [];
  let end: string | undefined;
  for (const line of lines) {
    if (end === undefined) {
      kept.push(line.replace(HEREDOC, ' '));
      end = HEREDOC.exec(line)?.[2];
    } else if (line.trim() === end) end = undefined;
  }
  return kept;
}

function read(text: string, reading: Reading): void {
  for (let at = 0; at < text.length; at += 1) {
    const rest = text.slice(at);
    const [quoted] = /^'[^']*'|^"(?:\\.|[^"\\])*"/s.exec(rest) ?? [];
    const [ended] = /^(?:\d?>>?&?\d?|<|&&|\|\||[;|&\n()`]|\$\()/.exec(rest) ?? [];
    if (quoted !== undefined) {
      reading.word = (reading.word ?? '') + quoted.slice(1, -1);
      // A double quote may hold commands of its own: "$(cat FILE)".
      for (const [, inner = ''] of quoted.startsWith('"') ? quoted.matchAll(/\$\(([^)]*)\)/g) : []) {
        reading.commands.push(...commandsIn([inner]));
      }
      at += quoted.length - 1;
    } else if (rest.startsWith('#') && reading.word === undefined) {
      at += (/^[^\n]*/.exec(rest)?.[0].length ?? 1) - 1;
    } else if (/^\s/.test(rest) && !rest.startsWith('\n')) {
      endWord(reading);
    } else if (ended !== undefined) {
      if (/[<>]/.test(ended)) endWord(reading);
      else endCommand(reading);
      at += ended.length - 1;
    } else reading.word = (reading.word ?? '') + (text[at] ?? '');
  }
}

function endWord(reading: Reading): void {
  if (reading.word !== undefined) reading.words.push(reading.word);
  reading.word = undefined;
}

function endCommand(reading: Reading): void {
  endWord(reading);
  // `FC_RUNS=60 npm test` is npm's.
  const first = reading.words.findIndex((word) => !/^\w+=/.test(word));
  if (first !== -1) reading.commands.push(reading.words.slice(first));
  reading.words = [];
}

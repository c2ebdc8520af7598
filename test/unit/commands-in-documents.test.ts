import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { commandLine } from '../../src/cli/command-line.js';
import { blocksOf, type Block } from '../harness/documents/document-blocks.js';
import { DOCUMENTS, textOf } from '../harness/documents/documents.js';
import { commandsIn } from '../harness/documents/shell-words.js';
import { ROOT } from '../harness/paths.js';

/** What can be seen of a document's commands without running them: prose and marked blocks included. */

const scripts = Object.keys(
  (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object }).scripts,
);
const blocksIn = (document: string): Block[] => blocksOf(document, textOf(document));

/** Each command with its words: of blocks, of a synopsis, and between backticks in prose. */
function commandsOf(document: string): (readonly string[])[] {
  const blocks = blocksIn(document);
  const run = blocks.filter(({ language }) => language === 'sh');
  const synopses = blocks.filter(({ language }) => language === 'text').flatMap(({ lines }) => lines);
  const prose = textOf(document).split('\n');
  for (const { line, lines } of blocks) prose.fill('', line - 2, line + lines.length);
  const inline = [...prose.join('\n').matchAll(/`([^`]+)`/g)].map(([, code = '']) => code.replaceAll(/\s+/g, ' '));
  return [
    ...run.flatMap(({ lines }) => commandsIn(lines.map((line) => line.replace(/^\$ /, '')))),
    ...[...synopses, ...inline]
      .filter((code) => /^(?:csi-cameras|npm) /.test(code))
      .map((code) => code.replaceAll(/[[\]()|\\]/g, ' ').split(/\s+/)),
  ];
}

const root = commandLine();

/** What csi-cameras does not have of these words behind its name. Behind `--` stand the flags of `record` (`service`). */
function unknownIn(all: readonly string[]): string[] {
  const end = all.indexOf('--');
  const words = end === -1 ? all : all.slice(0, end);
  const recorded = end === -1 ? [] : unknownIn(['record', ...all.slice(end + 1)]);
  const name = words.find((word) => /^[a-z]/.test(word));
  const hasName = name !== undefined && words[0] === name && name !== 'help';
  const command = hasName ? root.commands.find((one) => one.name() === name) : root;
  if (command === undefined) return [words.join(' ')];
  const known = new Set(['--help', ...command.options.flatMap(({ long, short }) => [long ?? '', short ?? ''])]);
  const flags = words.filter((word) => /^--?[a-z]/.test(word)).map((word) => word.split('=')[0] ?? '');
  const unknown = flags.filter((flag) => !known.has(flag)).map((flag) => [...(hasName ? [name] : []), flag].join(' '));
  return [...unknown, ...recorded];
}

describe.each(DOCUMENTS)('%s', (document) => {
  it('names scripts of npm that are there', () => {
    const named = commandsOf(document).filter(([program, word]) => program === 'npm' && word === 'run');
    const names = named.map((words) => words.slice(2).find((word) => !word.startsWith('-')) ?? '');
    expect(names.filter((name) => !scripts.includes(name))).toEqual([]);
  });

  it('names commands and flags that csi-cameras has', () => {
    const named = commandsOf(document).filter(([program]) => program === 'csi-cameras');
    expect(named.flatMap(([, ...words]) => unknownIn(words))).toEqual([]);
  });

  it('has its commands in blocks that are run, or that say what they need', () => {
    const printed = blocksIn(document).filter(({ language }) => language === 'text' || language === 'console');
    const commands = /^(?:\$ |(?:npm|npx|node|python3?|pip|ffmpeg|ffprobe|sudo|curl|cd|git|systemctl) )/;
    expect(printed.flatMap(({ lines }) => lines).filter((line) => commands.test(line))).toEqual([]);
  });

  it('has JSON that can be parsed, as a whole or line by line', () => {
    for (const { lines, language } of blocksIn(document)) {
      if (language !== 'json') continue;
      const isWhole = lines[0] === '{' || lines[0] === '[';
      for (const text of isWhole ? [lines.join('\n')] : lines.filter((one) => one !== '')) {
        expect(() => JSON.parse(text) as unknown).not.toThrow();
      }
    }
  });
});

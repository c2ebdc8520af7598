import { describe, expect, it } from '@jest/globals';
import { blocksOf, isRun, isSession } from '../harness/documents/document-blocks.js';
import { scriptOf, withoutIndents } from '../harness/documents/document-script.js';
import { commandsIn } from '../harness/documents/shell-words.js';

const inside = (...lines: string[]) => blocksOf('a.md', lines.join('\n'));
const words = (text: string) => commandsIn(text.split('\n')).map((command) => command.join(' '));

describe('the blocks of a document', () => {
  it('have their language, what they need, and the line that they begin with', () => {
    expect(inside('# A', '', '```sh', 'one', 'two', '```', '```sh needs="camera, vlc jq"', '```')).toEqual([
      { document: 'a.md', line: 4, language: 'sh', needs: [], lines: ['one', 'two'] },
      { document: 'a.md', line: 8, language: 'sh', needs: ['camera', 'vlc', 'jq'], lines: [] },
    ]);
  });

  it('lose the indentation of a list, and keep their own', () => {
    const [block] = inside('1. So:', '   ```sh', '   if true; then', '     echo', '   fi', '   ```');
    expect(block?.lines).toEqual(['if true; then', '  echo', 'fi']);
  });

  it('end with a fence of their own kind and length', () => {
    const [block, ...others] = inside('````text', '```sh', 'no command', '```', '~~~~', '````');
    expect(others).toEqual([]);
    expect(block?.lines).toEqual(['```sh', 'no command', '```', '~~~~']);
    expect(inside('~~~json', '{}', '~~~')[0]).toMatchObject({ language: 'json', lines: ['{}'] });
  });

  it.each([
    ['```', 'a.md:1: "" is no language of a block. Known are: sh, python,'],
    ['```bash', '"bash" is no language of a block'],
    ['```sh need="camera"', 'need="camera" is not known. A block says needs="camera".'],
    ['```sh needs=camera', 'needs=camera is not known'],
    ['```sh camera', '"sh camera" is no language'],
  ])('%s is refused, because nobody would know what becomes of it', (fence, why) => {
    expect(() => inside(fence, '```')).toThrow(why);
  });

  it.each(['> ```sh', '- ```sh', '1. ~~~sh'])('%s is refused, because it would not be found', (line) => {
    expect(() => inside(line)).toThrow('a.md:1: A block begins on a line of its own.');
  });

  it('are refused without an end', () => {
    expect(() => inside('', '```sh', 'one')).toThrow('a.md:2: The block has no end.');
  });
});

it('a second program in Python goes on where the first one ended', () => {
  const text = ['```python', 'a = 1', '```', '```python', 'print(a)', '```'].join('\n');
  expect(scriptOf(text, blocksOf('a.md', text)).split('\n')[4]).toBe(`python3 - < <(sed -n '2,2p;5,5p' "$DOCUMENT")`);
});

describe('a block is run', () => {
  it.each([
    ['sh', 'one', true],
    ['python', 'print()', true],
    ['ts', "import { a } from 'b';", true],
    ['ts', 'function one(): void;', false],
    ['text', 'one', false],
    ['json', '{}', false],
  ])('in %s with %j: %s', (language, line, expected) => {
    expect(inside(`\`\`\`${language}`, line, '```').map(isRun)).toEqual([expected]);
  });
});

describe('the script of a document', () => {
  it('has each command of the given blocks at its line, and nothing else', () => {
    const text = ['# A', '```sh', 'one \\', '  two', '```', 'Words.', '```text', 'three', '```'].join('\n');
    const given = blocksOf('a.md', text).filter(({ language }) => language === 'sh');
    expect(scriptOf(text, given).split('\n')).toEqual(['', '', 'one \\', '  two', '', '', '', '', '']);
  });

  it('types the lines of a session into their command', () => {
    const text = ['```sh', '$ host --simulate', '{"a":1}', '{"b":2}', '$ other', 'x', '```'].join('\n');
    const blocks = blocksOf('a.md', text);
    expect(blocks.map(isSession)).toEqual([true]);
    const script = ['', 'type-session 3 4 host --simulate', '', '', 'type-session 6 6 other', '', ''];
    expect(scriptOf(text, blocks).split('\n')).toEqual(script);
  });

  it('gives a program in Python to Python, without the indentation of its block', () => {
    const text = ['1. So:', '   ```python', '   if True:', '     print()', '   ```'].join('\n');
    const blocks = blocksOf('a.md', text);
    const script = ['', '', `python3 - < <(sed -n '3,4p' "$DOCUMENT")`, '', ''];
    expect(scriptOf(text, blocks).split('\n')).toEqual(script);
    expect(withoutIndents(text, blocks).split('\n').slice(2, 4)).toEqual(['if True:', '  print()']);
  });
});

describe('the commands of a shell block', () => {
  it.each([
    ['one  two # three', ['one two']],
    ['# one\ntwo#three', ['two#three']],
    ['one \\\n  two', ['one two']],
    ['one && two || three; four | five & six', ['one', 'two', 'three', 'four', 'five', 'six']],
    [`one 'a && b # c' "d | e"`, ['one a && b # c d | e']],
    ['one > file 2>&1', ['one file']],
    ["one <<'END' | two\nthree && four\nEND\nfive", ['one', 'two', 'five']],
    ['A=1 B=2 one', ['one']],
    ['one "$(two three)" $(four)', ['two three', 'one $(two three)', 'four']],
    ['(umask 077; one)', ['umask 077', 'one']],
    ['session=here\n\n', []],
  ])('%j are found', (text, expected) => {
    expect(words(text)).toEqual(expected);
  });
});

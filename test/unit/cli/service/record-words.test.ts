import { describe, expect, it } from '@jest/globals';
import { recordWords } from '../../../../src/cli/service/record-words.js';
import { commandLine } from '../../../../src/cli/command-line.js';

const flags = commandLine().commands.find((command) => command.name() === 'record')?.options ?? [];
const wordsOf = (...typed: readonly string[]): readonly string[] => recordWords(typed, flags, '/home/pi').words;

describe('the flags of record in a unit', () => {
  it('have the paths that were meant where they were typed', () => {
    expect(wordsOf('--out', 'data/x', '--log-dir=../logs', '--state-dir', 's', '--tuning-file', './t.json')).toEqual([
      '--out=/home/pi/data/x',
      '--log-dir=/home/logs',
      '--state-dir=/home/pi/s',
      '--tuning-file=/home/pi/t.json',
    ]);
    expect(recordWords(['--out', 'x'], flags, '/home/pi').out).toBe('/home/pi/x');
  });

  it('leave no flag out that names a folder or a file', () => {
    const paths = flags.filter(({ flags: typed }) => /<(?:dir|file|path)>/i.test(typed)).map(({ long = '' }) => long);
    expect(paths).toContain('--out');
    for (const flag of paths) expect(wordsOf(flag, './x')).toContain(`${flag}=/home/pi/x`);
  });

  it.each([
    ['rpicam-vid', 'rpicam-vid'],
    ['./vid', '/home/pi/vid'],
  ])('have a capture tool that is a name or a path: %s', (typed, given) => {
    expect(wordsOf('--capture-tool', typed, '--out', '/x')[0]).toBe(`--capture-tool=${given}`);
  });

  it('keep their values, also such as look like flags', () => {
    const typed = ['--label', '--out', '--monitor', '9000', '--camera', '0', '--camera=1', '--no-hflip', '--out=/x'];
    expect(wordsOf(...typed)).toEqual([
      '--label=--out',
      '--monitor=9000',
      '--camera=0',
      '--camera=1',
      '--no-hflip',
      '--out=/x',
    ]);
    expect(wordsOf('--monitor', '--simulate', '--out', '/x')).toEqual(['--monitor', '--simulate', '--out=/x']);
  });

  it('have one session directory for every start where none is named', () => {
    expect(wordsOf('--fps', '60')).toEqual(['--fps=60', '--out=recordings/session_unattended']);
  });
});

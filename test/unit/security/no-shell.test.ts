import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseMisbehaviours } from '../../../src/virtual-camera/misbehaviours.js';
import { ROOT } from '../../harness/paths.js';

/** The sources without comments, by path. */
const SOURCES = new Map(
  readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => [name, readFileSync(join(ROOT, 'src', name), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')]),
);

/** A misbehaviour of the virtual still tool: a child that is left behind. */
const VIRTUAL_CHILD = 'virtual-camera/left-child.ts';

/** The browser that shows the monitor's page. */
const DESKTOP = 'module/window/open-with-desktop.ts';

/** What systemd is told. */
const NOTIFY = 'cli/supervisor/notify.ts';

function sourcesWith(pattern: RegExp): string[] {
  return [...SOURCES].filter(([, text]) => pattern.test(text)).map(([name]) => name);
}

describe('in all of the sources', () => {
  it('few places start processes: by spawn, with a list of arguments and without a shell', () => {
    expect(
      sourcesWith(
        /^import (?!type)[^;]*'(?:node:)?child_process'|import\('(?:node:)?child_process|require\([^)]*child_process/m,
      ).toSorted(),
    ).toEqual(['capture/still/still-run.ts', 'capture/tool-process.ts', NOTIFY, DESKTOP, VIRTUAL_CHILD]);
    const text = SOURCES.get('capture/tool-process.ts') ?? '';
    expect(
      /import \{([^}]*)\} from 'node:child_process'/
        .exec(text)?.[1]
        ?.split(',')
        .map((name) => name.trim()),
    ).toEqual(['spawn', 'type ChildProcess', 'type StdioOptions']);
    expect(text.match(/\bspawn\(/g)).toHaveLength(1);
    expect(text).toMatch(
      /spawn\(command\.program, \[\.\.\.command\.leadingArguments, \.\.\.toolArguments\], \{[^}]*shell: false,[^}]*env: toolEnvironment\(\)/,
    );
    const still = SOURCES.get('capture/still/still-run.ts') ?? '';
    expect(still).toContain("import { spawn, type ChildProcess } from 'node:child_process';");
    expect(still.match(/\bspawn\(/g)).toHaveLength(1);
    expect(still).toMatch(
      /spawn\(process\.execPath, \[ENTRY, JSON\.stringify\(options\)\], \{[^}]*env: folder\.environment,\s*shell: false,/,
    );
    const desktop = SOURCES.get(DESKTOP) ?? '';
    expect(desktop).toContain("import { spawn } from 'node:child_process';");
    expect(desktop.match(/\bspawn\(/g)).toHaveLength(1);
    expect(desktop).toMatch(/spawn\(PROGRAM, \[target\], \{[^}]*shell: false/);
    const notify = SOURCES.get(NOTIFY) ?? '';
    expect(notify).toContain("import { spawn } from 'node:child_process';");
    expect(notify.match(/\bspawn\(/g)).toHaveLength(1);
    expect(notify).toMatch(/spawn\(PROGRAM, \[\.\.\.variables\], \{[^}]*shell: false/);
  });

  it('the virtual camera starts one program, by a fixed name, with a number that was checked', () => {
    const text = SOURCES.get(VIRTUAL_CHILD) ?? '';
    expect(text).toMatch(/^import \{ spawn \} from 'node:child_process';$/m);
    expect(text.match(/\bspawn\(/g)).toHaveLength(1);
    expect(text).toMatch(/spawn\('sleep', \[seconds\], \{[^}]*shell: false/);
    expect(() => parseMisbehaviours('still-child=3; touch x')).toThrow('should look like');
  });

  it('one library starts a process through a shell, in one process of its own: node-libcamera, for a still', () => {
    const types = ['capture/rpicam-arguments.ts', 'capture/still/still-options.ts'];
    const caller = 'capture/still/still-process.ts';
    expect(sourcesWith(/'node-libcamera'/).toSorted()).toEqual([...types, caller].toSorted());
    expect(sourcesWith(/^import type .* from 'node-libcamera';$/m).toSorted()).toEqual(types);
    const text = SOURCES.get(caller) ?? '';
    expect(text).toContain("import { still } from 'node-libcamera';");
    expect(text.match(/\bstill\(/g)).toHaveLength(1);
    // Nothing else loads it: what it is given was made, and looked at once more, by `stillOptions`.
    expect(sourcesWith(/^import (?!type)[^;]*still-process\.js'|import\([^)]*still-process/m)).toEqual([]);
    expect(
      sourcesWith(/\brunStill\(/)
        .filter((name) => !name.startsWith('virtual-camera/'))
        .toSorted(),
    ).toEqual(['capture/still/still-run.ts', 'capture/still/take-still.ts']);
    expect(SOURCES.get('capture/still/take-still.ts')).toContain(
      'const options = stillOptions(cameraIndex, settings);',
    );
  });

  it('no text becomes code', () => {
    expect(sourcesWith(/\beval\(|\bnew Function\b|\bFunction\(|'node:vm'|setTimeout\(\s*['"`]/)).toEqual([]);
    // A pattern made from text: from the table of misbehaviours, and from one constant.
    expect(sourcesWith(/new RegExp\(/)).toEqual(
      expect.not.arrayContaining([expect.stringMatching(/^(?:module|recording|cli)\//)]),
    );
  });

  it('few places listen: on local sockets, and for the monitor where it is asked for', () => {
    expect(sourcesWith(/\.listen\(/).toSorted()).toEqual([
      'capture/local-socket-pair.ts',
      'cli/debug/socket-place.ts',
      'monitor/server/monitor-server.ts',
      'monitor/server/monitor-worker.ts',
    ]);
  });
});

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../../src/core/clock.js';
import { openWithDesktop } from '../../../src/module/window/open-with-desktop.js';
import { lineOf } from '../../harness/lost-terminal.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(() => folder.remove());

/** Opens with a program of the test's own in place of xdg-open. */
async function openWith(script: string, target: string, clock = systemClock): Promise<string | null> {
  await writeFile(join(folder.path, 'xdg-open'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return openWithDesktop(target, { PATH: `${folder.path}:/usr/bin:/bin`, OUT: join(folder.path, 'out') }, clock);
}

describe('opening with the desktop', () => {
  it('hands the address over as it is: no shell reads it', async () => {
    const target = 'http://127.0.0.1:8722/?a=$(touch /tmp/x)&b=`c`;d';
    expect(await openWith('printf "%s|%s\\n" "$#" "$1" > "$OUT"', target)).toBeNull();
    expect(await readFile(join(folder.path, 'out'), 'utf8')).toBe(`1|${target}\n`);
  });

  it.each([
    ['exit 3', /found no browser/],
    ['exit 4', /failed \(4\)/],
    ['kill -TERM $$', /failed \(SIGTERM\)/],
  ])('tells the failure of a program that does: %s', async (script, why) => {
    expect(await openWith(script, 'http://127.0.0.1/')).toMatch(why);
  });

  it('tells that the program is missing', async () => {
    expect(await openWithDesktop('http://127.0.0.1/', { PATH: folder.path }, systemClock)).toMatch(/xdg-utils/);
  });

  it('does not wait for a program that has become the browser, and leaves it alone', async () => {
    // A limit that is over at once, in place of two seconds.
    const impatient = { ...systemClock, after: (_: number, callback: () => void) => systemClock.after(0, callback) };
    const script = 'while [ ! -e "$OUT.go" ]; do sleep 0.05; done; echo "$$ $(cut -d" " -f5 /proc/$$/stat)" > "$OUT"';
    expect(await openWith(script, 'http://127.0.0.1/', impatient)).toBeNull();
    await writeFile(join(folder.path, 'out.go'), '');
    // The leader of a process group of its own: Ctrl-C here does not reach it.
    const [pid, group] = (await lineOf(join(folder.path, 'out'))).split(' ');
    expect(pid).toBe(group);
  });
});

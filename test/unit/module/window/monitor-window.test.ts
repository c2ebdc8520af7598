import { existsSync } from 'node:fs';
import { lstat, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { MonitorWindow, type MonitorWindowDependencies } from '../../../../src/module/window/monitor-window.js';
import { ManualClock } from '../../../harness/manual-clock.js';

const LINK = 'http://127.0.0.1:8722/';
const WITH_TOKEN = `${LINK}#token=s3cr3t`;

const ending: MonitorWindow[] = [];
afterEach(() => Promise.all(ending.splice(0).map((window) => window.end())));

function windowOf(dependencies: Partial<MonitorWindowDependencies> = {}) {
  const opened: string[] = [];
  const clock = new ManualClock();
  const window = new MonitorWindow({
    isOn: () => true,
    link: () => LINK,
    env: { DISPLAY: ':0' },
    clock,
    open: (target) => {
      opened.push(target);
      return Promise.resolve(null);
    },
    ...dependencies,
  });
  ending.push(window);
  return { window, opened, clock };
}

describe('show_window', () => {
  it.each([{ DISPLAY: ':0' }, { WAYLAND_DISPLAY: 'wayland-0' }])('opens the page on the display %j', async (env) => {
    const { window, opened } = windowOf({ env });
    expect(await window.show()).toEqual({ isShown: true });
    expect(opened).toEqual([LINK]);
  });

  it('gives the browser a file of this user alone where the link has a token', async () => {
    const { window, opened } = windowOf({ link: () => WITH_TOKEN });
    await window.show();
    const [file = ''] = opened;
    expect(file).not.toContain('s3cr3t');
    expect((await lstat(file)).mode & 0o777).toBe(0o600);
    expect((await lstat(dirname(file))).mode & 0o777).toBe(0o700);
    expect(await readFile(file, 'utf8')).toContain(`content="0; url=${WITH_TOKEN}"`);
  });

  it('removes that file after a minute, and at the end', async () => {
    const { window, opened, clock } = windowOf({ link: () => WITH_TOKEN });
    await window.show();
    await window.show();
    const [first = '', second = ''] = opened.map((file) => dirname(file));
    expect([existsSync(first), existsSync(second)]).toEqual([true, true]);
    await window.end();
    expect([existsSync(first), existsSync(second), clock.timers]).toEqual([false, false, 0]);
    await window.show();
    const third = dirname(opened[2] ?? '');
    await clock.advance(60_000);
    await window.end();
    expect(existsSync(third)).toBe(false);
  });

  it.each<[string, Partial<MonitorWindowDependencies>, RegExp]>([
    ['without a monitor', { isOn: () => false, link: () => null }, /is off.*--monitor/],
    ['while the monitor starts, or after it failed', { link: () => null }, /no page yet.*starts.*monitor_failed/],
    ['without a display', { env: { DISPLAY: '' } }, /no display.*Open http:\/\/127\.0\.0\.1:8722\/ in a browser/],
    [
      'without a display, and not the token',
      { link: () => WITH_TOKEN, env: {} },
      /Open http:\/\/127\.0\.0\.1:8722\/ in/,
    ],
    ['without a browser', { open: () => Promise.resolve('xdg-open found no browser.') }, /found no browser/],
    ['where the browser cannot be started', { open: () => Promise.reject(new Error('EAGAIN')) }, /EAGAIN/],
  ])('says why nothing is shown %s', async (_, dependencies, why) => {
    const { window } = windowOf(dependencies);
    expect(await window.show()).toEqual({ isShown: false, why: expect.stringMatching(why) });
  });

  it('opens one window for a host that asks again while it is being opened', async () => {
    const { window, opened } = windowOf();
    const both = await Promise.all([window.show(), window.show()]);
    expect([both, opened]).toEqual([[{ isShown: true }, { isShown: true }], [LINK]]);
  });

  it('lets nothing out of the quotes of that file', async () => {
    const { window, opened } = windowOf({ link: () => `${LINK}#token="><script>` });
    await window.show();
    expect(await readFile(opened[0] ?? '', 'utf8')).not.toContain('<script>');
  });
});

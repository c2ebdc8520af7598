import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { MonitorAnswer } from '../../../src/monitor/view.js';
import { itWithChromium, startBrowser, type Look, type OpenPage, type TestBrowser } from '../../harness/browser.js';
import { answerOf, lastEnd, lost, recording, streaming } from '../../harness/monitor-answers.js';
import { tileOf, untilShown, type Shown } from '../../harness/monitor-page.js';
import { startPageServer, type PageServer, type Script } from '../../harness/page-server.js';
import { sideBySide } from '../../harness/side-by-side.js';

/** The built page in a real browser, with planted answers: what no recorder can be driven into, and how the page behaves itself. */

const JPEG = readFileSync(new URL('../../../fixtures/frame-320x240.jpg', import.meta.url));
const [FIRST, SECOND] = ['picam:0', 'picam:1'];
const front = { device_id: FIRST, display_name: 'Front' };
const side = { device_id: SECOND, display_name: 'Side' };
const isPicture = ({ path }: { readonly path: string }): boolean => path.endsWith('/frame');

const EVENTS = (['info', 'warning', 'error'] as const).map((level) => ({
  ago_ms: 1_000,
  level,
  device_id: null,
  text: `An event of level ${level}.`,
}));
/** So many pages at a time: most of each test is waiting for the page's own clock. */
const AT_A_TIME = 3;

let frameNumber = 0;
const live = () => ({ jpeg: JPEG, ageMs: 40, frameNumber: ++frameNumber });

/** Contrast of a text with its background, as WCAG 2 counts it; of every text that is seen. */
const POOREST = `(() => {
  const channel = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const parse = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if ((colour[3] ?? 1) === 1) return colour;
    }
    return [255, 255, 255];
  };
  let poorest = { ratio: 99, text: '' };
  for (const element of document.querySelectorAll('body *')) {
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '');
    if (!hasText || !element.checkVisibility() || element.closest(':disabled, .heard')) continue;
    const [a, b] = [light(parse(getComputedStyle(element).color)), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < poorest.ratio) poorest = { ratio, text: element.textContent };
  }
  return poorest;
})()`;

interface Opening {
  readonly look?: Look;
  readonly fragment?: string;
  readonly picture?: Script['picture'];
}

/** What a test does with a page of its own. */
interface Stage {
  readonly open: (status: Script['status'], opening?: Opening) => Promise<PageServer & { readonly page: Page }>;
  readonly until: (what: string, isSo: (shown: Shown) => boolean) => ReturnType<typeof untilShown>;
  readonly untilAnswering: () => ReturnType<typeof untilShown>;
  readonly untilPicture: (state: string, device?: string) => ReturnType<typeof untilShown>;
  readonly read: <T>(expression: string) => Promise<T>;
  readonly textOf: (selector: string) => Promise<string>;
  readonly focused: () => Promise<string>;
  readonly enlarged: () => Promise<string[]>;
  /** The colour in the middle of a camera's canvas. */
  readonly middleOf: (device: string) => Promise<number[]>;
  readonly expectReadable: () => Promise<void>;
}

async function play(browser: TestBrowser, act: (stage: Stage) => Promise<void>, mistake?: RegExp): Promise<void> {
  let server: PageServer | undefined;
  let shownPage: OpenPage | undefined;
  const opened = (): OpenPage => {
    if (shownPage === undefined) throw new Error('No page was opened.');
    return shownPage;
  };
  const until: Stage['until'] = (what, isSo) => untilShown(opened(), what, isSo);
  const read: Stage['read'] = (expression) => opened().page.evaluate(expression);
  try {
    await act({
      open: async (status, { look = {}, fragment = '', picture = live } = {}) => {
        server = await startPageServer({ status, picture, control: () => ({ code: 404, answer: {} }) });
        shownPage = await browser.open(`${server.url}${fragment}`, look);
        return { ...server, page: shownPage.page };
      },
      until,
      untilAnswering: () => until('answering', ({ page }) => page === 'answering'),
      untilPicture: (state, device = FIRST) =>
        until(`${device} ${state}`, ({ cameras }) =>
          cameras.some((one) => one.device === device && one.picture === state),
        ),
      read,
      textOf: (selector) => read(`document.querySelector('${selector}').textContent`),
      focused: () => read(`document.activeElement.closest('[data-device]')?.dataset.device ?? ''`),
      enlarged: () => read(`[...document.querySelectorAll('.tile.enlarged')].map((tile) => tile.dataset.device)`),
      middleOf: (device) =>
        read(`(() => { const canvas = document.querySelector('[data-device="${device}"] canvas.picture');
          const { width, height } = canvas;
          return [...canvas.getContext('2d').getImageData(width / 2, height / 2, 1, 1).data]; })()`),
      expectReadable: async () => {
        for (const colorScheme of ['light', 'dark'] as const) {
          await opened().page.emulateMedia({ colorScheme });
          const { ratio, text } = await read<{ ratio: number; text: string }>(POOREST);
          expect({ text, isReadable: ratio >= 4.5 }).toEqual({ text, isReadable: true });
        }
      },
    });
    expect(opened().mistakes.filter((one) => mistake?.test(one) !== true)).toEqual([]);
  } finally {
    await shownPage?.close();
    await server?.close();
  }
}

let browser: TestBrowser;
beforeAll(async () => {
  browser = await startBrowser();
});
const declare = sideBySide(AT_A_TIME);
// After that of `sideBySide`, which waits for what is still under way.
afterAll(() => browser.close());

/** `mistake`: what the page may write on the console, since the test makes it fail. */
function scene(name: string, act: (stage: Stage) => Promise<void>, mistake?: RegExp): void {
  declare(name, () => play(browser, act, mistake), itWithChromium);
}

describe('the page', () => {
  scene(
    'draws pictures, and veils those that are old or of a lost camera',
    async ({ open, until, untilPicture, read, middleOf }) => {
      const { script } = await open(answerOf({ cameras: [recording({}, front), streaming(side)] }));
      const { shown } = await untilPicture('live');
      await untilPicture('live', SECOND);
      expect(shown.title).toBe('● REC 1/2');
      expect(tileOf(shown).age).toBe('');
      expect((await middleOf(FIRST)).some((value) => value > 0 && value < 255)).toBe(true);

      script.picture = () => ({ jpeg: JPEG, ageMs: 9_100, frameNumber: ++frameNumber });
      const old = await untilPicture('old');
      expect(tileOf(old.shown).age).toBe('Picture is 9 s old.');
      const veil = `getComputedStyle(document.querySelector('[data-picture=old] .picture')).filter`;
      expect(await read(veil)).toContain('grayscale(1)');

      script.picture = (device) => (device === FIRST ? { why: 'paused' } : { why: 'off' });
      await untilPicture('off', SECOND);
      const paused = await untilPicture('paused');
      expect(tileOf(paused.shown).age).toMatch(/^Paused under load; recording goes on\. Picture is \d+ s old\.$/);

      // The status alone is enough: a lost camera's picture is not live for one moment longer.
      script.picture = live;
      await untilPicture('live');
      script.status = answerOf({ cameras: [lost(front), streaming(side)] });
      const gone = await until('lost', ({ cameras }) => cameras[0]?.face === 'lost');
      expect(tileOf(gone.shown).picture).toBe('lost');
    },
  );

  scene('counts the time that a picture was under way as its age', async ({ open, until }) => {
    const picture = () => ({ ...live(), ageMs: 1_000, lateMs: 600 });
    const { requests } = await open(answerOf({ cameras: [streaming(front)] }), { picture });
    await until('a picture', ({ cameras }) => cameras[0]?.age.startsWith('Picture is') === true);
    const asked = requests.filter(isPicture).length;
    const ages = new Set<string | undefined>();
    await until('another picture', ({ cameras }) => {
      ages.add(cameras[0]?.age);
      return requests.filter(isPicture).length > asked + 1;
    });
    // A picture of one second is told without its age.
    expect([...ages]).not.toContain('');
  });

  scene('shows no picture whose age is not told', async ({ open, until, read }) => {
    const picture = () => ({ ...live(), ageMs: Number.NaN });
    const { requests } = await open(answerOf({ cameras: [streaming(front)] }), { picture });
    await until('a picture later', () => requests.filter(isPicture).length > 0);
    const asked = requests.length;
    await until('an answer later', () => requests.length > asked + 1);
    expect(await read(`document.querySelector('.frame').dataset.empty`)).toBe('true');
  });

  scene(
    'fetches one picture at a time, each camera twice a second, and the enlarged one alone',
    async ({ open, until, untilPicture }) => {
      const { requests, page } = await open(answerOf({ cameras: [streaming(front), streaming(side)] }));
      await untilPicture('live', SECOND);
      const from = performance.now();
      const first = requests.filter(isPicture).length;
      await until('six pictures later', () => requests.filter(isPicture).length >= first + 6);
      // Six pictures of two cameras are three each.
      expect(performance.now() - from).toBeGreaterThan(900);
      await page.locator(`[data-device="${SECOND}"] .frame`).press('Enter');
      await until('enlarged', ({ cameras }) => cameras.some(({ text }) => text.includes('Magnifier')));
      const since = requests.length;
      await until('four pictures later', () => requests.slice(since).filter(isPicture).length >= 4);
      const paths = new Set(
        requests
          .slice(since + 1)
          .filter(isPicture)
          .map(({ path }) => decodeURIComponent(path)),
      );
      expect([...paths]).toEqual([`/api/cameras/${SECOND}/frame`]);
    },
  );

  scene(
    'changes with every kind of failed answer, and is true again by itself',
    async ({ open, until, expectReadable }) => {
      const good = answerOf({ cameras: [recording({}, front)] });
      const { script, requests } = await open(good);
      await until('recording', ({ title }) => title === '● REC 1/1');
      const polls = () => requests.filter(({ path }) => path === '/api/status').length;
      for (const bad of ['silence', 500, { text: '{"status":{}}' }, { text: 'not JSON' }] as const) {
        script.status = bad;
        const polled = polls();
        const { shown } = await until('silent', (now) => now.page === 'silent' && polls() > polled);
        expect(shown.title).toBe('? no answer');
        expect(tileOf(shown)).toMatchObject({ face: 'unknown', badge: 'Unknown' });
        expect(tileOf(shown).text).not.toMatch(/60 fps|12.340/);
      }
      await expectReadable();
      script.status = good;
      await until('recording again', ({ title }) => title === '● REC 1/1');
    },
  );

  scene(
    'shows texts of hosts and tools as text, and asks for cameras of any name',
    async ({ open, until, untilPicture, read }) => {
      const nasty = '<img src=x onerror="document.title=1">';
      const odd = { device_id: 'a/../b?x=1#y %', display_name: nasty };
      const events = [{ ago_ms: 5_000, level: 'error' as const, device_id: null, text: nasty }];
      const status = { session_dir: `/data/${nasty}` };
      const { requests, script } = await open(
        answerOf({ cameras: [recording({ trial_label: nasty }, odd)], status, answer: { events } }),
      );
      const { shown } = await untilPicture('live', odd.device_id);
      expect(shown.text.split(nasty).length - 1).toBe(4);
      expect(await read(`document.querySelectorAll('img').length`)).toBe(0);
      expect(requests.find(isPicture)?.path).toBe(`/api/cameras/${encodeURIComponent(odd.device_id)}/frame`);

      // The host assigned it again, between two answers.
      script.status = answerOf({ cameras: [streaming({ ...odd, display_name: 'New' })] });
      await until('the new name', ({ cameras }) => cameras[0]?.text.includes('New') === true);
      expect(await read(`document.querySelector('.tile').getAttribute('aria-label')`)).toBe('New');
    },
  );

  scene(
    'takes the token from the link, cleans the address, and asks for it where it is wrong',
    async ({ open, until, untilAnswering }) => {
      const { script, requests, page, url } = await open(answerOf(), { fragment: '#token=se%2Bcret' });
      const lastAuthorization = () => requests.findLast(({ path }) => path === '/api/status')?.authorization;
      await untilAnswering();
      expect(page.url()).toBe(url);
      expect(lastAuthorization()).toBe('Bearer se+cret');
      script.status = 401;
      await until('refused', (shown) => shown.page === 'refused' && shown.title === '? token');
      await page.fill('#token-input', 'another');
      script.status = answerOf();
      await page.press('#token-input', 'Enter');
      const { shown } = await untilAnswering();
      expect(shown.text).not.toContain('needs the token');
      expect(lastAuthorization()).toBe('Bearer another');
    },
  );

  scene('is worked by keys alone', async ({ open, until, untilPicture, read, focused, enlarged }) => {
    const focusOf = (value: number) =>
      answerOf({ cameras: [streaming(front), streaming({ ...side, focus: { value, kind: 'FocusFoM' } })] });
    const { script, requests, page } = await open(focusOf(812));
    await untilPicture('live', SECOND);
    const { keyboard } = page;
    await keyboard.press('Tab'); // the keys' own button
    await keyboard.press('Tab');
    await keyboard.press('Tab');
    expect(await focused()).toBe(SECOND);
    await keyboard.press('Enter');
    expect(await enlarged()).toEqual([SECOND]);
    await keyboard.press('g');
    await keyboard.press('m');
    expect(await read(`[...document.querySelectorAll('.enlarged [aria-pressed=true]')].length`)).toBe(2);
    await until('a brightness', ({ text }) => /Too bright: .* Black: /.test(text));
    script.status = focusOf(500);
    await until('less', ({ text }) => text.includes('Best so far: 812.'));
    await keyboard.press('b');
    const { shown } = await until('the best again', ({ text }) => text.includes('This is the best so far.'));
    expect(shown.text).not.toContain('Take snapshot'); // control is off
    const left = () => read<string>(`document.querySelector('.enlarged .lens').style.left`);
    const before = await left();
    await keyboard.press('ArrowRight');
    expect(await left()).not.toBe(before);
    await keyboard.press('Escape');
    expect(await enlarged()).toEqual([]);
    expect(await focused()).toBe(SECOND);

    await keyboard.press('p');
    await until('paused', ({ cameras }) => cameras.every(({ age }) => age.startsWith('Pictures paused here (P).')));
    const paused = requests.filter(isPicture).length;
    const polled = requests.length;
    await until('polled twice', () => requests.slice(polled).filter(({ path }) => path === '/api/status').length > 1);
    expect(requests.filter(isPicture).length).toBeLessThanOrEqual(paused + 1);
    await keyboard.press('?');
    expect(await read(`document.querySelector('#help').open`)).toBe(true);
    await keyboard.press('Escape');
    expect(await read(`document.querySelector('#help').open`)).toBe(false);
  });

  scene(
    'tells a screen reader of trouble once, and not of every second of it',
    async ({ open, until, untilAnswering, read, textOf }) => {
      const { script } = await open(answerOf({ cameras: [recording({}, front), recording({}, side)] }));
      await untilAnswering();
      await read(`window.heard = []; for (const id of ['alert', 'news']) {
      const region = document.getElementById(id);
      new MutationObserver(() => region.textContent && heard.push(id + ': ' + region.textContent))
        .observe(region, { childList: true, characterData: true, subtree: true }); } undefined`);
      script.status = answerOf({ cameras: [lost(front), recording({}, side)] });
      await until('lost', ({ banner }) => banner?.kind === 'lost');
      await until('counting down', ({ text }) => text.includes('Next attempt in 7 s'));
      script.status = answerOf({ cameras: [recording({}, front), recording({}, side)] });
      await until('back', ({ banner }) => banner === null);
      expect(await read('heard')).toEqual([
        expect.stringMatching(/^alert: Front: Camera lost: /),
        expect.stringMatching(/^news: Front: Lost\. /),
        expect.stringMatching(/^news: Front: REC\. Recording trial 3/),
      ]);
      expect(await textOf('#alert')).toBe('');
    },
  );

  scene(
    'takes back all that it said where it fails itself, and is right again by itself',
    async (stage) => {
      const { open, until, read } = stage;
      const good = answerOf({ cameras: [recording({}, front)], answer: { events: EVENTS } });
      const { script } = await open(good);
      await until('recording', ({ title }) => title === '● REC 1/1');
      const bad = recording({}, { ...front, display_name: null as unknown as string });
      script.status = answerOf({ cameras: [bad] });
      const { shown } = await until('failed', ({ title }) => title === '? page failed');
      expect(shown.banner).toMatchObject({ kind: 'failed', text: expect.stringContaining('This page failed') });
      expect([shown.summary, shown.events, shown.cameras]).toEqual(['', '', []]);
      script.status = answerOf({ cameras: [lost(front)] });
      const { shown: right } = await until('right', ({ banner }) => banner?.kind === 'lost');
      expect(right.banner?.text).toMatch(/^Camera lost: /);
      expect(await read(`document.querySelectorAll('#banner p').length`)).toBe(1);
    },
    /of null \(reading/,
  );

  scene('draws no figure that stands still', async ({ open, until, read }) => {
    const camera = recording({}, { ...front, figures_age_ms: 9_000 });
    const { script, requests } = await open(answerOf({ cameras: [camera], views: [{ grown_ms_ago: 9_000 }] }));
    await until('stalled', ({ cameras }) => cameras[0]?.face === 'stalled');
    await until('polled again', () => requests.filter(({ path }) => path === '/api/status').length > 2);
    const plots = `[...document.querySelectorAll('.plot')].map((one) =>
      [one.querySelector('.value').textContent, one.querySelector('.line').getAttribute('d')])`;
    expect(await read(plots)).toEqual([
      ['–', ''],
      ['–', ''],
    ]);
    script.status = answerOf({ cameras: [recording({}, front)] });
    await until('60 frames a second again', ({ text }) => /Rate\s60 fps/.test(text));
    const polled = requests.length;
    await until('drawn', () => requests.slice(polled).filter(({ path }) => path === '/api/status').length > 1);
    expect(await read(plots)).toEqual([
      ['60 fps', expect.stringMatching(/^M/)],
      ['1 %', expect.stringMatching(/^M/)],
    ]);
  });

  scene('loads itself anew when the recorder was updated, once also over a slow line', async (stage) => {
    const { open, until, untilAnswering, read } = stage;
    const { script, requests, page } = await open(answerOf());
    await untilAnswering();
    await read('window.isOld = true; undefined');
    script.loadMs = 900; // several drawings of the page
    const loaded = page.waitForEvent('load', { timeout: 15_000 });
    script.status = answerOf({ status: { version: '9.9.9' } });
    await loaded;
    await until('the new version', ({ text }) => text.includes('9.9.9'));
    expect(await read('window.isOld ?? false')).toBe(false);
    expect(requests.filter(({ path }) => path === '/')).toHaveLength(2);
  });
});

describe('control on the page', () => {
  const controlled = (cameras: Parameters<typeof answerOf>[0]): MonitorAnswer =>
    answerOf({ ...cameras, answer: { control: true } });

  scene(
    'sends what was filled in, takes back, fixes, takes snapshots, and says what came of it',
    async ({ open, until, untilAnswering }) => {
      const { script, requests, page } = await open(controlled({ cameras: [streaming(front)] }));
      const envelope = { type: 'status', timestamp: '2026-01-06T12:00:00.000Z' };
      script.control = (path) => {
        if (path.endsWith('/snapshot')) {
          const data = { device_id: FIRST, path: '/data/s1/snapshot_1.jpg', bytes: 9 };
          return { code: 200, answer: { ...envelope, status: 'snapshot_taken', data } };
        }
        if (path.endsWith('/fix')) {
          const data = { success: false, code: 'no_device', error: 'No frame has come yet.' };
          return { code: 409, answer: { ...envelope, status: 'command_nack', data } };
        }
        const data = { device_id: FIRST, given: {}, kept: {} };
        return { code: 200, answer: { ...envelope, status: 'settings_changed', data } };
      };
      await untilAnswering();
      await page.locator('.frame').press('Enter');
      await page.fill('input[name=gain]', '2.5');
      await page.fill('input[name=colourGains]', '1.8, 1.5');
      await page.selectOption('select[name=whiteBalance]', 'custom');
      await page.click('text="Set"');
      await until('changed', ({ text }) => text.includes('Settings changed.'));
      await page.click('[aria-label="Take back Gain"]');
      await page.click('text="Fix what automatic found"');
      await until('refused', ({ text }) => text.includes('Not done. No frame has come yet.'));
      await page.click('text="Take snapshot"');
      await until('taken', ({ text }) => text.includes('Snapshot taken: snapshot_1.jpg.'));
      const path = (what: string) => `/api/cameras/${encodeURIComponent(FIRST)}/${what}`;
      expect(requests.filter(({ method }) => method === 'POST').map((one) => [one.path, one.body])).toEqual([
        [path('settings'), { settings: { gain: 2.5, whiteBalance: 'custom', colourGains: [1.8, 1.5] } }],
        [path('settings'), { settings: { gain: null } }],
        [path('fix'), {}],
        [path('snapshot'), {}],
      ]);
    },
  );

  scene(
    'says of what was asked neither more nor less than the recorder did',
    async ({ open, until, untilAnswering }) => {
      const { script, page } = await open(controlled({ cameras: [streaming(front)] }));
      const status = (name: string, data: object) => ({ type: 'status', timestamp: '', status: name, data });
      await untilAnswering();
      await page.locator('.frame').press('Enter');
      script.control = () => ({ code: 200, answer: status('settings_changed', { given: null, kept: {} }) });
      await page.click('text="Fix what automatic found"');
      await until('kept for later', ({ text }) => text.includes('The camera gets these settings when it opens.'));
      const error = 'Give session_dir, with start_session or with this command.';
      script.control = () => ({ code: 409, answer: status('command_nack', { code: 'no_session_dir', error }) });
      await page.click('text="Take snapshot"');
      await until('no session', ({ text }) => text.includes('Not done. The host has no session yet.'));
      script.control = () => ({ code: 403, answer: { error: 'This came from another site.' } });
      await page.click('text="Take snapshot"');
      await until('refused', ({ text }) => text.includes('Answer 403: This came from another site.'));
    },
  );

  scene(
    'says why settings cannot change while recording, and asks for the token',
    async ({ open, until, untilAnswering }) => {
      const { script, page } = await open(controlled({ cameras: [recording({}, front)] }));
      script.control = () => ({ code: 401, answer: {} });
      await untilAnswering();
      await page.locator('.frame').press('Enter');
      await until('the reason', ({ text }) => text.includes('Settings cannot change while the camera records.'));
      expect(await page.isDisabled('text="Set"')).toBe(true);
      await page.click('text="Take snapshot"');
      await until('asked for the token', ({ text }) => text.includes('This page needs the token of the recorder.'));
    },
  );
});

describe('the look of the page', () => {
  const SMALL_TARGETS = `[...document.querySelectorAll('button, input, select')].filter((one) => one.checkVisibility())
    .map((one) => [one.textContent, one.getBoundingClientRect()]).filter(([, box]) => box.width < 44 || box.height < 44)
    .map(([text]) => text)`;
  const everything = answerOf({
    cameras: [
      recording({ dropped: 12, trial_label: 'a-label-without-any-space-that-could-be-broken-at-all' }, front),
      lost(side),
      streaming({ device_id: 'picam:2', display_name: 'Top' }),
      recording({}, { device_id: 'picam:3', display_name: 'Rear' }),
    ],
    views: [{}, { last_end: lastEnd({ reason: 'device_error' }) }, { last_end: lastEnd() }, { grown_ms_ago: 7_000 }],
    status: { session_dir: '/data/a-folder-without-any-space-that-could-be-broken-at-all/session' },
    answer: { control: true, events: EVENTS },
  });

  scene('has enough contrast in every state, light and dark', async ({ open, untilPicture, expectReadable }) => {
    await open(everything);
    await untilPicture('live');
    await expectReadable();
  });

  scene('fits a narrow phone, with targets for fingers', async ({ open, until, untilPicture, read }) => {
    const { page } = await open(everything, { look: { width: 320, height: 640, isTouched: true } });
    const { shown } = await untilPicture('live', 'picam:2');
    expect(shown.cameras.map(({ face }) => face)).toEqual(['ended', 'lost', 'stalled', 'dropping']);
    expect(shown.isTooWide).toBe(false);
    expect(await read(SMALL_TARGETS)).toEqual([]);
    await page.locator('[data-device="picam:2"] .frame').click();
    const { shown: large } = await until('enlarged', ({ text }) => text.includes('Take snapshot'));
    expect(large.isTooWide).toBe(false);
    expect(await read(SMALL_TARGETS)).toEqual([]);
  });

  scene(
    'tells states apart by shape and border where the system has its own colours',
    async ({ open, untilPicture, read }) => {
      await open(everything, { look: { hasForcedColors: true } });
      await untilPicture('live');
      const LOOKS = `[...document.querySelectorAll('.tile')].map((tile) => {
      const { borderTopStyle, borderTopWidth } = getComputedStyle(tile);
      return [tile.querySelector('.badge').dataset.shape, borderTopStyle, borderTopWidth].join(' '); })`;
      const looks = await read<string[]>(LOOKS);
      expect(looks).toHaveLength(4);
      expect(new Set(looks).size).toBe(4);
    },
  );
});

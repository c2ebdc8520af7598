import { statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as nextLook } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { itWithChromium, startBrowser, type Look, type TestBrowser } from '../../harness/browser.js';
import { captureProcess } from '../../harness/capture-process.js';
import { CAN_FREEZE, frozenDisk } from '../../harness/frozen-disk.js';
import { tileOf, untilFace, untilShown, type Shown } from '../../harness/monitor-page.js';
import { MonitorStage, startIn } from '../../harness/monitor-stage.js';
import { expectNothingLeft, holdings, type Holdings } from '../../harness/nothing-left.js';
import { startRawBrowser } from '../../harness/raw-browser.js';
import { sideBySide } from '../../harness/side-by-side.js';
import { CAN_MOUNT, smallDisk } from '../../harness/small-disk.js';

const MIB = 1024 * 1024;
const [FIRST, SECOND] = ['picam:0', 'picam:1'];
/** Longer than any of these tests: a camera that stands still is not lost meanwhile. */
const PATIENT = { frameTimeoutMs: 60_000 };
/** The specification's: from a death to "unknown", and from the last frame to "no new frame", ms. */
const UNKNOWN_WITHIN_MS = 5_000;
const NO_NEW_FRAME_WITHIN_MS = 4_000;
const BACK_WITHIN_MS = 5_000;
/** By then a camera at 30 frames a second would be called late in every way. */
const LATE_ELSEWHERE_MS = 5_000;

const TOKEN = 'b9c1f0de'.repeat(4);
const LOOKS: Readonly<Record<string, Look>> = {
  phone: { width: 390, height: 844, isTouched: true },
  narrow: { width: 320, height: 640, isTouched: true },
  dark: { scheme: 'dark' },
  'forced-colors': { hasForcedColors: true },
};

/** Two recorders and a browser are about one core's work. With more at a time the deadlines would be those of the machine. */
const AT_A_TIME = 2;

const itWithFrozenDisk = CAN_FREEZE ? itWithChromium : it.skip;
const itWithSmallDisk = CAN_MOUNT ? itWithChromium : it.skip;

/** What the page has asked for, by the browser's own account. */
interface Asked {
  readonly path: string;
  readonly atMs: number;
}
const REQUESTS = `performance.getEntriesByType('resource')
  .filter(({ initiatorType }) => initiatorType === 'fetch')
  .map(({ name, startTime }) => ({ path: new URL(name).pathname, atMs: startTime }))`;
const HIDDEN_AT = `performance.getEntriesByType('visibility-state').findLast(({ name }) => name === 'hidden').startTime`;
const HIDDEN_FOR_MS = 3_000;

/** Each of these drives a recorder through minutes of an operator's life. */
jest.setTimeout(90_000);

/** Each state of the page's table, made by driving the built program into it: what a person then reads in a real browser. */
describe("the monitor's page", () => {
  let browser: TestBrowser;
  let before: Holdings;
  beforeAll(async () => {
    before = holdings();
    browser = await startBrowser();
  });
  const declare = sideBySide(AT_A_TIME);
  // After that of `declare`, which waits for what is still under way.
  afterAll(async () => {
    await browser.close();
    await expectNothingLeft(before);
  });

  function scene(
    name: string,
    act: (stage: MonitorStage) => Promise<void>,
    test: typeof it.skip = itWithChromium,
  ): void {
    declare(name, () => MonitorStage.play(browser, act), test);
  }

  const assign = (device_id = FIRST) => ({ command: 'assign_device', device_id });

  scene('follows a camera from none to a recording, and the end of the module', async (stage) => {
    const { host, page } = await stage.open({ cameraAtStart: 'start-delay=1500', config: { camera: PATIENT } });
    await untilShown(page, 'without a camera', ({ text }) => text.includes('No camera is assigned. The host assigns'));
    await page.picture('no-camera');

    const ready = host.expect('device_ready', assign());
    const opening = await untilFace(page, 'opening');
    expect(opening.tile.sentence).toBe('Opening: waiting for the first frame.');
    await page.picture('opening');
    await ready;

    const live = await untilFace(page, 'live');
    expect(live.tile.sentence).toMatch(/^Live, not recording\.?$/);
    expect(live.shown.banner).toBeNull();
    await untilShown(page, 'with a live picture', (shown) => tileOf(shown).picture === 'live');
    await page.picture('live');

    const soonNs = process.hrtime.bigint() + 2_000_000_000n;
    const started = host.expect('recording_started', { ...startIn(stage.folder), start_mono_ns: String(soonNs) });
    const asked = await untilFace(page, 'asked');
    expect(asked.tile.sentence).toBe('Recording requested, nothing in the file yet.');
    expect(asked.shown.title).not.toContain('REC');
    await page.picture('asked');
    await started;

    const recording = await untilFace(page, 'recording');
    expect(recording.tile.sentence).toMatch(/^Recording trial 3, take 1: [\d\s]+ frames?, 0 dropped\.$/);
    expect(recording.tile.badge).toContain('REC');
    expect(recording.shown.title).toBe('● REC 1/1');
    expect(recording.shown.banner).toBeNull();
    await page.picture('recording');

    await host.expect('preview_toggled', { command: 'toggle_preview', enabled: false });
    const off = await untilShown(page, 'with the preview off', (shown) => tileOf(shown).picture === 'off');
    expect(tileOf(off.shown)).toMatchObject({
      face: 'recording',
      text: expect.stringContaining('Preview turned off by the host.'),
    });
    await page.picture('preview-off');
    await host.expect('preview_toggled', { command: 'toggle_preview', enabled: true });
    await untilShown(page, 'with a picture again', (shown) => tileOf(shown).picture === 'live');

    const capture = captureProcess(host.process.pid ?? 0, 0);
    process.kill(capture, 'SIGSTOP');
    await untilShown(page, 'with an old picture', (shown) => tileOf(shown).picture === 'old');
    await page.picture('picture-old');
    process.kill(capture, 'SIGCONT');
    await untilShown(page, 'with a new picture', (shown) => tileOf(shown).picture === 'live');
    await untilFace(page, 'recording');

    // A real shutdown may be over before the next poll, so this one state is planted in the recorder's own answer.
    await page.page.route('**/api/status', async (route) => {
      const response = await route.fetch();
      const answer = (await response.json()) as { status: object };
      await route.fulfill({ response, json: { ...answer, status: { ...answer.status, state: 'stopping' } } });
    });
    await untilShown(page, 'stopping', ({ text }) => text.includes('The module is shutting down.'));
    await page.picture('stopping');
    // An answer that is on its way is waited for: taken from its handler, it would fail.
    await page.page.unrouteAll({ behavior: 'wait' });
    await untilFace(page, 'recording');
    host.send({ command: 'quit' });
    await host.exited;
    const silent = await untilShown(page, 'silent', (shown) => shown.page === 'silent');
    expect(silent.shown.text).not.toContain('Recording trial');
  });

  /** Another reader of the same recordings. */
  async function lookAt(stage: MonitorStage, url: string, name: string): Promise<void> {
    const looked = await stage.look(url, LOOKS[name]);
    const { shown } = await untilShown(looked, `recording (${name})`, ({ title }) => title === '● REC 2/2');
    // A narrow window shows the first one only: pictures are fetched for tiles that are seen.
    await untilShown(looked, 'with a picture', ({ cameras }) => cameras.some(({ picture }) => picture === 'live'));
    expect(shown.isTooWide).toBe(false);
    await looked.picture(name);
    await looked.close();
  }

  scene('tells the camera that is lost from the one that records, and when it is given up', async (stage) => {
    const reconnect = { firstDelayMs: 3_000, factor: 1, maxAttempts: 1 };
    const { host, camera, page, url } = await stage.open({ config: { reconnect } });
    const start = startIn(stage.folder);
    await host.expect('device_ready', assign());
    await host.expect('device_ready', assign(SECOND));
    await host.expect('recording_started', start);
    await untilShown(page, 'recording', ({ title }) => title === '● REC 2/2');
    await page.picture('two-cameras');
    // One after another: four pages that draw at a time are a load at which pictures are given up.
    for (const name of Object.keys(LOOKS)) await lookAt(stage, url, name);

    await camera.misbehave('not-found');
    process.kill(captureProcess(host.process.pid ?? 0, 1), 'SIGKILL');
    const lost = await untilFace(page, 'lost', SECOND);
    expect(lost.tile.sentence).toMatch(/^Camera lost: .* Next attempt (?:in [1-3] s|now)/);
    expect(lost.tile.text).not.toMatch(/host/i);
    expect(lost.tile.picture).not.toBe('live');
    expect(lost.shown.cameras.map(({ device }) => device)).toEqual([SECOND, FIRST]);
    expect(tileOf(lost.shown, FIRST).face).toBe('recording');
    expect(lost.shown.banner?.kind).toBe('lost');
    expect(lost.shown.title).toMatch(/^⚠/);
    await page.picture('lost');

    const given = await untilFace(page, 'gaveUp', SECOND);
    expect(given.tile.text).toMatch(/Gave up after 1 attempt: .*The host must assign it again\./);
    await page.picture('gave-up');
    await camera.misbehave('');
    await host.expect('device_ready', assign(SECOND));
    // How the last recording ended stays until the next take, also behind a camera that is well again.
    const ended = await untilFace(page, 'ended', SECOND);
    expect(ended.tile.sentence).toMatch(/^Recording ended by itself: .* frames are safe in \S+\.avi\.$/);
    await host.expect('recording_started', { ...start, device_id: SECOND });
    await untilFace(page, 'recording', SECOND);
  });

  const framesOf = (shown: Shown): number => Number(/: (\d+) frames/.exec(tileOf(shown).sentence)?.[1] ?? 0);

  scene(
    'says when the disk is nearly full, and that a recording ended by itself',
    async (stage) => {
      const small = await smallDisk('300m');
      stage.atEnd(() => small.remove());
      const shrinkTo = async (free: number): Promise<void> => {
        const { blocks, bfree, bsize } = await statfs(small.path);
        await small.remount(`size=${Math.ceil(((blocks - bfree) * bsize + free) / 1024)}k`);
      };
      const config = { camera: { fps: 15 }, recording: { minFreeBytes: 2 * MIB } };
      const { host, page } = await stage.openRecording({ config }, small.path);
      const amber = await untilShown(page, 'warned of the disk', ({ banner }) => banner?.kind === 'diskNearlyFull');
      expect(amber.shown.banner?.text).toMatch(/^Disk full in about \d+ min/);
      expect(tileOf(amber.shown).face).toBe('recording');
      await page.picture('disk-nearly-full');

      // A disk that shrinks among few checks is one that fills at that rate.
      await untilShown(page, 'some checks later', (shown) => framesOf(shown) >= 90);
      await shrinkTo(32 * MIB);
      await untilShown(page, 'told of seconds', ({ banner }) => /full in about \d+ s/.test(banner?.text ?? ''));
      await shrinkTo(4 * MIB);
      const ended = await untilFace(page, 'ended');
      expect(ended.tile.text).toMatch(/Recording ended by itself: .*\d+ frames are safe in \S*trial003\S*\.avi/);
      expect(ended.shown.title).not.toContain('REC');
      await page.picture('ended');

      await small.remount('size=300m');
      await host.expect('recording_started', { command: 'start_recording', trial_number: 4 });
      await untilFace(page, 'recording');
    },
    itWithSmallDisk,
  );

  scene(
    'says within four seconds that a disk hangs, and what it cost afterwards',
    async (stage) => {
      const frozen = await frozenDisk(64 * MIB);
      stage.atEnd(() => frozen.remove());
      const config = { camera: { ...PATIENT, fps: 15 }, buffer: { maxFrames: 60 }, recording: { minFreeBytes: 0 } };
      const { page } = await stage.openRecording({ config }, frozen.path);
      stage.atEnd(() => frozen.thaw());
      await frozen.freeze();
      const stalled = await untilFace(page, 'stalled');
      expect(stalled.tookMs).toBeLessThan(NO_NEW_FRAME_WITHIN_MS);
      expect(stalled.tile.sentence).toMatch(/^Recording, but no new frame in the file for \d+ s\.?$/);
      expect(stalled.shown.title).not.toMatch(/^●/);
      await page.picture('stalled');

      const paused = await untilShown(page, 'paused', (shown) => {
        // While the disk hangs nothing else may be said, whatever else becomes known.
        expect(tileOf(shown).face).toBe('stalled');
        return tileOf(shown).picture === 'paused';
      });
      expect(tileOf(paused.shown).text).toContain('Paused under load');
      expect(tileOf(paused.shown).text).not.toContain('recording goes on');
      await page.picture('preview-paused');
      // On the highest load level figures come every five seconds: the limit grows, and what was said already stays said.
      await untilShown(page, 'told of nine seconds', (shown) => {
        expect(tileOf(shown).face).toBe('stalled');
        return /for (?:9|1\d) s/.test(tileOf(shown).sentence);
      });
      await frozen.thaw();
      const dropping = await untilFace(page, 'dropping');
      expect(dropping.tile.text).toMatch(/\d+ frames dropped in this take \(buffer full\)/);
      await page.picture('dropped');
    },
    itWithFrozenDisk,
  );

  scene('says within five seconds that nothing is known of a recorder that is stopped or dead', async (stage) => {
    const first = await stage.openRecording({ config: { camera: PATIENT } });
    const { page } = first;
    const pid = first.host.process.pid ?? 0;
    process.kill(pid, 'SIGSTOP');
    const stopped = await untilFace(page, 'unknown');
    expect(stopped.tookMs).toBeLessThan(UNKNOWN_WITHIN_MS);
    const silent = await untilShown(page, 'silent', (shown) => shown.page === 'silent');
    expect(stopped.tookMs + silent.tookMs).toBeLessThan(UNKNOWN_WITHIN_MS);
    expect(silent.shown.banner?.text).toMatch(/The recorder does not answer.*Whether it records is unknown\./);
    expect(silent.shown.title).toBe('? no answer');
    await page.picture('silent');
    process.kill(pid, 'SIGCONT');
    expect((await untilFace(page, 'recording')).tookMs).toBeLessThan(BACK_WITHIN_MS);

    process.kill(pid, 'SIGKILL');
    const dead = await untilShown(page, 'silent', (shown) => shown.page === 'silent');
    expect(dead.tookMs).toBeLessThan(UNKNOWN_WITHIN_MS);
    expect(tileOf(dead.shown).face).toBe('unknown');
    await first.host.exited;
    await stage.record({ port: first.port });
    const back = await untilShown(page, 'answered', (shown) => shown.page === 'answering');
    expect(back.tookMs).toBeLessThan(BACK_WITHIN_MS);
    expect(back.shown.text).toContain('No camera is assigned');
  });

  scene('believes no figure of a thread that stands still, and comes back by itself', async (stage) => {
    const { host, page, stick } = await stage.openRecording({ config: { camera: PATIENT } });
    await stick(`${FIRST} stuck`);
    const stalled = await untilFace(page, 'stalled');
    expect(stalled.tookMs).toBeLessThan(NO_NEW_FRAME_WITHIN_MS);
    await stick('');
    await untilFace(page, 'recording');

    await stick('module stuck');
    const old = await untilShown(page, 'told that the news are old', (shown) => shown.page === 'old');
    expect(old.tookMs).toBeLessThan(NO_NEW_FRAME_WITHIN_MS);
    expect(old.shown.banner?.text).toMatch(/^No news for \d+ s\. Last known: .*recording/);
    expect(tileOf(old.shown).face).toBe('unknown');
    await page.picture('news-old');
    await stick('');
    await untilFace(page, 'recording');

    const endedMs = performance.now();
    await stick('monitor ends');
    await host.log.wait('warning', ({ data }) => data.code === 'monitor_restarted');
    // The page may have missed no more than a poll: it never said that it records without an answer that proves it.
    await untilFace(page, 'recording');
    expect(performance.now() - endedMs).toBeLessThan(BACK_WITHIN_MS);

    await stick(`${FIRST} ends`);
    await host.log.wait('device_error');
    await untilShown(page, 'recording on', (shown) => tileOf(shown).sentence.includes('take 2'));
  });

  scene('calls nothing late where frames come every four or every hundred seconds', async (stage) => {
    const config = { camera: { fps: 0.25 }, cameras: { [SECOND]: { fps: 0.01 } } };
    const { host, page } = await stage.open({ config });
    await host.expect('device_ready', assign());
    await host.expect('device_ready', assign(SECOND));
    // The first frame of a camera opens it, and the second one begins the take.
    await host.expect('recording_started', { ...startIn(stage.folder), device_id: FIRST });
    await untilFace(page, 'recording');
    const beganMs = performance.now();
    await untilShown(page, 'seconds later', (shown) => {
      const [fast, slow] = [tileOf(shown, FIRST), tileOf(shown, SECOND)];
      expect([fast.face, slow.face, shown.banner]).toEqual(['recording', 'live', null]);
      expect([fast.picture, slow.picture]).not.toContain('old');
      return performance.now() - beganMs > LATE_ELSEWHERE_MS;
    });
  });

  scene('asks for no picture while its tab is hidden, and for news first when it is shown again', async (stage) => {
    const { host, url } = await stage.record();
    await host.expect('device_ready', assign());
    const raw = await startRawBrowser();
    try {
      const tab = await raw.openTab(url);
      const requests = async (): Promise<Asked[]> => (await tab.evaluate(REQUESTS)) as Asked[];
      const until = async (isSo: (asked: Asked[]) => boolean): Promise<void> => {
        while (!isSo(await requests())) await nextLook(50);
      };
      const isPicture = ({ path }: Asked): boolean => path.endsWith('/frame');
      await until((asked) => asked.filter((one) => isPicture(one)).length > 2);
      await raw.openTab('about:blank');
      while ((await tab.evaluate('document.visibilityState')) !== 'hidden') await nextLook(20);
      const hiddenMs = Number(await tab.evaluate(HIDDEN_AT));
      const soFar = async (): Promise<number> => Number(await tab.evaluate('performance.now()')) - hiddenMs;
      while ((await soFar()) < HIDDEN_FOR_MS) await nextLook(50);
      const shownMs = Number(await tab.evaluate('performance.now()'));
      // What was asked for already may still be answered.
      const whileHidden = (await requests()).filter(({ atMs }) => atMs > hiddenMs + 100);
      expect(whileHidden.filter((one) => isPicture(one))).toEqual([]);
      expect(whileHidden.length).toBeLessThanOrEqual(1);
      await tab.show();
      const isLater = ({ atMs }: Asked): boolean => atMs > shownMs;
      await until((asked) => asked.some((one) => isLater(one) && isPicture(one)));
      expect((await requests()).find((one) => isLater(one))?.path).toBe('/api/status');
    } finally {
      await raw.close();
    }
  });

  scene('asks for the token, and forgets it with the tab', async (stage) => {
    const tokenFile = join(stage.folder, 'token');
    await writeFile(tokenFile, `${TOKEN}\n`, { mode: 0o600 });
    const { page, url } = await stage.open({ config: { monitor: { tokenFile } } });
    const refused = await untilShown(page, 'asked for the token', (shown) => shown.page === 'refused');
    expect(refused.shown.text).toMatch(/token/i);
    await page.picture('token');
    const withToken = await stage.look(`${url}#token=${TOKEN}`);
    await untilShown(withToken, 'let in', (shown) => shown.page === 'answering');
    expect(withToken.page.url()).toBe(url);
  });
});

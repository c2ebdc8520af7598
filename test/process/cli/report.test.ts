import { chmod, cp, mkdir, open, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { openToInspect } from '../../../src/inspect/open-file.js';
import { readVideoIndex } from '../../../src/inspect/video/video-index.js';
import { itWithChromium, startBrowser } from '../../harness/browser.js';
import { expectDamage } from '../../harness/recordings-held.js';
import { runProgram } from '../../harness/run-program.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

/** `csi-cameras report` as a person uses it, and its page in a real browser and on paper. */

/** Pictures for the documents are of longer recordings than a test needs. */
const IS_FOR_DOCUMENTS = process.env['CSI_CAMERAS_PICTURES'] !== undefined;
const SECONDS = IS_FOR_DOCUMENTS ? '12' : '1.5';
const LOST = IS_FOR_DOCUMENTS ? 'drop=150:7' : 'drop=20:7';
const SIZE = IS_FOR_DOCUMENTS ? '1456x1088' : '320x240';
const A4_PAGES = { least: 2, most: 8 };

jest.setTimeout(120_000);

describe('csi-cameras report', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  const at = (...names: readonly string[]): string => join(folder.path, ...names);

  const run = (
    args: readonly string[],
    camera = '',
  ): Promise<{ code: number | null; stdout: string; stderr: string }> =>
    runProgram(folder.path, args, { XDG_STATE_HOME: at('state'), CSI_VIRTUAL_CAMERA: camera }).ended;

  async function record(session: string, camera: string, ...more: readonly string[]): Promise<void> {
    const args = ['record', '--simulate', '--duration', SECONDS, '--size', SIZE, '--out', session, '--monitor', '0'];
    const { code, stderr } = await run([...args, ...more], camera);
    if (code !== 0 && camera === '') throw new Error(stderr);
  }

  /** Folder of the first camera. */
  async function cameraOf(session: string): Promise<string> {
    const name = (await readdir(at(session, 'CSICameras'))).find((each) => each.includes('picam_0')) ?? '';
    return at(session, 'CSICameras', name);
  }

  async function videoIn(session: string): Promise<string> {
    const camera = await cameraOf(session);
    return join(camera, (await readdir(camera)).find((name) => name.endsWith('.avi')) ?? '');
  }

  /** Changes the length that a chunk's head tells, as a disk that writes to the wrong place does, and takes a row away. */
  async function damage(session: string): Promise<void> {
    const path = await videoIn(session);
    const reading = await openToInspect(path);
    const { dataAt } = await readVideoIndex(reading);
    await reading.close();
    const video = await open(path, 'r+');
    await video.write(Buffer.from([1, 2, 3, 0]), 0, 4, (dataAt[11] ?? 4) - 4);
    await video.close();
    const timing = path.replace('.avi', '_timing.csv');
    const lines = (await readFile(timing, 'utf8')).split('\n');
    await writeFile(timing, lines.toSpliced(9, 1).join('\n'));
  }

  beforeAll(async () => {
    folder = await temporaryFolder();
    const cameras = IS_FOR_DOCUMENTS ? ['--camera', '0,1'] : [];
    await Promise.all([
      record('session_good', '', '--label', 'baseline', ...cameras),
      IS_FOR_DOCUMENTS ? undefined : record('session_lossy', LOST),
    ]);
    if (IS_FOR_DOCUMENTS) {
      await cp(at('session_good'), at('session_lossy'), { recursive: true });
      await record('session_lossy', LOST, '--trial', '2', '--label', 'after the drug');
    }
    await cp(at('session_lossy'), at('session_bad'), { recursive: true });
    await damage('session_bad');
    expectDamage(at('session_bad'), 'a chunk and a row are damaged', ['V5', 'V13', 'V14', 'V20', 'V22', 'V23']);
  });
  afterAll(() => folder.remove());

  it('writes a new file beside what is there, never over it, and leaves recordings alone', async () => {
    const video = await videoIn('session_good');
    const before = await Promise.all([readFile(video), stat(video)]);
    await symlink(at('elsewhere.html'), at('session_good', 'report.html'));
    const first = await run(['report', 'session_good']);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toMatch(/^session_good\/report-2\.html\n[^\n]+\.\n$/);
    expect((await run(['report', 'session_good'])).stdout).toMatch(/^session_good\/report-3\.html\n/);
    expect((await stat(at('session_good', 'report-2.html'))).mode & 0o7).toBe(0);
    await expect(stat(at('elsewhere.html'))).rejects.toMatchObject({ code: 'ENOENT' });
    const after = await Promise.all([readFile(video), stat(video)]);
    expect(after[0].equals(before[0])).toBe(true);
    expect(after[1].mtimeMs).toBe(before[1].mtimeMs);
  });

  it('tells the verdict by its exit code, and in a sentence', async () => {
    await mkdir(at('given'), { recursive: true });
    const lossy = await run(['report', 'session_lossy', '--out', 'given']);
    const said = /^given\/report(?:-2)?\.html\n7 frames were lost in 1 /;
    expect(lossy).toMatchObject({ code: 3, stdout: expect.stringMatching(said) });
    const bad = await run(['report', await videoIn('session_bad')]);
    expect(bad).toMatchObject({ code: 4, stdout: expect.stringMatching(/^\S+_report\.html\nDamaged: /) });
  });

  it('says what to do where it cannot, and writes nothing', async () => {
    await writeFile(at('there.html'), 'mine');
    await mkdir(at('several', 'session_1'), { recursive: true });
    expect(await run(['report', 'session_good', '--out', 'there.html'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there.html is there already, and a report never replaces a file.'),
    });
    expect(await readFile(at('there.html'), 'utf8')).toBe('mine');
    expect(await run(['report', 'session_good', '--out', 'no/such/x.html'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no/such does not exist. Name another place with --out.'),
    });
    expect(await run(['report', 'nothing'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("nothing does not exist. Name a session, a camera's folder"),
    });
    expect(await run(['report', 'several'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Name a session'),
    });
    expect(await run(['report'])).toMatchObject({ code: 2 });
    if (process.getuid?.() === 0) return; // root writes anywhere
    await chmod(at('session_lossy'), 0o500);
    const readOnly = await run(['report', 'session_lossy']);
    await chmod(at('session_lossy'), 0o700);
    expect(readOnly).toMatchObject({ code: 1, stderr: expect.stringContaining('Name another place with --out.') });
  });

  itWithChromium('opens in a browser without a word, asks for nothing, fits, and prints', async () => {
    const browser = await startBrowser();
    try {
      for (const name of IS_FOR_DOCUMENTS ? ['good', 'lossy', 'bad'] : ['lossy', 'bad']) {
        await run(['report', `session_${name}`, '--out', `${name}.page.html`]); // a retry finds it there, and that is as good
        const url = pathToFileURL(at(`${name}.page.html`)).href;
        const opened = await browser.open(url, { width: 1000, height: 1180 });
        const { page } = opened;
        const asked: string[] = [];
        page.on('request', (request) => asked.push(request.url()));
        await page.reload();
        expect(asked.filter((each) => each !== url && !each.startsWith('data:image/png'))).toEqual([]);
        const pictures = await page.evaluate<number[]>('[...document.images].map((each) => each.naturalWidth)');
        expect(pictures.length).toBeGreaterThan(0);
        expect(pictures).not.toContain(0);
        expect(await page.evaluate('document.doctype?.name')).toBe('html');
        const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true });
        const pages = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0;
        if (!IS_FOR_DOCUMENTS) expect(pages).toBeGreaterThanOrEqual(A4_PAGES.least);
        if (!IS_FOR_DOCUMENTS) expect(pages).toBeLessThanOrEqual(A4_PAGES.most);
        await opened.picture(`report-${name}`);
        await page.evaluate(
          `document.querySelector('.recording .verdict:not(.proven)')?.parentElement.scrollIntoView()`,
        );
        if (name !== 'good') await opened.picture(`report-${name}-recording`);
        for (const width of [1280, 800]) {
          await page.setViewportSize({ width, height: 800 });
          expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
        }
        expect(opened.mistakes).toEqual([]);
        await opened.close();
      }
    } finally {
      await browser.close();
    }
  });
});

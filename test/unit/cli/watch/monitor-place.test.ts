import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { monitorPlace, monitorUrl } from '../../../../src/cli/watch/monitor-place.js';

describe('where a monitor is', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'csi-cameras-test-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each([
    ['http://127.0.0.1:8722/', 'http://127.0.0.1:8722/api/status', null],
    ['8723', 'http://127.0.0.1:8723/api/status', null],
    ['pi.local:8722', 'http://pi.local:8722/api/status', null],
    ['https://lab.example/left', 'https://lab.example/left/api/status', null],
    ['http://[::1]:8722', 'http://[::1]:8722/api/status', null],
    ['http://127.0.0.1:8722/#token=abc', 'http://127.0.0.1:8722/api/status', 'abc'],
    ['http://127.0.0.1:8722/#token=a%2Bb%2F%3D', 'http://127.0.0.1:8722/api/status', 'a+b/='],
    ['http://127.0.0.1:8722/#token=100%', 'http://127.0.0.1:8722/api/status', '100%'],
  ])('is understood from %s', async (text, statusUrl, token) => {
    const place = await monitorPlace(monitorUrl(text), undefined);
    expect([place.statusUrl.href, place.token]).toEqual([statusUrl, token]);
    expect(place.url).not.toContain('#');
  });

  it.each(['', 'http://', '99999', 'file:///etc/passwd', 'http://user:word@host/', 'a b'])('is not %p', (text) => {
    expect(() => monitorUrl(text)).toThrow(/must look like/);
  });

  it('is opened by the token of a file, which wins over that of a link', async () => {
    const file = join(folder, 'token');
    await writeFile(file, 'from-file\n');
    expect((await monitorPlace(monitorUrl('8722'), file)).token).toBe('from-file');
    expect((await monitorPlace(monitorUrl('http://h/#token=x'), file)).token).toBe('from-file');
  });

  it.each([
    ['an empty file', ''],
    ['a file of another kind', 'a\nb'],
    ['a huge file', 'x'.repeat(2000)],
  ])('is not opened by %s', async (_, text) => {
    const file = join(folder, 'bad');
    await writeFile(file, text);
    await expect(monitorPlace(monitorUrl('8722'), file)).rejects.toThrow(/does not hold a token/);
    await expect(monitorPlace(monitorUrl('8722'), join(folder, 'none'))).rejects.toThrow(/cannot be read/);
  });
});

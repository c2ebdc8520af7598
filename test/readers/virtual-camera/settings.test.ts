import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';

import { type DecodedPicture, decodedPicture, PICTURE_HEIGHT, PICTURE_WIDTH } from '../../harness/decoded-picture.js';
import { describeWithFfprobe } from '../../harness/describe-with-ffprobe.js';
import { VIRTUAL_CAMERA } from '../../harness/paths.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

const run = promisify(execFile);

const [COLOURED, FOCUSING] = ['1', '2'];

/** A frame of the built camera, decoded, and its length as a JPEG. */
interface Seen extends DecodedPicture {
  readonly bytes: number;
}

describeWithFfprobe('a decoded frame shows', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let plain: Seen;
  let count = 0;

  beforeAll(async () => {
    folder = await temporaryFolder();
    plain = await see('');
  });
  afterAll(() => folder.remove());

  async function see(line: string, camera = COLOURED, misbehaviours = ''): Promise<Seen> {
    const path = join(folder.path, `${(count += 1)}.mjpeg`);
    const args = ['-n', '-t', '0', '--codec', 'mjpeg', '--frames', '1', '--quality', '85', '-o', path];
    const size = ['--width', String(PICTURE_WIDTH), '--height', String(PICTURE_HEIGHT), '--camera', camera];
    const settings = line === '' ? [] : line.split(' ');
    const env = { ...process.env, CSI_VIRTUAL_CAMERA: `cameras=0+1+2,${misbehaviours}` };
    await run(process.execPath, [VIRTUAL_CAMERA, ...args, ...size, ...settings], { env });
    return { ...(await decodedPicture(path)), bytes: (await stat(path)).size };
  }

  /** Middles of bars, and heights in the bars and in the ramp. */
  const bar = (index: number): number => (index + 0.5) / 8;
  const [IN_BARS, IN_RAMP] = [0.1, 0.97];
  /** Where the line of the number begins. */
  const NUMBER_TOP = 0.52;
  const [GREY, GREEN, RED] = [0, 3, 5];
  const lightAt = (seen: Seen, index = GREY): number => seen.at(bar(index), IN_BARS)[1];

  it('more and less light with exposure time and gain', async () => {
    const [dark, darker, bright] = [
      await see('--shutter 750 --gain 1'),
      await see('--shutter 190 --gain 1'),
      await see('--shutter 750 --gain 8'),
    ];
    expect(lightAt(plain)).toBeCloseTo(200, -1);
    // Two stops: 200 * (1/4)^(1/2.2).
    expect(lightAt(dark)).toBeCloseTo(106, -1);
    expect(lightAt(darker)).toBeCloseTo(57, -1);
    expect(lightAt(bright)).toBe(255);
    expect(lightAt(await see('--shutter 750'))).toBeCloseTo(200, -1);
  });

  it('the same scene as always where exposure and gain come out the same', async () => {
    expect((await see('--shutter 3000 --gain 1')).scene.equals(plain.scene)).toBe(true);
  });

  it('what automatic exposure aims at', async () => {
    expect(lightAt(await see('--ev -2'))).toBeCloseTo(106, -1);
    expect(lightAt(await see('--ev 1'), GREEN)).toBeGreaterThan(lightAt(plain, GREEN) + 30);
    expect(lightAt(await see('--metering spot'), GREEN)).toBeGreaterThan(lightAt(plain, GREEN) + 15);
    expect(lightAt(await see('--metering average'), GREEN)).toBeLessThan(lightAt(plain, GREEN) - 10);
    expect((await see('--exposure sport')).scene.equals(plain.scene)).toBe(true);
  });

  it('a dark room where it is told to, which settings make bright', async () => {
    expect(lightAt(await see('', COLOURED, 'dark'))).toBeLessThan(65);
    expect(lightAt(await see('', COLOURED, 'dark=1'))).toBeCloseTo(146, -1);
    expect(lightAt(await see('--ev 4', COLOURED, 'dark'))).toBeCloseTo(200, -1);
    expect(lightAt(await see('--shutter 3000 --gain 1', COLOURED, 'dark'))).toBeCloseTo(200, -1);
  });

  it('brightness, contrast and high dynamic range', async () => {
    expect(lightAt(await see('--brightness -0.2'), GREEN)).toBeCloseTo(lightAt(plain, GREEN) - 51, -1);
    expect(lightAt(await see('--brightness 1'), RED)).toBeGreaterThan(250);
    const contrast = await see('--contrast 0.5');
    expect(contrast.at(0.06, IN_RAMP)[1] - plain.at(0.06, IN_RAMP)[1]).toBeGreaterThan(30);
    expect(plain.at(0.94, IN_RAMP)[1] - contrast.at(0.94, IN_RAMP)[1]).toBeGreaterThan(30);
    const lifted = await see('--hdr=single-exp');
    expect(lifted.at(0.2, IN_RAMP)[1] - plain.at(0.2, IN_RAMP)[1]).toBeGreaterThan(15);
  });

  it('saturation and white balance', async () => {
    const [red, green] = plain.at(bar(RED), IN_BARS);
    expect(red - green).toBeGreaterThan(120);
    const [greyRed, greyGreen, greyBlue] = (await see('--saturation 0')).at(bar(RED), IN_BARS);
    expect(Math.max(greyRed, greyGreen, greyBlue) - Math.min(greyRed, greyGreen, greyBlue)).toBeLessThan(6);
    const [warmRed, , warmBlue] = (await see('--awbgains 3,1')).at(bar(GREY), IN_BARS);
    expect(warmRed - warmBlue).toBeGreaterThan(60);
    const [coldRed, , coldBlue] = (await see('--awb incandescent')).at(bar(GREY), IN_BARS);
    expect(coldBlue - coldRed).toBeGreaterThan(30);
    const mono = await see('', '0');
    expect((await see('--awbgains 3,1 --saturation 2', '0')).scene.equals(mono.scene)).toBe(true);
  });

  it('flips and a rotation', async () => {
    const isRed = (seen: Seen, x: number, y: number): boolean => seen.at(x, y)[0] - seen.at(x, y)[1] > 100;
    const isGrey = (seen: Seen, x: number, y: number): boolean => Math.abs(seen.at(x, y)[0] - seen.at(x, y)[1]) < 8;
    const mirrored = await see('--hflip');
    expect([isRed(plain, bar(5), IN_BARS), isRed(mirrored, bar(5), IN_BARS)]).toEqual([true, false]);
    expect(isRed(mirrored, bar(2), IN_BARS)).toBe(true);
    expect(mirrored.at(0.06, IN_RAMP)[0]).toBeGreaterThan(mirrored.at(0.94, IN_RAMP)[0] + 100);
    const upsideDown = await see('--vflip');
    expect([isRed(upsideDown, bar(5), IN_RAMP), isGrey(upsideDown, bar(5), IN_BARS)]).toEqual([true, true]);
    expect(upsideDown.at(0.06, IN_BARS)[0]).toBeLessThan(upsideDown.at(0.94, IN_BARS)[0] - 100);
    const turned = await see('--rotation 180');
    expect(isRed(turned, bar(2), IN_RAMP)).toBe(true);
    expect((await see('--hflip --vflip')).scene.equals(turned.scene)).toBe(true);
    expect((await see('--hflip --vflip --rotation 180')).scene.equals(plain.scene)).toBe(true);
  });

  it('the region of interest, and what it is after a flip', async () => {
    const redAlone = await see('--roi 0.625,0,0.125,0.5');
    for (const x of [0.05, 0.5, 0.95])
      expect(redAlone.at(x, IN_BARS)[0] - redAlone.at(x, IN_BARS)[1]).toBeGreaterThan(120);
    const mirrored = await see('--hflip --roi 0.25,0,0.125,0.5');
    expect(mirrored.at(0.5, IN_BARS)[0] - mirrored.at(0.5, IN_BARS)[1]).toBeGreaterThan(120);
    const below = await see('--roi 0,0.75,1,0.25');
    expect(below.at(0.06, IN_BARS)[1]).toBeLessThan(below.at(0.94, IN_BARS)[1] - 100);
    expect((await see('--roi 2,2,2,2')).scene.equals(plain.scene)).toBe(true);
  });

  it('a lens that is away from the best position, by soft edges and fewer bytes', async () => {
    const seen = await Promise.all(
      ['', '--lens-position 2', '--lens-position 3', '--lens-position 6'].map((line) => see(line, FOCUSING)),
    );
    const bytes = seen.map((one) => one.bytes);
    expect(seen[1]?.scene.equals(seen[0]?.scene ?? Buffer.of())).toBe(true);
    expect(bytes[2]).toBeLessThan((bytes[1] ?? 0) * 0.8);
    expect(bytes[3]).toBeLessThan(bytes[2] ?? 0);
    // From the green bar to the magenta one.
    const [, sharp, soft, softer] = seen.map((one) => one.sharpestEdge(IN_BARS, 0.45, 0.55));
    expect(sharp).toBeGreaterThan(100);
    expect(soft).toBeLessThan(30);
    expect(softer).toBeLessThan(15);
    expect((await see('--lens-position 6')).scene.equals(plain.scene)).toBe(true);
  });

  it('sharpness and noise reduction by its grain', async () => {
    const grain = async (line: string): Promise<number> => (await see(line)).grain / plain.grain;
    expect(await grain('--sharpness 4')).toBeGreaterThan(1.5);
    expect(await grain('--sharpness 0')).toBeLessThan(0.8);
    expect(await grain('--denoise off')).toBeGreaterThan(1.1);
    expect(await grain('--denoise cdn_off')).toBeGreaterThan(1.04);
    expect(await grain('--denoise cdn_hq')).toBeLessThan(0.96);
    expect(await grain('--denoise cdn_fast')).toBe(1);
  });

  it('a readable number whatever is set', async () => {
    const seen = await see(
      '--brightness -1 --contrast 0 --vflip --hflip --roi 0,0,0.1,0.1 --lens-position 15',
      FOCUSING,
    );
    const plainToo = await see('', FOCUSING);
    // The line of the number: white ink on a dark panel, in the same places.
    const number = (of: Seen): readonly number[] =>
      Array.from({ length: 80 }, (_, i) => of.at(0.2 + (i % 20) * 0.03, NUMBER_TOP + 0.02 * Math.floor(i / 20))[1]);
    expect(number(seen)).toEqual(number(plainToo));
    expect(Math.max(...number(seen)) - Math.min(...number(seen))).toBeGreaterThan(60);
  });
});

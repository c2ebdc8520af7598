import { link, mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { givenIn, readGiven, readPicture } from '../../../../src/capture/still/still-picture.js';
import { temporaryFolder } from '../../../harness/temporary-folder.js';
import { jpeg, jpegHeader } from '../jpeg-bytes.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let picture: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  picture = join(folder.path, 'still.jpg');
});

afterEach(async () => {
  await folder.remove();
});

/** A thumbnail with its own end within APP1, as EXIF has it. */
const withThumbnail = jpeg(Buffer.from([1, 2, 3]), { width: 4056, height: 3040, app1: jpeg() });

describe('the picture that a still tool wrote', () => {
  it('is read with its size, also with a thumbnail in it', async () => {
    await writeFile(picture, withThumbnail);
    expect(await readPicture(folder.path, 'tool')).toEqual({ bytes: withThumbnail, width: 4056, height: 3040 });
  });

  it.each([
    ['no file', async () => {}, 'wrote no picture'],
    ['an empty file', () => writeFile(picture, ''), 'wrote no picture'],
    ['half a file', () => writeFile(picture, withThumbnail.subarray(0, -10)), 'is cut off or damaged'],
    ['a header alone', () => writeFile(picture, jpegHeader()), 'is cut off or damaged'],
    ['a header that ends in its thumbnail', () => writeFile(picture, withThumbnail.subarray(0, 240)), 'is cut off'],
    ['a PNG', () => writeFile(picture, Buffer.from('89504e470d0a1a0a', 'hex')), 'is not a JPEG'],
    ['a text', () => writeFile(picture, 'no camera'), 'is not a JPEG'],
    ['a folder', () => mkdir(picture), 'cannot be read'],
    ['a link to another file', () => symlink('/etc/passwd', picture), 'cannot be read (ELOOP)'],
  ])('is refused if it is %s', async (_what, make, why) => {
    await make();
    const failure = readPicture(folder.path, '/usr/bin/rpicam-still');
    await expect(failure).rejects.toMatchObject({
      code: 'capture_failed',
      message: expect.stringContaining(`/usr/bin/rpicam-still ended without an error, but `),
    });
    await expect(failure).rejects.toThrow(why);
  });

  it('is refused if it is larger than any picture', async () => {
    await writeFile(picture, withThumbnail);
    await truncate(picture, 300 * 1024 * 1024);
    await expect(readPicture(folder.path, 'tool')).rejects.toThrow('bytes are too many');
  });
});

describe('what the camera used', () => {
  it.each([
    ['{\n    "AnalogueGain": 2.0,\n    "DigitalGain": 1.25,\n    "ExposureTime": 9999\n}', 9999, 2.5],
    ['ExposureTime=9999\nAnalogueGain=4.000000\n', 9999, 4],
    ['{"FrameDuration": 33333}', null, null],
    ['', null, null],
    ['\0\xff{{{"ExposureTime": "soon"', null, null],
    ['XExposureTime=5 ExposureTimeX=6', null, null],
  ])('is read from %j', (text, exposureTimeUs, gain) => {
    expect(givenIn(text)).toMatchObject({ exposureTimeUs, gain });
  });

  it('has the lens position and the focus figure, where the tool tells them', () => {
    const text = '{"AfState": 2, "FocusFoM": 812, "LensPosition": 2.5}';
    expect(givenIn(text)).toEqual({ exposureTimeUs: null, gain: null, lensPositionDioptres: 2.5, focusFoM: 812 });
    expect(givenIn('ExposureTime=9')).toMatchObject({ lensPositionDioptres: null, focusFoM: null });
  });

  it('is not told where there is no metadata, or a link', async () => {
    expect(await readGiven(folder.path)).toMatchObject({ exposureTimeUs: null, gain: null });
    await writeFile(join(folder.path, 'other'), 'ExposureTime=1\n');
    await symlink(join(folder.path, 'other'), join(folder.path, 'still.metadata'));
    expect(await readGiven(folder.path)).toMatchObject({ exposureTimeUs: null, gain: null });
  });

  it('is read from the file', async () => {
    await writeFile(join(folder.path, 'other'), 'ExposureTime=1\n');
    await link(join(folder.path, 'other'), join(folder.path, 'still.metadata'));
    expect(await readGiven(folder.path)).toMatchObject({ exposureTimeUs: 1, gain: null });
  });
});

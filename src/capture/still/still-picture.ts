import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../../core/errors.js';
import { JpegHeader } from '../jpeg-header.js';
import { stillError } from './still-error.js';
import { STILL_FILES } from './still-options.js';

/** What the still tool left in the private folder. An end with 0 says nothing: the picture is looked at. */

/** 64 megapixels at the best quality have some 50 MB. */
const MAX_PICTURE_BYTES = 256 * 1024 * 1024;
const MAX_METADATA_BYTES = 64 * 1024;
const END_OF_IMAGE = Buffer.from([0xff, 0xd9]);

export interface StillPicture {
  readonly bytes: Buffer;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

/** What the camera used. `null`: the tool does not tell it. */
export interface StillGiven {
  readonly exposureTimeUs: number | null;
  /** Analogue times digital gain. */
  readonly gain: number | null;
  readonly lensPositionDioptres: number | null;
  /** libcamera's figure of merit of the focus: larger is sharper. */
  readonly focusFoM: number | null;
}

/** The picture, whole. Rejects with `capture_failed` if there is none, half of one, or no JPEG. */
export async function readPicture(folder: string, tool: string): Promise<StillPicture> {
  const bytes = await contentsOf(join(folder, STILL_FILES.picture), MAX_PICTURE_BYTES);
  const fail = (what: string): Error => stillError(`${tool} ended without an error, but ${what}.`, { tool });
  if (typeof bytes === 'string') throw fail(`its picture cannot be read (${bytes})`);
  if (bytes.length === 0) throw fail('wrote no picture');
  const header = new JpegHeader();
  header.begin();
  const scanStart = header.read(bytes, 0);
  if (scanStart < 0 && (bytes[0] !== 0xff || bytes[1] !== 0xd8)) throw fail('what it wrote is not a JPEG');
  const isWhole = scanStart > 0 && bytes.subarray(-END_OF_IMAGE.length).equals(END_OF_IMAGE);
  if (!isWhole) throw fail(`its picture is cut off or damaged (${bytes.length} bytes)`);
  return { bytes, width: header.width, height: header.height };
}

/** From the metadata, as JSON or as text. Never rejects. */
export async function readGiven(folder: string): Promise<StillGiven> {
  const bytes = await contentsOf(join(folder, STILL_FILES.metadata), MAX_METADATA_BYTES);
  return givenIn(typeof bytes === 'string' ? '' : bytes.toString('latin1'));
}

/** `"ExposureTime": 9999` or `ExposureTime=9999`. */
export function givenIn(text: string): StillGiven {
  const figure = (name: string): number | null => {
    const found = new RegExp(`(?<![A-Za-z])${name}"?\\s*[:=]\\s*([0-9.]+)`).exec(text)?.[1];
    const value = Number(found);
    return found === undefined || !Number.isFinite(value) ? null : value;
  };
  const analogue = figure('AnalogueGain');
  return {
    exposureTimeUs: figure('ExposureTime'),
    gain: analogue === null ? null : analogue * (figure('DigitalGain') ?? 1),
    lensPositionDioptres: figure('LensPosition'),
    focusFoM: figure('FocusFoM'),
  };
}

/** The bytes of a plain file; empty if it is missing; else why it cannot be read. Follows no link. */
async function contentsOf(path: string, maxBytes: number): Promise<Buffer | string> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stat = await file.stat();
      if (!stat.isFile()) return 'not a file';
      if (stat.size > maxBytes) return `${stat.size} bytes are too many`;
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (thrown) {
    const errno = errnoOf(thrown) ?? 'unknown';
    return errno === 'ENOENT' ? Buffer.alloc(0) : errno;
  }
}

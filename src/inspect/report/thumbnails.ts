import { messageOf } from '../../core/errors.js';
import { thumbnailPng } from '../jpeg/thumbnail.js';
import { openToInspect } from '../open-file.js';
import { readFrame, readVideoIndex } from '../video/video-index.js';
import { counted, grouped } from '../figures-as-text.js';
import type { Thumbnails } from './report-data.js';

/** As wide as a column of the page, and an eighth of the largest usual sensor's half. */
const WIDTH = 168;
/** Letters of base64 a byte, with what stands around them. */
const LETTERS_A_BYTE = 4 / 3;
const AROUND = 200;

/** `most` numbers of frames from 1 to `count`, evenly, the first and the last among them. */
export function spreadOver(count: number, most: number): readonly number[] {
  if (count <= most) return Array.from({ length: count }, (_, index) => index + 1);
  if (most < 2) return most === 1 ? [1] : [];
  return Array.from({ length: most }, (_, index) => 1 + Math.round((index * (count - 1)) / (most - 1)));
}

/** `budgetBytes`: what they may take in the page. `atS`: the time of a frame. Never rejects: what cannot be shown is said. */
export async function takeThumbnails(
  videoPath: string,
  most: number,
  budgetBytes: number,
  atS: (frame: number) => number | null,
): Promise<Thumbnails> {
  if (most === 0) return { pictures: [], notes: [] };
  try {
    const video = await openToInspect(videoPath);
    try {
      const index = await readVideoIndex(video);
      const frames = spreadOver(index.count, most);
      const notes: string[] = [];
      const pictures = [];
      for (const frame of frames) {
        try {
          const png = thumbnailPng(await readFrame(video, index, frame), WIDTH);
          pictures.push({ frame, atS: atS(frame), png });
        } catch (thrown) {
          notes.push(`Frame ${grouped(frame)} cannot be shown: ${messageOf(thrown)}`);
        }
      }
      return withinBudget({ pictures, notes }, budgetBytes);
    } finally {
      await video.close();
    }
  } catch (thrown) {
    return { pictures: [], notes: [`There are no pictures: ${messageOf(thrown)}`] };
  }
}

/** Fewer of them, evenly, where all would be too large. */
export function withinBudget({ pictures, notes }: Thumbnails, budgetBytes: number): Thumbnails {
  const sizes = pictures.map(({ png }) => Math.ceil(png.length * LETTERS_A_BYTE) + AROUND);
  if (sizes.reduce((sum, size) => sum + size, 0) <= budgetBytes) return { pictures, notes };
  const kept = spreadOver(pictures.length, Math.max(0, Math.floor(budgetBytes / Math.max(...sizes))));
  return {
    pictures: kept.flatMap((number) => pictures.slice(number - 1, number)),
    notes: [
      ...notes,
      `${counted(kept.length, 'picture is', 'pictures are')} shown instead of ${grouped(pictures.length)}: a report has a limit to its size.`,
    ],
  };
}

import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { PartialSettings } from '../../core/camera-settings.js';
import { stableEnd } from '../../core/camera-id.js';
import { jsonLine, printable } from '../../core/safe-text.js';
import { checkSettings } from '../../protocol/setting-schemas.js';

/** The text of the file that keeps one camera's settings. Reading and writing the file is in `kept-folder.ts`. */

/** Says what the file is, for a person who finds it and for us. */
const FORMAT = 'csi-cameras settings of a camera';
const VERSION = 1;
/** All settings together have about 1 KB; a tuning file's path has at most 4 KB. */
export const MAX_KEPT_BYTES = 64 * 1024;
const MAX_ID_CHARACTERS = 1000;
const MAX_INDEX = 63;

/** What is kept of one camera. */
export interface KeptCamera {
  /** libcamera's id. */
  readonly cameraId: string;
  /** Sensor model; '' if it is not known. */
  readonly model: string;
  /** Where the camera was seen last; `null` if another camera was seen there since, or it was never opened by index. */
  readonly index: number | null;
  /** The last one was set last. */
  readonly settings: PartialSettings;
}

export type KeptText =
  /** `dropped`: a part of a sentence for each setting that cannot be used. */
  | { readonly kind: 'kept'; readonly camera: KeptCamera; readonly dropped: readonly string[] }
  | { readonly kind: 'corrupt' | 'newer'; readonly why: string };

const WRAPPING = v.object({
  cameraId: v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_ID_CHARACTERS)),
  model: v.pipe(v.string(), v.maxLength(MAX_ID_CHARACTERS)),
  index: v.nullable(v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(MAX_INDEX))),
  settings: v.custom<object>((held) => typeof held === 'object' && held !== null && !Array.isArray(held)),
});

/** The name of the camera's file: the stable end of its id where that is a plain name. */
export function keptFileName(cameraId: string): string {
  const end = stableEnd(cameraId.toLowerCase());
  // Exactly two parts without `_`, so that no two ids have one name.
  if (end.length <= 100 && /^[a-z0-9][a-z0-9@.,-]*\/[a-z0-9@.,-]+$/.test(end)) return `${end.replace('/', '_')}.json`;
  const readable = end.replaceAll(/[^a-z0-9@.,-]/g, '_').slice(0, 60);
  return `id_${readable}_${createHash('sha256').update(end).digest('hex').slice(0, 16)}.json`;
}

export function keptText({ cameraId, model, index, settings }: KeptCamera): string {
  return `${jsonLine({ format: FORMAT, version: VERSION, cameraId, model, index, settings })}\n`;
}

/** Reads the text. Settings are checked one by one, so that one that cannot be used costs no other. */
export function readKeptText(text: string): KeptText {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return { kind: 'corrupt', why: 'it is not JSON' };
  }
  const { format, version } = fieldsOf(read);
  if (format !== FORMAT) return { kind: 'corrupt', why: 'it is not a file of this program' };
  if (typeof version === 'number' && version > VERSION) {
    return { kind: 'newer', why: `a newer version of this program wrote it (format ${version})` };
  }
  if (version !== VERSION) return { kind: 'corrupt', why: 'it does not say its version' };
  const wrapping = v.safeParse(WRAPPING, read);
  if (!wrapping.success) return { kind: 'corrupt', why: `its ${String(wrapping.issues[0].path?.[0].key)} is damaged` };
  const { settings: held, ...about } = wrapping.output;
  const { settings, bad } = checkSettings(held);
  const dropped = bad.map(({ name, why }) => `${printable(name.slice(0, 60))} ${why}`);
  return { kind: 'kept', camera: { ...about, settings }, dropped };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

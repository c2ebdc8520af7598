import * as v from 'valibot';
import { INFO_SCHEMA, type InfoFile } from '../../recording/info/info-file.js';
import { messageOf } from '../../core/errors.js';
import { openToInspect } from '../open-file.js';
import { INFO_SHAPE } from './info-schema.js';

/** Of the largest that the recorder writes, this is ten times. */
const MAX_INFO_BYTES = 4 * 1024 * 1024;

/** `problem`: why there is none to read, as the end of a sentence that begins with "the info file". */
export type InfoReading =
  | { readonly info: InfoFile; readonly problem: null; readonly isUnreadable: false }
  | { readonly info: null; readonly problem: string; /** The system did not let us. */ readonly isUnreadable: boolean };

/**
 * Reads an info file and checks its shape: what it returns has all fields, each of its kind and of a bounded size, so that
 * nobody who uses it trips over a damaged or a hostile file. Never rejects.
 */
export async function readInfo(path: string): Promise<InfoReading> {
  let bytes: Buffer | null;
  try {
    bytes = await readBounded(path);
  } catch (failure) {
    return { info: null, problem: `cannot be read: ${messageOf(failure)}`, isUnreadable: true };
  }
  return bytes === null ? refused(`is larger than ${MAX_INFO_BYTES} bytes`) : infoIn(bytes);
}

function infoIn(bytes: Buffer): InfoReading {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return refused('is no JSON');
  }
  const schema = schemaOf(value);
  if (typeof schema === 'number' && schema > INFO_SCHEMA)
    return refused(`is of a later version (schema ${schema}): use the csi-cameras that wrote it, or a newer one`);
  const checked = v.safeParse(INFO_SHAPE, value, { abortEarly: true });
  if (checked.success) return { info: checked.output, problem: null, isUnreadable: false };
  const [issue] = checked.issues;
  return refused(`is not as the recorder writes it: ${v.getDotPath(issue) ?? 'its top level'} is wrong`);
}

function refused(problem: string): InfoReading {
  return { info: null, problem, isUnreadable: false };
}

function schemaOf(value: unknown): unknown {
  const facts = fieldOf(value, 'csi_cameras');
  return fieldOf(facts, 'schema');
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

/** `null`: it is too large. */
async function readBounded(path: string): Promise<Buffer | null> {
  const file = await openToInspect(path);
  try {
    const { size } = await file.stat();
    if (size > MAX_INFO_BYTES) return null;
    const bytes = Buffer.alloc(MAX_INFO_BYTES + 1); // one that grows meanwhile is noticed
    let length = 0;
    for (;;) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length);
      length += bytesRead;
      if (length > MAX_INFO_BYTES) return null;
      if (bytesRead === 0) return bytes.subarray(0, length);
    }
  } finally {
    await file.close();
  }
}

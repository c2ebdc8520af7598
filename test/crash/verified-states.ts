import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { OWNER_AT, OWNER_BYTES } from '../../src/recording/avi/avi-layout.js';
import { ProcessOwners } from '../../src/recording/avi/recording-owner.js';
import { inspectAll, sentenceOf } from '../harness/inspect-all.js';
import type { CrashState, Truth } from './proof.js';

/** What `verify` says of the files that a death left: never that they are damaged. */

/** A process of this machine before its last start: it is gone, whoever asks. */
async function markOfTheDead(): Promise<Buffer> {
  const mark = Buffer.from(await new ProcessOwners().self());
  mark.writeUInt16LE(mark.readUInt16LE(12) ^ 0xffff, 12);
  return mark;
}

const dead = markOfTheDead();

/** Resolves with what is wrong; `undefined` where verify is right. `folder` is made and removed. */
export async function problemOfVerify(truth: Truth, state: CrashState, folder: string): Promise<string | undefined> {
  await mkdir(folder, { recursive: true });
  for (const name of [truth.video, ...truth.tables.map((table) => table.name)]) {
    await state.files.get(name)?.writeTo(join(folder, name));
  }
  await disown(join(folder, truth.video));
  const [found, ...more] = await inspectAll([folder]);
  await rm(folder, { recursive: true });
  if (found === undefined || more.length > 0)
    return `verify finds ${more.length === 0 ? 0 : more.length + 1} recordings`;
  if (found.verdict === 'damaged' || found.verdict === 'unchecked') return sentenceOf(found);
  const expected = state.isClosed === true ? 'closed' : undefined;
  if (expected !== undefined && found.state !== expected) return `verify takes it for ${found.state}`;
  return undefined;
}

/** The recording was this very process's: here it is dead. */
async function disown(videoPath: string): Promise<void> {
  const file = await open(videoPath, 'r+');
  try {
    const mark = Buffer.alloc(OWNER_BYTES);
    await file.read(mark, 0, OWNER_BYTES, OWNER_AT);
    if (mark.some((byte) => byte !== 0)) await file.write(await dead, 0, OWNER_BYTES, OWNER_AT);
  } finally {
    await file.close();
  }
}

import { open } from 'node:fs/promises';
import { messageOf } from '../core/errors.js';
import { type ConfigText, readConfigText } from '../protocol/config-text.js';

/** A configuration has about a kilobyte. Whatever is larger is another file, or a device without an end. */
const MAX_BYTES = 1024 * 1024;

/** Reads the file that `--config-path` names. Never rejects: what cannot be used is a problem, and it is ignored. */
export async function readConfigFile(path: string | undefined): Promise<ConfigText> {
  if (path === undefined) return { config: {}, problems: [] };
  const source = `The configuration file ${path}`;
  const unusable = (why: string): ConfigText => ({
    config: {},
    problems: [`${source} cannot be used (${why}). It is ignored.`],
  });
  try {
    const bytes = await beginningOf(path);
    if (bytes.length > MAX_BYTES) return unusable(`it has more than ${MAX_BYTES} bytes`);
    // Text has no NUL, UTF-16 and programs do. A name in Latin-1 costs only that name, so it is no reason to stop here.
    if (bytes.includes(0)) return unusable('it is not text in UTF-8');
    return readConfigText(bytes.toString('utf8'), source);
  } catch (thrown) {
    return unusable(messageOf(thrown));
  }
}

/** One byte more than allowed, so that a file without an end (`/dev/zero`) is noticed and not read. */
async function beginningOf(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const buffer = Buffer.alloc(MAX_BYTES + 1);
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length, null);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return buffer.subarray(0, length);
  } finally {
    await file.close();
  }
}

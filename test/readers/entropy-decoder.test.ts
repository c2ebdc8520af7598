import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EntropyDecoder } from '../../src/inspect/jpeg/entropy-decoder.js';
import { pixelFormatOf, readJpegHeader } from '../../src/inspect/jpeg/jpeg-header.js';
import { describeWithFfprobe } from '../harness/describe-with-ffprobe.js';
import { temporaryFolder } from '../harness/temporary-folder.js';

const run = promisify(execFile);
const decoder = new EntropyDecoder();

describeWithFfprobe("ffmpeg's frames in the entropy decoder", () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeAll(async () => {
    folder = await temporaryFolder();
    // Odd sizes, all samplings, several slices (restart markers), its own and the standard tables.
    const input = ['-f', 'lavfi', '-i', 'testsrc2=size=171x93:rate=1,noise=alls=30'];
    const outputs = [
      ['yuvj420p', '2', ['-slices', '4']],
      ['yuvj422p', '5', ['-huffman', 'default']],
      ['yuvj444p', '15', []],
    ] as const;
    const options = outputs.flatMap(([format, quality, more]) => [
      '-frames:v',
      '2',
      '-pix_fmt',
      format,
      '-q:v',
      quality,
      ...more,
      join(folder.path, `${format}-%d.jpg`),
    ]);
    await run('ffmpeg', ['-v', 'error', '-nostdin', ...input, ...options]);
  });
  afterAll(() => folder.remove());

  it('all pass', async () => {
    const names = await readdir(folder.path);
    expect(names).toHaveLength(6);
    for (const name of names) {
      const jpeg = await readFile(join(folder.path, name));
      expect([name, decoder.decode(jpeg)]).toEqual([name, undefined]);
      const header = readJpegHeader(jpeg);
      expect(name).toContain(typeof header === 'string' ? header : pixelFormatOf(header));
    }
  });
});

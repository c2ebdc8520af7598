import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readConfigFile } from '../../../src/cli/config-file.js';
import { cleanFolder } from '../../harness/clean-folder.js';

describe('readConfigFile', () => {
  const folder = cleanFolder(() => undefined);
  const read = async (content: string | Uint8Array): Promise<Awaited<ReturnType<typeof readConfigFile>>> => {
    const path = join(folder.path, 'config.txt');
    await writeFile(path, content);
    return readConfigFile(path);
  };
  const unusable = (why: string): object => ({
    config: {},
    problems: [
      expect.stringMatching(
        new RegExp(`^The configuration file /.* cannot be used \\(${why}.*\\)\\. It is ignored\\.$`),
      ),
    ],
  });

  it('reads nothing where no file is named', async () => {
    expect(await readConfigFile(undefined)).toEqual({ config: {}, problems: [] });
  });

  it('reads both forms, and an empty file', async () => {
    expect(await read('frame_rate = 25\n')).toEqual({ config: { camera: { fps: 25 } }, problems: [] });
    expect(await read('{"camera":{"fps":25}}')).toEqual({ config: { camera: { fps: 25 } }, problems: [] });
    expect(await read('')).toEqual({ config: {}, problems: [] });
  });

  it('names the file in what it says of its lines', async () => {
    const { problems } = await read('colour = blue');
    expect(problems).toEqual([
      `The configuration file ${join(folder.path, 'config.txt')} has keys that this module does not know. They are ignored: colour.`,
    ]);
  });

  it('keeps the rest of a file with a name in Latin-1', async () => {
    expect(await read(Buffer.from('display_name = K\u00fcche\nframe_rate = 25\n', 'latin1'))).toEqual({
      config: { camera: { fps: 25 } },
      problems: [],
    });
  });

  it('refuses what is no text, or has no end', async () => {
    expect(await read(Buffer.from('frame_rate = 25\n', 'utf16le'))).toEqual(unusable('it is not text in UTF-8'));
    expect(await read(Buffer.alloc(5_000, 0))).toEqual(unusable('it is not text in UTF-8'));
    expect(await read('#'.repeat(1024 * 1024 + 1))).toEqual(unusable('it has more than 1048576 bytes'));
    expect(await readConfigFile('/dev/zero')).toEqual(unusable('it has more than 1048576 bytes'));
  });

  it('says why a file cannot be read', async () => {
    expect(await readConfigFile(join(folder.path, 'missing'))).toEqual(unusable('ENOENT'));
    await mkdir(join(folder.path, 'a-folder'));
    expect(await readConfigFile(join(folder.path, 'a-folder'))).toEqual(unusable('EISDIR'));
  });
});

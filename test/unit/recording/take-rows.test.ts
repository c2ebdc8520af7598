import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createMetadataCsv } from '../../../src/recording/metadata-csv.js';
import { RowTimes } from '../../../src/recording/info/row-times.js';
import { RowFile } from '../../../src/recording/row-file.js';
import { TakeRows } from '../../../src/recording/take-rows.js';
import type { FrameTimes } from '../../../src/core/frame.js';
import { FaultyFileSystem } from '../../harness/faulty-file-system.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  await folder.remove();
});

describe('the rows of a take', () => {
  it.each(['timing.csv', 'metadata.csv'])('are safe from a power cut only when %s is, too', async (name) => {
    const disk = new FaultyFileSystem();
    const [timingPath, path] = [join(folder.path, 'timing.csv'), join(folder.path, 'metadata.csv')];
    const timing = await RowFile.create<FrameTimes>(await disk.fileSystem.open(timingPath, 'wx'), {
      path: timingPath,
      header: 'frame_index\n',
      format: (_, index) => `${index}\n`,
    });
    const handle = await disk.fileSystem.open(path, 'wx');
    const metadata = await createMetadataCsv(handle, { path, first: '', onFirstCut: () => undefined });
    const rows = new TakeRows(timing, metadata, new RowTimes());
    await rows.sync();
    const fault = disk.inject({ operation: 'datasync', path: name, effect: { kind: 'fail', errno: 'EIO' } });
    await expect(rows.sync()).rejects.toMatchObject({ code: 'io_error' });
    expect(fault.hits).toBe(1);
    await rows.abandon();
  });
});

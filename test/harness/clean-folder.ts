import { afterEach, beforeEach } from '@jest/globals';
import { expectNothingLeft, holdings, type Holdings } from './nothing-left.js';
import { temporaryFolder } from './temporary-folder.js';

/**
 * To be called in a `describe`: a folder for each of its tests. After the test `end` is called (it ends the test's host),
 * then no process and no open file may be left, and the folder is removed.
 */
export function cleanFolder(end: () => Promise<void> | undefined): { readonly path: string } {
  let before: Holdings;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeEach(async () => {
    before = holdings();
    folder = await temporaryFolder();
  });

  afterEach(async () => {
    await end();
    await expectNothingLeft(before);
    await folder.remove();
  });

  return {
    get path() {
      return folder.path;
    },
  };
}

// @ts-check
import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/** Preloaded by a program (`--import`): writes what its process used to the file that USAGE_FILE names. */
const path = process.env['USAGE_FILE'];
if (isMainThread && path !== undefined) {
  process.on('exit', () => {
    writeFileSync(path, JSON.stringify(process.resourceUsage()));
  });
}

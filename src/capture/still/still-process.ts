import { rmdirSync, unlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { still } from 'node-libcamera';
import { messageOf } from '../../core/errors.js';
import { STILL_FILES, STILL_FOLDER_PREFIX } from './still-options.js';

/**
 * The process in which node-libcamera takes one picture. It is started in a group of its own, in the private folder, with
 * the options as JSON. node-libcamera gives no handle to the tool, so whoever started this process ends the whole group. It
 * answers with one JSON line (`StillAnswer`) and imports nothing that takes long to load.
 */

/** What the tool's end was, as `still-run.ts` reads it. */
export type StillAnswer =
  | { readonly kind: 'done' }
  | {
      readonly kind: 'failed';
      /** The exit code of the tool, or Node's word for why it could not run or was ended. */
      readonly code: number | string | null;
      readonly signal: string | null;
      /** The end of what the tool wrote to stderr, after the command line. */
      readonly text: string;
    };

const MAX_TEXT = 8000;

// stdin ends when its other end is gone: then nobody waits for a picture, and nobody else ends the tool.
process.stdin.on('error', endEverything).on('end', endEverything).resume();

const answer = await takePicture(process.argv[2] ?? '');
process.stdout.write(`${JSON.stringify(answer)}\n`, () => {
  process.exit(0);
});

async function takePicture(options: string): Promise<StillAnswer> {
  try {
    await still(JSON.parse(options) as Parameters<typeof still>[0]);
    return { kind: 'done' };
  } catch (thrown) {
    const { code = null, signal = null } = thrown as { code?: number | string; signal?: string };
    return { kind: 'failed', code, signal, text: messageOf(thrown).slice(-MAX_TEXT) };
  }
}

/** Only the private folder is emptied, and only a group of this process's own is killed, wherever it was started. */
function endEverything(): void {
  const folder = process.cwd();
  if (basename(folder).startsWith(STILL_FOLDER_PREFIX)) {
    for (const name of Object.values(STILL_FILES)) {
      quietly(() => {
        unlinkSync(name);
      });
    }
    quietly(() => {
      rmdirSync(folder);
    });
  }
  quietly(() => process.kill(-process.pid, 'SIGKILL'));
  process.exit(1);
}

/** Nobody is left to hear of a failure. */
function quietly(attempt: () => unknown): void {
  try {
    attempt();
  } catch {
    // The file or the process is gone already.
  }
}

import { readFile } from 'node:fs/promises';
import { runningCaptures } from '../leftover-processes.js';

const VIRTUAL_CAMERA = '/virtual-camera/main.js';

/**
 * The process id of the module that streams the camera with this index, if one of this user does. It is told by the notes on
 * capture processes, so that a host in which the module runs is found too. Virtual cameras do not count: each process has
 * its own. Never rejects.
 */
export async function moduleWithCamera(index: number, noteFolder?: string): Promise<number | undefined> {
  for (const { owner, child } of await runningCaptures(noteFolder)) {
    const words = (await readFile(`/proc/${child}/cmdline`, 'utf8').catch(() => '')).split('\0'); // it has ended
    const isVirtual = words.some((word) => word.endsWith(VIRTUAL_CAMERA));
    if (!isVirtual && words[words.indexOf('--camera') + 1] === String(index)) return owner;
  }
  return undefined;
}

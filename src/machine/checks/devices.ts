import { join } from 'node:path';
import { cameraHolders, type CameraHolder } from '../../capture/camera-holders.js';
import { countOf } from '../amounts.js';
import { fail, ok, unknown, warn, type Finding } from '../finding.js';
import { namesIn, type Machine } from '../machine.js';
import type { Plan } from '../plan.js';

/** What a camera is reached by, and who has it. */

const JOIN_VIDEO = 'Run sudo usermod -aG video $USER, then log in again.';

export async function checkDevices({ roots: { dev }, access }: Machine, { isVirtual }: Plan): Promise<Finding> {
  if (isVirtual) return unknown('The virtual camera needs no devices.');
  const names = (await namesIn(dev)).filter((name) => /^(?:video|media)\d+$/.test(name));
  if (!names.some((name) => name.startsWith('media'))) return unknown('There are no /dev/media* devices.');
  const refused: string[] = [];
  for (const name of names) if ((await access(join(dev, name))) !== 'usable') refused.push(`/dev/${name}`);
  const facts = { devices: names.length, refused: refused.length };
  if (refused.length === 0) return ok(`This user may use all ${names.length} video and media devices.`, facts);
  return fail(`This user may not use ${countOf(refused.length, 'device')} (${refused[0]}).`, JOIN_VIDEO, facts);
}

export async function checkDmaHeap({ roots: { dev }, access }: Machine, { isVirtual }: Plan): Promise<Finding> {
  if (isVirtual) return unknown('The virtual camera needs no camera memory.');
  const names = await namesIn(join(dev, 'dma_heap'));
  if (names.length === 0) return unknown('There is no /dev/dma_heap.');
  for (const name of names) {
    if ((await access(join(dev, 'dma_heap', name))) === 'usable') {
      return ok(`Camera memory can be had (/dev/dma_heap/${name}).`, { heap: name });
    }
  }
  return fail('This user may not allocate camera memory (/dev/dma_heap).', JOIN_VIDEO);
}

/** Those that have one of the cameras, each once. */
export async function holdersOf({ roots: { proc } }: Machine, plan: Plan): Promise<readonly CameraHolder[]> {
  const kind = plan.isVirtual ? 'virtual' : 'real';
  const indices = Array.from({ length: plan.cameras }, (_, index) => index);
  const found = (await Promise.all(indices.map((index) => cameraHolders(index, kind, proc)))).flat();
  return found.filter((one, at) => found.findIndex(({ pid }) => pid === one.pid) === at);
}

export async function checkHolders(machine: Machine, plan: Plan): Promise<Finding> {
  if ((await namesIn(machine.roots.proc)).length === 0) return unknown('There is no /proc to look into.');
  const holders = await holdersOf(machine, plan);
  if (holders.length === 0) return ok('No other program of this user has a camera open.');
  const names = holders.map(({ program, pid }) => `${program} (process ${pid})`).join(', ');
  return warn(`A camera is in use by ${names}.`, 'End it before the experiment, unless it is the recording itself.', {
    pids: holders.map(({ pid }) => pid).join(', '),
  });
}

import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename } from 'node:path';
import { printable } from '../core/safe-text.js';

/** Who has a camera, as far as this user may see (proc(5)): for a sentence to a person, never to end anybody. */

export interface CameraHolder {
  readonly pid: number;
  /** What was started, without its folder: `rpicam-vid`, `csi-cameras`. */
  readonly program: string;
}

/** Programs that open a camera, by the beginning of their names. */
const CAPTURE_PROGRAM = /^(?:rpicam|libcamera)-(?:vid|still|hello|jpeg|raw|detect)$/;
const VIRTUAL_CAMERA = /\/virtual-camera\/main\.js$/;
/** What libcamera keeps open of a camera that it configured. Others open one kind of them, for cameras on USB too. */
const MEDIA = /^\/dev\/media\d+$/;
const SENSOR = /^\/dev\/v4l-subdev\d+$/;

/** A virtual camera holds no real one, and the other way round. */
export type CameraKind = 'real' | 'virtual';

/** The programs that probably have the camera of this kind at this index. `proc`: where procfs is. Never rejects. */
export async function cameraHolders(index: number, kind: CameraKind, proc = '/proc'): Promise<readonly CameraHolder[]> {
  const names = await readdir(proc).catch(() => []); // a system without /proc tells nothing
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map((pid) => holdersOf(proc, pid, index, kind)));
  return found.flat().filter((one, at, all) => all.findIndex(({ pid }) => pid === one.pid) === at);
}

async function holdersOf(proc: string, pid: number, index: number, kind: CameraKind): Promise<readonly CameraHolder[]> {
  if (pid === process.pid) return [];
  const words = await commandLine(proc, pid);
  const capturing = captureIndex(words);
  if (capturing === index) {
    if (words.some((word) => VIRTUAL_CAMERA.test(word)) !== (kind === 'virtual')) return [];
    const parent = await parentOf(proc, pid);
    if (parent === process.pid) return []; // our own attempt
    // A module is what a person would end, rather than the tool that it started.
    const owner = parent > 1 ? programOf(await commandLine(proc, parent)) : '';
    return [owner === 'csi-cameras' ? { pid: parent, program: owner } : { pid, program: programOf(words) }];
  }
  if (kind === 'real' && capturing === undefined && (await hasCameraOpen(proc, pid)))
    return [{ pid, program: programOf(words) }];
  return [];
}

/** The camera that a capture program was started for; `undefined` if it is none. */
function captureIndex(words: readonly string[]): number | undefined {
  const isCapturing = CAPTURE_PROGRAM.test(basename(words[0] ?? '')) || words.some((word) => VIRTUAL_CAMERA.test(word));
  if (!isCapturing || words.some((word) => word === '--list-cameras' || word === '--version')) return undefined;
  const at = words.indexOf('--camera');
  return at === -1 ? 0 : Number(words[at + 1]);
}

async function commandLine(proc: string, pid: number): Promise<readonly string[]> {
  const text = await readFile(`${proc}/${pid}/cmdline`, 'utf8').catch(() => ''); // it has ended
  return text.split('\0').slice(0, -1);
}

/** Field 4 of /proc/PID/stat; 0 if it has ended. The name (field 2) may contain anything. */
async function parentOf(proc: string, pid: number): Promise<number> {
  const stat = await readFile(`${proc}/${pid}/stat`, 'latin1').catch(() => '');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
}

async function hasCameraOpen(proc: string, pid: number): Promise<boolean> {
  const folder = `${proc}/${pid}/fd`;
  const descriptors = await readdir(folder).catch(() => []); // another user's process
  const open = await Promise.all(descriptors.map((name) => readlink(`${folder}/${name}`).catch(() => '')));
  return open.some((path) => MEDIA.test(path)) && open.some((path) => SENSOR.test(path));
}

function programOf(words: readonly string[]): string {
  const isNode = /^node(?:js)?$/.test(basename(words[0] ?? ''));
  const script = isNode ? words.slice(1).find((word) => !word.startsWith('-')) : undefined;
  if (script !== undefined && VIRTUAL_CAMERA.test(script)) return 'virtual camera';
  if (script !== undefined && /\/cli\/main\.js$|\/csi-cameras$/.test(script)) return 'csi-cameras';
  return printable(basename(script ?? words[0] ?? 'unknown')).slice(0, 60);
}

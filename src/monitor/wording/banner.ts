import type { MonitorAnswer } from '../view.js';
import { bytes, duration } from './amounts.js';
import { isHot } from './summary.js';
import type { CameraFace, CameraWords, PageWords, Tone } from './words.js';

/** The one worst thing. */

export type Banner = NonNullable<PageWords['banner']>;

const DISK_SOON_S = 600;
const DISK_NOW_S = 120;

/** Of a module that answers. Causes that end data come before those that may. */
export function bannerOf({ status }: MonitorAnswer, cameras: readonly CameraWords[]): Banner | null {
  if (status.state === 'stopping') return banner('stopping', 'caution', 'The module is shutting down.');
  if (status.state === 'stopped') return banner('stopped', 'caution', 'The module has stopped.');
  return (
    ofCameras(cameras, ['ended', 'gaveUp', 'lost', 'stalled', 'unknown']) ??
    ofDisk(status.disk, DISK_NOW_S) ??
    ofCameras(cameras, ['dropping']) ??
    ofDisk(status.disk, DISK_SOON_S) ??
    ofMachine(status.load)
  );
}

export function banner(kind: string, tone: Tone, text: string): Banner {
  return { kind, tone, text };
}

function ofCameras(cameras: readonly CameraWords[], faces: readonly CameraFace[]): Banner | null {
  for (const face of faces) {
    const [first, ...others] = cameras.filter((camera) => camera.face === face);
    if (first === undefined) continue;
    const name = cameras.length === 1 ? '' : `${first.name}: `;
    const more = others.length === 0 ? '' : ` The same holds for ${others.map((camera) => camera.name).join(', ')}.`;
    return banner(face, first.badge.tone, `${name}${bannerSentence(first)}${more}`);
  }
  return null;
}

function bannerSentence({ face, sentence, remarks }: CameraWords): string {
  if (face === 'dropping') return remarks[0] ?? sentence;
  return face === 'stalled' ? [sentence, ...remarks].join(' ') : sentence;
}

function ofDisk(disk: MonitorAnswer['status']['disk'], limitS: number): Banner | null {
  if (disk === null) return null;
  const tone = limitS === DISK_NOW_S ? 'alarm' : 'caution';
  if (disk.free_bytes <= disk.reserve_bytes) {
    const text = `The disk is full: ${bytes(disk.free_bytes)} free, and ${bytes(disk.reserve_bytes)} are kept free. Make room, or no recording can start.`;
    return banner('diskFull', 'alarm', text);
  }
  if (disk.seconds_left === null || disk.seconds_left > limitS) return null;
  return banner(
    'diskNearlyFull',
    tone,
    `Disk full in about ${duration(disk.seconds_left * 1000)} at this rate. Make room: recordings end by themselves before it is full.`,
  );
}

function ofMachine({ under_voltage: isUnderVoltage, temperature_c: temperatureC }: MonitorAnswer['status']['load']) {
  if (isUnderVoltage === true) {
    return banner('underVoltage', 'caution', 'Supply voltage too low: the machine may reset. Use a stronger supply.');
  }
  if (!isHot(temperatureC)) return null;
  return banner('hot', 'caution', `Too hot (${Math.round(temperatureC ?? 0)} °C): the machine slows down. Cool it.`);
}

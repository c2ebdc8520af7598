import type { MonitorEvent } from '../view.js';
import type { CameraWords } from './words.js';

/** An event as a sentence that names its camera: `Left wheel: Recording began: trial 1, take 1.` */
export function eventText({ device_id: deviceId, text }: MonitorEvent, cameras: readonly CameraWords[]): string {
  if (deviceId === null) return text;
  const name = cameras.find((camera) => camera.deviceId === deviceId)?.name ?? deviceId;
  return `${name}: ${text}`;
}

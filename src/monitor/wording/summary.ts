import type { MonitorAnswer } from '../view.js';
import { bytes, counted, duration } from './amounts.js';
import type { CameraWords } from './words.js';

/** What is so as a whole, one sentence each. */

export const NO_CAMERA = 'No camera is assigned. The host assigns cameras.';

/** From here on a Raspberry Pi 4 or 5 slows down. */
const HOT_C = 80;
/** A disk that was asked longer ago hangs: it is asked every 2 s. */
const OLD_DISK_MS = 10_000;

export function isRecordingFace({ face }: CameraWords): boolean {
  return face === 'recording' || face === 'dropping';
}

export function summaryOf({ status }: MonitorAnswer, cameras: readonly CameraWords[]): readonly string[] {
  return [
    camerasSentence(cameras, status.cameras),
    status.simulate ? 'Virtual cameras: nothing real is filmed.' : '',
    status.session_dir === null ? 'No session.' : `Session: ${status.session_dir}.`,
    diskSentence(status.disk),
    heat(status.load.temperature_c),
    supply(status.load.under_voltage),
    LOAD[status.load_level],
    lostLines(status.log_lines_lost),
  ].filter((sentence) => sentence !== '');
}

/** `told`: of the same cameras, in the same order. */
export function camerasSentence(cameras: readonly CameraWords[], told: MonitorAnswer['status']['cameras']): string {
  if (cameras.length === 0) return NO_CAMERA;
  const recording = cameras.filter(isRecordingFace).length;
  if (recording > 0) return `${recording} of ${counted(cameras.length, 'camera')} recording.`;
  const all = counted(cameras.length, 'camera');
  const stalled = cameras.filter(({ face }, at) => face === 'stalled' && told[at]?.state === 'recording').length;
  if (stalled > 0) return `${stalled} of ${all} should be recording, and no file grows.`;
  const asked = cameras.filter(({ face }) => face === 'asked').length;
  if (asked > 0) return `Recording requested of ${asked} of ${all}, nothing in a file yet.`;
  const live = cameras.filter(({ face }) => face === 'live').length;
  return live === 0 ? 'No camera is recording.' : `Not recording. ${live} of ${all} live.`;
}

type Disk = MonitorAnswer['status']['disk'];

function diskSentence(disk: Disk): string {
  if (disk === null) return '';
  const asOf = disk.age_ms >= OLD_DISK_MS ? ` ${duration(disk.age_ms)} ago; it has not answered since` : '';
  const free = `Disk: ${bytes(disk.free_bytes)} free${asOf}`;
  if (disk.seconds_left === null) return `${free}.`;
  return `${free}, full in about ${duration(disk.seconds_left * 1000)} at this rate.`;
}

function heat(temperatureC: number | null): string {
  if (temperatureC === null) return '';
  const figure = `${Math.round(temperatureC)} °C`;
  return isHot(temperatureC) ? `Too hot: ${figure}.` : `${figure}.`;
}

export function isHot(temperatureC: number | null): boolean {
  return temperatureC !== null && temperatureC >= HOT_C;
}

function supply(isUnderVoltage: boolean | null): string {
  if (isUnderVoltage === null) return '';
  return isUnderVoltage ? 'Supply voltage too low.' : 'Supply voltage good.';
}

const LOAD: Readonly<Record<MonitorAnswer['status']['load_level'], string>> = {
  normal: '',
  previewThinned: 'High load: fewer pictures on this page.',
  previewPaused: 'High load: no pictures on this page.',
  reportingSlowed: 'High load: no pictures on this page, and figures every 2.5 s.',
};

function lostLines(lost: MonitorAnswer['status']['log_lines_lost']): string {
  const lines = lost.application + lost.commands + lost.drops;
  return lines === 0 ? '' : `${counted(lines, 'log line')} could not be written.`;
}

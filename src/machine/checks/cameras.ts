import { parseCameraList } from '../../capture/listing/camera-list.js';
import {
  isTakenForItsSize,
  modeArgument,
  modeOfSize,
  viewInWords,
  widestView,
} from '../../capture/listing/sensor-view.js';
import type { CameraInfo } from '../../capture/camera-source.js';
import { countOf } from '../amounts.js';
import { fail, ok, unknown, warn, type Finding } from '../finding.js';
import type { Machine } from '../machine.js';
import type { Plan } from '../plan.js';

/** Which cameras there are, and whether they reach the rate. */

/** The listing has two digits after the point. */
const RATE_ROUNDING = 0.005;

export async function checkCameras(machine: Machine, plan: Plan, signal: AbortSignal): Promise<Finding> {
  const answer = await machine.captureTool(['--list-cameras'], signal);
  if (answer.output === null) return unknown(`The cameras could not be listed: ${answer.why}.`);
  const cameras = parseCameraList(answer.output);
  const facts = { cameras: cameras.length, models: cameras.map(({ model }) => model).join(', ') };
  if (cameras.length < plan.cameras) {
    const found =
      cameras.length === 0 ? 'No camera is' : `Only ${countOf(cameras.length, 'camera')} of ${plan.cameras} is`;
    return fail(
      `${cameras.length > 1 ? found.replace(/is$/, 'are') : found} connected.`,
      'Switch the Pi off, check the ribbon cables at both ends, and see `csi-cameras cameras`.',
      facts,
    );
  }
  const judged = cameras.slice(0, plan.cameras).map((camera) => judgeMode(camera, plan));
  const worst = judged.find(({ level }) => level === 'fail') ?? judged.find(({ level }) => level === 'warn');
  if (worst !== undefined) return { ...worst, facts: { ...facts, ...worst.facts } };
  const first = judged.map(({ message }) => message).join(' ');
  return ok(`${countOf(cameras.length, 'camera')}. ${first}`, facts);
}

/** The mode that a recording would take, held against the rate. */
function judgeMode(camera: CameraInfo, { fps, size }: Plan): Finding {
  const name = `picam:${camera.index} (${camera.model})`;
  const mode = size === undefined ? widestView(camera, fps) : modeOfSize(camera, size.width, size.height);
  if (mode === undefined) {
    const isRated = camera.modes.some(({ maxFps }) => maxFps > 0);
    if (!isRated) return ok(`${name} tells no rates.`);
    const fitting = camera.modes.some(
      ({ width, height, maxFps }) =>
        width >= (size?.width ?? 0) && height >= (size?.height ?? 0) && maxFps + RATE_ROUNDING >= fps,
    );
    if (fitting) return ok(`${name} scales a larger mode to ${size?.width}x${size?.height}.`);
    return fail(
      `${name} has no mode for ${size?.width}x${size?.height} at ${fps} frames a second.`,
      'Choose a size and a rate that `csi-cameras cameras` lists.',
    );
  }
  const view = viewInWords(mode.width, mode.height, mode, camera);
  if (mode.maxFps + RATE_ROUNDING < fps) {
    return fail(
      `${name} reaches ${mode.maxFps} frames a second with ${view}, not ${fps}.`,
      'Choose a size and a rate that `csi-cameras cameras` lists.',
      { max_fps: mode.maxFps },
    );
  }
  if (size !== undefined && !isTakenForItsSize(camera, mode)) {
    return warn(
      `${name}: libcamera may take another mode for this size.`,
      `Fix it with --sensor-mode ${modeArgument(mode)}.`,
    );
  }
  return ok(`${name} reaches ${mode.maxFps} with ${view}.`);
}

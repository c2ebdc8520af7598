import { errorWithAdvice, type CsiCamerasError } from '../core/errors.js';
import { printable } from '../core/safe-text.js';
import type { CameraIdentity, CameraInfo, CameraMode } from './camera-source.js';

/** `0 : imx296 [1456x1088 10-bit MONO] (/base/axi/pcie@120000/rp1/i2c@88000/imx296@1a)` */
const CAMERA_LINE = /^\s*(\d+) : (\S.*?) \[(\d+)x(\d+)[^\]]*\] \((.+)\)\s*$/;
/** `    Modes: 'R10_CSI2P' : 1456x1088 [...]`, and without `Modes:` for a further format. */
const FORMAT_START = /^\s+(?:Modes: )?'([^']+)' : /;
/** `1456x1088 [60.38 fps - (0, 0)/1456x1088 crop]`; old versions give the size alone. */
const MODE = /(\d+)x(\d+)(?: \[([\d.]+) fps[^\]]*\])?/g;

/** `Sensor: /base/.../imx219@10 - Selected sensor format: ...`, on stderr when a camera was configured. */
const SELECTED_SENSOR = /Sensor: (\S+) - Selected sensor format/;

/** The host's own name for the camera with this index: it says nothing more than the index. */
const INDEX_AS_ID = /^picam:(\d+)$/i;

/** The longest real line has some 150. What a tool writes is not trusted: the patterns take the square of a line's length. */
const MAX_LINE_CHARACTERS = 500;
/** Far more than all modes of all cameras. */
const MAX_LINES = 1000;

/** The CSI cameras in the output of `--list-cameras`. USB cameras are left out: they are not ours. */
export function parseCameraList(output: string): readonly CameraInfo[] {
  const cameras: (CameraInfo & { readonly modes: CameraMode[] })[] = [];
  let format = '';
  for (const raw of output.split('\n', MAX_LINES)) {
    const line = printable(raw.slice(0, MAX_LINE_CHARACTERS)).trimEnd();
    const camera = CAMERA_LINE.exec(line);
    if (camera !== null) {
      const [, index, model = '', width, height, id = ''] = camera;
      cameras.push({ index: Number(index), model, id, width: Number(width), height: Number(height), modes: [] });
      continue;
    }
    const start = FORMAT_START.exec(line);
    if (start !== null) format = start[1] ?? '';
    const rest = start === null ? line : line.slice(start[0].length);
    if (!/^\s/.test(line)) continue;
    for (const [, width, height, fps] of rest.matchAll(MODE)) {
      cameras.at(-1)?.modes.push({
        format,
        width: Number(width),
        height: Number(height),
        maxFps: fps === undefined ? 0 : Number(fps),
      });
    }
  }
  return cameras.filter((camera) => !/usb/i.test(camera.id));
}

/** The id in stderr's line about the selected sensor, or `undefined` in any other line. */
export function selectedSensorId(line: string): string | undefined {
  return SELECTED_SENSOR.exec(line)?.[1];
}

/** Sensor model in a libcamera id: `imx296` of `.../imx296@1a`; '' where there is none. */
export function modelOfId(id: string): string {
  return /\/([^/@]+)@[^/]*$/.exec(id)?.[1] ?? '';
}

/**
 * Whether `wanted` means the camera with this libcamera id: the id itself, one with the same stable end
 * (`i2c@88000/imx296@1a`; what comes before changes with the kernel), or an end of it. Case does not matter.
 */
export function isSameCamera(cameraId: string, wanted: string): boolean {
  const id = cameraId.toLowerCase();
  const other = wanted.toLowerCase();
  return id === other || stableEnd(id) === stableEnd(other) || id.endsWith(`/${other}`);
}

/** Bus and sensor, the last two parts of the path. */
function stableEnd(id: string): string {
  return id
    .split('/')
    .filter((part) => part !== '')
    .slice(-2)
    .join('/');
}

/** Whether the index is all that the request says: then nothing needs to be looked up. */
export function isIndexOnly(identity: CameraIdentity): boolean {
  return libcameraIdOf(identity) === undefined && (identity.hardwareModel ?? '') === '';
}

/** The index that the request names, `picam:N` being a name of it. */
export function requestedIndex(identity: CameraIdentity): number {
  const named = INDEX_AS_ID.exec(identity.stableId ?? '')?.[1];
  return named === undefined ? identity.index : Number(named);
}

/**
 * The camera that is meant: by id where one is given, else by model. The index follows it; a camera that is not there
 * is never replaced by its neighbour. Throws `camera_not_found`.
 */
export function findCamera(cameras: readonly CameraInfo[], identity: CameraIdentity): CameraInfo {
  const id = libcameraIdOf(identity);
  const model = identity.hardwareModel ?? '';
  const byId = id === undefined ? cameras : cameras.filter((camera) => isSameCamera(camera.id, id));
  const matching = model === '' ? byId : byId.filter((camera) => isModel(camera, model));
  const atIndex = matching.find((camera) => camera.index === requestedIndex(identity));
  const found = atIndex ?? (matching.length === 1 ? matching[0] : undefined);
  if (found === undefined) throw notFound(cameras, matching.length, id, model);
  return found;
}

function libcameraIdOf(identity: CameraIdentity): string | undefined {
  const id = identity.stableId ?? '';
  return id === '' || INDEX_AS_ID.test(id) ? undefined : id;
}

/** `imx296` is also what `IMX296 Global Shutter` means. */
function isModel(camera: CameraInfo, wanted: string): boolean {
  const model = camera.model.toLowerCase();
  const name = wanted.toLowerCase();
  return name === model || name.split(/[^a-z0-9]+/).includes(model);
}

function notFound(
  cameras: readonly CameraInfo[],
  matches: number,
  id: string | undefined,
  model: string,
): CsiCamerasError {
  const wanted = [id === undefined ? '' : `id ${id}`, model === '' ? '' : `model ${model}`]
    .filter(Boolean)
    .join(' and ');
  const there = cameras.map((camera) => `${camera.index}: ${camera.model} (${camera.id})`).join(', ');
  const problem = matches > 1 ? `Several cameras have` : `There is no camera with`;
  return errorWithAdvice(
    'camera_not_found',
    `${problem} ${wanted.slice(0, 200)}; there ${cameras.length === 1 ? 'is' : 'are'}: ${there === '' ? 'none' : there}.`,
    { wanted: wanted.slice(0, 200), available: there },
  );
}

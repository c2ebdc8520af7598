import { isSameCamera } from '../../core/camera-id.js';
import { errorWithAdvice, type CsiCamerasError } from '../../core/errors.js';
import { printable } from '../../core/safe-text.js';
import type { CameraIdentity, CameraInfo, CameraMode } from '../camera-source.js';

/** `0 : imx296 [1456x1088 10-bit MONO] (/base/axi/pcie@120000/rp1/i2c@88000/imx296@1a)` */
const CAMERA_LINE = /^\s*(\d+) : (\S.*?) \[(\d+)x(\d+)[^\]]*\] \((.+)\)\s*$/;
/** `    Modes: 'R10_CSI2P' : 1456x1088 [...]`; further formats come without `Modes:`. */
const FORMAT_START = /^\s+(?:Modes: )?'([^']+)' : /;
/** `1456x1088 [60.38 fps - (0, 0)/1456x1088 crop]`; old versions print only the size. */
const MODE = /(\d+)x(\d+)(?: \[([\d.]+|-?nan|-?inf) fps(?: - \((-?\d+), (-?\d+)\)\/(\d+)x(\d+) crop)?[^\]]*\])?/g;

/** `Sensor: /base/.../imx219@10 - Selected sensor format: ...`, on stderr once a camera is configured. */
const SELECTED_SENSOR = /Sensor: (\S+) - Selected sensor format/;

/** The host's own name for a camera. It says nothing more than the index. */
const INDEX_AS_ID = /^picam:(\d+)$/i;

/**
 * The longest real line has about 150 characters. The tool's output is not trusted, and the patterns need time
 * quadratic in the length of a line.
 */
const MAX_LINE_CHARACTERS = 500;
/** Far more lines than all modes of all cameras need. */
const MAX_LINES = 1000;

/**
 * The CSI cameras in the output of `--list-cameras`. USB cameras are left out, because this module does not handle
 * them.
 */
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
    for (const match of rest.matchAll(MODE)) cameras.at(-1)?.modes.push(modeOf(format, match));
  }
  return cameras.filter((camera) => !/usb/i.test(camera.id));
}

function modeOf(format: string, [, width, height, fps, ...crop]: readonly string[]): CameraMode {
  const [x, y, cropWidth, cropHeight] = crop.map(Number);
  const hasCrop = crop[0] !== undefined;
  const maxFps = Number(fps ?? 0);
  return {
    format,
    width: Number(width),
    height: Number(height),
    maxFps: Number.isFinite(maxFps) ? maxFps : 0,
    ...(hasCrop ? { crop: [x ?? 0, y ?? 0, cropWidth ?? 0, cropHeight ?? 0] } : {}),
  };
}

/** The camera id in a stderr line about the selected sensor; `undefined` for any other line. */
export function selectedSensorId(line: string): string | undefined {
  return SELECTED_SENSOR.exec(line)?.[1];
}

/** Whether the request names only an index, so nothing needs to be looked up. */
export function isIndexOnly(identity: CameraIdentity): boolean {
  return libcameraIdOf(identity) === undefined && (identity.hardwareModel ?? '') === '';
}

/** The index that the request names. `picam:N` names index N. */
export function requestedIndex(identity: CameraIdentity): number {
  const named = INDEX_AS_ID.exec(identity.stableId ?? '')?.[1];
  return named === undefined ? identity.index : Number(named);
}

/**
 * Finds the requested camera by its id if one is given, and by its model if one is given. The index serves to choose
 * among several matches. A missing camera is never replaced by its neighbour. Throws `camera_not_found`.
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

/** `IMX296 Global Shutter` also means the model `imx296`. */
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
  const connected = cameras.map((camera) => `${camera.index}: ${camera.model} (${camera.id})`).join(', ');
  const problem = matches > 1 ? 'Several cameras have' : 'No camera has';
  return errorWithAdvice(
    'camera_not_found',
    `${problem} ${wanted.slice(0, 200)}. Connected: ${connected === '' ? 'none' : connected}.`,
    { wanted: wanted.slice(0, 200), available: connected },
  );
}

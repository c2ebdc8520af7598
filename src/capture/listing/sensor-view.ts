import { SIDE_RANGE } from '../../core/capture-limits.js';
import type { CameraInfo, CameraMode, Crop, SensorMode } from '../camera-source.js';

/**
 * What of the sensor a stream shows: which mode to ask for, and what a size means. All of it follows from the tool's
 * listing; nothing here runs a tool.
 */

/** A mode with its rate and its crop, as today's tools list it. */
export interface ListedMode extends SensorMode {
  readonly format: string;
}

/** The listing has two digits after the point, so the true maximum may be this much higher. */
const RATE_ROUNDING = 0.005;
/** What libcamera takes without being told (`defaultRawBitDepth`), and its weights (`findBestFormat`). */
const USUAL_BIT_DEPTH = 12;
const BIT_DEPTH_PENALTY = 500;
const ASPECT_PENALTY = 1500;

/**
 * The widest view that keeps the rate: of the modes that are fast enough the one with the largest crop, of equal crops
 * the largest size. If no mode is fast enough: the fastest mode, of equally fast ones the widest. `undefined` if the
 * listing says too little of the modes.
 */
export function widestView(camera: CameraInfo, fps: number): ListedMode | undefined {
  const modes = listedModes(camera);
  const keeping = modes.filter((mode) => mode.maxFps + RATE_ROUNDING >= fps);
  const fastest = Math.max(...modes.map((mode) => mode.maxFps));
  const fit = keeping.length > 0 ? keeping : modes.filter((mode) => mode.maxFps === fastest);
  return fit.toSorted(
    (one, other) =>
      areaOf(other) - areaOf(one) || sizeOf(other) - sizeOf(one) || depthOf(other.format) - depthOf(one.format),
  )[0];
}

/** The listed mode with this size, of several the one that libcamera prefers; `undefined` if there is none. */
export function modeOfSize(camera: CameraInfo, width: number, height: number): ListedMode | undefined {
  const same = listedModes(camera).filter((mode) => mode.width === width && mode.height === height);
  return same.toSorted((one, other) => bitDepthScore(one) - bitDepthScore(other))[0];
}

/**
 * Whether libcamera takes this mode for a stream of its size. It looks for the nearest size, shape and bit depth, and
 * not at the rate: of an IMX219 it takes 1640x1232 with 10 bits at 41.85 frames a second, though 8 bits reach 83.70.
 */
export function isTakenForItsSize(camera: CameraInfo, wanted: ListedMode): boolean {
  const score = scoreOf(wanted, wanted);
  return listedModes(camera).every((mode) => isSameMode(mode, wanted) || scoreOf(mode, wanted) > score);
}

/** The value of the tool's `--mode` for this mode: `W:H:bits:P`. */
export function modeArgument({ width, height, format }: ListedMode): string {
  return `${width}:${height}:${depthOf(format)}:P`;
}

/** The size in a value of the tool's `--mode`; 0 x 0 if it is none. */
export function sizeOfArgument(argument: string): { readonly width: number; readonly height: number } {
  const [, width = '0', height = '0'] = /^(\d{2,5}):(\d{2,5}):/.exec(argument) ?? [];
  return { width: Number(width), height: Number(height) };
}

/** The listed mode that a value of `--mode` means; `undefined` if it is not listed. */
export function modeOfArgument(camera: CameraInfo, argument: string): ListedMode | undefined {
  return listedModes(camera).find((mode) => modeArgument(mode) === argument);
}

/**
 * Whether all of several modes have the same rate and crop. While another program holds a camera, the tool cannot
 * configure its modes, and lists for each what the camera has by default.
 */
export function isWithoutDifference(modes: readonly CameraMode[]): boolean {
  const figures = new Set(modes.map(({ maxFps, crop }) => `${maxFps} ${String(crop)}`));
  return modes.length > 1 && figures.size === 1;
}

/** `1456x1088, whole sensor`, `1920x1080 cut out of 3280x2464`; the size alone without a mode. */
export function viewInWords(width: number, height: number, mode: SensorMode | null, camera: CameraInfo | null): string {
  const size = `${width}x${height}`;
  if (mode === null || camera === null) return size;
  const [, , cropWidth, cropHeight] = mode.crop;
  if (cropWidth >= camera.width && cropHeight >= camera.height) return `${size}, whole sensor`;
  const sensor = `cut out of ${camera.width}x${camera.height}`;
  return cropWidth === width && cropHeight === height
    ? `${size} ${sensor}`
    : `${size}, ${cropWidth}x${cropHeight} ${sensor}`;
}

/** Modes with a rate, a crop, and a size that can be asked for. */
function listedModes(camera: CameraInfo): readonly ListedMode[] {
  return camera.modes.filter(isListed);
}

function isListed(mode: CameraMode): mode is CameraMode & { readonly crop: Crop } {
  const sides = [mode.width, mode.height];
  return (
    mode.maxFps > 0 &&
    mode.crop !== undefined &&
    sides.every((side) => side >= SIDE_RANGE.min && side <= SIDE_RANGE.max)
  );
}

/** libcamera's own rule (`findBestFormat` of its Raspberry Pi pipelines). The lowest score is taken. */
function scoreOf(mode: ListedMode, asked: { readonly width: number; readonly height: number }): number {
  const aspect = distance(asked.width / asked.height, mode.width / mode.height);
  const size = distance(asked.width, mode.width) + distance(asked.height, mode.height);
  return size + ASPECT_PENALTY * aspect + bitDepthScore(mode);
}

function distance(asked: number, given: number): number {
  if (given === asked) return 0;
  return 2 * (given > asked ? (given - asked) / 8 : asked - given);
}

function bitDepthScore({ format }: ListedMode): number {
  return BIT_DEPTH_PENALTY * Math.abs(depthOf(format) - USUAL_BIT_DEPTH);
}

/** 10 of `SRGGB10_CSI2P`. `RGB888` and the like are no raw formats and state no depth. */
function depthOf(format: string): number {
  return Number(/(?<!\d)\d{1,2}(?!\d)/.exec(format)?.[0] ?? USUAL_BIT_DEPTH);
}

function areaOf({ crop: [, , width, height] }: ListedMode): number {
  return width * height;
}

function sizeOf({ width, height }: ListedMode): number {
  return width * height;
}

function isSameMode(one: ListedMode, other: ListedMode): boolean {
  return one.format === other.format && one.width === other.width && one.height === other.height;
}

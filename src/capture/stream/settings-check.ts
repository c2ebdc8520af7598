import { syncRoleOf, type CameraSettings, type Rectangle, type SettingName } from '../../core/camera-settings.js';
import type { FrameMetadata } from '../../core/frame.js';
import type { Crop, SensorMode, SourceFormat } from '../camera-source.js';
import { plainNumber } from '../controls/plain-number.js';

/**
 * Compares what was asked of a camera with what its frames tell, from the frame on at which exposure and gain have settled.
 * Rate and size are compared elsewhere. What no frame tells (brightness, flips, noise reduction, ...) cannot be compared.
 */

const SETTLED_AT_FRAME = 10;
/** A single frame can differ: a lens moves in steps. */
const DIFFERENT_FRAMES_IN_A_ROW = 5;
const TOLERANCE = 0.02;
/** Long exposures are cut to lines that are longer than the mode's shortest. */
const EXPOSURE_TOLERANCE = 0.001;
/** Dioptres. A lens has some thousand steps for 10 to 15 dioptres, and near infinity a share of the position says nothing. */
const LENS_TOLERANCE = 0.05;
const US_PER_SECOND = 1_000_000;

type Holds = (metadata: FrameMetadata) => boolean;

/** One setting with what it needs to be compared with a frame. Made once, so that a frame costs no allocation. */
interface Check {
  readonly setting: SettingName;
  readonly holds: Holds;
  /** What to say: called only where it does not hold. */
  readonly told: (metadata: FrameMetadata) => string;
  differentFrames: number;
}

/** What is known of the stream besides its settings. */
export interface CheckedStream {
  readonly format: Pick<SourceFormat, 'mode' | 'sensor'>;
  /** What the mode reads of the sensor; where the mode is not known, what each mode reads. */
  readonly areas: readonly Crop[];
  /** Settings that were not passed on to the tool. */
  readonly leftOut: readonly SettingName[];
}

/** The settings of one opening, compared with each of its frames. Each setting that differs is told once. */
export class SettingsCheck {
  #checks: readonly Check[];
  #frames = 0;

  constructor(
    asked: Partial<CameraSettings>,
    stream: CheckedStream,
    /** Called once for each setting that has another value than was asked, or no effect. */
    private readonly onDifference: (setting: SettingName, message: string) => void,
  ) {
    this.#checks = checksOf(asked, stream).filter(({ setting }) => !stream.leftOut.includes(setting));
  }

  /** Called for every frame. */
  frame(metadata: FrameMetadata | null): void {
    this.#frames += 1;
    if (this.#frames < SETTLED_AT_FRAME || this.#checks.length === 0) return;
    // A tool that tells no exposure tells nothing of its settings: no conclusion.
    if (metadata === null || metadata.exposureTimeUs === null) return;
    for (const check of this.#checks) this.#compare(check, metadata);
  }

  #compare(check: Check, metadata: FrameMetadata): void {
    if (check.holds(metadata)) {
      check.differentFrames = 0;
      return;
    }
    check.differentFrames += 1;
    if (check.differentFrames < DIFFERENT_FRAMES_IN_A_ROW) return;
    this.#checks = this.#checks.filter((other) => other !== check);
    this.onDifference(check.setting, check.told(metadata));
  }
}

function checksOf(asked: Partial<CameraSettings>, stream: CheckedStream): readonly Check[] {
  const { exposureTimeUs, gain, colourGains, lensPositionDioptres, regionOfInterest, whiteBalance } = asked;
  const checks: Check[] = [];
  if (exposureTimeUs !== undefined) {
    const tolerance = exposureTolerance(exposureTimeUs, isWithHdr(asked) ? null : (stream.format.mode ?? null));
    checks.push(numberCheck('exposureTimeUs', exposureTimeUs, tolerance, (given) => given.exposureTimeUs));
  }
  if (gain !== undefined) checks.push(numberCheck('gain', gain, TOLERANCE * gain, (given) => given.gain));
  if (whiteBalance !== undefined)
    checks.push(
      effectCheck(
        'whiteBalance',
        whiteBalance,
        'no colour gains (a monochrome sensor)',
        (given) => given.redGain !== null,
      ),
    );
  if (colourGains !== undefined) checks.push(colourCheck(colourGains));
  for (const setting of ['focusMode', 'focusRange', 'focusSpeed', 'focusWindow'] as const) {
    const value = asked[setting];
    const isTold: Holds = (given) => given.lensPositionDioptres !== null;
    if (value !== undefined)
      checks.push(effectCheck(setting, inWords(value), 'no lens position (a fixed lens)', isTold));
  }
  if (lensPositionDioptres !== undefined) {
    const tolerance = Math.max(LENS_TOLERANCE, TOLERANCE * lensPositionDioptres);
    const value = (given: FrameMetadata): number | null => given.lensPositionDioptres;
    checks.push(numberCheck('lensPositionDioptres', lensPositionDioptres, tolerance, value));
  }
  const role = syncRoleOf(asked);
  if (role !== null)
    checks.push(
      effectCheck('sync', role, 'no SyncReady (it does not synchronise)', (given) => given.isSyncReady !== null),
    );
  const region = regionOfInterest && regionCheck(regionOfInterest, stream);
  return region === undefined ? checks : [...checks, region];
}

/** HDR has modes of its own, with longer lines, and a listing does not show them. */
function isWithHdr({ hdr = 'off' }: Partial<CameraSettings>): boolean {
  return hdr !== 'off';
}

/** The sensor exposes whole lines. 2 % where the length of its lines is not known. */
function exposureTolerance(askedUs: number, mode: SensorMode | null): number {
  if (mode === null || !(mode.maxFps > 0)) return TOLERANCE * askedUs;
  return Math.max(US_PER_SECOND / (mode.maxFps * mode.height), EXPOSURE_TOLERANCE * askedUs);
}

/** Where no value comes, the camera does not have what is set. */
function numberCheck(
  setting: SettingName,
  asked: number,
  tolerance: number,
  valueIn: (metadata: FrameMetadata) => number | null,
): Check {
  return {
    setting,
    differentFrames: 0,
    holds: (metadata) => {
      const given = valueIn(metadata);
      return given !== null && Math.abs(given - asked) <= tolerance;
    },
    told: (metadata) => difference(setting, inWords(asked), valueIn(metadata)),
  };
}

/** A setting whose own value is not told. `missing`: what tells that it has no effect. */
function effectCheck(setting: SettingName, asked: string, missing: string, holds: Holds): Check {
  return { setting, differentFrames: 0, holds, told: () => `${setting}: asked ${asked}, the camera gives ${missing}.` };
}

function colourCheck(asked: readonly [red: number, blue: number]): Check {
  const [askedRed, askedBlue] = asked;
  return {
    setting: 'colourGains',
    differentFrames: 0,
    holds: ({ redGain, blueGain }) =>
      redGain !== null &&
      blueGain !== null &&
      Math.abs(redGain - askedRed) <= TOLERANCE * askedRed &&
      Math.abs(blueGain - askedBlue) <= TOLERANCE * askedBlue,
    told: ({ redGain, blueGain }) =>
      difference('colourGains', inWords(asked), redGain === null || blueGain === null ? null : [redGain, blueGain]),
  };
}

/**
 * The tool takes the shares of what the mode reads of the sensor, so that a mode which is cut out counts as the whole. Shares
 * of the whole sensor are accepted too. `undefined`: the size of the sensor is not known.
 */
function regionCheck(asked: Rectangle, { format, areas }: CheckedStream): Check | undefined {
  const { sensor } = format;
  if (sensor === null || sensor === undefined || !(sensor.width > 0) || !(sensor.height > 0)) return undefined;
  const { width, height } = sensor;
  const whole: Crop = [0, 0, width, height];
  const wanted = [whole, ...areas].map((area) => shareOf(asked, area));
  let last: Crop | null = null;
  let isLastGiven = false;
  return {
    setting: 'regionOfInterest',
    differentFrames: 0,
    holds: ({ scalerCrop }) => {
      if (scalerCrop === last) return isLastGiven; // the same tuple while it does not change
      last = scalerCrop;
      isLastGiven =
        scalerCrop !== null &&
        wanted.some((crop) => isCutOutOf(scalerCrop, crop, TOLERANCE * width, TOLERANCE * height));
      return isLastGiven;
    },
    told: ({ scalerCrop }) => difference('regionOfInterest', inWords(asked), scalerCrop && inShares(scalerCrop, whole)),
  };
}

function shareOf([x, y, width, height]: Rectangle, [left, top, areaWidth, areaHeight]: Crop): Crop {
  return [left + x * areaWidth, top + y * areaHeight, width * areaWidth, height * areaHeight];
}

function inShares([x, y, width, height]: Crop, [, , areaWidth, areaHeight]: Crop): Rectangle {
  return [x / areaWidth, y / areaHeight, width / areaWidth, height / areaHeight];
}

/**
 * Whether the camera gives this crop, or cuts it further to the shape of the picture: then it reaches from end to end in one
 * direction and lies within it in the other.
 */
function isCutOutOf(given: Crop, wanted: Crop, toleranceX: number, toleranceY: number): boolean {
  const [x, y, width, height] = given;
  const [wantedX, wantedY, wantedWidth, wantedHeight] = wanted;
  const leftGap = x - wantedX;
  const rightGap = wantedX + wantedWidth - x - width;
  const topGap = y - wantedY;
  const bottomGap = wantedY + wantedHeight - y - height;
  if (leftGap < -toleranceX || rightGap < -toleranceX || topGap < -toleranceY || bottomGap < -toleranceY) return false;
  const isFullWidth = leftGap <= toleranceX && rightGap <= toleranceX;
  const isFullHeight = topGap <= toleranceY && bottomGap <= toleranceY;
  return isFullWidth || isFullHeight;
}

function difference(setting: SettingName, asked: string, given: number | readonly number[] | null): string {
  const what = given === null ? 'none: it does not have it, or does not tell it' : inWords(given);
  return `${setting}: asked ${asked}, the camera gives ${what}.`;
}

function inWords(value: string | number | readonly number[]): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? plainNumber(value) : value.map(plainNumber).join(',');
}

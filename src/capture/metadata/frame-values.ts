import type { FrameMetadata } from '../../core/frame.js';
import { NO_NUMBER, parseDecimal, parseDigits, parseSigned } from './number-text.js';
import { isBytes, parsePair, parseTruth, SensorRectangle } from './value-lists.js';

const SENSOR_TIMESTAMP = Buffer.from('SensorTimestamp');
const FRAME_WALL_CLOCK = Buffer.from('FrameWallClock');
const FRAME_DURATION = Buffer.from('FrameDuration');
const EXPOSURE_TIME = Buffer.from('ExposureTime');
const ANALOGUE_GAIN = Buffer.from('AnalogueGain');
const DIGITAL_GAIN = Buffer.from('DigitalGain');
const COLOUR_GAINS = Buffer.from('ColourGains');
const COLOUR_TEMPERATURE = Buffer.from('ColourTemperature');
const LENS_POSITION = Buffer.from('LensPosition');
const FOCUS_FOM = Buffer.from('FocusFoM');
const LUX = Buffer.from('Lux');
const SCALER_CROP = Buffer.from('ScalerCrop');
const SYNC_READY = Buffer.from('SyncReady');
const SYNC_TIMER = Buffer.from('SyncTimer');

/**
 * The values that we know in the metadata of one frame. It is used again for the next frame: numbers are `NO_NUMBER` until
 * their line came, and a line whose value is broken counts as if it had not come.
 */
export class FrameValues {
  #sensorTimestampNs = 0n;
  #wallClock = 0n;
  #frameDurationUs = 0;
  #exposureTimeUs = NO_NUMBER;
  #analogueGain = NO_NUMBER;
  #digitalGain = NO_NUMBER;
  readonly #colourGains = { red: NO_NUMBER, blue: NO_NUMBER };
  #colourTemperatureK = NO_NUMBER;
  #lensPositionDioptres = NO_NUMBER;
  #focusFoM = NO_NUMBER;
  #lux = NO_NUMBER;
  readonly #scalerCrop = new SensorRectangle();
  #isSyncReady: boolean | null = null;
  #syncTimerUs: number | null = null;

  /** Nanoseconds on the monotonic clock; 0n if absent. */
  get sensorTimestampNs(): bigint {
    return this.#sensorTimestampNs;
  }

  /** Time since 1970 in the tool's own unit (see `FrameWallClock`); 0n if absent. */
  get wallClock(): bigint {
    return this.#wallClock;
  }

  /** Microseconds; 0 if absent. */
  get frameDurationUs(): number {
    return this.#frameDurationUs;
  }

  begin(): void {
    this.#sensorTimestampNs = 0n;
    this.#wallClock = 0n;
    this.#frameDurationUs = 0;
    this.#exposureTimeUs = NO_NUMBER;
    this.#analogueGain = NO_NUMBER;
    this.#digitalGain = NO_NUMBER;
    this.#colourGains.red = NO_NUMBER;
    this.#colourGains.blue = NO_NUMBER;
    this.#colourTemperatureK = NO_NUMBER;
    this.#lensPositionDioptres = NO_NUMBER;
    this.#focusFoM = NO_NUMBER;
    this.#lux = NO_NUMBER;
    this.#scalerCrop.begin();
    this.#isSyncReady = null;
    this.#syncTimerUs = null;
  }

  /**
   * Takes a line: its name from `start` to `equalsAt`, its value from behind the "=" to `end` (exclusive). The length of the
   * name tells which it can be, so most of the lines that we do not know cost one comparison.
   */
  readLine(bytes: Buffer, start: number, equalsAt: number, end: number): void {
    const from = equalsAt + 1;
    switch (equalsAt - start) {
      case 3:
        if (isBytes(bytes, start, LUX)) this.#lux = parseDecimal(bytes, from, end);
        return;
      case 8:
        if (isBytes(bytes, start, FOCUS_FOM)) this.#focusFoM = parseDecimal(bytes, from, end);
        return;
      case 9:
        if (isBytes(bytes, start, SYNC_READY)) this.#isSyncReady = parseTruth(bytes, from, end);
        else if (isBytes(bytes, start, SYNC_TIMER)) this.#syncTimerUs = parseSigned(bytes, from, end);
        return;
      case 10:
        if (isBytes(bytes, start, SCALER_CROP)) this.#scalerCrop.read(bytes, from, end);
        return;
      case 11:
        if (isBytes(bytes, start, DIGITAL_GAIN)) this.#digitalGain = parseDecimal(bytes, from, end);
        else if (isBytes(bytes, start, COLOUR_GAINS)) parsePair(bytes, from, end, this.#colourGains);
        return;
      case 12:
        if (isBytes(bytes, start, EXPOSURE_TIME)) this.#exposureTimeUs = parseDecimal(bytes, from, end);
        else if (isBytes(bytes, start, ANALOGUE_GAIN)) this.#analogueGain = parseDecimal(bytes, from, end);
        else if (isBytes(bytes, start, LENS_POSITION)) this.#lensPositionDioptres = parseDecimal(bytes, from, end);
        return;
      case 13:
        if (isBytes(bytes, start, FRAME_DURATION)) this.#frameDurationUs = Number(parseDigits(bytes, from, end));
        return;
      case 14:
        if (isBytes(bytes, start, FRAME_WALL_CLOCK)) this.#wallClock = parseDigits(bytes, from, end);
        return;
      case 15:
        if (isBytes(bytes, start, SENSOR_TIMESTAMP)) this.#sensorTimestampNs = parseDigits(bytes, from, end);
        return;
      case 17:
        if (isBytes(bytes, start, COLOUR_TEMPERATURE)) this.#colourTemperatureK = parseDecimal(bytes, from, end);
        return;
      default:
    }
  }

  /** What came since `begin`, as the one object that a frame carries. `text`: see `FrameMetadata`. */
  toMetadata(text: string): FrameMetadata {
    const { red, blue } = this.#colourGains;
    return {
      exposureTimeUs: orNull(this.#exposureTimeUs),
      gain: this.#gain(),
      redGain: orNull(red),
      blueGain: orNull(blue),
      colourTemperatureK: orNull(this.#colourTemperatureK),
      lensPositionDioptres: orNull(this.#lensPositionDioptres),
      focusFoM: orNull(this.#focusFoM),
      lux: orNull(this.#lux),
      scalerCrop: this.#scalerCrop.value,
      isSyncReady: this.#isSyncReady,
      syncTimerUs: this.#syncTimerUs,
      text,
    };
  }

  /** A tool that tells no digital gain uses none. */
  #gain(): number | null {
    if (this.#analogueGain === NO_NUMBER) return null;
    return this.#digitalGain === NO_NUMBER ? this.#analogueGain : this.#analogueGain * this.#digitalGain;
  }
}

function orNull(value: number): number | null {
  return value === NO_NUMBER ? null : value;
}

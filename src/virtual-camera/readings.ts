/** What the metadata of each frame tells of the settings, as lines `Name=Value`. Only what the camera has is told. */
import { rectangleText } from './sensor/crop.js';
import { driftedExposureUs } from './sensor/exposure.js';
import { detailAt, lensAt, stateAt } from './sensor/focus.js';
import { type Settled } from './sensor/settle.js';

/** What drifts although it is fixed, by its name in the misbehaviour `drift`: percent of its value a frame. */
export interface Drift {
  /** Number of the last frame that did not drift. */
  readonly base: number;
  readonly exposure: number;
  readonly gain: number;
  readonly 'colour-gains': number;
  readonly 'lens-position': number;
}
export type DriftName = Exclude<keyof Drift, 'base'>;

const LUX = 412.5;
const FOCUS_FIGURE = 1024;
/** The lens at infinity has a position of 0, of which no percentage moves it. */
const MIN_DRIFTING_DIOPTRES = 1;

/** Two groups, which change places from frame to frame. */
export type ReadingLines = readonly [exposure: readonly string[], rest: readonly string[]];

export class Readings {
  readonly #settled: Settled;
  readonly #detail: number;
  readonly #steady: readonly string[];
  #steadyFrames: ReadingLines | undefined;

  /** `detail`: how much fine detail the picture has, 1 if everything is normal. */
  constructor(settled: Settled, detail = 1) {
    const { sensor, fps, colours, aeState, crop } = settled;
    this.#settled = settled;
    this.#detail = detail;
    this.#steady = [
      ...(colours ? [`ColourTemperature=${Math.round(colours.temperatureK)}`] : []),
      `Lux=${LUX.toFixed(6)}`,
      `FrameDuration=${Math.round(1_000_000 / fps)}`,
      `AeState=${aeState}`,
      'SensorBlackLevels=[ 3840, 3840, 3840, 3840 ]',
      `ScalerCrop=${rectangleText(crop)}`,
      ...(sensor.temperatureC === undefined ? [] : [`SensorTemperature=${sensor.temperatureC.toFixed(6)}`]),
    ];
  }

  /** The lines of frame `number`, counted from 1. They are made anew only while something moves. */
  lines(number: number, drift: Drift | undefined): ReadingLines {
    if (drift) return this.#compose(number, Math.max(0, number - drift.base), drift);
    if (number <= (this.#settled.focus?.searchFrames ?? 0)) return this.#compose(number, 0, undefined);
    this.#steadyFrames ??= this.#compose(number, 0, undefined);
    return this.#steadyFrames;
  }

  #compose(number: number, drifted: number, drift: Drift | undefined): ReadingLines {
    const { sensor, format, exposureTimeUs, analogueGain, digitalGain, colours } = this.#settled;
    const factor = (name: DriftName): number => 1 + ((drift?.[name] ?? 0) * drifted) / 100;
    const exposureUs =
      factor('exposure') === 1
        ? exposureTimeUs
        : driftedExposureUs(exposureTimeUs, factor('exposure'), format.mode, sensor.maxExposureUs);
    const gain = Math.min(sensor.maxGain, Math.max(sensor.minGain, analogueGain * factor('gain')));
    const colourFactor = factor('colour-gains');
    const gains = colours && [colours.red, colours.blue].map((one) => (one * colourFactor).toFixed(6));
    const exposure = [
      `ExposureTime=${exposureUs}`,
      `AnalogueGain=${gain.toFixed(6)}`,
      `DigitalGain=${digitalGain.toFixed(6)}`,
    ];
    const rest = [
      ...(gains ? [`ColourGains=[ ${gains.join(', ')} ]`] : []),
      ...this.#focusLines(number, factor('lens-position') - 1),
      ...this.#steady,
    ];
    return [exposure, rest];
  }

  #focusLines(number: number, drifted: number): readonly string[] {
    const { focus, sensor } = this.#settled;
    if (!focus || !sensor.lens) return [`FocusFoM=${Math.round(FOCUS_FIGURE * this.#detail)}`];
    const held = lensAt(focus, number);
    const moved = held + Math.max(MIN_DRIFTING_DIOPTRES, held) * drifted;
    const position = Math.min(sensor.lens.max, Math.max(0, moved));
    const figure = (FOCUS_FIGURE * this.#detail * detailAt(position)) / detailAt(focus.position);
    return [
      `FocusFoM=${Math.round(figure)}`,
      `LensPosition=${position.toFixed(6)}`,
      `AfState=${stateAt(focus, number)}`,
      'AfPauseState=0',
    ];
  }
}

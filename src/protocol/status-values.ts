import * as v from 'valibot';
import { type PartialSettings, SETTING_NAMES, type SettingName, type SettingValues } from '../core/camera-settings.js';
import { ERROR_CODES, type ErrorCode } from '../core/errors.js';
import {
  roundedDioptres,
  roundedFps,
  roundedGain,
  roundedLux,
  roundedMs,
  roundedPart,
  roundedS,
  roundedShare,
} from '../core/figures.js';
import { settingSchema } from './setting-schemas.js';

/** What the data of statuses is made of: kinds of numbers, and what is told of a camera's settings. */

export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** A figure has no more digits than its kind allows. It is rounded where the status is made. */
export const figure = (rounded: (value: number) => number) =>
  v.pipe(
    v.number(),
    v.check((value) => value === rounded(value), 'has more digits than it has meaning'),
  );
export const fps = v.pipe(figure(roundedFps), v.minValue(0));
export const ms = figure(roundedMs);
export const seconds = v.pipe(figure(roundedS), v.minValue(0));
export const share = figure(roundedShare);
export const gain = figure(roundedGain);
const dioptres = figure(roundedDioptres);
const part = figure(roundedPart);
const lux = figure(roundedLux);
export const code = v.picklist([...ERROR_CODES] as [ErrorCode, ...ErrorCode[]]);
export const path = v.nullable(v.string());
/** 64 bits as text, because JSON's numbers lose the last digits. */
export const nanoseconds = v.pipe(v.string(), v.regex(/^-?\d+$/));

/** It may be negative. */
export const whole = v.pipe(v.number(), v.safeInteger());
/**
 * A sensor mode. Null where it is not known. `crop`: x, y, width and height on the sensor, pixels of the whole sensor. The
 * listing does not promise that x and y are not negative.
 */
export const sensorMode = v.nullable(
  v.object({
    width: count,
    height: count,
    max_fps: fps,
    crop: v.tuple([whole, whole, count, count]),
  }),
);

/** Every setting that a camera is asked for. Null where it is automatic, or left to the capture tool. */
type AskedSettings = { readonly [N in SettingName]: SettingValues[N] | null };

/** Settings by their names in the configuration. They are given back as they were set, with all their digits. */
const askedSettings = v.strictObject(
  Object.fromEntries(SETTING_NAMES.map((name) => [name, v.nullable(settingSchema(name))])),
) as unknown as v.GenericSchema<AskedSettings>; // the table of settings decides both, and a test compares them
const keptSettings = v.strictObject(
  Object.fromEntries(SETTING_NAMES.map((name) => [name, v.exactOptional(settingSchema(name))])),
) as unknown as v.GenericSchema<PartialSettings>;

/** What frames tell of a camera's settings. Null where they tell nothing. */
const givenSettings = v.object({
  exposureTimeUs: v.nullable(count),
  gain: v.nullable(gain),
  colourGains: v.nullable(v.tuple([gain, gain])),
  lensPositionDioptres: v.nullable(dioptres),
  regionOfInterest: v.nullable(v.tuple([part, part, part, part])),
  fps: v.nullable(fps),
  width: v.nullable(count),
  height: v.nullable(count),
});

export const cameraSettings = v.object({
  device_id: v.string(),
  asked: askedSettings,
  /** Null while the camera gives no frames. */
  given: v.nullable(givenSettings),
  kept: keptSettings,
});

/** Least and most of the recorded frames. Null where no frame told it. */
const extent = <S extends v.GenericSchema<number>>(figureSchema: S) =>
  v.nullable(v.tuple([figureSchema, figureSchema]));

export const givenExtents = v.object({
  exposure_time_us: extent(count),
  gain: extent(gain),
  colour_temperature_k: extent(count),
  lens_position_dioptres: extent(dioptres),
  lux: extent(lux),
});

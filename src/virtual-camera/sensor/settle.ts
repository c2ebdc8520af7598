/** What a camera settles on when it is asked for something: all that its frames show and tell. */
import { type CameraControls } from './controls.js';
import { cropOf, type SensorRectangle } from './crop.js';
import { type Exposure, expose, rateWith } from './exposure.js';
import { focus, type FocusCourse } from './focus.js';
import { type Sensor, type StreamFormat } from './sensors.js';
import { balance, type Colours, digitalGainOf } from './white-balance.js';

export interface SettleRequest {
  readonly sensor: Sensor;
  /** `fps` is what the exposure has to fit into. */
  readonly format: StreamFormat;
  readonly controls: CameraControls;
  /** A still may be exposed as long as it likes. */
  readonly isStill: boolean;
  /** Stops by which automatic exposure is fooled. */
  readonly fooledByStops: number;
}

export interface Settled extends Exposure {
  readonly sensor: Sensor;
  readonly format: StreamFormat;
  /** Frames a second. */
  readonly fps: number;
  readonly digitalGain: number;
  /** Only on a sensor with colours. */
  readonly colours: Colours | undefined;
  /** Only on a camera that can focus. */
  readonly focus: FocusCourse | undefined;
  readonly crop: SensorRectangle;
}

export function settle({ sensor, format, controls, isStill, fooledByStops }: SettleRequest): Settled {
  const { mode } = format;
  const frameTimeUs = isStill ? 0 : 1_000_000 / format.fps;
  const exposure = expose({ sensor, mode, frameTimeUs, controls, fooledByStops });
  const colours = sensor.filter === 'MONO' ? undefined : balance(controls);
  const digitalGain = digitalGainOf(colours);
  return {
    ...exposure,
    sensor,
    format,
    relativeLight: exposure.relativeLight * digitalGain,
    fps: rateWith(exposure.exposureTimeUs, format.fps, mode),
    digitalGain,
    colours,
    focus: sensor.lens && focus(sensor.lens, controls.focus),
    crop: cropOf(mode.crop, format, controls.regionOfInterest),
  };
}

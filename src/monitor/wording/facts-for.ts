import type { MonitorAnswer } from '../view.js';
import { bytes, counted, duration } from './amounts.js';
import { givenText } from './given-text.js';
import { areFiguresOld, type CameraStatus } from './limits.js';

/** A figure of a camera. */
export interface Fact {
  readonly label: string;
  readonly value: string;
}

/** What is measured of a camera, for people who aim it or look for a cause. Empty where it gives no frames. */
export function factsFor(camera: CameraStatus, answer: MonitorAnswer): readonly Fact[] {
  const { given, recording } = camera;
  if (given === null) return camera.model === '' ? [] : [{ label: 'Camera', value: camera.model }];
  return [
    ...(areFiguresOld(camera, answer)
      ? [{ label: 'Figures', value: `${duration((camera.figures_age_ms ?? 0) + answer.status_age_ms)} old` }]
      : []),
    { label: 'Rate', value: `${rate(camera.capture_fps)} of ${rate(given.fps)} fps` },
    { label: 'Size', value: `${given.width} × ${given.height}` },
    ...(recording === null
      ? []
      : [
          { label: 'Recorded', value: `${rate(camera.record_fps)} fps, ${bytes(recording.bytes)}` },
          { label: 'Length', value: length(recording.duration_s) },
          { label: 'Until written', value: untilWritten(camera) },
          ...(recording.trial_label === '' ? [] : [{ label: 'Label', value: givenText(recording.trial_label) }]),
        ]),
    { label: 'Buffer', value: `${Math.round(camera.buffer.fill * 100)} %, ${counted(camera.buffer.frames, 'frame')}` },
    { label: 'Camera', value: camera.model },
  ];
}

/** Exposure, gain and focus: what aiming is about. */
export function aimingFacts({ given, focus }: CameraStatus): readonly Fact[] {
  return [
    { label: 'Exposure', value: exposure(given?.exposure_time_us ?? null) },
    { label: 'Gain', value: given?.gain === null || given === null ? '–' : `${given.gain} ×` },
    { label: focus?.kind === 'frame_bytes' ? 'Detail' : 'Focus', value: focus === null ? '–' : String(focus.value) },
  ];
}

/** Of the last two seconds: without a frame in them there is nothing to tell. */
function untilWritten({ record_fps: fps, latency_ms: latency }: CameraStatus): string {
  return fps === 0 || latency.max === 0 ? '–' : `${latency.median} ms, at most ${latency.max} ms`;
}

/** Digits that mean something: 0.01 and 59.94. */
export function rate(fps: number): string {
  return String(Number(fps.toFixed(fps < 1 ? 3 : 1)));
}

function exposure(us: number | null): string {
  if (us === null) return '–';
  return us < 1000 ? `${us} µs` : `${Number((us / 1000).toFixed(us < 10_000 ? 2 : 1))} ms`;
}

/** `4:07`, `1:04:07`. */
function length(s: number): string {
  const whole = Math.floor(s);
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return hours === 0 ? `${minutes}:${two(whole % 60)}` : `${hours}:${two(minutes)}:${two(whole % 60)}`;
}

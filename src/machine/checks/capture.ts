import type { CameraStream, SourceListener } from '../../capture/camera-source.js';
import { DEFAULT_SETTINGS } from '../../core/camera-settings.js';
import { messageOf } from '../../core/errors.js';
import { countOf } from '../amounts.js';
import { cleanText } from '../clean-text.js';
import { fail, ok, unknown, warn, type Finding } from '../finding.js';
import type { Machine } from '../machine.js';
import type { Plan } from '../plan.js';

/** Three seconds of each camera, all at once, as the experiment will have them. Nothing is written. */

const CAPTURE_MS = 3000;
/** How often progress is told. */
const STEP_MS = 250;
const FIRST_FRAME_MS = 10_000;
const CLOSE_LIMIT_MS = 3000;
/** A camera that gives less of the rate than this will give less in the experiment, too. */
const LEAST_SHARE = 0.98;

/** What came of one camera. */
export interface Captured {
  readonly index: number;
  readonly frames: number;
  /** By the sensor's timestamps, frames a second; 0 where there are too few. */
  readonly fps: number;
  readonly isAscending: boolean;
  readonly hasTimestamps: boolean;
  /** Why it ended early; '' where it did not. */
  readonly error: string;
}

export async function checkCapture(
  machine: Machine,
  plan: Plan,
  signal: AbortSignal,
  onProgress: (doneMs: number, ofMs: number) => void = () => {},
): Promise<Finding> {
  if (!plan.opensCameras) return unknown('No camera was opened: --camera does.');
  const indices = Array.from({ length: plan.cameras }, (_, index) => index);
  const doneMs = indices.map(() => 0);
  const tell = (index: number, ms: number): void => {
    doneMs[index] = ms;
    onProgress(Math.min(...doneMs), CAPTURE_MS);
  };
  const captures = indices.map((index) =>
    capture(machine, plan, index, signal, (ms) => {
      tell(index, ms);
    }),
  );
  return judgeCapture(await Promise.all(captures), plan.fps);
}

export function judgeCapture(captured: readonly Captured[], askedFps: number): Finding {
  const facts = {
    frames: captured.reduce((sum, { frames }) => sum + frames, 0),
    least_fps: Number(Math.min(...captured.map(({ fps }) => fps)).toFixed(3)),
  };
  const failed = captured.find(({ error }) => error !== '');
  if (failed !== undefined) {
    return fail(
      `picam:${failed.index} was lost: ${failed.error}`,
      'Try it alone: csi-cameras record --duration 5.',
      facts,
    );
  }
  const silent = captured.find(({ frames }) => frames < 2);
  if (silent !== undefined) {
    return fail(
      `picam:${silent.index} gave no frames.`,
      'Check its ribbon cable; a reboot frees a stuck driver.',
      facts,
    );
  }
  const disordered = captured.find(({ isAscending }) => !isAscending);
  if (disordered !== undefined) {
    return fail(
      `The timestamps of picam:${disordered.index} do not ascend.`,
      'Reboot, and update rpicam-apps: with such timestamps nothing can be aligned.',
      facts,
    );
  }
  const timeless = captured.find(({ hasTimestamps }) => !hasTimestamps);
  if (timeless !== undefined) {
    return warn(
      `picam:${timeless.index} gives no sensor timestamps.`,
      'Update rpicam-apps: rows then have the time of arrival alone.',
      facts,
    );
  }
  const slow = captured.find(({ fps }) => fps < askedFps * LEAST_SHARE);
  if (slow !== undefined) {
    return warn(
      `picam:${slow.index} gave ${slow.fps.toFixed(2)} frames a second, not ${askedFps}.`,
      'Shorten the exposure, or ask for a rate and a size that `csi-cameras cameras` lists.',
      facts,
    );
  }
  const seen = captured.map(
    ({ index, frames, fps }) => `picam:${index} ${countOf(frames, 'frame')} at ${fps.toFixed(2)}`,
  );
  return ok(`${seen.join(', ')} a second, in order.`, facts);
}

async function capture(
  machine: Machine,
  plan: Plan,
  index: number,
  signal: AbortSignal,
  onProgress: (doneMs: number) => void,
): Promise<Captured> {
  const seen = { frames: 0, firstNs: 0n, lastNs: 0n, isAscending: true, hasTimestamps: true, error: '' };
  const ended = new AbortController();
  const listener: SourceListener = {
    onFormat: () => {},
    onFrame: ({ times: { sensorTimestampNs } }) => {
      if (sensorTimestampNs === 0n) seen.hasTimestamps = false;
      else if (seen.frames > 0 && sensorTimestampNs <= seen.lastNs) seen.isAscending = false;
      if (seen.frames === 0) seen.firstNs = sensorTimestampNs;
      seen.lastNs = sensorTimestampNs;
      seen.frames += 1;
    },
    onCorrupt: () => {},
    onWarning: () => {},
    onLost: (error) => {
      seen.error = cleanText(error.message, 300);
      ended.abort();
    },
  };
  const settings = {
    ...DEFAULT_SETTINGS,
    ...plan.size,
    fps: plan.fps,
    bufferCount: 6,
    frameTimeoutMs: 5000,
    firstFrameTimeoutMs: FIRST_FRAME_MS,
    syncTimeoutMs: FIRST_FRAME_MS,
  };
  let stream: CameraStream | undefined;
  onProgress(0); // it is being opened, which takes a second or more
  try {
    stream = await machine.source.open({ camera: { index }, settings }, listener, signal);
    const until = AbortSignal.any([signal, ended.signal]);
    const firstBy = machine.clock.monotonicNs() + BigInt(FIRST_FRAME_MS) * 1_000_000n;
    while (seen.frames === 0 && machine.clock.monotonicNs() < firstBy) await machine.clock.sleep(50, until);
    for (let doneMs = 0; doneMs < CAPTURE_MS; doneMs += STEP_MS) {
      onProgress(doneMs);
      await machine.clock.sleep(STEP_MS, until);
    }
  } catch (thrown) {
    signal.throwIfAborted();
    if (!ended.signal.aborted) seen.error = cleanText(messageOf(thrown), 300);
  } finally {
    await stream?.close(CLOSE_LIMIT_MS);
  }
  const { frames, firstNs, lastNs, ...rest } = seen;
  const seconds = Number(lastNs - firstNs) / 1e9;
  return { index, frames, fps: frames > 1 && seconds > 0 ? (frames - 1) / seconds : 0, ...rest };
}

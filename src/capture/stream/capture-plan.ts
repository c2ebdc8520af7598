import type { LocatedCamera } from '../listing/camera-lookup.js';
import { modelOfId } from '../../core/camera-id.js';
import type { CaptureSettings, SourceFormat } from '../camera-source.js';
import {
  isTakenForItsSize,
  modeArgument,
  modeOfArgument,
  modeOfSize,
  sizeOfArgument,
  viewInWords,
  widestView,
  type ListedMode,
} from '../listing/sensor-view.js';

/** Sides are rounded, so the same shape may differ by this share. */
const SAME_SHAPE = 0.01;

/** What the tool is asked for, and what is known of the camera before its first frame. */
export interface CapturePlan {
  readonly located: LocatedCamera;
  /** With the size that the tool is asked for. 0 x 0: nothing is known, so it chooses. */
  readonly settings: CaptureSettings;
  /** The sensor mode that the tool is meant to take; `null` if only a size was configured, or there is no listing of it. */
  readonly mode: ListedMode | null;
  /** The value of `--mode`; `null` where the size selects the mode by itself. */
  readonly sensorMode: string | null;
}

/**
 * `asked`: as configured. Only a size of 0 x 0 leaves the view to the listing; a sensor mode that was asked for wins over the
 * listing and, without a size, gives its own.
 */
export function planCapture(located: LocatedCamera, asked: CaptureSettings): CapturePlan {
  const { listed } = located;
  const isViewAsked = asked.width === 0 && asked.height === 0;
  if (asked.sensorMode !== undefined) return planMode(located, asked, asked.sensorMode, isViewAsked);
  const mode = isViewAsked && listed !== null ? widestView(listed, asked.fps) : undefined;
  if (listed === null || mode === undefined) return { located, settings: asked, mode: null, sensorMode: null };
  return {
    located,
    settings: { ...asked, width: even(mode.width), height: even(mode.height) },
    mode,
    sensorMode: isTakenForItsSize(listed, mode) ? null : modeArgument(mode),
  };
}

function planMode(
  located: LocatedCamera,
  asked: CaptureSettings,
  sensorMode: string,
  takesItsSize: boolean,
): CapturePlan {
  const { width, height } = sizeOfArgument(sensorMode);
  return {
    located,
    settings: takesItsSize ? { ...asked, width: even(width), height: even(height) } : asked,
    mode: (located.listed && modeOfArgument(located.listed, sensorMode)) ?? null,
    sensorMode,
  };
}

/** What the stream shows. `sensorId`: the id that the tool told; '' if it told none. */
export function formatOf(plan: CapturePlan, sensorId: string, width: number, height: number): SourceFormat {
  const { located, settings } = plan;
  const { index, requiredId, listed } = located;
  const cameraId = requiredId || sensorId || (listed?.id ?? '');
  const isAsAsked = width === settings.width && height === settings.height;
  const mode = (isAsAsked ? plan.mode : null) ?? (listed && modeOfSize(listed, width, height)) ?? null;
  return {
    index,
    cameraId,
    // A model of the listing can say more than the id (`imx708_wide`), but folders were always named by the id.
    model: modelOfId(cameraId) || (listed?.model ?? ''),
    width,
    height,
    mode: mode === null ? null : { width: mode.width, height: mode.height, maxFps: mode.maxFps, crop: mode.crop },
    view: viewInWords(width, height, mode !== null && isSameShape(mode, width, height) ? mode : null, listed),
    ...(listed === null ? {} : { sensor: { width: listed.width, height: listed.height } }),
  };
}

/** A picture of another shape than its mode is cut further. */
function isSameShape(mode: ListedMode, width: number, height: number): boolean {
  return Math.abs(mode.width * height - mode.height * width) <= SAME_SHAPE * mode.width * height;
}

/** Frames have chroma for two by two pixels. The tool rounds odd sizes down too. */
function even(side: number): number {
  return side - (side % 2);
}

import type { LocatedCamera } from '../listing/camera-lookup.js';
import { modelOfId } from '../listing/camera-list.js';
import type { CaptureSettings, SourceFormat } from '../camera-source.js';
import {
  isTakenForItsSize,
  modeArgument,
  modeOfSize,
  viewInWords,
  widestView,
  type ListedMode,
} from '../listing/sensor-view.js';

/** What the tool is asked for, and what is known of the camera before its first frame. */
export interface CapturePlan {
  readonly located: LocatedCamera;
  /** With the size that the tool is asked for. 0 x 0: nothing is known, so it chooses. */
  readonly settings: CaptureSettings;
  /** The sensor mode that the size is meant to select; `null` if a size was configured, or there is no listing. */
  readonly mode: ListedMode | null;
  /** The value of `--mode`; `null` where the size selects the mode by itself. */
  readonly sensorMode: string | null;
}

/** `asked`: as configured. Only a size of 0 x 0 leaves the view to the listing. */
export function planCapture(located: LocatedCamera, asked: CaptureSettings): CapturePlan {
  const { listed } = located;
  const isViewAsked = asked.width === 0 && asked.height === 0;
  const mode = isViewAsked && listed !== null ? widestView(listed, asked.fps) : undefined;
  if (listed === null || mode === undefined) return { located, settings: asked, mode: null, sensorMode: null };
  return {
    located,
    settings: { ...asked, width: even(mode.width), height: even(mode.height) },
    mode,
    sensorMode: isTakenForItsSize(listed, mode) ? null : modeArgument(mode),
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
    view: viewInWords(width, height, mode, listed),
  };
}

/** Frames have chroma for two by two pixels. The tool rounds odd sizes down too. */
function even(side: number): number {
  return side - (side % 2);
}

import type { SourceFormat } from '../capture/camera-source.js';
import type { Frame, FrameMetadata } from '../core/frame.js';
import { NOTHING_GIVEN, type FocusFigure, type GivenSettings, type SyncFigure } from '../core/given-settings.js';

/**
 * What the frames of a run tell of the camera's settings and of the focus. A frame costs a few additions; what is told is
 * made when somebody asks. The metadata are kept, never the frame: its memory goes back at once.
 */
export class FrameFacts {
  #metadata: FrameMetadata | null = null;
  #frameDurationUs = 0;
  #hasFrame = false;
  readonly #merit = new Mean();
  readonly #bytes = new Mean();
  #focus: FocusFigure | null = null;

  note(frame: Frame): void {
    const { metadata } = frame;
    this.#hasFrame = true;
    this.#metadata = metadata;
    this.#frameDurationUs = frame.times.frameDurationUs ?? 0;
    this.#bytes.add(frame.byteLength);
    const merit = metadata?.focusFoM ?? null;
    if (merit !== null) this.#merit.add(merit);
  }

  /** What the last frame told. `null` before the first one. */
  given(format: SourceFormat | null): GivenSettings | null {
    if (!this.#hasFrame) return null;
    const fps = this.#frameDurationUs > 0 ? 1_000_000 / this.#frameDurationUs : null;
    const stream = { fps, width: format?.width ?? null, height: format?.height ?? null };
    if (this.#metadata === null) return { ...NOTHING_GIVEN, ...stream };
    const { exposureTimeUs, gain, redGain, blueGain, lensPositionDioptres, scalerCrop } = this.#metadata;
    const colourGains = redGain === null || blueGain === null ? null : ([redGain, blueGain] as const);
    const regionOfInterest = shareOf(scalerCrop, format?.sensor ?? null);
    return { exposureTimeUs, gain, colourGains, lensPositionDioptres, regionOfInterest, ...stream };
  }

  /** What the last frame told. `null`: nothing of the two. */
  get sync(): SyncFigure | null {
    const { isSyncReady: isReady = null, syncTimerUs: timerUs = null } = this.#metadata ?? {};
    return isReady === null && timerUs === null ? null : { isReady, timerUs };
  }

  /**
   * The mean of the frames since the last call: a single frame's figure trembles by more than the last turn of a focus
   * ring changes it, and a longer mean would lag behind the hand. Without a frame since then, the last answer again.
   * `null` before the first frame.
   */
  takeFocus(): FocusFigure | null {
    if (this.#merit.count > 0) this.#focus = { value: this.#merit.take(), kind: 'FocusFoM' };
    else if (this.#bytes.count > 0) this.#focus = { value: Math.round(this.#bytes.take()), kind: 'frame_bytes' };
    this.#bytes.take();
    return this.#focus;
  }
}

/** A mean over what was added since it was last taken. */
class Mean {
  #sum = 0;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(value: number): void {
    this.#sum += value;
    this.#count += 1;
  }

  /** NaN where nothing was added. */
  take(): number {
    const mean = this.#sum / this.#count;
    this.#sum = 0;
    this.#count = 0;
    return mean;
  }
}

function shareOf(
  crop: FrameMetadata['scalerCrop'],
  sensor: SourceFormat['sensor'] | null,
): GivenSettings['regionOfInterest'] {
  if (crop === null || sensor === null || sensor === undefined) return null;
  const { width, height } = sensor;
  if (!(width > 0 && height > 0)) return null;
  return [crop[0] / width, crop[1] / height, crop[2] / width, crop[3] / height];
}

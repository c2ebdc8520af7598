import type { CameraSettings } from '../../core/camera-settings.js';
import type { CaptureRequest } from '../../pipeline/pipeline-messages.js';
import type { CameraDescription, CameraDesk } from './camera-description.js';
import { isSameRequest } from './restart.js';
import type { CameraState } from './state-types.js';

/** What a camera's capture process is asked for: the desk's settings, unless the camera gave no frame with them. */
export class CameraRequests {
  #avoided: { readonly request: CaptureRequest; readonly instead: CaptureRequest } | null = null;

  constructor(
    private readonly settings: Pick<CameraDescription, 'identity' | 'capture'>,
    private readonly desk: Pick<CameraDesk, 'settings'>,
  ) {}

  /** By the settings that apply now. */
  get present(): CaptureRequest {
    const request = this.with(this.desk.settings);
    if (this.#avoided === null || !isSameRequest(this.#avoided.request, request)) return request;
    return this.#avoided.instead;
  }

  /** By the state of the camera: what it is asked for, or will be at its next opening. */
  of(state: CameraState): CaptureRequest {
    if (state.kind === 'streaming' || state.kind === 'opening') return state.request;
    return state.kind === 'restarting' ? state.restart.wanted : this.present;
  }

  with(settings: CameraSettings): CaptureRequest {
    return { camera: this.settings.identity, settings: { ...settings, ...this.settings.capture } };
  }

  /** No frame came with `request`. While the desk's settings ask for it, `instead` is asked for. */
  avoid(request: CaptureRequest, instead: CaptureRequest): void {
    this.#avoided = { request, instead };
  }

  /** Frames came with what a command asked for, whatever happened before. */
  avoidNothing(): void {
    this.#avoided = null;
  }
}

import {
  DEFAULT_SETTINGS,
  type CameraSettings,
  type PartialSettings,
  type SettingName,
  settingsIn,
} from '../../core/camera-settings.js';

/** Where a value came from. A later origin wins over an earlier one. */
export type SettingOrigin = 'default' | 'configuration' | 'camera configuration' | 'kept' | 'flag';

/** A value that does not apply, because it does not fit with one that goes before it. */
export interface IgnoredSetting {
  readonly name: SettingName;
  readonly origin: SettingOrigin;
  /** A sentence: what does not fit, and what applies instead. */
  readonly why: string;
}

/** A change of settings. `null` takes one back: what the configuration says applies again. */
export type SettingsChange = { readonly [N in SettingName]?: PartialSettings[N] | null };

export interface AcceptedChange {
  readonly isAccepted: true;
  /** What the camera is to be asked for. */
  readonly settings: CameraSettings;
  /** What is kept from now on. */
  readonly kept: PartialSettings;
  readonly ignored: readonly IgnoredSetting[];
}

export interface RefusedChange {
  readonly isAccepted: false;
  /** Sentences that name the settings, for the person who must correct them. */
  readonly why: string;
}

/**
 * What one camera is asked for: default, configuration, what was kept, and flags. It knows no camera process and sends no
 * status. What is kept belongs to a camera by its libcamera id, which is known for sure only at the first frame.
 */
export class SettingsDesk {
  #kept: PartialSettings = {};

  constructor(private readonly configured: PartialSettings) {}

  /** What the camera is to be asked for at the next opening. */
  get settings(): CameraSettings {
    return { ...DEFAULT_SETTINGS, ...this.configured, ...this.#kept };
  }

  /** What a host or a person set by command. */
  get kept(): PartialSettings {
    return this.#kept;
  }

  /** Values that do not apply at present. */
  get ignored(): readonly IgnoredSetting[] {
    return [];
  }

  /**
   * Called at each first frame with libcamera's id ('' if it is not known). What is kept and configured for this camera
   * applies from now on: compare `settings` with what was asked for.
   */
  identify(cameraId: string): void {
    void cameraId;
  }

  /** Whether a change can be. Nothing changes yet. Values were checked one by one before. */
  async propose(change: SettingsChange): Promise<AcceptedChange | RefusedChange> {
    const kept = settingsIn({ ...this.#kept, ...change });
    return Promise.resolve({
      isAccepted: true,
      settings: { ...DEFAULT_SETTINGS, ...this.configured, ...kept },
      kept,
      ignored: [],
    });
  }

  /** Makes a change that was proposed. Resolves when it is kept, or with why it could not be kept (a sentence). */
  async accept({ kept }: AcceptedChange): Promise<string | null> {
    this.#kept = kept;
    return Promise.resolve(null);
  }
}

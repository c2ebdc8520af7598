import {
  DEFAULT_SETTINGS,
  settingsIn,
  type CameraSettings,
  type PartialSettings,
} from '../../src/core/camera-settings.js';
import type { CameraDesk } from '../../src/module/camera/camera-description.js';
import type {
  AcceptedChange,
  IgnoredSetting,
  RefusedChange,
  SettingsChange,
} from '../../src/module/settings/settings-desk.js';

/** A desk that keeps settings in memory, and refuses, fails and hangs when a test wants it. */
export class FakeDesk implements CameraDesk {
  kept: PartialSettings = {};
  ignored: IgnoredSetting[] = [];
  readonly origins = {};
  /** Why every change is refused. */
  refusal: string | null = null;
  /** Why nothing can be kept. */
  whyNotKept: string | null = null;
  /** What never answers, or throws. */
  fault: { readonly at: 'propose' | 'accept'; readonly how: 'hangs' | 'throws' } | null = null;
  /** What is kept for cameras that have not told who they are, by their ids. */
  readonly keptFor = new Map<string, PartialSettings>();
  readonly identified: string[] = [];

  constructor(private readonly configured: PartialSettings = {}) {}

  get settings(): CameraSettings {
    return { ...DEFAULT_SETTINGS, ...this.configured, ...this.kept };
  }

  identify(cameraId: string): void {
    this.identified.push(cameraId);
    const kept = this.keptFor.get(cameraId);
    this.keptFor.delete(cameraId);
    if (kept !== undefined) this.kept = kept;
  }

  async propose(change: SettingsChange): Promise<AcceptedChange | RefusedChange> {
    await this.#trouble('propose');
    if (this.refusal !== null) return { isAccepted: false, why: this.refusal };
    const kept = settingsIn({ ...this.kept, ...change });
    const settings = { ...DEFAULT_SETTINGS, ...this.configured, ...kept };
    return { isAccepted: true, settings, change, replaced: [] };
  }

  async accept({ change }: AcceptedChange): Promise<string | null> {
    this.kept = settingsIn({ ...this.kept, ...change });
    await this.#trouble('accept');
    return this.whyNotKept;
  }

  async #trouble(at: 'propose' | 'accept'): Promise<void> {
    if (this.fault?.at !== at) return;
    if (this.fault.how === 'throws') throw new Error('The desk fell over.');
    await new Promise(() => undefined);
  }
}

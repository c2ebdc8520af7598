import { settingsIn, type CameraSettings, type PartialSettings, type SettingName } from '../../core/camera-settings.js';
import type { Warn } from './kept-folder.js';
import type { KeptSettings, NamedCamera } from './kept-settings.js';
import {
  resolveSettings,
  without,
  type IgnoredSetting,
  type Layer,
  type Resolved,
  type SettingOrigin,
} from './resolve-settings.js';
import type { TuningFiles } from './tuning-files.js';

export type { IgnoredSetting };

/** A change of settings. `null` takes one back: what the configuration says applies again. */
export type SettingsChange = { readonly [N in SettingName]?: PartialSettings[N] | null };

export interface AcceptedChange {
  readonly isAccepted: true;
  /** What the camera is to be asked for. */
  readonly settings: CameraSettings;
  /** The change that was proposed. */
  readonly change: SettingsChange;
  /** What it takes the place of besides. */
  readonly replaced: Resolved['replaced'];
}

export interface RefusedChange {
  readonly isAccepted: false;
  /** Sentences that name the settings, for the person who must correct them. */
  readonly why: string;
}

/** What a desk knows besides the configuration. A desk without it keeps nothing. */
export interface DeskSources {
  /** What the configuration says about the camera with this libcamera id alone. '': the id is not known. */
  readonly configuredFor: (cameraId: string) => PartialSettings;
  readonly flags: PartialSettings;
  readonly keptSettings: KeptSettings;
  readonly tuningFiles: TuningFiles;
  readonly named: NamedCamera;
  /** Tells what could not be kept when nobody waits for it any more. */
  readonly warn: Warn;
}

const NAMELESS =
  'The settings cannot be kept: the capture tool does not tell which camera it is. They apply until it is unassigned.';
const NOT_SEEN_YET = 'The settings are kept when the camera has delivered its first frame.';

/**
 * What one camera is asked for: default, configuration, what was kept, and flags. It knows no camera process and sends no
 * status. What is kept belongs to a camera by its libcamera id, which is known for sure only at the first frame.
 */
export class SettingsDesk {
  /** libcamera's id. '': it is not known yet, or never told. */
  #cameraId = '';
  #isSeen = false;
  #configuredHere: PartialSettings = {};
  #kept: PartialSettings = {};
  #flags: PartialSettings = {};
  /** Changes that were made before the camera was known. */
  #unkept: SettingsChange = {};
  #resolved: Resolved;

  constructor(
    private readonly configured: PartialSettings,
    private readonly sources?: DeskSources,
  ) {
    if (sources !== undefined) {
      const guess = sources.keptSettings.guess(sources.named);
      this.#configuredHere = sources.configuredFor(guess?.cameraId ?? sources.named.stableId ?? '');
      this.#kept = guess?.settings ?? {};
      this.#flags = sources.flags;
    }
    this.#resolved = this.#resolve(this.#layers());
  }

  /** What the camera is to be asked for at the next opening. */
  get settings(): CameraSettings {
    return this.#resolved.settings;
  }

  /** Where each value of `settings` came from. */
  get origins(): Resolved['origins'] {
    return this.#resolved.origins;
  }

  /** What a host or a person set by command. */
  get kept(): PartialSettings {
    return this.#kept;
  }

  /** Values that do not apply at present. */
  get ignored(): readonly IgnoredSetting[] {
    return this.#resolved.ignored;
  }

  /**
   * Called at each first frame with libcamera's id ('' if it is not known). What is kept and configured for this camera
   * applies from now on: compare `settings` with what was asked for.
   */
  identify(cameraId: string): void {
    const { sources } = this;
    this.#isSeen = true;
    if (cameraId === '' || sources === undefined) return;
    const { keptSettings, named } = sources;
    if (cameraId !== this.#cameraId) {
      this.#cameraId = cameraId;
      this.#configuredHere = sources.configuredFor(cameraId);
      this.#kept = changed(keptSettings.find(cameraId)?.settings ?? {}, this.#unkept);
      this.#resolved = this.#resolve(this.#layers());
      this.#keepWhatWaited(keptSettings);
    }
    // Where a section names this camera alone, its place is worth knowing: else each start opens it twice.
    const isNamedInConfiguration =
      Object.keys(sources.configuredFor('')).length < Object.keys(this.#configuredHere).length;
    keptSettings.noteSeen(cameraId, named.index, isNamedInConfiguration);
  }

  /** Whether a change can be. Nothing changes yet. Values were checked one by one before. */
  async propose(change: SettingsChange): Promise<AcceptedChange | RefusedChange> {
    const { tuningFile } = change;
    if (this.sources !== undefined && typeof tuningFile === 'string') {
      await this.sources.tuningFiles.check([tuningFile]);
      const why = this.sources.tuningFiles.whyUnusable(tuningFile);
      if (why !== undefined) return { isAccepted: false, why: `tuningFile ${tuningFile} cannot be used: ${why}.` };
    }
    const names = namesOf(change);
    const layers = this.#layers(names);
    const proposal = this.#resolve([...layers, { origin: 'kept', values: settingsIn(change), isNew: true }]);
    if (proposal.refused !== undefined) return { isAccepted: false, why: proposal.refused };
    const replaced = proposal.replaced.filter(({ by }) => names.includes(by));
    return { isAccepted: true, settings: proposal.settings, change, replaced };
  }

  /**
   * Makes a change that was proposed. Resolves when it is kept, or with why it could not be kept (a sentence). What the camera
   * turned out to have kept since the proposal stays kept.
   */
  async accept({ change, replaced }: AcceptedChange): Promise<string | null> {
    const replacedIn = (origin: SettingOrigin): readonly SettingName[] =>
      replaced.filter((one) => one.origin === origin).map(({ name }) => name);
    const kept = changed(without(this.#kept, ...replacedIn('kept')), change);
    this.#kept = kept;
    this.#flags = without(this.#flags, ...namesOf(change), ...replacedIn('flag'));
    this.#resolved = this.#resolve(this.#layers());
    if (this.sources === undefined) return null;
    if (this.#cameraId !== '') return this.sources.keptSettings.keep(this.#cameraId, this.sources.named.index, kept);
    this.#unkept = { ...this.#unkept, ...change };
    return this.#isSeen ? NAMELESS : NOT_SEEN_YET;
  }

  #keepWhatWaited(keptSettings: KeptSettings): void {
    if (Object.keys(this.#unkept).length === 0) return;
    this.#unkept = {};
    void keptSettings.keep(this.#cameraId, this.sources?.named.index, this.#kept).then((why) => {
      if (why !== null) this.sources?.warn('settings_not_kept', why);
    });
  }

  /** What each origin says, without these names in what is kept and in the flags: a change is about them. */
  #layers(names: readonly SettingName[] = []): readonly Layer[] {
    return [
      { origin: 'configuration', values: this.configured },
      { origin: 'camera configuration', values: this.#configuredHere },
      { origin: 'kept', values: without(this.#kept, ...names) },
      { origin: 'flag', values: without(this.#flags, ...names) },
    ];
  }

  #resolve(layers: readonly Layer[]): Resolved {
    return resolveSettings(layers, (path) => this.sources?.tuningFiles.whyUnusable(path));
  }
}

/** What is kept after a change. What was set last comes last. */
function changed(kept: PartialSettings, change: SettingsChange): PartialSettings {
  return { ...without(kept, ...namesOf(change)), ...settingsIn(change) };
}

function namesOf(change: SettingsChange): readonly SettingName[] {
  return Object.keys(change) as SettingName[]; // a change has no other names
}

import { join } from 'node:path';
import { isSameCamera } from '../../core/camera-id.js';
import { settingsIn, type PartialSettings } from '../../core/camera-settings.js';
import type { Clock } from '../../core/clock.js';
import type { FileSystem } from '../../core/file-system.js';
import type { Log } from '../../core/log-level.js';
import { stateHome } from '../../core/private-folder.js';
import type { Config } from '../../protocol/config.js';
import { KeptFolder, type Warn } from './kept-folder.js';
import { KeptSettings, type NamedCamera } from './kept-settings.js';
import { SettingsDesk } from './settings-desk.js';
import { TuningFiles } from './tuning-files.js';

/** The camera of an assignment, before it is opened. */
export interface CameraToOpen extends NamedCamera {
  readonly deviceId: string;
}

export interface DesksOptions {
  readonly config: Config;
  /** `HostContext.stateDir`. */
  readonly stateDir: string | undefined;
  /** `HostContext.settings`. */
  readonly flags: PartialSettings;
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  readonly log: Log;
}

/** The desks of a module's life: one a camera. They share what is kept. */
export class SettingsDesks {
  readonly kept: KeptSettings;
  readonly #tuningFiles: TuningFiles;

  constructor(private readonly options: DesksOptions) {
    const { config, stateDir, fileSystem, clock, log } = options;
    const folder = keptFolder(stateDir, config.simulate);
    this.kept = new KeptSettings(folder === undefined ? null : new KeptFolder(fileSystem, clock, folder), clock, log);
    this.#tuningFiles = new TuningFiles(fileSystem, clock);
  }

  /**
   * The desk of a camera. What is kept is read again, because another process may have changed it: for a second at most, and
   * one more where the disk of a kept tuning file hangs. Never rejects. `warn`: is called later, too.
   */
  async deskFor({ deviceId, ...named }: CameraToOpen, warn: Warn): Promise<SettingsDesk> {
    const { config, flags, log } = this.options;
    const logAndWarn: Warn = (code, message) => {
      log('warn', message, { device: deviceId, code });
      warn(code, message);
    };
    const loading = this.kept.load(logAndWarn);
    const configured = [config.camera, ...Object.values(config.cameras), flags];
    await Promise.all([loading, this.#tuningFiles.check(configured.map(({ tuningFile }) => tuningFile ?? undefined))]);
    await this.#tuningFiles.check(this.kept.all.map(({ settings }) => settings.tuningFile));
    return new SettingsDesk(settingsIn(config.camera), {
      configuredFor: (cameraId) => configuredFor(config, deviceId, cameraId),
      flags,
      keptSettings: this.kept,
      tuningFiles: this.#tuningFiles,
      named,
      warn: logAndWarn,
    });
  }
}

/** Of several sections that name a camera, a later one wins setting by setting. */
function configuredFor({ cameras }: Config, deviceId: string, cameraId: string): PartialSettings {
  const isMeant = (name: string): boolean => name === deviceId || (cameraId !== '' && isSameCamera(cameraId, name));
  const sections = Object.entries(cameras).filter(([name]) => isMeant(name));
  return Object.assign({}, ...sections.map(([, settings]) => settingsIn(settings))) as PartialSettings;
}

/** The folder of what is kept; `undefined` for a user without a home. `stateDir`: `HostContext.stateDir`. */
export function stateFolder(stateDir: string | undefined): string | undefined {
  const home = stateHome();
  return stateDir ?? (home === undefined ? undefined : join(home, 'csi-cameras'));
}

/** The folder with one file a camera; `undefined` for a user without a home. Real and virtual cameras share nothing. */
export function keptFolder(stateDir: string | undefined, isSimulated: boolean): string | undefined {
  const state = stateFolder(stateDir);
  return state === undefined ? undefined : join(state, isSimulated ? 'cameras-simulated' : 'cameras');
}

import type { PartialSettings } from '../../core/camera-settings.js';
import { systemClock } from '../../core/clock.js';
import { messageOf } from '../../core/errors.js';
import { realFileSystem } from '../../core/file-system.js';
import { listCameras } from '../../module/container.js';
import { SettingsDesks } from '../../module/settings/desk-for.js';
import type { KeptSettings } from '../../module/settings/kept-settings.js';
import { settingsOfStill } from '../../module/settings/still-settings.js';
import { readConfig } from '../../protocol/config.js';
import { whyRefused } from '../flags/flag-conflicts.js';

export interface StillCamera {
  readonly camera: number;
  readonly simulate?: boolean;
  readonly captureTool?: string;
  readonly stateDir?: string;
  /** Of flags. */
  readonly settings: PartialSettings;
}

export interface StillSettings {
  readonly settings: PartialSettings;
  /** Sentences for the person. */
  readonly notes: readonly string[];
  /** Why the flags cannot be. */
  readonly refused: string | undefined;
}

/** What a still is asked for: what is kept of the camera, and flags. Rejects only with the reason of `signal`. */
export async function settingsForStill(wish: StillCamera, signal: AbortSignal): Promise<StillSettings> {
  const notes: string[] = [];
  const { config } = readConfig({ simulate: wish.simulate === true, camera: { tool: wish.captureTool ?? '' } });
  const log = (): void => {}; // what matters is a note
  const { stateDir } = wish;
  const options = { config, stateDir, flags: {}, fileSystem: realFileSystem, clock: systemClock, log };
  const { kept } = new SettingsDesks(options);
  await kept.load((_code, message) => notes.push(message));
  const ofCamera = await keptOf(kept, wish.camera, config, signal, notes);
  const { settings, ignored } = settingsOfStill(ofCamera, wish.settings);
  const applied = Object.entries(settings).filter(([name]) => Object.hasOwn(ofCamera, name));
  const isKept = applied.filter(([name]) => !Object.hasOwn(wish.settings, name));
  if (isKept.length > 0) {
    const shown = isKept.map(([name, value]) => `${name} ${String(value)}`).join(', ');
    notes.push(`Kept for this camera: ${shown} (csi-cameras settings).`);
  }
  for (const { origin, why } of ignored) if (origin === 'kept') notes.push(why);
  return { settings, notes, refused: whyRefused(ignored) };
}

/** What is kept of the camera at this index. The tool is asked which one that is, only if anything is kept at all. */
async function keptOf(
  kept: KeptSettings,
  index: number,
  config: object,
  signal: AbortSignal,
  notes: string[],
): Promise<PartialSettings> {
  if (kept.all.length === 0) return {};
  try {
    const cameras = await listCameras(config, signal);
    const id = cameras.find((camera) => camera.index === index)?.id ?? '';
    return kept.find(id)?.settings ?? {};
  } catch (thrown) {
    signal.throwIfAborted();
    notes.push(`Which camera it is is not known, so the settings kept for this place apply: ${messageOf(thrown)}`);
    return kept.guess({ index })?.settings ?? {};
  }
}

import { isSameCamera } from '../../core/camera-id.js';
import { systemClock } from '../../core/clock.js';
import { messageOf } from '../../core/errors.js';
import { realFileSystem } from '../../core/file-system.js';
import { SettingsDesks } from '../../module/settings/desk-for.js';
import type { SettingsDesk } from '../../module/settings/settings-desk.js';
import type { Config } from '../../protocol/config.js';
import { connectedCameras } from '../connected-cameras.js';

/** The cameras whose settings a person may look at: those that are connected, and those of which something is kept. */

export interface CameraToSet {
  readonly deviceId: string;
  /** Where it is, or was seen last; `null` if that is not known. */
  readonly index: number | null;
  readonly model: string;
  /** libcamera's id. */
  readonly id: string;
  readonly isConnected: boolean;
  readonly desk: SettingsDesk;
}

export interface FoundCameras {
  readonly cameras: readonly CameraToSet[];
  readonly desks: SettingsDesks;
  /** Sentences for the person. */
  readonly warnings: readonly string[];
}

type Named = Omit<CameraToSet, 'desk'>;

/** Opens no camera. Never rejects: where the tool cannot list, what is kept is shown. */
export async function findCameras(config: Config, stateDir: string | undefined): Promise<FoundCameras> {
  const warnings = new Set<string>();
  const warn = (_code: string, message: string): void => {
    warnings.add(message);
  };
  const log = (): void => {}; // what matters is told as a warning
  const options = { config, stateDir, flags: {}, fileSystem: realFileSystem, clock: systemClock, log };
  const desks = new SettingsDesks(options);
  const connected = await listConnected(config).catch((thrown: unknown) => {
    warnings.add(`The connected cameras are not known: ${messageOf(thrown)}`);
    return [];
  });
  await desks.kept.load(warn);
  const others = desks.kept.all
    .filter(({ cameraId }) => !connected.some(({ id }) => isSameCamera(id, cameraId)))
    .map(({ cameraId: id, index, model }) => ({ deviceId: deviceIdOf(index), index, model, id, isConnected: false }));
  const cameras: CameraToSet[] = [];
  for (const named of [...connected, ...others]) {
    const index = named.isConnected ? (named.index ?? undefined) : undefined;
    const desk = await desks.deskFor({ deviceId: named.deviceId, stableId: named.id, index }, warn);
    cameras.push({ ...named, desk });
  }
  return { cameras, desks, warnings: [...warnings] };
}

async function listConnected(config: Config): Promise<readonly Named[]> {
  const listed = await connectedCameras(config);
  return listed.map(({ index, model, id }) => ({ deviceId: deviceIdOf(index), index, model, id, isConnected: true }));
}

const deviceIdOf = (index: number | null): string => (index === null ? '' : `picam:${index}`);

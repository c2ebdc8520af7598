import { systemClock } from '../../core/clock.js';
import type { PartialSettings } from '../../core/camera-settings.js';
import { realFileSystem } from '../../core/file-system.js';
import { SettingsDesks } from '../../module/settings/desk-for.js';
import type { IgnoredSetting } from '../../module/settings/settings-desk.js';
import { readConfig } from '../../protocol/config.js';
import { flagOf } from '../settings/setting-names.js';

/** Flags that do not go together, or not with what holds besides them. The module would go on without one of them. */

/**
 * Why the flags of a recording cannot be, as a sentence, or `undefined` if they can. What is kept of the camera that was seen
 * last at this index counts.
 */
export async function whyFlagsCannotBe(
  flags: PartialSettings,
  camera: { readonly index: number; readonly config: object; readonly stateDir: string | undefined },
): Promise<string | undefined> {
  const { index, stateDir } = camera;
  const { config } = readConfig(camera.config);
  const log = (): void => {}; // the module tells all of it again
  const desks = new SettingsDesks({ config, stateDir, flags, fileSystem: realFileSystem, clock: systemClock, log });
  const { ignored } = await desks.deskFor({ deviceId: `picam:${index}`, index }, () => {});
  return whyRefused(ignored);
}

/** Why the first of these that is a flag does not apply. A person who asks for it must not get something else. */
export function whyRefused(ignored: readonly IgnoredSetting[]): string | undefined {
  const refused = ignored.find(({ origin }) => origin === 'flag');
  if (refused === undefined) return undefined;
  const inFlags = refused.why.replaceAll(
    /([a-zA-Z]+) (\S+) \((flag|default)\)/g,
    (_all, name: IgnoredSetting['name'], value: string, origin: string) =>
      `${flagOf(name)} ${value}${origin === 'flag' ? '' : ` (${origin})`}`,
  );
  return inFlags.replace(/ It is ignored[;.].*$/s, '');
}

import {
  DEFAULT_SETTINGS,
  SETTING_NAMES,
  settingsIn,
  settingSpec,
  type CameraSettings,
  type PartialSettings,
  type SettingName,
} from '../../core/camera-settings.js';
import { conflictIn, type Conflict } from './setting-conflicts.js';

/** What a camera is asked for, from what each origin says. Nothing here reads or writes anything. */

/** Where a value came from. A later origin wins over an earlier one. */
export type SettingOrigin = 'default' | 'configuration' | 'camera configuration' | 'kept' | 'flag';

/** A value that does not apply, because it does not fit with one that goes before it. */
export interface IgnoredSetting {
  readonly name: SettingName;
  readonly origin: SettingOrigin;
  /** A sentence: what does not fit, and what applies instead. */
  readonly why: string;
}

/** What one origin says. Layers come in the order in which a later one wins. The order of names counts within one. */
export interface Layer {
  readonly origin: SettingOrigin;
  readonly values: PartialSettings;
  /** Names of a change that is being made. They win over everything else. */
  readonly isNew?: boolean;
}

export interface Resolved {
  readonly settings: CameraSettings;
  /** Where each value of `settings` came from. */
  readonly origins: { readonly [N in SettingName]?: SettingOrigin };
  readonly ignored: readonly IgnoredSetting[];
  /** Those of `ignored` whose place another setting took. The others may apply again when what bounds them changes. */
  readonly replaced: readonly {
    readonly name: SettingName;
    readonly origin: SettingOrigin;
    readonly by: SettingName;
  }[];
  /** A combination that cannot be, of which a new value is a part that nobody can guess. `undefined`: there is none. */
  readonly refused: string | undefined;
}

/** Where a value that applies stands: in which layer, and at which place there. -1: a default. */
interface Place {
  readonly layer: number;
  readonly position: number;
}

const DEFAULT_PLACE: Place = { layer: -1, position: -1 };

/** `whyUnusable`: why a file cannot be used, or `undefined` if it can. */
export function resolveSettings(
  layers: readonly Layer[],
  whyUnusable: (path: string) => string | undefined = () => undefined,
): Resolved {
  const { usable: current, ignored } = withoutUnusableFiles(layers, whyUnusable);
  const replaced: Resolved['replaced'][number][] = [];
  let refused: string | undefined;
  for (;;) {
    const { settings, places } = merged(current);
    const conflict = conflictIn(settings);
    if (conflict === undefined) {
      return { settings, origins: originsOf(current, settings, places), ignored, replaced, refused };
    }
    const told = (name: SettingName): string =>
      `${name} ${textOf(settings[name])} (${nameOf(current[places[name].layer])})`;
    const loser = loserOf(conflict, current, places);
    const other = conflict.names[0] === loser ? conflict.names[1] : conflict.names[0];
    const { layer: at } = places[loser];
    const layer = current[at];
    if (layer === undefined) throw new Error(`The defaults do not go together: ${conflict.why}.`);
    const because = `${told(loser)} does not fit with ${told(other)}: ${conflict.why}.`;
    // A change is refused as a whole, so its first reason is enough.
    if (layer.isNew === true) refused ??= because;
    current[at] = { ...layer, values: without(layer.values, loser) };
    const applied = merged(current).settings[loser];
    const instead = applied === undefined ? unsetText(loser) : textOf(applied);
    ignored.push({ name: loser, origin: layer.origin, why: `${because} It is ignored; ${loser} is ${instead}.` });
    if (conflict.givesWay !== loser) replaced.push({ name: loser, origin: layer.origin, by: other });
  }
}

/** The one of the two that does not apply. Never a default. */
function loserOf({ names, givesWay }: Conflict, layers: readonly Layer[], places: Places): SettingName {
  const [first, second] = names;
  if (givesWay !== 'either' && givesWay !== 'none') return givesWay;
  if (places[first].layer === -1) return second;
  if (places[second].layer === -1) return first;
  if (givesWay === 'none') {
    // A side that is new cannot be used without the other one, which would have to be new too.
    const newSide = names.find((name) => layers[places[name].layer]?.isNew === true);
    if (newSide !== undefined) return newSide;
  }
  const [one, other] = [places[first], places[second]];
  if (one.layer !== other.layer) return one.layer < other.layer ? first : second;
  // What was kept later replaces what was kept before. A configuration has no such order: its first line counts.
  const isLaterFirst = one.position > other.position === (layers[one.layer]?.origin === 'kept');
  return isLaterFirst ? second : first;
}

type Places = Readonly<Record<SettingName, Place>>;

function merged(layers: readonly Layer[]): { readonly settings: CameraSettings; readonly places: Places } {
  const places = Object.fromEntries(SETTING_NAMES.map((name) => [name, DEFAULT_PLACE])) as Record<SettingName, Place>;
  for (const [layer, { values }] of layers.entries()) {
    for (const [position, name] of namesIn(values).entries()) places[name] = { layer, position };
  }
  const values = layers.map((layer) => settingsIn(layer.values));
  return { settings: Object.assign({}, DEFAULT_SETTINGS, ...values) as CameraSettings, places };
}

function originsOf(layers: readonly Layer[], settings: CameraSettings, places: Places): Resolved['origins'] {
  return Object.fromEntries(namesIn(settings).map((name) => [name, layers[places[name].layer]?.origin ?? 'default']));
}

function withoutUnusableFiles(
  layers: readonly Layer[],
  whyUnusable: (path: string) => string | undefined,
): { readonly usable: Layer[]; readonly ignored: IgnoredSetting[] } {
  const ignored: IgnoredSetting[] = [];
  const usable = layers.map((layer) => {
    const path = layer.values.tuningFile;
    const why = path === undefined ? undefined : whyUnusable(path);
    if (path === undefined || why === undefined) return layer;
    const because = `tuningFile ${path} (${nameOf(layer)}) cannot be used: ${why}. It is ignored.`;
    ignored.push({ name: 'tuningFile', origin: layer.origin, why: because });
    return { ...layer, values: without(layer.values, 'tuningFile') };
  });
  return { usable, ignored };
}

const namesIn = (values: PartialSettings): readonly SettingName[] => Object.keys(settingsIn(values)) as SettingName[];

export function without(values: PartialSettings, ...names: readonly SettingName[]): PartialSettings {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !names.some((left) => left === name)));
}

function nameOf(layer: Layer | undefined): string {
  if (layer === undefined) return 'default';
  return layer.isNew === true ? 'new' : layer.origin;
}

/** What happens if the setting is not set, in the words of the table of settings. */
export function unsetText(name: SettingName): string {
  return /Not set: (.*?)\.(?: |$)/.exec(settingSpec(name).summary)?.[1] ?? 'not set';
}

function textOf(value: PartialSettings[SettingName]): string {
  return value === undefined ? 'not set' : String(value);
}

import { HOST_OWN_KEYS } from '../../protocol/host-config-keys.js';

/** `config.txt` of the module: what its user and the host wrote into the old one goes into the new one. */

export type ConfigValues = Readonly<Record<string, string>>;

/** The host takes all behind the sign as the value, so there is no comment behind it. */
export function valuesIn(text: string): ConfigValues {
  const pairs = text.split('\n').flatMap((line) => {
    const equals = line.indexOf('=');
    const key = line.slice(0, Math.max(equals, 0)).trim();
    return key === '' || key.startsWith('#') ? [] : [[key, line.slice(equals + 1).trim()] as const];
  });
  return Object.fromEntries(pairs);
}

/**
 * What the new file takes over. `delivered`: values of the old file when it was installed; what differs from them is
 * somebody's wish, also a line that was taken out. `null`: the file of another module, of which only the host's keys count.
 */
export function wishesOf(values: ConfigValues, delivered: ConfigValues | null): ConfigValues {
  if (delivered === null) return hostKeysOf(values);
  const changed = Object.entries(values).filter(([key, value]) => delivered[key] !== value);
  const removed = Object.keys(delivered).filter((key) => !Object.hasOwn(values, key));
  return Object.fromEntries([...removed.map((key) => [key, ''] as const), ...changed]);
}

/** Those that the host reads and writes for itself. */
export function hostKeysOf(values: ConfigValues): ConfigValues {
  return Object.fromEntries(Object.entries(values).filter(([key]) => HOST_OWN_KEYS.some((own) => own === key)));
}

/** The new file with these values. Keys that it does not have come at its end. */
export function withWishes(text: string, wishes: ConfigValues): string {
  const inPlace = text.replaceAll(/^([^#=\s][^=\n]*?)\s*=.*$/gm, (line: string, key: string) =>
    Object.hasOwn(wishes, key) ? `${key} = ${wishes[key]}`.trimEnd() : line,
  );
  const known = valuesIn(text);
  const further = Object.entries(wishes).filter(([key]) => !Object.hasOwn(known, key));
  if (further.length === 0) return inPlace;
  return `${inPlace}\n# --- Kept from before ---\n\n${further.map(([key, value]) => `${key} = ${value}\n`).join('')}`;
}

/** Those that make a difference, for a person. */
export function tellWishes(wishes: ConfigValues, text: string): string {
  const delivered = valuesIn(text);
  return Object.entries(wishes)
    .filter(([key, value]) => delivered[key] !== value)
    .map(([key, value]) => (value === '' ? `${key} (empty)` : `${key} = ${value}`))
    .join(', ');
}

import type { IgnoredSetting } from '../settings/settings-desk.js';
import type { CameraDesk } from './camera-settings.js';

/** Which of the settings that do not apply have been told of. Each is told once until it applies again, or its reason differs. */
export class IgnoredSettings {
  #told: ReadonlySet<string> = new Set();

  constructor(private readonly desk: Pick<CameraDesk, 'ignored'>) {}

  /** The sentences that have not been told yet. They count as told from now on. */
  news(): readonly string[] {
    const before = this.#told;
    this.#told = new Set(this.desk.ignored.map(sentenceOf));
    return [...this.#told].filter((sentence) => !before.has(sentence));
  }
}

function sentenceOf({ name, origin, why }: IgnoredSetting): string {
  return `${name} (${origin}) does not apply: ${why}`;
}

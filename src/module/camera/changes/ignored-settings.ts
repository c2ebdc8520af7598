import type { CameraDesk } from '../camera-description.js';

/** Which of the settings that do not apply have been told of. Each is told once until it applies again, or its reason differs. */
export class IgnoredSettings {
  #told: ReadonlySet<string> = new Set();

  constructor(private readonly desk: Pick<CameraDesk, 'ignored'>) {}

  /** The sentences that have not been told yet. They count as told from now on. */
  news(): readonly string[] {
    const before = this.#told;
    this.#told = new Set(this.desk.ignored.map(({ why }) => why));
    return [...this.#told].filter((sentence) => !before.has(sentence));
  }
}

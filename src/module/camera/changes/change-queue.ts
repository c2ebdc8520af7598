import { withResolve } from '../../../core/within.js';
import type { Report } from '../../../protocol/statuses.js';
import type { SettingsChange } from '../../settings/settings-desk.js';

/** `fix`: make fixed what automatic found. */
export type SettingsWork = { readonly kind: 'change'; readonly change: SettingsChange } | { readonly kind: 'fix' };

interface Waiting {
  readonly work: SettingsWork;
  readonly replyTo: string | undefined;
  readonly answer: (report: Report) => void;
  /** It was refused together with others, so it is made alone. */
  readonly isAlone: boolean;
}

/**
 * The changes of one camera's settings, one at a time. Each costs the stream some 0.3 s, so changes that wait behind one
 * another are made as one: a later value of a setting wins. If that is refused, each is made alone, for its own answer.
 */
export class ChangeQueue {
  readonly #waiting: Waiting[] = [];
  /** `null` while no change is made. */
  #present: Promise<void> | null = null;

  /** `make` begins a change and resolves with `settings_changed` or `command_nack`. It never rejects. */
  constructor(private readonly make: (work: SettingsWork, replyTo: string | undefined) => Promise<Report>) {}

  /** Whether a change is being made or waits. */
  get isBusy(): boolean {
    return this.#present !== null;
  }

  /** Resolves with the answer to this change. */
  add(work: SettingsWork, replyTo: string | undefined): Promise<Report> {
    const { promise, resolve } = withResolve<Report>();
    this.#waiting.push({ work, replyTo, answer: resolve, isAlone: false });
    this.#present ??= this.#makeAll();
    return promise;
  }

  /** Resolves when no change is being made and none waits. */
  async idle(): Promise<void> {
    while (this.#present !== null) await this.#present;
  }

  /** Answers the changes that wait. The one that is being made is not touched. */
  giveUp(refusal: Report): void {
    for (const { answer } of this.#waiting.splice(0)) answer(refusal);
  }

  async #makeAll(): Promise<void> {
    while (this.#waiting.length > 0) await this.#makeNext(this.#nextOnes());
    this.#present = null;
  }

  async #makeNext(ones: readonly Waiting[]): Promise<void> {
    const last = ones.at(-1);
    if (last === undefined) return;
    const report = await this.make(togetherOf(ones), last.replyTo);
    if (ones.length > 1 && report.status === 'command_nack') {
      this.#waiting.unshift(...ones.map((one) => ({ ...one, isAlone: true })));
      return;
    }
    for (const { answer } of ones) answer(report);
  }

  /** The first one, with those behind it that can be made together with it. */
  #nextOnes(): readonly Waiting[] {
    const canJoin = ({ work, isAlone }: Waiting): boolean => work.kind === 'change' && !isAlone;
    const end = this.#waiting.findIndex((one) => !canJoin(one));
    return this.#waiting.splice(0, Math.max(1, end === -1 ? this.#waiting.length : end));
  }
}

function togetherOf(ones: readonly Waiting[]): SettingsWork {
  const changes = ones.flatMap(({ work }) => (work.kind === 'change' ? [work.change] : []));
  return changes.length === 0 ? { kind: 'fix' } : { kind: 'change', change: mergedOf(changes) };
}

function mergedOf(changes: readonly SettingsChange[]): SettingsChange {
  return Object.fromEntries(changes.flatMap((change) => Object.entries(change))) as SettingsChange;
}

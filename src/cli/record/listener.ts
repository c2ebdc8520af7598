import { systemClock } from '../../core/clock.js';
import type { StatusMessage } from '../../protocol/statuses.js';
import { FailedAttempts, LineLimits } from '../repeated-lines.js';
import { namingFor, noteOf, type Naming } from './notes.js';
import type { Take } from './summary.js';

/** A camera may be lost for days, and is tried again twice a minute. Attempts that fail with the same code are told so often. */
const REPEAT_MS = 600_000;
/** Most notes of attempts that fail with a code, in that time, where the codes alternate. */
const CHANGES = 5;

/** Hears the module's statuses while cameras are recorded: collects the takes, and shows what a person must see. */
export class RecordingListener {
  readonly naming: Naming;
  /** Those with frames that have ended, of all cameras, in order. */
  readonly takes: Take[] = [];
  /** Why cameras did not begin, as sentences. */
  readonly failedStarts: string[] = [];
  phase: 'opening' | 'starting' | 'recording' | 'stopping' = 'opening';
  readonly #endedByDisk = new Set<string | null>();
  readonly #attempts = new FailedAttempts();
  readonly #limits = new LineLimits(REPEAT_MS, Infinity);

  /** `onAllEnded`: no camera can record any more. */
  constructor(
    private readonly deviceIds: readonly string[],
    private readonly show: (note: string) => void,
    private readonly onAllEnded: () => void,
    private readonly nowMs = (): number => Number(systemClock.monotonicNs() / 1_000_000n),
  ) {
    this.naming = namingFor(deviceIds);
  }

  /** Whether the disk has ended the recording of every camera. */
  get isEndedByDisk(): boolean {
    return this.#endedByDisk.size === this.deviceIds.length;
  }

  hear(message: StatusMessage): void {
    const { status, data } = message;
    this.#attempts.hear(message);
    if (status === 'recording_stopped' && data.frames > 0) this.takes.push(data);
    else if (status === 'recording_error' && this.phase === 'starting' && message.in_reply_to !== undefined)
      this.failedStarts.push(this.naming(data.device_id, data.error));
    // A camera that ends while its recording is being finished is of no interest any more.
    else if (this.phase !== 'stopping' || status !== 'device_error') this.#note(message);
    if (status !== 'recording_stopped' || (data.reason !== 'disk_full' && data.reason !== 'io_error')) return;
    // A lost camera may come back, but a failed disk ends its recording for good.
    this.#endedByDisk.add(data.device_id);
    if (this.isEndedByDisk) this.onAllEnded();
  }

  #note(message: StatusMessage): void {
    const note = noteOf(message, this.naming);
    const more = note === undefined ? undefined : this.#moreOf(message);
    if (more !== undefined) this.show(`${note}${more}`);
  }

  /** What to say behind the note. `undefined`: the last ones said the same. */
  #moreOf({ status, data }: StatusMessage): string | undefined {
    if (status !== 'device_error' || data.retry_in_ms === undefined) return '';
    const most = this.#attempts.isRepeated(data) ? 1 : CHANGES;
    return this.#limits.oneMore(`${data.device_id} ${data.code}`, most, this.nowMs());
  }
}

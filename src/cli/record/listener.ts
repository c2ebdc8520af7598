import type { StatusMessage } from '../../protocol/statuses.js';
import { namingFor, noteOf, type Naming } from './notes.js';
import type { Take } from './summary.js';

/** Hears the module's statuses while cameras are recorded: collects the takes, and shows what a person must see. */
export class RecordingListener {
  readonly naming: Naming;
  /** Those with frames that have ended, of all cameras, in order. */
  readonly takes: Take[] = [];
  /** Why cameras did not begin, as sentences. */
  readonly failedStarts: string[] = [];
  phase: 'opening' | 'starting' | 'recording' | 'stopping' = 'opening';
  readonly #endedByDisk = new Set<string | null>();

  /** `onAllEnded`: no camera can record any more. */
  constructor(
    private readonly deviceIds: readonly string[],
    private readonly show: (note: string) => void,
    private readonly onAllEnded: () => void,
  ) {
    this.naming = namingFor(deviceIds);
  }

  /** Whether the disk has ended the recording of every camera. */
  get isEndedByDisk(): boolean {
    return this.#endedByDisk.size === this.deviceIds.length;
  }

  hear(message: StatusMessage): void {
    const { status, data } = message;
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
    if (note !== undefined) this.show(note);
  }
}

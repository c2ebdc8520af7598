import type { StatusMessage, StatusReport } from '../../protocol/statuses.js';
import type { MonitorTotals, MonitorView } from '../view.js';
import { EventList } from './event-list.js';
import { Growth } from './growth.js';
import { RecordingEnds } from './recording-ends.js';
import { sentenceOf } from './sentences.js';
import { Totals } from './totals.js';

/** Cameras that are remembered after they were unassigned. A host that assigns ever new ones must not fill the memory. */
const MOST_CAMERAS = 64;

/**
 * What the monitor remembers of the past, since the module's status only tells the present. It has no clock and waits for
 * nothing: every time is given, in nanoseconds of the monotonic clock. It lives in the module's thread, so that it outlives the
 * monitor's server.
 */
export class MonitorState {
  readonly #growth = new Growth();
  readonly #ends = new RecordingEnds();
  readonly #totals = new Totals();
  readonly #events = new EventList();
  /** Cameras that give frames, as the statuses tell it. */
  readonly #ready = new Set<string>();
  /** The assigned cameras, as last looked at. */
  #present: ReadonlySet<string> = new Set();

  /** Call it with every status of the module, in their order. */
  hear(message: StatusMessage, nowNs: bigint): void {
    if (message.status === 'recording_started' && this.#ends.isKnown(message.data)) return;
    const { device_id: deviceId } = message.data as { readonly device_id?: string | null };
    const wasReady = typeof deviceId === 'string' && this.#ready.has(deviceId);
    this.#count(message, wasReady);
    this.#ends.hear(message, this.#present, nowNs);
    const sentence = sentenceOf(message.status, message.data, { wasReady });
    if (sentence !== null) this.#events.add(sentence, nowNs);
  }

  /** Call it with each present status. Growth is as fine as the calls are frequent. */
  look(status: StatusReport, nowNs: bigint): MonitorView {
    this.#present = new Set(status.cameras.map(({ device_id: deviceId }) => deviceId));
    const cameras = status.cameras.map((camera) => {
      this.#totals.look(camera);
      const growth = this.#growth.look(camera, nowNs);
      return { device_id: camera.device_id, grown_ms_ago: growth, last_end: this.#ends.look(camera, nowNs) };
    });
    this.#growth.keep(this.#present);
    this.#totals.trim(this.#present, MOST_CAMERAS);
    this.#ends.trim(this.#present, MOST_CAMERAS);
    return { status, cameras, events: this.#events.read(nowNs) };
  }

  totals(): MonitorTotals {
    return this.#totals.read();
  }

  #count({ status, data }: StatusMessage, wasReady: boolean): void {
    if (status === 'warning') this.#totals.noteWarning(data);
    if (status === 'recording_stopped') this.#totals.noteEnd(data);
    if (status === 'recording_started' || status === 'recording_stopped') this.#growth.forget(data.device_id);
    if (status === 'device_ready') this.#ready.add(data.device_id);
    if (status === 'device_unassigned' && data.device_id !== null) this.#ready.delete(data.device_id);
    // Without another attempt it is about an assignment, or about a camera that was lost before.
    if (status === 'device_error' && data.retry_in_ms !== undefined) {
      if (wasReady) this.#totals.noteLoss(data);
      this.#ready.delete(data.device_id);
    }
  }
}

/** What the monitor's server has done. For the metrics. */
export interface ServerTraffic {
  /** Open now. */
  readonly connections: number;
  /** Answers so far, by HTTP status. A connection that was cut without an answer is not among them. */
  readonly requests: Readonly<Record<string, number>>;
  /** Bytes of JPEG that were sent. */
  readonly previewBytes: number;
}

/** Counts it. */
export class TrafficMeter {
  readonly #requests = new Map<number, number>();
  #previewBytes = 0;

  answered(status: number): void {
    this.#requests.set(status, (this.#requests.get(status) ?? 0) + 1);
  }

  sentPicture(bytes: number): void {
    this.#previewBytes += bytes;
  }

  read(connections: number): ServerTraffic {
    return { connections, requests: Object.fromEntries(this.#requests), previewBytes: this.#previewBytes };
  }
}

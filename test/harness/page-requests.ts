import { setTimeout as nextAsk } from 'node:timers/promises';
import type { MonitorAnswer } from '../../src/monitor/view.js';
import type { StatusMessage } from '../../src/protocol/statuses.js';
import { ask } from './raw-request.js';

/** What the monitor's page asks for when somebody uses it: requests with the token of its link, to a port of this machine. */
export class PageRequests {
  constructor(
    private readonly port: number,
    private readonly token: string,
  ) {}

  async status(): Promise<MonitorAnswer> {
    return (await this.#ask('/api/status')).answer as MonitorAnswer;
  }

  /** The form of an enlarged camera, and its two buttons. `answer`: the final status of the command. */
  async control(
    device: string,
    deed: 'settings' | 'fix' | 'snapshot',
    body: object = {},
  ): Promise<{ readonly status: number; readonly answer: StatusMessage }> {
    const { status, answer } = await this.#ask(`/api/cameras/${encodeURIComponent(device)}/${deed}`, body);
    return { status, answer: answer as StatusMessage };
  }

  /** Looks until the take has so many frames, as somebody does who waits for REC. */
  async untilRecorded(take: number, frames: number): Promise<void> {
    for (;;) {
      const { status } = await this.status();
      const recording = status.cameras[0]?.recording;
      if (recording?.take === take && recording.frames >= frames) return;
      await nextAsk(50);
    }
  }

  async #ask(path: string, body?: object): Promise<{ readonly status: number; readonly answer: unknown }> {
    const { status, body: bytes } = await ask(this.port, path, {
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${this.token}` },
    });
    return { status, answer: JSON.parse(bytes.toString()) };
  }
}

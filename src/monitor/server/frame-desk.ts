import type { MessagePort } from 'node:worker_threads';
import { type Clock, systemClock } from '../../core/clock.js';
import { CameraDesk } from './camera-desk.js';
import type { Picture, PictureSource } from './picture.js';

export type { Picture, PictureSource };

/**
 * Pictures for all viewers of all cameras. It has one port to each camera that somebody looked at. Nothing is copied while nobody
 * looks. `connect` brings a port to a camera, now or when it is assigned.
 */
export class FrameDesk implements PictureSource {
  readonly #desks = new Map<string, CameraDesk>();

  constructor(
    private readonly connect: (deviceId: string, port: MessagePort) => void,
    private readonly clock: Clock = systemClock,
  ) {}

  fetch(deviceId: string, after: number, limitMs: number): Promise<Picture> {
    return (this.#desks.get(deviceId) ?? this.#add(deviceId)).fetch(after, limitMs);
  }

  /**
   * Only these cameras are assigned. The port for another one would wait for an assignment that may never come; who looks at it
   * then gets a new one.
   */
  keep(deviceIds: ReadonlySet<string>): void {
    for (const [known, desk] of this.#desks) if (!deviceIds.has(known) && !desk.isIdle) desk.close();
  }

  /** Closes all ports. Who waits gets nothing. May be called twice. */
  close(): void {
    for (const desk of this.#desks.values()) desk.close();
    this.#desks.clear();
  }

  #add(deviceId: string): CameraDesk {
    for (const [known, desk] of this.#desks) if (desk.isIdle) this.#desks.delete(known); // cameras that are gone
    const desk = new CameraDesk((port) => {
      this.connect(deviceId, port);
    }, this.clock);
    this.#desks.set(deviceId, desk);
    return desk;
  }
}

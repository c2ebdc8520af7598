import type { Command, CommandName } from '../../protocol/commands.js';
import type { Camera } from '../camera/camera.js';
import { deviceOf } from './lane-of.js';

export type Ended = 'assignment' | 'take';

const ENDS_OF_ASSIGNMENTS: readonly CommandName[] = ['unassign_device', 'unassign_all_devices'];
/** The commands that end an assignment, and those that end a take. */
const ENDS: Readonly<Record<Ended, ReadonlySet<CommandName>>> = {
  assignment: new Set(ENDS_OF_ASSIGNMENTS),
  take: new Set([...ENDS_OF_ASSIGNMENTS, 'stop_recording', 'stop_session']),
};

interface Awaited {
  readonly ended: Ended;
  readonly deviceId: string;
  readonly callback: () => void;
}

/**
 * The commands that wait for their turn and end a take or an assignment. A command that waits for a frame must not hold them up,
 * so each of them ends that wait as soon as it arrives.
 */
export class WaitingEnds {
  readonly #commands = new Set<Command>();
  readonly #awaited = new Set<Awaited>();

  constructor(private readonly cameras: ReadonlyMap<string, Camera>) {}

  /** Call it when a command begins to wait. A command that ends nothing is ignored. */
  add(command: Command): void {
    if (!ENDS.take.has(command.name)) return;
    this.#commands.add(command);
    for (const camera of this.cameras.values()) {
      if (isEnd('assignment', command, camera.deviceId)) camera.abortWaits('no_device');
      else if (isEnd('take', command, camera.deviceId)) camera.releaseStart();
    }
    for (const { ended, deviceId, callback } of this.#awaited) if (isEnd(ended, command, deviceId)) callback();
  }

  /** Call it when the command's turn comes. May be called twice. */
  remove(command: Command): void {
    this.#commands.delete(command);
  }

  /** Whether a waiting command ends this for this device. It was sent after the command that is carried out now. */
  has(ended: Ended, deviceId: string): boolean {
    return [...this.#commands].some((command) => isEnd(ended, command, deviceId));
  }

  /**
   * Calls back with each command that comes to wait and ends this for the device, and at once if one waits already. Returns how to
   * cancel that.
   */
  whenComes(ended: Ended, deviceId: string, callback: () => void): () => void {
    const awaited = { ended, deviceId, callback };
    this.#awaited.add(awaited);
    if (this.has(ended, deviceId)) callback();
    return () => {
      this.#awaited.delete(awaited);
    };
  }
}

function isEnd(ended: Ended, command: Command, deviceId: string): boolean {
  if (!ENDS[ended].has(command.name)) return false;
  return (deviceOf(command) ?? deviceId) === deviceId;
}

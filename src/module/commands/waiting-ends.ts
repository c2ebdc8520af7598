import type { Command, CommandName } from '../../protocol/commands.js';
import type { Camera } from '../camera/camera.js';

type Ended = 'assignment' | 'take';

const ENDS_OF_ASSIGNMENTS: readonly CommandName[] = ['unassign_device', 'unassign_all_devices'];
/** The commands that end an assignment, and those that end a take. */
const ENDS: Readonly<Record<Ended, ReadonlySet<CommandName>>> = {
  assignment: new Set(ENDS_OF_ASSIGNMENTS),
  take: new Set([...ENDS_OF_ASSIGNMENTS, 'stop_recording', 'stop_session']),
};

/**
 * The commands in the queue that end a take or an assignment. A command that waits for a first frame must not hold
 * them up, so each of them ends that wait as soon as it arrives.
 */
export class WaitingEnds {
  readonly #commands = new Set<Command>();

  constructor(private readonly cameras: ReadonlyMap<string, Camera>) {}

  /** Call it when a command joins the queue. A command that ends nothing is ignored. */
  add(command: Command): void {
    if (!ENDS.take.has(command.name)) return;
    this.#commands.add(command);
    for (const camera of this.cameras.values()) {
      if (isEnd('assignment', command, camera.deviceId)) camera.abortWaits('no_device');
      else if (isEnd('take', command, camera.deviceId)) camera.releaseStart();
    }
  }

  /** Call it when the command leaves the queue. May be called twice. */
  remove(command: Command): void {
    this.#commands.delete(command);
  }

  /** Whether a waiting command ends this for this device. It was sent after the command that is carried out now. */
  has(ended: Ended, deviceId: string): boolean {
    return [...this.#commands].some((command) => isEnd(ended, command, deviceId));
  }
}

function isEnd(ended: Ended, command: Command, deviceId: string): boolean {
  if (!ENDS[ended].has(command.name)) return false;
  const named = 'device_id' in command.parameters ? command.parameters.device_id : undefined;
  return (named ?? deviceId) === deviceId;
}

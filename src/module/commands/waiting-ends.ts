import type { Command, CommandName } from '../../protocol/commands.js';
import type { Camera } from '../camera/camera.js';
import { deviceOf, type Lane } from './lane-of.js';

export type Ended = 'assignment' | 'take';

const ENDS_OF_ASSIGNMENTS: readonly CommandName[] = ['unassign_device', 'unassign_all_devices'];
/** The commands that end an assignment, and those that end a take. */
const ENDS: Readonly<Record<Ended, ReadonlySet<CommandName>>> = {
  assignment: new Set(ENDS_OF_ASSIGNMENTS),
  take: new Set([...ENDS_OF_ASSIGNMENTS, 'stop_recording', 'stop_session']),
};

/** Where a command stands in the order of the commands. */
export interface Place {
  readonly lane: Lane;
  /** Commands for all cameras that came before it. */
  readonly barriersBefore: number;
}

/** The commands that end a take and wait for one that is carried out now: for their camera, or behind a command for all cameras. */
export interface StopsBehind {
  readonly isStopBehind: () => boolean;
  /** Calls back with each that comes, and at once if one waits already. Returns how to cancel that. */
  readonly whenStopBehind: (callback: () => void) => () => void;
}

interface Awaited {
  readonly place: Place;
  readonly callback: () => void;
}

/**
 * The commands that wait for their turn and end a take or an assignment. A command that waits for a frame must not hold them up,
 * so each of them ends that wait as soon as it arrives, or makes it hold up no other command.
 */
export class WaitingEnds {
  readonly #commands = new Map<Command, Place>();
  readonly #awaited = new Set<Awaited>();
  #barriers = 0;

  constructor(private readonly cameras: ReadonlyMap<string, Camera>) {}

  /** Where a command in this lane stands that arrives now. */
  placeOf(lane: Lane): Place {
    return { lane, barriersBefore: this.#barriers };
  }

  /** Call it when a command begins to wait. One that ends nothing only takes its place. */
  add(command: Command, place: Place): void {
    if (place.lane.kind === 'all') this.#barriers += 1;
    if (!ENDS.take.has(command.name)) return;
    this.#commands.set(command, place);
    for (const camera of this.cameras.values()) {
      if (isEnd('assignment', command, camera.deviceId)) camera.abortWaits('no_device');
      else if (isEnd('take', command, camera.deviceId)) camera.releaseStart();
    }
    for (const { place: before, callback } of this.#awaited) if (waitsFor(place, before)) callback();
  }

  /** Call it when the command's turn comes. */
  remove(command: Command): void {
    this.#commands.delete(command);
  }

  /** Whether a waiting command ends this for this device. It was sent after the command that is carried out now. */
  has(ended: Ended, deviceId: string): boolean {
    return [...this.#commands.keys()].some((command) => isEnd(ended, command, deviceId));
  }

  /** Those behind the command at this place, which is carried out now. */
  behind(place: Place): StopsBehind {
    const isStopBehind = (): boolean => [...this.#commands.values()].some((waiting) => waitsFor(waiting, place));
    const whenStopBehind = (callback: () => void): (() => void) => {
      const awaited = { place, callback };
      this.#awaited.add(awaited);
      if (isStopBehind()) callback();
      return () => {
        this.#awaited.delete(awaited);
      };
    };
    return { isStopBehind, whenStopBehind };
  }
}

/** Whether a command that waits would have its turn only after one that is carried out now. */
function waitsFor(waiting: Place, running: Place): boolean {
  if (waiting.lane.kind !== 'camera' || running.lane.kind !== 'camera') return true;
  // Between commands for different cameras a command for all may stand.
  return waiting.lane.deviceId === running.lane.deviceId || waiting.barriersBefore > running.barriersBefore;
}

function isEnd(ended: Ended, command: Command, deviceId: string): boolean {
  if (!ENDS[ended].has(command.name)) return false;
  return (deviceOf(command) ?? deviceId) === deviceId;
}

import { messageOf } from '../../core/errors.js';
import { withResolve } from '../../core/within.js';
import type { LogSink } from '../../logging/log-sink.js';
import type { Report, StatusMessage } from '../../protocol/statuses.js';
import { commandNack } from '../reports.js';
import type { CommandLife } from './command-life.js';
import type { Lane, WaitingLane } from './lane-of.js';

/** Most commands that may wait. Any further one is refused. */
export const LANES_LIMIT = 256;

/**
 * Carries out a command and resolves with its final answer. `letGo`: from now on it holds up no other command, although it is not
 * answered yet. May be called twice.
 */
export type CarryOut = (letGo: () => void) => Promise<Report>;

/**
 * Carries out the commands. Those of one camera run one after another, in order of arrival, and those of different cameras side
 * by side. A command for all of them is a barrier: it begins when every command before it has ended or let go, and what comes
 * after it waits for it. Each command gets exactly one final answer.
 */
export class CommandLanes {
  /** Of each lane with a command in it: resolves when the next one may begin. */
  readonly #lanes = new Map<string, Promise<void>>();
  /** Resolves when what comes after the last barrier may begin. `null`: it may already. */
  #barrier: Promise<void> | null = null;
  #waiting = 0;
  /** Commands that have let go and are not answered. */
  #aside = 0;
  readonly #unanswered = new Set<Promise<StatusMessage>>();

  constructor(
    private readonly logs: LogSink,
    private readonly answer: (life: CommandLife, report: Report) => StatusMessage,
  ) {}

  /** Whether the next command that would wait is refused. */
  get isFull(): boolean {
    return this.#waiting + this.#aside >= LANES_LIMIT;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** Lanes and commands that are kept: 0 when everything is answered, however many devices were named. */
  get kept(): number {
    return this.#lanes.size + this.#unanswered.size;
  }

  /**
   * Resolves with the final answer, which `carryOut` returns. An exception from it becomes a nack, because a bug in a command must
   * not end a recording.
   */
  async add(life: CommandLife, lane: Lane, carryOut: CarryOut): Promise<StatusMessage> {
    if (lane.kind !== 'none' && this.isFull) {
      const full = `${LANES_LIMIT} commands are already waiting. Send this one again after the next answer.`;
      return this.answer(life, commandNack('queue_full', full));
    }
    const answered =
      lane.kind === 'none' ? this.#carryOut(life, carryOut, () => {}) : this.#inTurn(life, lane, carryOut);
    this.#unanswered.add(answered);
    try {
      return await answered;
    } finally {
      this.#unanswered.delete(answered);
    }
  }

  /** Resolves when every command that was accepted so far is answered. */
  async idle(): Promise<void> {
    await Promise.all(this.#unanswered);
  }

  async #inTurn(life: CommandLife, lane: WaitingLane, carryOut: CarryOut): Promise<StatusMessage> {
    const { promise: released, resolve: release } = withResolve<void>();
    const before = this.#join(lane, released);
    if (before.length > 0) {
      this.#waiting += 1;
      await Promise.all(before);
      this.#waiting -= 1;
    }
    let isAside = false;
    const letGo = (): void => {
      if (!isAside) this.#aside += 1;
      isAside = true;
      release();
    };
    try {
      return await this.#carryOut(life, carryOut, letGo);
    } finally {
      if (isAside) this.#aside -= 1;
      isAside = true;
      release();
    }
  }

  /** Takes the next place, which is given back with `released`. Returns what must come first. */
  #join(lane: WaitingLane, released: Promise<void>): readonly Promise<void>[] {
    const barrier = this.#barrier === null ? [] : [this.#barrier];
    if (lane.kind === 'all') {
      const before = [...barrier, ...this.#lanes.values()];
      this.#lanes.clear();
      this.#barrier = released;
      void released.then(() => {
        if (this.#barrier === released) this.#barrier = null;
      });
      return before;
    }
    const { deviceId } = lane;
    const before = this.#lanes.get(deviceId);
    this.#lanes.set(deviceId, released);
    void released.then(() => {
      if (this.#lanes.get(deviceId) === released) this.#lanes.delete(deviceId);
    });
    return before === undefined ? barrier : [before];
  }

  async #carryOut(life: CommandLife, carryOut: CarryOut, letGo: () => void): Promise<StatusMessage> {
    life.processing();
    return this.answer(life, await this.#guarded(life, carryOut, letGo));
  }

  async #guarded(life: CommandLife, carryOut: CarryOut, letGo: () => void): Promise<Report> {
    try {
      return await carryOut(letGo);
    } catch (thrown) {
      this.logs.log('error', 'A command failed unexpectedly.', { id: life.id, error: thrown });
      return commandNack('io_error', `The command failed unexpectedly (${messageOf(thrown)}). See csicameras.log.`);
    }
  }
}

import type { Command } from '../../protocol/commands.js';
import type { Report, StatusMessage } from '../../protocol/statuses.js';
import * as reports from '../reports.js';
import { handleCommand } from './command-handlers.js';
import { CommandLanes } from './command-lanes.js';
import type { CommandLife } from './command-life.js';
import type { HandlerContext } from './handler-context.js';
import { laneOf } from './lane-of.js';
import { sessionChangeOf } from './session-change.js';
import { instantRefusal } from './start-instant.js';
import { WaitingEnds } from './waiting-ends.js';

/**
 * Takes in the commands of one life of the module. Each is refused, or gets the session of its arrival, a place in the order of the
 * commands and its turn. `quit` is the module's.
 */
export class CommandIntake {
  readonly #waitingEnds: WaitingEnds;
  readonly #lanes: CommandLanes;
  readonly #context: HandlerContext;

  constructor(
    context: Omit<HandlerContext, 'isEndWaiting'>,
    private readonly answer: (life: CommandLife, report: Report) => StatusMessage,
  ) {
    this.#waitingEnds = new WaitingEnds(context.cameras);
    this.#lanes = new CommandLanes(context.logs, answer);
    this.#context = { ...context, isEndWaiting: (ended, deviceId) => this.#waitingEnds.has(ended, deviceId) };
  }

  /** Commands that wait for their turn. */
  get waiting(): number {
    return this.#lanes.waiting;
  }

  /** Resolves when every command that was accepted so far is answered. */
  idle(): Promise<void> {
    return this.#lanes.idle();
  }

  /** Resolves with the final answer. */
  async take(commandLife: CommandLife, command: Command): Promise<StatusMessage> {
    const { session, cameraDependencies } = this.#context;
    const refusal = instantRefusal(cameraDependencies.clock, command);
    if (refusal !== null) return this.answer(commandLife, refusal);
    const lane = laneOf(command);
    // A refused command ends nothing and changes no session.
    const isAccepted = lane.kind === 'none' || !this.#lanes.isFull;
    const sessionOfCommand = session.enter(isAccepted ? sessionChangeOf(command) : { kind: 'none' });
    const place = this.#waitingEnds.placeOf(lane);
    if (isAccepted) this.#waitingEnds.add(command, place);
    return this.#lanes.add(commandLife, lane, async (letGo) => {
      this.#waitingEnds.remove(command);
      if (this.#context.isShuttingDown()) return reports.shuttingDown();
      const turn = { session: sessionOfCommand, letGo, ...this.#waitingEnds.behind(place) };
      return handleCommand(this.#context, command, commandLife.id, turn);
    });
  }
}

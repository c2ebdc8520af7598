import { setTimeout as limit } from 'node:timers/promises';
import * as v from 'valibot';
import { commandNameOf, type CommandName } from '../../src/protocol/commands.js';
import { STATUSES, type StatusMessage, type StatusName } from '../../src/protocol/statuses.js';
import { HeldSession } from './held-lines.js';

/** How long a test waits for a status before it says which ones came instead, ms. Generous: machines are slow at times. */
const PATIENCE_MS = 20_000;

/** The statuses that may end a command: the spec's table. `command_nack` may end any. */
const FINAL: Record<CommandName, readonly StatusName[]> = {
  assign_device: ['device_ready', 'device_error'],
  unassign_device: ['device_unassigned'],
  unassign_all_devices: ['device_unassigned'],
  start_session: ['command_ack'],
  stop_session: ['command_ack'],
  start_recording: ['recording_started', 'recording_error'],
  stop_recording: ['recording_stopped', 'recording_error'],
  take_snapshot: ['snapshot_taken'],
  set_settings: ['settings_changed'],
  get_settings: ['settings'],
  fix_settings: ['settings_changed'],
  set_resolution: ['settings_changed'],
  set_fps: ['settings_changed'],
  get_status: ['status_report'],
  set_log_level: ['log_level_changed'],
  toggle_preview: ['preview_toggled'],
  show_window: ['command_ack'],
  hide_window: ['command_ack'],
  get_geometry: ['command_ack'],
  quit: ['shutdown_complete'],
};

export type StatusOf<N extends StatusName> = StatusMessage & { status: N };

/** What a mock host hears: every status, in order, checked against its schema. Tests wait by events, never by sleeping. */
export class StatusLog {
  readonly all: StatusMessage[] = [];
  #waiting: { matches: (status: StatusMessage) => boolean; resolve: (status: StatusMessage) => void }[] = [];

  /** What is not as the protocol says: the module must not know, the test must fail (`expectProper`). */
  readonly #held = new HeldSession();

  hear(message: StatusMessage): void {
    const mistake = mistakeOf(message);
    if (mistake !== undefined) this.#held.found(mistake);
    this.#held.heard(message);
    this.all.push(message);
    const found = this.#waiting.filter(({ matches }) => matches(message));
    this.#waiting = this.#waiting.filter((waiting) => !found.includes(waiting));
    for (const { resolve } of found) resolve(message);
  }

  /** The next status (from `from` on, an index into `all`; default: heard already or to come) that matches. */
  async wait<N extends StatusName>(
    name: N,
    matches: (status: StatusOf<N>) => boolean = () => true,
    from = 0,
  ): Promise<StatusOf<N>> {
    const fits = (status: StatusMessage): status is StatusOf<N> =>
      status.status === name && matches(status as StatusOf<N>);
    const heard = this.all.slice(from).find((status) => fits(status));
    if (heard !== undefined) return heard;
    const stopWaiting = new AbortController();
    const coming = new Promise<StatusMessage>((resolve) => {
      this.#waiting.push({ matches: fits, resolve });
    });
    const patience = limit(PATIENCE_MS, undefined, { signal: stopWaiting.signal, ref: false }).then(() => {
      throw new Error(`No ${name} within ${PATIENCE_MS} ms. Heard: ${this.summary()}`);
    });
    // Aborted below when the status came; that rejection is expected and nobody's.
    patience.catch(() => undefined);
    try {
      return (await Promise.race([coming, patience])) as StatusOf<N>;
    } finally {
      stopWaiting.abort();
    }
  }

  /** A command that a test sends with this id: one that the published schema refuses must not be carried out. */
  sent(id: string, command: object): void {
    this.#held.sent(id, command);
  }

  expectProper(): void {
    this.#held.expectValid();
  }

  named<N extends StatusName>(name: N): StatusOf<N>[] {
    return this.all.filter((status): status is StatusOf<N> => status.status === name);
  }

  names(): StatusName[] {
    return this.all.map((status) => status.status).filter((name) => name !== 'heartbeat');
  }

  summary(): string {
    return JSON.stringify(this.all.filter((status) => status.status !== 'heartbeat').slice(-12));
  }

  /** Final answers of a command: exactly one, or one for each camera that it is about. */
  answersTo(id: string, name: CommandName): StatusMessage[] {
    const finals = new Set<StatusName>([...FINAL[name], 'command_nack']);
    return this.all.filter((status) => status.in_reply_to === id && finals.has(status.status));
  }
}

/** A host with the module in its own process or in a child: the same words either way. */
export interface MockHost {
  readonly kind: 'in process' | 'child process';
  readonly log: StatusLog;
  readonly logDir: string;
  /** Sends a command and returns its id. */
  send(command: { readonly command: string; readonly [field: string]: unknown }): string;
  /** Sends what is no command: a line as it is, or whatever value. */
  sendBad(line: Buffer | string): void;
  /** Sends a command and waits for its final answer. With several cameras that is the first one's, not the last. */
  ask(command: { readonly command: string; readonly [field: string]: unknown }): Promise<StatusMessage>;
  /** Like `ask`, and fails unless the answer has this name. */
  expect<N extends StatusName>(
    name: N,
    command: { readonly command: string; readonly [field: string]: unknown },
  ): Promise<StatusOf<N>>;
  /** Ends the module, whatever its state; twice is once. Fails when a status was not as the protocol says. */
  end(): Promise<void>;
}

let sequence = 0;

/** What both kinds of host have in common. `transmit` hands a command over. */
export function makeHost(
  basis: Pick<MockHost, 'kind' | 'logDir' | 'sendBad' | 'end' | 'log'>,
  transmit: (command: object) => void,
): MockHost {
  const send = (command: { readonly command: string }): string => {
    sequence += 1;
    const id = 'command_id' in command ? String(command.command_id) : `${command.command}_test_${sequence}`;
    const line = { command_id: id, timestamp: new Date().toISOString(), ...command };
    basis.log.sent(id, line);
    transmit(line);
    return id;
  };
  const ask = async (command: { readonly command: string }): Promise<StatusMessage> => {
    const id = send(command);
    const name = commandNameOf(command.command);
    const finals: readonly StatusName[] = name === undefined ? ['command_nack'] : [...FINAL[name], 'command_nack'];
    const answers = finals.map((final) => basis.log.wait(final, (status) => status.in_reply_to === id));
    // The others stay unanswered, as they should; their patience ends unheard.
    for (const answer of answers) answer.catch(() => undefined);
    return Promise.race(answers);
  };
  return {
    ...basis,
    send,
    ask,
    async end() {
      await basis.end();
      basis.log.expectProper();
    },
    async expect<N extends StatusName>(name: N, command: { readonly command: string }): Promise<StatusOf<N>> {
      const answer = await ask(command);
      if (answer.status !== name) throw new Error(`${command.command} was answered by ${JSON.stringify(answer)}`);
      return answer as StatusOf<N>;
    },
  };
}

/** Every status has the envelope and the data of the spec; what is wrong with another one. */
function mistakeOf(message: StatusMessage): string | undefined {
  const data = Object.hasOwn(STATUSES, message.status) ? STATUSES[message.status] : undefined;
  if (data === undefined) return `${JSON.stringify(message)} has no status that is known.`;
  const schema = v.object({
    type: v.literal('status'),
    status: v.string(),
    timestamp: v.pipe(v.string(), v.isoTimestamp()),
    command_id: v.optional(v.string()),
    in_reply_to: v.optional(v.string()),
    data: v.strictObject(data.entries),
  });
  const checked = v.safeParse(schema, message);
  if (!checked.success) {
    const issues = checked.issues.map((issue) => `${v.getDotPath(issue)}: ${issue.message}`).join('; ');
    return `${JSON.stringify(message)} is no proper status: ${issues}`;
  }
  return message.command_id === message.in_reply_to ? undefined : `${JSON.stringify(message)}: the two ids differ.`;
}

/** Fails unless every command that was sent has exactly one final answer. */
export function expectOneAnswerEach(
  log: StatusLog,
  sent: readonly { readonly id: string; readonly name: string }[],
): void {
  for (const { id, name } of sent) {
    const known = commandNameOf(name);
    const answers =
      known === undefined ? log.all.filter((status) => status.in_reply_to === id) : log.answersTo(id, known);
    if (answers.length !== 1) throw new Error(`${id} has ${answers.length} final answers: ${JSON.stringify(answers)}`);
  }
}

import { appendFileSync } from 'node:fs';
import type { StatusMessage } from '../../src/protocol/statuses.js';
import { againstSchema } from './published-schemas.js';

/**
 * Holds every line of every session that a test drives against the published schemas: statuses that were heard, and commands
 * that the module carried out. Every host of the harness comes through here.
 */

/** Codes of a command that was not as the schemas say. */
const REFUSALS = new Set<string>(['invalid_command', 'invalid_setting', 'unknown_command']);

let sessions = 0;
let lines = 0;
/** What was found and no test has heard of yet. */
const untold = new Set<HeldSession>();

/** The lines of one session. */
export class HeldSession {
  #mistakes: string[] = [];
  /** Commands that are not valid, by their ids, with what is wrong. They must be refused. */
  readonly #wrong = new Map<string, string>();

  constructor() {
    sessions += 1;
  }

  sent(id: string, command: object): void {
    lines += 1;
    const problem = againstSchema('command', JSON.parse(JSON.stringify(command)));
    if (problem !== undefined) this.#wrong.set(id, problem);
  }

  heard(message: StatusMessage): void {
    lines += 1;
    const problem = againstSchema('status', message);
    if (problem !== undefined) this.found(`${JSON.stringify(message)} is ${problem}`);
    const wrong = this.#wrong.get(message.in_reply_to ?? '');
    if (wrong === undefined) return;
    const isRefusal = message.status === 'command_nack' && REFUSALS.has(message.data.code);
    if (!isRefusal) this.found(`A command was answered by ${JSON.stringify(message)}, and it is ${wrong}`);
  }

  found(mistake: string): void {
    this.#mistakes.push(mistake);
    untold.add(this);
  }

  /** Throws where a line was wrong. Each is told once. */
  expectValid(): void {
    const found = this.#mistakes;
    this.#mistakes = [];
    untold.delete(this);
    if (found.length > 0) throw new Error(found.slice(0, 5).join('\n'));
  }
}

/** One line of stdout as a status. Throws where it is not valid. */
export function heldLine(session: HeldSession, line: string): StatusMessage {
  const message = JSON.parse(line) as StatusMessage;
  session.heard(message);
  session.expectValid();
  return message;
}

/**
 * At the end of a suite: throws where a line was wrong and no test told it. With `CSI_CAMERAS_HELD_LINES=FILE` a line there says
 * how many sessions and lines were held.
 */
export function endHeldLines(): void {
  const path = process.env['CSI_CAMERAS_HELD_LINES'];
  if (path !== undefined && lines > 0) appendFileSync(path, `${sessions} ${lines}\n`);
  [sessions, lines] = [0, 0];
  for (const session of untold) session.expectValid();
}

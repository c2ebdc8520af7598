// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { remembered } from './children.mjs';

/** The module as a child process, driven as a host in the field does: JSON lines on stdin and stdout. */

/**
 * @typedef {object} Status
 * @property {string} status
 * @property {Readonly<Record<string, unknown>>} data
 * @property {string} [in_reply_to]
 */

/**
 * @typedef {object} Arrival
 * @property {Status} message
 * @property {bigint} atNs monotonic, nanoseconds
 */

/** Statuses that end a wait for another one. Only the end of a recording comes with a `device_error` of its own. */
const FAILURES = new Set(['device_error', 'recording_error', 'command_nack']);
/** @param {string} awaited @param {string} status */
const isFailure = (awaited, status) =>
  FAILURES.has(status) && !(awaited === 'recording_stopped' && status === 'device_error');
const EXIT_LIMIT_MS = 5_000;

export class ModuleHost {
  /** @type {Arrival[]} */
  #arrived = [];
  /** @type {(() => void) | null} */
  #wake = null;
  /** Every status so far, also those that a wait threw away. @type {Status[]} */
  heard = [];
  #stderr = '';
  #hasExited = false;
  #sequence = 0;
  #child;

  /** Launch, monotonic, nanoseconds. */
  launchedNs = process.hrtime.bigint();

  /**
   * @param {string} program the module's built main script
   * @param {readonly string[]} args
   * @param {readonly string[]} [nodeOptions]
   * @param {Readonly<Record<string, string>>} [environment] besides this process's
   */
  constructor(program, args, nodeOptions = [], environment = {}) {
    this.#child = remembered(
      spawn(process.execPath, [...nodeOptions, program, ...args], {
        stdio: ['pipe', 'pipe', 'pipe'],
        // Settings that are kept for this machine's cameras are not measured. Nothing can be kept there.
        env: { ...process.env, XDG_STATE_HOME: '/proc/no-state', ...environment },
      }),
    );
    this.#child.stdin.on('error', () => {}); // it died: the exit says so
    this.#child.stderr.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      this.#stderr += text;
    });
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      const atNs = process.hrtime.bigint();
      const message = /** @type {Status} */ (JSON.parse(line));
      this.heard.push(message);
      this.#arrived.push({ message, atNs });
      this.#wake?.();
    });
    this.#child.once('exit', () => {
      this.#hasExited = true;
      this.#wake?.();
    });
  }

  /** @returns {number} */
  get pid() {
    if (this.#child.pid === undefined) throw new Error('The module could not be launched.');
    return this.#child.pid;
  }

  /**
   * @param {string} command
   * @param {Readonly<Record<string, unknown>>} [parameters]
   * @returns {bigint} when it was sent, monotonic, nanoseconds
   */
  send(command, parameters = {}) {
    this.#sequence += 1;
    const sentNs = process.hrtime.bigint();
    const message = { command, command_id: `${command}_bench_${this.#sequence}`, ...parameters };
    this.#child.stdin.write(`${JSON.stringify(message)}\n`);
    return sentNs;
  }

  /**
   * The next status of this name, those before it being thrown away. Rejects when the module fails, ends or is silent.
   *
   * @param {string} name
   * @param {number} limitMs
   * @returns {Promise<Arrival>}
   */
  async next(name, limitMs) {
    const deadline = Date.now() + limitMs;
    for (;;) {
      for (let arrival = this.#arrived.shift(); arrival !== undefined; arrival = this.#arrived.shift()) {
        if (arrival.message.status === name) return arrival;
        if (isFailure(name, arrival.message.status)) throw this.#failure(name, JSON.stringify(arrival.message));
      }
      if (this.#hasExited) throw this.#failure(name, 'the module ended');
      if (Date.now() >= deadline) throw this.#failure(name, `nothing came within ${limitMs} ms`);
      await this.#somethingNew(deadline - Date.now());
    }
  }

  /**
   * The next statuses of this name, as many as there are cameras.
   *
   * @param {string} name
   * @param {number} cameras
   * @param {number} limitMs for all of them
   * @returns {Promise<Arrival[]>}
   */
  async nextOfEach(name, cameras, limitMs) {
    const deadline = Date.now() + limitMs;
    const arrivals = [];
    while (arrivals.length < cameras) arrivals.push(await this.next(name, deadline - Date.now()));
    return arrivals;
  }

  /**
   * What `among` finds in the statuses so far, as soon as it finds something; failures end nothing. One wait at a time.
   *
   * @template T
   * @param {number} limitMs
   * @param {string} what is waited for, in words
   * @param {(heard: readonly Status[]) => T | undefined} among
   * @returns {Promise<T>}
   */
  async find(limitMs, what, among) {
    const deadline = Date.now() + limitMs;
    for (;;) {
      const found = among(this.heard);
      if (found !== undefined) return found;
      if (this.#hasExited) throw this.#failure(what, 'the module ended');
      if (Date.now() >= deadline) throw this.#failure(what, `nothing came within ${limitMs} ms`);
      await this.#somethingNew(deadline - Date.now());
    }
  }

  /**
   * Asks it to end; makes it end where it does not.
   *
   * @returns {Promise<number>} from the command to the exit, ms; 0 where it had ended
   */
  async quit() {
    if (this.#hasExited) return 0;
    const exit = once(this.#child, 'exit').then(() => process.hrtime.bigint());
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), EXIT_LIMIT_MS);
    const sentNs = this.send('quit');
    const exitedNs = await exit;
    clearTimeout(timer);
    return Number(exitedNs - sentNs) / 1e6;
  }

  /** @param {number} limitMs */
  async #somethingNew(limitMs) {
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    await new Promise((resolve) => {
      this.#wake = () => {
        resolve(undefined);
      };
      timer = setTimeout(this.#wake, limitMs);
    });
    clearTimeout(timer);
    this.#wake = null;
  }

  /**
   * @param {string} awaited
   * @param {string} what
   */
  #failure(awaited, what) {
    return new Error(`Waiting for ${awaited}: ${what}. ${this.#stderr.slice(-2000)}`);
  }
}

import type { Clock } from '../../core/clock.js';
import { afterReads } from '../../core/after-reads.js';
import type { ExchangePhase } from './exchange.js';

/**
 * Connections that may stay, and those that may be open for a moment. A browser connects ahead of what it asks for, up to six
 * times, and does not ask again where such a connection is gone: with 16, the fourth page at a time came up broken.
 */
export const MAX_CONNECTIONS = 64;
export const MAX_CROWD = 128;
/** Of `MAX_CONNECTIONS`, those that may wait for a picture or for a command's end. */
export const MAX_WORKING = 32;
/** A client that asks at once and takes its answer at once is done before, ms. */
const GRACE_MS = 25;

/** What is in the crowd. */
export interface Member {
  readonly phase: ExchangePhase;
  drop(): void;
}

/**
 * Keeps the number of connections small, so that clients which hold theirs do not shut out the others. A new client always gets
 * in. Where there are too many, those go first that have been there longest without asking, or without taking their answer:
 * an honest client is done within milliseconds.
 */
export class Crowd {
  /** In the order in which they came. */
  readonly #members = new Set<Member>();
  #cancelSweep: (() => void) | null = null;

  constructor(private readonly clock: Clock) {}

  get size(): number {
    return this.#members.size;
  }

  add(member: Member): void {
    this.#members.add(member);
    if (this.#members.size > MAX_CROWD) this.#drop(this.#worst());
    if (this.#members.size > MAX_CONNECTIONS) {
      this.#cancelSweep ??= afterReads(this.clock, GRACE_MS, () => {
        this.#sweep();
      });
    }
  }

  remove(member: Member): void {
    this.#members.delete(member);
  }

  /** Drops all of them. */
  end(): void {
    this.#cancelSweep?.();
    this.#cancelSweep = null;
    for (const member of this.#members) this.#drop(member);
  }

  #sweep(): void {
    this.#cancelSweep = null;
    while (this.#members.size > MAX_CONNECTIONS) this.#drop(this.#worst());
  }

  #worst(): Member | undefined {
    const all = [...this.#members];
    const working = all.filter(({ phase }) => phase === 'working');
    if (working.length > MAX_WORKING) return working[0];
    return all.find(({ phase }) => phase !== 'working') ?? working[0];
  }

  #drop(member: Member | undefined): void {
    if (member === undefined) return;
    this.#members.delete(member);
    member.drop();
  }
}

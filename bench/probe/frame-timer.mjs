// @ts-check
import { performance } from 'node:perf_hooks';

/**
 * Takes the times of one camera's frames, in its thread. All by the wall clock, so what the kernel or another program takes
 * away in the midst is in there.
 */

/** @typedef {{ readonly times: { readonly sensorTimestampNs: bigint, readonly arrivedMonotonicNs: bigint } }} Stamped */

/**
 * One value a frame, in the order of the frames (of `durableMs`: of those that were committed).
 *
 * @typedef {object} Samples
 * @property {number[]} workUs JavaScript from the end of the last frame's routing to the end of this one's
 * @property {number[]} workWithCallsUs the same, and handing over what the system is to do with files
 * @property {number[]} commitUs a value per commit: JavaScript from its begin to its end, handing over included
 * @property {number[]} threadUs everything the thread did meanwhile but waiting, the kernel's reads included
 * @property {number[]} arrivedMs sensor timestamp to last byte read
 * @property {number[]} writtenMs sensor timestamp to the write that came back
 * @property {number[]} durableMs sensor timestamp to the commit that names it, synced
 * @property {number[]} readerBusyMs a value per read: since the last one, how long the thread did something else than wait
 * @property {number[]} readerGapMs a value per read: time since the last one, waiting included
 */

const NS_PER_MS = 1e6;

/**
 * @typedef {object} Clocks
 * @property {() => number} nowMs
 * @property {() => bigint} monotonicNs the clock of sensor timestamps
 * @property {() => number} activeMs how long the thread has done something else than wait for events
 * @property {(callback: () => void) => void} afterTurn calls back when everything that the present turn causes is done
 */

/** @type {Clocks} */
const threadClocks = {
  nowMs: () => performance.now(),
  monotonicNs: () => process.hrtime.bigint(),
  activeMs: () => performance.eventLoopUtilization().active,
  // From a microtask: `nextTick` alone would come before the microtasks that wait.
  afterTurn: (callback) => {
    void Promise.resolve().then(() => {
      process.nextTick(callback);
    });
  },
};

export class FrameTimer {
  /** @type {Samples} */
  samples = {
    workUs: [],
    workWithCallsUs: [],
    commitUs: [],
    threadUs: [],
    arrivedMs: [],
    writtenMs: [],
    durableMs: [],
    readerBusyMs: [],
    readerGapMs: [],
  };
  /** When the thread's work was last looked at, in a turn that is watched, ms. */
  #sinceMs = 0;
  /** Work of the frame in progress so far, ms. */
  #workMs = 0;
  /** What handing file operations over took meanwhile, ms. */
  #callsMs = 0;
  /** Work of the commit in progress so far, ms. */
  #commitMs = 0;
  #isCommitting = false;
  #isTurnOpen = false;
  /** What a read causes is the frame's, also while a commit waits for the disk. */
  #isReadTurn = false;
  #hasFrame = false;
  /** Active time that was spent here and not by the module, ms. */
  #ownMs = 0;
  #frameActiveMs = 0;
  #readActiveMs = 0;
  #readAtMs = 0;
  /** Sensor timestamps of what was written, in the order of the file. @type {bigint[]} */
  #stamps = [];
  #durableFrames = 0;
  #clocks;

  /** @param {Clocks} [clocks] */
  constructor(clocks = threadClocks) {
    this.#clocks = clocks;
  }

  /**
   * Bytes were read: `call` cuts them into frames.
   *
   * @param {() => unknown} call
   */
  read(call) {
    const isWithinTurn = this.#isTurnOpen;
    this.#openTurn();
    this.#isReadTurn = !isWithinTurn;
    this.#aside((atMs, activeMs) => {
      if (this.#isRecording) {
        this.samples.readerBusyMs.push(activeMs - this.#readActiveMs);
        this.samples.readerGapMs.push(atMs - this.#readAtMs);
      }
      this.#readAtMs = atMs;
      this.#readActiveMs = activeMs;
    });
    this.#hasFrame = false;
    const result = call();
    if (isWithinTurn) return result;
    // Bytes that complete no frame cause nothing more.
    if (this.#hasFrame) this.#watchTurn();
    else this.#closeTurn();
    return result;
  }

  /**
   * A frame is complete: `call` takes it to those who want it. Within `read`.
   *
   * @param {() => unknown} call
   */
  frame(call) {
    const result = call();
    this.#hasFrame = true;
    this.#aside((_atMs, activeMs) => {
      if (this.#isRecording) {
        this.samples.workUs.push(this.#workMs * 1000);
        this.samples.workWithCallsUs.push((this.#workMs + this.#callsMs) * 1000);
        this.samples.threadUs.push((activeMs - this.#frameActiveMs) * 1000);
      }
      this.#workMs = 0;
      this.#callsMs = 0;
      this.#frameActiveMs = activeMs;
    });
    return result;
  }

  /** The thread begins to do something, for the frame that is in progress. */
  turn() {
    if (this.#isTurnOpen) return;
    this.#openTurn();
    this.#watchTurn();
  }

  /**
   * `call` hands a file operation to the system. Within a turn.
   *
   * @template T
   * @param {() => T} call
   * @returns {T}
   */
  handOver(call) {
    this.#spend();
    const result = call();
    if (this.#isCommit) this.#spend();
    else this.#callsMs += this.#skip();
    return result;
  }

  /**
   * Frames from index `from` on, `count` of them, are in the file.
   *
   * @param {readonly Stamped[]} frames
   * @param {number} from
   * @param {number} count
   */
  written(frames, from, count) {
    const now = this.#clocks.monotonicNs();
    this.#aside(() => {
      for (const { times } of frames.slice(from, from + count)) {
        this.#stamps.push(times.sensorTimestampNs);
        this.samples.arrivedMs.push(Number(times.arrivedMonotonicNs - times.sensorTimestampNs) / NS_PER_MS);
        this.samples.writtenMs.push(Number(now - times.sensorTimestampNs) / NS_PER_MS);
      }
    });
  }

  /**
   * `call` makes all frames that were written survive a power cut, and says how many the file then has.
   *
   * @param {() => Promise<number>} call
   */
  async commit(call) {
    this.turn();
    this.#spend();
    this.#isCommitting = true;
    const frames = await call();
    this.#spend();
    this.#isCommitting = false;
    this.#aside(() => {
      this.samples.commitUs.push(this.#commitMs * 1000);
      this.#commitMs = 0;
      this.#durable(frames);
    });
  }

  /** @param {number} frames */
  #durable(frames) {
    const now = this.#clocks.monotonicNs();
    for (const stamp of this.#stamps.slice(this.#durableFrames, frames)) {
      this.samples.durableMs.push(Number(now - stamp) / NS_PER_MS);
    }
    this.#durableFrames = frames;
  }

  #openTurn() {
    if (this.#isTurnOpen) return;
    this.#isTurnOpen = true;
    this.#sinceMs = this.#clocks.nowMs();
  }

  #watchTurn() {
    this.#clocks.afterTurn(() => {
      this.#closeTurn();
    });
  }

  #closeTurn() {
    this.#spend();
    this.#isTurnOpen = false;
    this.#isReadTurn = false;
  }

  get #isCommit() {
    return this.#isCommitting && !this.#isReadTurn;
  }

  /** What has passed of the turn since it was last looked at goes to whom it belongs to. */
  #spend() {
    const ms = this.#skip();
    if (this.#isCommit) this.#commitMs += ms;
    else this.#workMs += ms;
  }

  /** @returns {number} what has passed of the turn since it was last looked at, ms; it belongs to nobody now */
  #skip() {
    if (!this.#isTurnOpen) return 0;
    const nowMs = this.#clocks.nowMs();
    const ms = nowMs - this.#sinceMs;
    this.#sinceMs = nowMs;
    return ms;
  }

  get #isRecording() {
    return this.#stamps.length > 0;
  }

  /**
   * What the probe itself does counts nowhere.
   *
   * @param {(atMs: number, activeMs: number) => void} note `activeMs`: the thread's active time so far, without the probe's
   */
  #aside(note) {
    const { nowMs, activeMs } = this.#clocks;
    const atMs = nowMs();
    this.#spend();
    const active = activeMs();
    note(atMs, active - (nowMs() - atMs) - this.#ownMs);
    const doneMs = nowMs();
    this.#ownMs += doneMs - atMs;
    this.#sinceMs = doneMs;
  }
}

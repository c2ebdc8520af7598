/** What a synchronised camera's stream has to know: when its frames are, and which of them it gives. */
import { FrameSchedule, type Schedule } from '../frame-schedule.js';
import { logLine } from '../messages.js';
import { type Agreement, latenessUs } from './agreement.js';
import { FollowingSchedule } from './following-schedule.js';
import { answerHellos, Hellos } from './meeting.js';

export interface FrameSync {
  /** Begins to meet the others. `startedUs`: timestamp of frame 1, microseconds on the monotonic clock. */
  open(startedUs: number): Schedule;
  /** Hears and says what there is; call it for each frame. `oldest`: number of the oldest frame that is still to be given. */
  attend(nowUs: number, oldest: number): void;
  /** Whether frame `number`, which is complete, is not given because the cameras have not begun. */
  isHeldBack(number: number): boolean;
  /**
   * The metadata's `SyncTimer` of a frame that is given: from the frame to the moment at which all begin, whole microseconds. So it
   * is near 0 in the first one, and falls by one period a frame from then on.
   */
  timerUs(number: number): number;
  /** How long a complete frame lasts, whole microseconds. */
  durationUs(number: number): number;
  /** May be called twice. */
  close(): void;
}

export interface FrameSyncOptions {
  readonly role: 'server' | 'client';
  /** Where they meet. */
  readonly port: number;
  /** Frames a second, and what the sensor can do for a client, microseconds a frame. */
  readonly fps: number;
  readonly shortestUs: number;
  readonly longestUs: number;
  /** Frames that a server counts before all begin. */
  readonly countedFrames: number;
  /** By how many millionths the camera's clock is slow. */
  readonly slowPpm: number;
  /** Says what libcamera logs: errors whatever is asked for, the rest where it is asked for. */
  readonly complain: (line: string) => void;
  readonly inform: (line: string) => void;
}

const HELLO_INTERVAL_US = 100_000;
/** A client that comes late gives no frame until it is as near to the server as this, microseconds. */
const IN_STEP_US = 500;
const SERVER_LINE = 'RPiSync sync.cpp:91';
const RATE_LINE = 'RPiSync sync.cpp:240';
const ACHIEVED_LINE = 'RPiSync sync.cpp:281';

export function frameSyncOf(options: FrameSyncOptions): FrameSync {
  return options.role === 'server' ? new ServerSync(options) : new ClientSync(options);
}

const crystalOf = ({ slowPpm }: FrameSyncOptions): number => 1 + slowPpm / 1e6;

/** Says that the cameras have begun, and tells how far the first frame is off. */
function sayAchieved({ inform }: FrameSyncOptions, timerUs: number): void {
  inform(logLine('INFO', ACHIEVED_LINE, `*** Sync achieved! Difference ${timerUs}us`));
}

/** Counts its frames, tells clients when they are, and goes on whether somebody hears it or not. */
class ServerSync implements FrameSync {
  readonly #options: FrameSyncOptions;
  readonly #periodUs: number;
  #startUs = 0;
  #schedule = new FrameSchedule(0, 1);
  #hasBegun = false;
  #stopAnswering = (): void => undefined;

  constructor(options: FrameSyncOptions) {
    this.#options = options;
    this.#periodUs = (1_000_000 / options.fps) * crystalOf(options);
  }

  open(startedUs: number): Schedule {
    const { countedFrames, port, complain } = this.#options;
    this.#schedule = new FrameSchedule(startedUs, 1_000_000 / this.#periodUs);
    this.#startUs = startedUs + countedFrames * this.#periodUs;
    const agreement = { periodUs: this.#periodUs, originUs: startedUs, startUs: this.#startUs };
    this.#stopAnswering = answerHellos(agreement, port, (code) =>
      complain(logLine('ERROR', SERVER_LINE, `Unable to bind server socket to port ${port}: ${code}. It runs alone.`)),
    );
    return this.#schedule;
  }

  attend(): void {
    // Hellos are answered when they come.
  }

  isHeldBack(number: number): boolean {
    if (this.#hasBegun) return false;
    this.#hasBegun = number > this.#options.countedFrames;
    if (this.#hasBegun) sayAchieved(this.#options, this.timerUs(number));
    return !this.#hasBegun;
  }

  timerUs(number: number): number {
    return Math.round(this.#startUs) - this.#schedule.timestampUs(number);
  }

  durationUs(): number {
    return Math.round(this.#periodUs);
  }

  close(): void {
    this.#stopAnswering();
  }
}

/** Waits for a server, comes into step with it, begins when it begins, and follows it as long as it is heard. */
class ClientSync implements FrameSync {
  readonly #options: FrameSyncOptions;
  #schedule: FollowingSchedule;
  #hellos: Hellos | undefined;
  #saidHelloUs = 0;
  #agreement: Agreement | undefined;
  /** Whether the sensor can do the server's period. */
  #canFollow = true;
  #hasBegun = false;
  #hasComplained = false;

  constructor(options: FrameSyncOptions) {
    this.#options = options;
    this.#schedule = this.#scheduleFrom(0);
  }

  open(startedUs: number): Schedule {
    const { port, complain } = this.#options;
    this.#schedule = this.#scheduleFrom(startedUs);
    this.#hellos = new Hellos(port, (code) =>
      complain(logLine('ERROR', SERVER_LINE, `Unable to bind client socket: ${code}`)),
    );
    this.#sayHello(startedUs);
    return this.#schedule;
  }

  attend(nowUs: number, oldest: number): void {
    if (nowUs - this.#saidHelloUs >= HELLO_INTERVAL_US) this.#sayHello(nowUs);
    const heard = this.#hellos?.take();
    if (!heard) return;
    this.#agreement = heard;
    this.#canFollow = this.#schedule.follow(heard, nowUs, oldest);
    if (!this.#canFollow) this.#complainOfRate(heard);
  }

  isHeldBack(number: number): boolean {
    if (this.#hasBegun) return false;
    const agreed = this.#agreement;
    if (!agreed) return true;
    const timestampUs = this.#schedule.timestampUs(number);
    if (this.#canFollow && Math.abs(latenessUs(agreed, timestampUs)) > IN_STEP_US) return true;
    // The frame that is nearest to the moment is the first one.
    this.#hasBegun = timestampUs > agreed.startUs - agreed.periodUs / 2;
    if (this.#hasBegun) sayAchieved(this.#options, this.timerUs(number));
    return !this.#hasBegun;
  }

  timerUs(number: number): number {
    if (!this.#agreement) return 0;
    return Math.round(this.#agreement.startUs) - this.#schedule.timestampUs(number);
  }

  durationUs(number: number): number {
    return this.#schedule.durationUs(number);
  }

  close(): void {
    this.#hellos?.close();
  }

  #scheduleFrom(originUs: number): FollowingSchedule {
    const { fps, shortestUs, longestUs } = this.#options;
    const crystal = crystalOf(this.#options);
    return new FollowingSchedule({ originUs, periodUs: 1_000_000 / fps, shortestUs, longestUs, crystal });
  }

  #sayHello(nowUs: number): void {
    this.#saidHelloUs = nowUs;
    this.#hellos?.send();
  }

  #complainOfRate({ periodUs }: Agreement): void {
    if (this.#hasComplained) return;
    this.#hasComplained = true;
    const text = `The server's frames of ${Math.round(periodUs)}us are not possible here. Frames are not in step.`;
    this.#options.inform(logLine('WARN', RATE_LINE, text));
  }
}

import type { CameraSettings } from '../../core/camera-settings.js';
import type { Clock } from '../../core/clock.js';
import { ERROR_ADVICE, type ErrorCode, messageOf } from '../../core/errors.js';
import type { GivenSettings } from '../../core/given-settings.js';
import { TIMED_OUT, within } from '../../core/within.js';
import type { LogSink } from '../../logging/log-sink.js';
import type { Report } from '../../protocol/statuses.js';
import * as reports from '../reports.js';
import type { AcceptedChange, SettingsChange } from '../settings/settings-desk.js';
import type { ChangeOutcome } from './camera-effects.js';
import type { CameraOperations } from './camera-operations.js';
import type { CameraDesk } from './camera-settings.js';
import { fixedSettings } from './fixed-settings.js';
import { IgnoredSettings } from './ignored-settings.js';

/** Time for the desk to look at files or to write one, ms. A disk may never answer. */
const DESK_LIMIT_MS = 3_000;
/** Time for the first figures of a stream, ms, or ten of its frames if they take longer. */
const FIGURES_LIMIT_MS = 3_000;
const FIGURES_LIMIT_FRAMES = 10;

export interface SettingsChangesDependencies {
  readonly deviceId: string;
  readonly desk: CameraDesk;
  readonly operations: CameraOperations;
  readonly clock: Clock;
  readonly logs: LogSink;
  /** The camera, as far as its settings are concerned. */
  readonly camera: {
    isToRecord(): boolean;
    isStreaming(): boolean;
    /** Frames a second. */
    fps(): number;
    /** From the last figures of the present run. `null` before them. */
    figuresGiven(): GivenSettings | null;
    /** What is known of the stream, with or without figures. `null` while the camera gives no frames. */
    given(): GivenSettings | null;
    /** Has the camera asked for these settings. `settle` gets the outcome. */
    ask(settings: CameraSettings): void;
    /** The desk's settings are others now. */
    askLater(): void;
  };
  readonly warn: (code: string, message: string) => void;
}

/**
 * The changes of one camera's settings, one at a time: whether it can be, the camera's restart, what is kept, and the answer.
 * Only what the camera gave a frame with is kept.
 */
export class SettingsChanges {
  /** The change that the camera is being asked for. */
  #proposed: AcceptedChange | null = null;
  /** The change is made. Only figures are waited for. */
  #isMade = false;
  #endWait: () => void = () => undefined;
  readonly #ignored: IgnoredSettings;

  constructor(private readonly dependencies: SettingsChangesDependencies) {
    this.#ignored = new IgnoredSettings(dependencies.desk);
  }

  /** Resolves with `settings_changed` or `command_nack`. */
  change(change: SettingsChange, replyTo: string | undefined): Promise<Report> {
    return this.#begin(replyTo, () => this.#propose(change));
  }

  /** Fixes what automatic found. Resolves with `settings_changed` or `command_nack`. */
  fix(replyTo: string | undefined): Promise<Report> {
    return this.#begin(replyTo, () => this.#fix());
  }

  /** What the camera made of the change that it was asked for. */
  settle(outcome: ChangeOutcome): void {
    const proposed = this.#proposed;
    this.#proposed = null;
    if (proposed === null) return; // it was given up
    if (outcome.kind === 'refused') this.#refuse(outcome.code, outcome.message);
    else this.#guard(this.#accept(proposed, outcome.kind));
  }

  /** Called after each event of the camera: figures may have come, or the stream may have ended. */
  notice(): void {
    const { camera } = this.dependencies;
    if (camera.figuresGiven() !== null || !camera.isStreaming()) this.#endWait();
  }

  /** Warns of values that do not apply, each once until it applies again. */
  warnOfIgnored(): void {
    for (const message of this.#ignored.news()) this.#warn('setting_ignored', message);
  }

  /** Warns that what the desk says is not asked for any more, because no frame came with it. */
  warnOfAvoided(why: string): void {
    const { deviceId } = this.dependencies;
    this.#warn('setting_ignored', `${deviceId} gives no frames with its settings. It runs with those before. ${why}`);
  }

  #begin(replyTo: string | undefined, work: () => Promise<void>): Promise<Report> {
    const { operations, camera, deviceId } = this.dependencies;
    const answer = operations.expect('changeSettings', replyTo);
    this.#isMade = false;
    if (camera.isToRecord()) {
      const code = 'recording_in_progress';
      this.#refuse(code, `${deviceId} records, or is about to. ${ERROR_ADVICE[code]}`);
      return answer;
    }
    this.#guard(work());
    return answer;
  }

  async #fix(): Promise<void> {
    const { camera, desk, deviceId } = this.dependencies;
    await this.#figures();
    const given = camera.figuresGiven();
    if (!camera.isStreaming()) {
      const code = 'camera_disconnected';
      this.#refuse(code, `${deviceId} delivers no frames. ${ERROR_ADVICE[code]}`);
      return;
    }
    const change = given === null ? null : fixedSettings(given, desk.settings.fps);
    if (change === null) {
      const nothing = `The frames of ${deviceId} tell no exposure time, gain, colour gains or lens position, so there is nothing to fix. Set them with set_settings.`;
      this.#refuse('invalid_setting', nothing);
      return;
    }
    await this.#propose(change);
  }

  async #propose(change: SettingsChange): Promise<void> {
    const { clock, desk, camera } = this.dependencies;
    const proposal = await within(clock, DESK_LIMIT_MS, desk.propose(change));
    if (proposal === TIMED_OUT) {
      this.#refuse('io_error', `The settings could not be checked in time. ${ERROR_ADVICE.io_error}`);
    } else if (proposal.isAccepted) {
      this.#proposed = proposal;
      camera.ask(proposal.settings);
    } else {
      this.#refuse('invalid_setting', proposal.why);
    }
  }

  async #accept(proposed: AcceptedChange, how: 'restarted' | 'unchanged' | 'later'): Promise<void> {
    const { clock, desk, camera, deviceId, logs } = this.dependencies;
    const whyNotKept = await within(clock, DESK_LIMIT_MS, desk.accept(proposed));
    logs.log('info', 'Settings changed.', { device: deviceId, settings: proposed.settings, how });
    if (whyNotKept === TIMED_OUT) this.#warn('settings_not_kept', 'The disk did not take the settings in time.');
    else if (whyNotKept !== null) this.#warn('settings_not_kept', whyNotKept);
    this.warnOfIgnored();
    if (how === 'later') camera.askLater();
    this.#isMade = true;
    if (how === 'restarted') await this.#figures();
    this.#answer();
  }

  /** Answers a change that is made already, because the camera is about to be released. */
  hurry(): void {
    if (this.#isMade) this.#answer();
  }

  #answer(): void {
    this.#isMade = false;
    this.dependencies.operations.settle('changeSettings', this.describe('settings_changed'));
  }

  /** What the camera is asked for, what it gives and what is kept. */
  describe(status: 'settings_changed' | 'settings'): Report {
    const { deviceId, desk, camera } = this.dependencies;
    return reports.settings(status, deviceId, { asked: desk.settings, given: camera.given(), kept: desk.kept });
  }

  /** Resolves when figures tell what the camera gives, when no more can come, or after the limit. */
  async #figures(): Promise<void> {
    const { camera, clock } = this.dependencies;
    if (camera.figuresGiven() !== null || !camera.isStreaming()) return;
    const limitMs = Math.max(FIGURES_LIMIT_MS, (FIGURES_LIMIT_FRAMES * 1_000) / camera.fps());
    await new Promise<void>((resolve) => {
      const cancel = clock.after(limitMs, resolve);
      this.#endWait = () => {
        cancel();
        resolve();
      };
    });
    this.#endWait = () => undefined;
  }

  #refuse(code: ErrorCode, message: string): void {
    this.dependencies.operations.abort('changeSettings', code, message);
  }

  #warn(code: string, message: string): void {
    this.dependencies.logs.log('warn', message, { device: this.dependencies.deviceId, code });
    this.dependencies.warn(code, message);
  }

  /** Answers for a desk that throws. */
  #guard(work: Promise<void>): void {
    work.catch((thrown: unknown) => {
      const { deviceId, logs } = this.dependencies;
      logs.log('error', 'A change of settings failed unexpectedly.', { device: deviceId, error: thrown });
      this.#refuse('io_error', `The settings could not be changed (${messageOf(thrown)}). See csicameras.log.`);
    });
  }
}

import type { Clock } from '../../../core/clock.js';
import { ERROR_ADVICE, type ErrorCode, messageOf } from '../../../core/errors.js';
import { type GivenSettings, NOTHING_GIVEN } from '../../../core/given-settings.js';
import { TIMED_OUT, within } from '../../../core/within.js';
import type { LogSink } from '../../../logging/log-sink.js';
import type { PipelineFigures } from '../../../pipeline/pipeline-messages.js';
import type { Report } from '../../../protocol/statuses.js';
import * as reports from '../../reports.js';
import type { AcceptedChange, SettingsChange } from '../../settings/settings-desk.js';
import type { ChangeOutcome } from '../camera-effects.js';
import type { CameraOperations } from '../camera-operations.js';
import type { CameraRequests } from '../camera-requests.js';
import type { CameraDesk, CameraDescription } from '../camera-description.js';
import { fixedSettings, whyNotFixed } from './fixed-settings.js';
import { IgnoredSettings } from './ignored-settings.js';
import { isToRecord } from '../state-queries.js';
import type { CameraEvent, CameraState } from '../state-types.js';

/** Time for the desk to look at files or to write one, ms. A disk may never answer. */
const DESK_LIMIT_MS = 3_000;
/** Time for the first figures of a stream, ms, or ten of its frames if they take longer. */
const FIGURES_LIMIT_MS = 3_000;
const FIGURES_LIMIT_FRAMES = 10;

export interface SettingsChangesDependencies {
  readonly settings: Pick<CameraDescription, 'deviceId' | 'resumesAfterReconnect'>;
  readonly desk: CameraDesk;
  readonly operations: CameraOperations;
  readonly requests: CameraRequests;
  readonly clock: Clock;
  readonly logs: LogSink;
  readonly state: () => CameraState;
  /** The last figures of the present run. `null` before them, and while the camera gives no frames. */
  readonly figures: () => PipelineFigures | null;
  /** Frames a second. */
  readonly fps: () => number;
  readonly push: (event: CameraEvent) => void;
  readonly warn: (code: string, message: string) => void;
}

/**
 * The changes of one camera's settings, one at a time: whether it can be, the camera's restart, what is kept, and the answer.
 * Only what the camera gave a frame with is kept.
 */
export class SettingsChanges {
  /** The change that the camera is being asked for. */
  #proposed: AcceptedChange | null = null;
  /** The change is made. Only the disk or figures are waited for. */
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

  /**
   * Answers at once, because the camera is about to be released. A change that is made already stays. Any other is given up:
   * whatever the camera still does, nothing of it is kept.
   */
  cutShort(code: ErrorCode, why: string): void {
    this.#proposed = null;
    if (this.#isMade) this.#answer();
    else this.#refuse(code, why);
    this.#endWait();
  }

  /** Called after each event of the camera: figures may have come, or the stream may have ended. */
  notice(): void {
    if (!this.#isWaitWorthwhile) this.#endWait();
  }

  /** Warns of values that do not apply, each once until it applies again. */
  warnOfIgnored(): void {
    for (const message of this.#ignored.news()) this.#warn('setting_ignored', message);
  }

  /** Warns that what the desk says is not asked for any more, because no frame came with it. */
  warnOfAvoided(why: string): void {
    const { deviceId } = this.dependencies.settings;
    this.#warn('setting_ignored', `${deviceId} gives no frames with its settings. It runs with those before. ${why}`);
  }

  #begin(replyTo: string | undefined, work: () => Promise<void>): Promise<Report> {
    const { operations, settings, state } = this.dependencies;
    const answer = operations.expect('changeSettings', replyTo);
    this.#isMade = false;
    if (isToRecord(state(), settings.resumesAfterReconnect)) {
      const code = 'recording_in_progress';
      this.#refuse(code, `${settings.deviceId} records, or is about to. ${ERROR_ADVICE[code]}`);
      return answer;
    }
    this.#guard(work());
    return answer;
  }

  async #fix(): Promise<void> {
    const { desk, settings, state, figures } = this.dependencies;
    const { deviceId } = settings;
    await this.#figuresCome();
    const given = figures()?.given ?? null;
    if (state().kind !== 'streaming') {
      const code = 'camera_disconnected';
      this.#refuse(code, `${deviceId} delivers no frames. ${ERROR_ADVICE[code]}`);
      return;
    }
    const change = given === null ? null : fixedSettings(given, desk.settings.fps);
    if (given === null || change === null) {
      const nothing = `The frames of ${deviceId} tell no exposure time, gain, colour gains or lens position, so there is nothing to fix. Set them with set_settings.`;
      this.#refuse('invalid_setting', nothing);
      return;
    }
    const whyNot = whyNotFixed(given, desk.settings.fps);
    if (whyNot === null) await this.#propose(change);
    else this.#refuse('invalid_setting', `${deviceId} ${whyNot}`);
  }

  async #propose(change: SettingsChange): Promise<void> {
    const { clock, desk, operations, requests, push } = this.dependencies;
    const proposal = await within(clock, DESK_LIMIT_MS, desk.propose(change));
    if (!operations.isWaiting('changeSettings')) return; // the camera was released meanwhile
    if (proposal === TIMED_OUT) {
      this.#refuse('io_error', `The settings could not be checked in time. ${ERROR_ADVICE.io_error}`);
    } else if (proposal.isAccepted) {
      this.#proposed = proposal;
      push({ type: 'changeSettings', request: requests.with(proposal.settings) });
    } else {
      this.#refuse('invalid_setting', proposal.why);
    }
  }

  async #accept(proposed: AcceptedChange, how: 'restarted' | 'unchanged' | 'later'): Promise<void> {
    const { clock, desk, settings, logs, push } = this.dependencies;
    this.#isMade = true;
    const whyNotKept = await within(clock, DESK_LIMIT_MS, desk.accept(proposed));
    logs.log('info', 'Settings changed.', { device: settings.deviceId, settings: proposed.settings, how });
    if (whyNotKept === TIMED_OUT) this.#warn('settings_not_kept', 'The disk did not take the settings in time.');
    else if (whyNotKept !== null) this.#warn('settings_not_kept', whyNotKept);
    this.warnOfIgnored();
    // A run that began meanwhile may not have been asked for it, or not for what its first frame told.
    push({ type: 'settingsTaken' });
    if (how === 'restarted' && this.#isMade) await this.#figuresCome();
    this.#answer();
  }

  #answer(): void {
    this.#isMade = false;
    this.dependencies.operations.settle('changeSettings', this.describe('settings_changed'));
  }

  /** What the camera is asked for, what it gives and what is kept. */
  describe(status: 'settings_changed' | 'settings'): Report {
    const { settings, desk, requests } = this.dependencies;
    const asked = requests.present.settings; // not the desk's where the camera gives no frames with those
    return reports.settings(status, settings.deviceId, { asked, given: this.#given, kept: desk.kept });
  }

  /** What is known of what the camera gives. `null` while it gives no frames. */
  get #given(): GivenSettings | null {
    const state = this.dependencies.state();
    if (state.kind !== 'streaming') return null;
    const { width, height } = state.format;
    return this.dependencies.figures()?.given ?? { ...NOTHING_GIVEN, width, height };
  }

  /** Whether figures may still come that tell what the camera gives. */
  get #isWaitWorthwhile(): boolean {
    const { state, figures } = this.dependencies;
    return state().kind === 'streaming' && (figures()?.given ?? null) === null;
  }

  /** Resolves when figures tell what the camera gives, when no more can come, or after the limit. */
  async #figuresCome(): Promise<void> {
    if (!this.#isWaitWorthwhile) return;
    const { clock, fps } = this.dependencies;
    const limitMs = Math.max(FIGURES_LIMIT_MS, (FIGURES_LIMIT_FRAMES * 1_000) / fps());
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
    const { logs, settings, warn } = this.dependencies;
    logs.log('warn', message, { device: settings.deviceId, code });
    warn(code, message);
  }

  /** Answers for a desk that throws. */
  #guard(work: Promise<void>): void {
    work.catch((thrown: unknown) => {
      const { settings, logs } = this.dependencies;
      logs.log('error', 'A change of settings failed unexpectedly.', { device: settings.deviceId, error: thrown });
      this.#refuse('io_error', `The settings could not be changed (${messageOf(thrown)}). See csicameras.log.`);
    });
  }
}

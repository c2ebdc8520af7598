import type { Clock } from '../../core/clock.js';
import { errorWithAdvice, messageOf } from '../../core/errors.js';
import type { Log } from '../../core/log-level.js';
import { findCamera, isIndexOnly, parseCameraList, requestedIndex } from './camera-list.js';
import type { CameraIdentity, CameraInfo } from '../camera-source.js';
import { KnownCameras } from './known-cameras.js';
import { classify, endedError } from '../rpicam-errors.js';
import { isWithoutDifference } from './sensor-view.js';
import type { ToolCommand } from '../tool-process.js';
import { runTool, type ToolResult } from '../tool-run.js';

/**
 * A Raspberry Pi lists in less than a second. A start can do without the listing, but then records another view: it rather waits
 * as long as the host's patience (30 s) allows.
 */
const LIST_LIMIT_MS = 10_000;
/** Another module that starts at the same time holds each camera for some 100 ms while it lists. */
const DOUBTFUL_RETRIES = 2;
const DOUBTFUL_RETRY_MS = 400;
/** Modules for several cameras start in the same moment after a boot. Each index waits longer, or they would meet again. */
const STAGGER_MS = 150;
const STAGGERED_INDICES = 4;

/** libcamera's complaint while the tool lists a camera that another program holds. */
const HELD = /trying configure\(\) requiring state/;

/** The camera that a request means. */
export interface LocatedCamera {
  readonly index: number;
  /** libcamera's id if the request was looked up by it or by a model: the camera that opens must have it. Else ''. */
  readonly requiredId: string;
  /** As the tool lists it; `null` if there is no listing, or none that can be believed. */
  readonly listed: CameraInfo | null;
  /** `new`: this listing is of now. `kept`: of an earlier opening, so another camera may be there by now. */
  readonly origin: 'new' | 'kept';
  /** Whether a camera was held while it was listed. The rate of a single mode may then be wrong. */
  readonly isAnyHeld: boolean;
}

/** Finds cameras by the tool's listing, and remembers it. */
export class CameraLookup {
  /** What this process saw stream: a lost camera is reopened without asking again, also where nothing may be kept. */
  readonly #seen = new Map<number, CameraInfo | null>();
  readonly #known: KnownCameras;

  constructor(
    private readonly clock: Clock,
    private readonly log: Log,
    folder?: string,
  ) {
    this.#known = new KnownCameras(clock, log, folder);
  }

  /** Rejects with `camera_not_found` and what `list` rejects with, if the request names an id or a model. */
  async locate(command: ToolCommand, identity: CameraIdentity, signal: AbortSignal): Promise<LocatedCamera> {
    if (!isIndexOnly(identity)) {
      const pick = (cameras: readonly CameraInfo[]): CameraInfo => findCamera(cameras, identity);
      const { found, ...listing } = await this.#look(command, pick, signal);
      return { index: found.index, requiredId: found.id, origin: 'new', ...listing };
    }
    const index = requestedIndex(identity);
    const seen = this.#seen.get(index);
    if (seen !== undefined) return kept(index, seen);
    const known = await this.#known.recall(command, index);
    return known === null ? this.locateAnew(command, index, signal) : kept(index, known);
  }

  /** The camera at an index by a new listing. It does without one if there is none. Rejects only when it is aborted. */
  async locateAnew(command: ToolCommand, index: number, signal: AbortSignal): Promise<LocatedCamera> {
    const pick = (cameras: readonly CameraInfo[]): CameraInfo | null =>
      cameras.find((camera) => camera.index === index) ?? null;
    const anew = { index, requiredId: '', origin: 'new' } as const;
    try {
      const { listed, isAnyHeld } = await this.#look(command, pick, signal);
      return { ...anew, listed, isAnyHeld };
    } catch (thrown) {
      signal.throwIfAborted();
      // What prevents the listing prevents the stream too, and that tells its reason.
      this.log('debug', 'The cameras could not be listed before the start.', { error: messageOf(thrown) });
      return { ...anew, listed: null, isAnyHeld: false };
    }
  }

  /**
   * Says what the stream showed. `isConfirmed`: the tool told the id of the camera that it opened, and it is the listed
   * one. Only then later starts may rely on the listing; otherwise a wrong one would never be noticed.
   */
  async confirm(command: ToolCommand, located: LocatedCamera, isConfirmed: boolean): Promise<void> {
    const { index, listed, origin, isAnyHeld } = located;
    this.#seen.set(index, listed);
    if (listed === null || !isConfirmed) await this.#known.forget(command, index);
    else if (origin === 'new' && !(isAnyHeld && listed.modes.length === 1)) await this.#known.keep(command, listed);
  }

  /**
   * The CSI cameras. Rejects with `capture_tool_missing`, `permission_denied` or `capture_failed`, or with the signal's
   * reason when it is aborted.
   */
  async list(command: ToolCommand, signal: AbortSignal): Promise<readonly CameraInfo[]> {
    return (await this.#list(command, signal)).cameras;
  }

  async #list(command: ToolCommand, signal: AbortSignal): Promise<Listing> {
    const result = await runTool(command, ['--list-cameras'], { limitMs: LIST_LIMIT_MS, clock: this.clock, signal });
    const cameras = parseCameraList(result.output);
    if (cameras.length === 0) throwWhatPreventsListing(command, result);
    return { cameras, isAnyHeld: result.lines.some((line) => HELD.test(line)) };
  }

  /** Lists, and lists again while the figures cannot be true. If they never can: `listed` is `null`. */
  async #look<Found extends CameraInfo | null>(
    command: ToolCommand,
    pick: (cameras: readonly CameraInfo[]) => Found,
    signal: AbortSignal,
  ): Promise<{ readonly found: Found; readonly listed: CameraInfo | null; readonly isAnyHeld: boolean }> {
    for (let retries = 0; ; retries += 1) {
      const { cameras, isAnyHeld } = await this.#list(command, signal);
      const found = pick(cameras);
      const isDoubtful = found !== null && isAnyHeld && isWithoutDifference(found.modes);
      if (!isDoubtful) return { found, listed: found, isAnyHeld };
      if (retries === DOUBTFUL_RETRIES) return { found, listed: null, isAnyHeld };
      await this.clock.sleep(DOUBTFUL_RETRY_MS + (found.index % STAGGERED_INDICES) * STAGGER_MS, signal);
    }
  }
}

interface Listing {
  readonly cameras: readonly CameraInfo[];
  readonly isAnyHeld: boolean;
}

function kept(index: number, listed: CameraInfo | null): LocatedCamera {
  return { index, requiredId: '', listed, origin: 'kept', isAnyHeld: false };
}

/** "No cameras available!" is an answer. A missing permission or a crash of the tool is not. */
function throwWhatPreventsListing({ program }: ToolCommand, { lines, exit }: ToolResult): void {
  const code = classify(lines)?.code;
  if (code === 'camera_not_found') return;
  if (exit.code === 0 && code !== 'permission_denied') return;
  const error = endedError({ tool: program, lines, exit, frames: 0 });
  if (error.code === 'permission_denied' || error.code === 'capture_tool_missing') throw error;
  throw errorWithAdvice('capture_failed', 'The cameras could not be listed.', error.context, error);
}

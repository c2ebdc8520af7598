import { isDeepStrictEqual } from 'node:util';
import { isSameCamera, modelOfId } from '../../core/camera-id.js';
import { type PartialSettings, SETTING_NAMES, type SettingName } from '../../core/camera-settings.js';
import type { Clock } from '../../core/clock.js';
import { errnoOf, messageOf } from '../../core/errors.js';
import type { Log } from '../../core/log-level.js';
import { TIMED_OUT, within } from '../../core/within.js';
import { keptFileName, type KeptCamera } from './kept-file.js';
import type { KeptFolder, Warn } from './kept-folder.js';

/** Longest time that an opening or a command waits for the disk. */
const LIMIT_MS = 1000;

/** How an assignment names a camera. */
export interface NamedCamera {
  /** libcamera's id or an end of it. */
  readonly stableId?: string | undefined;
  /** Where the camera is looked for, if nothing else names it. */
  readonly index?: number | undefined;
}

/**
 * What is kept for all cameras, as it was loaded last. It answers at once from memory; `load` and `keep` touch the disk, for a
 * second at most. Nothing here rejects.
 */
export class KeptSettings {
  #cameras: readonly KeptCamera[] = [];
  /** Names of files whose settings are not known, so that they must not be replaced. `null`: none is known. */
  #unknown: ReadonlySet<string> | null = null;
  /** What this process read or wrote last, by file name. What differs from it is a change of this process. */
  readonly #onDisk = new Map<string, PartialSettings>();
  /** Writes go one after another: the last change is the last file. */
  #writing: Promise<void> = Promise.resolve();

  /** `folder`: `null` where there is no place to keep anything. */
  constructor(
    private readonly folder: KeptFolder | null,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Reads all files. Where the disk does not answer, it goes on with what it knew before. */
  async load(warn: Warn): Promise<void> {
    const { folder } = this;
    if (folder === null) return;
    let isLate = false;
    const reading = this.#writing.then(() =>
      folder.readAll((code, message) => (isLate ? undefined : warn(code, message))),
    );
    const why = await this.#whyNot(reading, ({ cameras, unreadable }) => {
      this.#cameras = cameras;
      this.#onDisk.clear();
      for (const { cameraId, settings } of cameras) this.#onDisk.set(keptFileName(cameraId), settings);
      this.#unknown = new Set(unreadable);
    });
    if (why === null) return;
    isLate = true;
    this.#unknown = null;
    const message = `The kept settings in ${folder.path} could not be read (${why}). Cameras open without them.`;
    warn('settings_unreadable', message);
  }

  get all(): readonly KeptCamera[] {
    return this.#cameras;
  }

  /** What is kept for the camera with this libcamera id. */
  find(cameraId: string): KeptCamera | undefined {
    return cameraId === '' ? undefined : this.#cameras.find((kept) => isSameCamera(kept.cameraId, cameraId));
  }

  /** The camera that an assignment probably means. The first frame tells for sure. */
  guess({ stableId, index }: NamedCamera): KeptCamera | undefined {
    if (stableId !== undefined) return this.find(stableId);
    return index === undefined ? undefined : this.#cameras.find((kept) => kept.index === index);
  }

  /**
   * Keeps the settings of a camera. Resolves with `null`, or with why they cannot be kept, as a sentence. A write that takes too
   * long goes on.
   */
  async keep(cameraId: string, index: number | undefined, settings: PartialSettings): Promise<string | null> {
    const { folder } = this;
    if (folder === null) return 'The settings cannot be kept: there is no folder for them. Name one with --state-dir.';
    if (this.#unknown === null || this.#unknown.has(keptFileName(cameraId))) {
      const advice = 'Assign the camera again when its disk answers.';
      return `The settings cannot be kept: what was kept before in ${folder.path} could not be read. ${advice}`;
    }
    const before = this.find(cameraId);
    const model = modelOfId(cameraId) || (before?.model ?? '');
    const camera: KeptCamera = { cameraId, model, index: index ?? before?.index ?? null, settings };
    this.#cameras = [...this.#cameras.filter((kept) => kept !== before), camera];
    const why = await this.#whyNot(this.#write(folder, camera), () => {});
    return why === null
      ? null
      : `The settings could not be kept in ${folder.path}: ${why}. They apply until the camera is unassigned.`;
  }

  /** Forgets what is kept for the camera. Resolves with `null`, or with why that failed. */
  async forget(cameraId: string): Promise<string | null> {
    const { folder } = this;
    if (folder === null) return null;
    const before = this.find(cameraId);
    const removing = this.#writing.then(async () => {
      await folder.remove(before?.cameraId ?? cameraId);
      this.#onDisk.delete(keptFileName(before?.cameraId ?? cameraId));
    });
    const why = await this.#whyNot(removing, () => {
      this.#cameras = this.#cameras.filter((kept) => kept !== before);
    });
    return why === null ? null : `What is kept in ${folder.path} could not be removed: ${why}.`;
  }

  /**
   * Notes where a camera is, so that the next opening there asks for its settings at once. `isToKeep`: also where nothing is
   * kept of it yet. The file is written in the background.
   */
  noteSeen(cameraId: string, index: number | undefined, isToKeep: boolean): void {
    const { folder } = this;
    if (index === undefined || folder === null || this.#unknown === null) return;
    const others = this.#cameras.filter((kept) => kept.index === index && !isSameCamera(kept.cameraId, cameraId));
    const moved: KeptCamera[] = others.map((kept) => ({ ...kept, index: null }));
    const here = this.find(cameraId);
    if (here !== undefined && here.index !== index) moved.push({ ...here, index });
    if (here === undefined && isToKeep) moved.push({ cameraId, model: modelOfId(cameraId), index, settings: {} });
    const replaced = new Set([...others, here].filter((kept) => moved.some((one) => one.cameraId === kept?.cameraId)));
    this.#cameras = [...this.#cameras.filter((kept) => !replaced.has(kept)), ...moved];
    for (const camera of moved) {
      if (this.#unknown.has(keptFileName(camera.cameraId))) continue;
      void this.#whyNot(this.#write(folder, camera), () => {}).then((why) => {
        if (why === null) return;
        // It may be a camera that is not assigned and has no device id.
        const context = { cameraId: camera.cameraId, folder: folder.path, why };
        this.log('debug', 'The place of a camera could not be kept.', context);
      });
    }
  }

  #write(folder: KeptFolder, camera: KeptCamera): Promise<void> {
    const name = keptFileName(camera.cameraId);
    const written = this.#writing.then(async () => {
      await folder.write(camera, differing(this.#onDisk.get(name) ?? {}, camera.settings));
      this.#onDisk.set(name, camera.settings);
    });
    this.#writing = written.catch(() => {}); // whoever asked for it is told
    return written;
  }

  /** Why it did not work within the limit; `null` if it did. */
  async #whyNot<Value>(work: Promise<Value>, onDone: (value: Value) => void): Promise<string | null> {
    try {
      const value = await within(this.clock, LIMIT_MS, work);
      if (value === TIMED_OUT) return 'the disk does not answer';
      onDone(value);
      return null;
    } catch (thrown) {
      return errnoOf(thrown) ?? messageOf(thrown);
    }
  }
}

function differing(one: PartialSettings, other: PartialSettings): readonly SettingName[] {
  return SETTING_NAMES.filter((name) => !isDeepStrictEqual(one[name], other[name]));
}

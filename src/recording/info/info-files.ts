import { CsiCamerasError } from '../../core/errors.js';
import type { RecordingRequest } from '../recording-session.js';
import type { Take, TakeDependencies } from '../take.js';
import type { TakeLocation } from '../takes/whereabouts.js';
import { fileFactsOf } from './file-facts.js';
import { readMachine, readTemperature } from './machine-facts.js';
import { type FileFacts, makeInfo } from './make-info.js';
import type { TakeFacts } from './take-facts.js';
import { writeInfo } from './write-info.js';

/** The info files of one recording: what is known of its finished takes until somebody has the rest and they are written. */
export class InfoFiles {
  /** By the number of the part. */
  readonly #waiting = new Map<number, FileFacts>();
  #parts = 0;
  #lastTake: number | null = null;
  /** `undefined` before the first part. */
  #startTemperature: Promise<number | null> | undefined;

  constructor(
    private readonly request: RecordingRequest,
    private readonly dependencies: Pick<TakeDependencies, 'fileSystem' | 'sync'>,
  ) {}

  /** The files of a part are made. Asks what the machine tells only now; nothing waits for it. */
  begin(): void {
    this.#startTemperature ??= readTemperature(this.dependencies.fileSystem); // never rejects
  }

  /** The files of the next part are final. `location`: found while its descriptors were open. Never rejects. */
  async add(take: Take, location: TakeLocation): Promise<void> {
    this.#parts += 1;
    const place = { number: this.#parts, continuesTake: this.#lastTake };
    this.#lastTake = take.paths.take;
    const facts = await fileFactsOf(this.dependencies.fileSystem, take, location, this.request, place);
    this.#waiting.set(place.number, facts);
  }

  /** Resolves with the path. Rejects with `CsiCamerasError`. */
  async write(part: number, facts: TakeFacts): Promise<string> {
    const files = this.#waiting.get(part);
    this.#waiting.delete(part);
    if (files === undefined) throw new Error(`Part ${part} has not ended, or has its info file already.`);
    const { videoPath, folder, names } = files;
    if (videoPath === null) {
      const message = `No path leads to ${names.video} any more, so there is no place beside it.`;
      throw new CsiCamerasError('io_error', message, { operation: 'write', path: names.video });
    }
    const { fileSystem, sync } = this.dependencies;
    const [machine, startC = null, endC] = await Promise.all([
      readMachine(fileSystem),
      this.#startTemperature,
      readTemperature(fileSystem),
    ]);
    const { start, end } = facts.health;
    const health = {
      start: start && { ...start, temperature_c: startC },
      end: end && { ...end, temperature_c: endC },
    };
    const info = makeInfo(this.request, files, { ...facts, health }, machine);
    return writeInfo(fileSystem, { videoPath, folder, sync }, info);
  }
}

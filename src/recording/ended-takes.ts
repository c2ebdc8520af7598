import type { FileSystem } from '../core/file-system.js';
import {
  resultOf,
  type RecordingPart,
  type RecordingPaths,
  type RecordingResult,
  type Unreachable,
} from './recording-session.js';
import { filesOf } from './takes/take-paths.js';
import { stillThere } from './takes/whereabouts.js';

/** A finished take. `device`: the disk that holds it, where that is known. */
interface EndedTake {
  readonly part: RecordingPart;
  readonly madeAs: RecordingPaths;
  readonly device: bigint | null;
}

/** The finished takes of a recording that goes on in another one. */
export class EndedTakes {
  readonly #takes: EndedTake[] = [];
  #total = resultOf([]);

  /** Their sums, with the paths as they were at each one's end. */
  get total(): RecordingResult {
    return this.#total;
  }

  /** The paths as which the first one was made. */
  get firstMadeAs(): RecordingPaths | undefined {
    return this.#takes[0]?.madeAs;
  }

  get lastPart(): RecordingPart | undefined {
    return this.#takes.at(-1)?.part;
  }

  add(take: EndedTake): void {
    this.#takes.push(take);
    this.#total = resultOf(this.#takes.map(({ part }) => part));
  }

  /** The parts with the paths that still lead to them. `unreachable`: the first one that has lost a path. */
  async find(fileSystem: FileSystem): Promise<{
    readonly parts: readonly RecordingPart[];
    readonly unreachable: Unreachable | undefined;
  }> {
    const parts = await Promise.all(
      this.#takes.map(async ({ part, device }) =>
        device === null ? part : { ...part, paths: await stillThere(fileSystem, part.paths, device) },
      ),
    );
    const lost = parts.findIndex(({ paths }) => filesOf(paths).includes(null));
    const path = this.#takes[lost]?.madeAs.videoPath;
    return { parts, unreachable: path === undefined ? undefined : { kind: 'unreachable', path, why: 'unknown' } };
  }
}

import type { InfoAccount } from '../recording/info/info-file.js';
import type { RecordingFiles } from './recording-files.js';

/** What verify says of recordings. `docs/proof.md` has the checks, the exit codes and the JSON. */

/** `V1` to `V26`. */
export type CheckId = `V${number}`;

/**
 * `proven`: every check holds and nothing is lost. `lost`: sound, but frames were lost or it ended early, all accounted for.
 * `unchecked`: could not be checked (unreadable, not ours, being recorded). `damaged`: a check failed.
 */
export type Verdict = 'proven' | 'lost' | 'unchecked' | 'damaged';

/** The exit code of each verdict. The worst of several wins: 4, 1, 3, 0. */
export const EXIT_CODES: Readonly<Record<Verdict, number>> = { proven: 0, unchecked: 1, lost: 3, damaged: 4 };

/** How deep a check looks: indexes and chunk heads; every byte with its JPEG markers; every picture decoded. */
export type Depth = 'quick' | 'whole' | 'decode';

export interface Finding {
  readonly id: CheckId;
  /** `failed`: damage. `lost`: accounted loss or an early end. `note`: worth knowing, no fault. */
  readonly kind: 'failed' | 'lost' | 'note';
  /** From 1, where one is to blame. */
  readonly frame: number | null;
  readonly message: string;
}

/** Frames that are missing behind a frame of the video. */
export interface Gap {
  readonly afterFrame: number;
  readonly frames: number;
  /** `source_gap`, `buffer_full`, ...; `not explained` without an account. */
  readonly reason: string;
  /** Sensor time of that frame after the first one, seconds. `null` without sensor times. */
  readonly atS: number | null;
}

export interface VerifiedRecording {
  readonly files: RecordingFiles;
  readonly deviceId: string | null;
  readonly trial: number | null;
  readonly take: number | null;
  readonly state: 'closed' | 'left_open' | 'recording' | 'unknown';
  readonly verdict: Verdict;
  /** A sentence: why nothing more can be said. `null` where it was checked. */
  readonly problem: string | null;
  readonly depth: Depth;
  /** Every byte of the frames was held against checksums. */
  readonly areBytesProven: boolean;
  readonly frames: number | null;
  readonly rows: number | null;
  readonly videoBytes: number | null;
  /** Bytes of the video that were read for this. */
  readonly bytesRead: number;
  /** Seconds, by the header. */
  readonly durationS: number | null;
  readonly fps: number | null;
  /** Pixels, by the header. */
  readonly width: number | null;
  readonly height: number | null;
  readonly account: InfoAccount | null;
  readonly accountFrom: 'info' | null;
  /** At most 1,000, in order. */
  readonly gaps: readonly Gap[];
  readonly gapsTotal: number;
  /** Which checks were made. Those that are in `findings` as `failed` did not hold. */
  readonly checked: readonly CheckId[];
  readonly findings: readonly Finding[];
}

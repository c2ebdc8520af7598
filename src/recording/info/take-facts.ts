import type { RowFileFacts } from '../row-file.js';
import type { FolderIdentity } from '../takes/camera-folder.js';
import type { InfoAccount, InfoChecksums, InfoFacts, InfoGap, InfoHealth } from './info-file.js';
import type { RowTimesFacts } from './row-times.js';

/** What the owner of a recording knows of one video and the files do not tell. Plain data. */
export interface TakeFacts {
  readonly account: InfoAccount | null;
  readonly gaps: readonly InfoGap[];
  readonly gapsTotal: number | null;
  readonly askedFps: number | null;
  readonly settings: InfoFacts['settings'];
  readonly tool: InfoFacts['tool'];
  /** The sensor, for example `imx296`. */
  readonly model: string | null;
  readonly end: InfoFacts['end'];
  readonly health: { readonly start: InfoHealth | null; readonly end: InfoHealth | null };
}

/** Which video of a recording it is, from 1. `continuesTake`: the take before. */
export interface PartPlace {
  readonly number: number;
  readonly continuesTake: number | null;
}

/** What the files of one video are, when they are final. */
export interface FileFacts {
  /** Where the video is by now; `null`: no path leads to it. */
  readonly videoPath: string | null;
  /** The folder that holds it. */
  readonly folder: FolderIdentity;
  /** Names under which the files are by now, else those under which they were made. */
  readonly names: { readonly video: string; readonly timing: string; readonly metadata: string | null };
  readonly take: number;
  readonly part: PartPlace;
  readonly video: {
    readonly bytes: number;
    readonly frames: number;
    readonly durationS: number;
    readonly fps: number;
    readonly width: number;
    readonly height: number;
    readonly pixelFormat: string | null;
  };
  readonly timing: RowFileFacts;
  readonly metadata: RowFileFacts | null;
  readonly times: RowTimesFacts;
  readonly checksums: InfoChecksums | null;
}

/** Of whom a recording is. */
export interface InfoSubject {
  readonly deviceId: string;
  readonly cameraLabel: string;
  readonly sessionDir: string;
  readonly trialNumber: number;
  readonly trialLabel: string;
}

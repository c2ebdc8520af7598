/**
 * What a person is told: by the page, and by `csi-cameras watch`. Pure: it has no clock, no DOM and no Node, because it also runs
 * in browsers.
 */

/** The face of a camera, from the table of states. Also `data-face` of its tile on the page. */
export type CameraFace =
  | 'opening'
  | 'live'
  /** A recording is asked for, and nothing is in the file yet. */
  | 'asked'
  | 'recording'
  /** Recording, but the file does not grow. */
  | 'stalled'
  /** Recording, and frames were dropped in this take. */
  | 'dropping'
  | 'lost'
  | 'gaveUp'
  /** The last recording ended by itself. */
  | 'ended'
  | 'closing'
  /** The news of the module are old, or there is no answer: whatever was known may no longer hold. */
  | 'unknown';

/** How urgent something is. Shown by shape and words first, by colour third. */
export type Tone = 'quiet' | 'live' | 'recording' | 'caution' | 'alarm' | 'unknown';

export type Shape = 'ring' | 'dashed' | 'triangle' | 'dot' | 'warning' | 'cross' | 'square' | 'question';

export interface Badge {
  readonly shape: Shape;
  /** One or two words: `REC`. */
  readonly word: string;
  readonly tone: Tone;
}

export interface CameraWords {
  readonly deviceId: string;
  /** The display name, or the device id. */
  readonly name: string;
  readonly face: CameraFace;
  readonly badge: Badge;
  /** One sentence: what is so. */
  readonly sentence: string;
  /** What the operator should do, or ''. */
  readonly advice: string;
  /** Further warnings: frames dropped in this take. */
  readonly remarks: readonly string[];
  /** The worse, the higher: the page shows the worst camera first. */
  readonly severity: number;
}

export interface PageWords {
  /** The one worst thing. Null where nothing is wrong. `kind` names it for tests and styles (`lost`, `diskNearlyFull`, ...). */
  readonly banner: { readonly kind: string; readonly tone: Tone; readonly text: string } | null;
  /** Of the browser's tab: `● REC 2/2`. */
  readonly title: string;
  /** `2 of 2 cameras recording.`, then session, disk, temperature, supply: one sentence each. */
  readonly summary: readonly string[];
  readonly cameras: readonly CameraWords[];
}

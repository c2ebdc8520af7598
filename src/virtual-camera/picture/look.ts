/** How the camera's settings change the picture. Which settings do so, and how much, is decided in `../look-of.ts`. */
export interface Look {
  /** Light relative to the right exposure: 0.5 is one stop too dark. */
  readonly light: number;
  /** Red and blue light relative to the right white balance. */
  readonly red: number;
  readonly blue: number;
  /** -1 to 1, added to the picture. */
  readonly brightness: number;
  /** Factors; 1 is normal. */
  readonly contrast: number;
  readonly saturation: number;
  /** Whether dark parts are lifted, as with high dynamic range. */
  readonly isLifted: boolean;
  /** Strength of fine detail; 1 is normal. */
  readonly detail: number;
  /** Half the width of the blur of an edge, as a share of the whole view's width. */
  readonly blur: number;
  readonly isMirrored: boolean;
  readonly isUpsideDown: boolean;
  /** The part that is shown, as shares of the whole view, flips included. */
  readonly view: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
}

export const PLAIN_LOOK: Look = {
  light: 1,
  red: 1,
  blue: 1,
  brightness: 0,
  contrast: 1,
  saturation: 1,
  isLifted: false,
  detail: 1,
  blur: 0,
  isMirrored: false,
  isUpsideDown: false,
  view: { x: 0, y: 0, width: 1, height: 1 },
};

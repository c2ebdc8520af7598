/** What the picture shows of the camera's settings. */
import { type Look } from './picture/look.js';
import { type CameraControls, type Denoise } from './sensor/controls.js';
import { detailAt, SCENE_BEST } from './sensor/focus.js';
import { type Settled } from './sensor/settle.js';
import { SCENE_LIGHT } from './sensor/white-balance.js';

/** Share of the view's width by which an edge is blurred, for each dioptre. */
const BLUR_A_DIOPTRE = 0.01;
/** Fine detail that sharpening adds or takes, for each step. */
const DETAIL_OF_SHARPNESS = 0.3;
const MAX_SHARPENED = 3;
/** Fine detail that noise reduction leaves. */
const DETAIL_OF_DENOISE: Readonly<Record<Denoise, number>> = {
  auto: 1,
  cdn_fast: 1,
  off: 1.2,
  cdn_off: 1.1,
  cdn_hq: 0.9,
};

export function lookOf(settled: Settled, controls: CameraControls): Look {
  const { relativeLight, colours, focus, crop, format } = settled;
  const away = focus ? Math.abs(focus.position - SCENE_BEST) : 0;
  const sharpened = Math.min(MAX_SHARPENED, 1 + DETAIL_OF_SHARPNESS * (controls.sharpness - 1));
  const area = format.mode.crop;
  return {
    light: relativeLight,
    red: colours ? colours.red / SCENE_LIGHT.red : 1,
    blue: colours ? colours.blue / SCENE_LIGHT.blue : 1,
    brightness: controls.brightness,
    contrast: controls.contrast,
    saturation: colours ? controls.saturation : 1,
    isLifted: controls.hdr !== 'off',
    detail: sharpened * DETAIL_OF_DENOISE[controls.denoise] * (focus ? detailAt(focus.position) : 1),
    blur: away * BLUR_A_DIOPTRE,
    isMirrored: controls.isMirrored,
    isUpsideDown: controls.isUpsideDown,
    // Without a region the whole scene is shown, whatever the mode cuts out: the picture is the same in every mode.
    view: controls.regionOfInterest
      ? {
          x: (crop.x - area.x) / area.width,
          y: (crop.y - area.y) / area.height,
          width: crop.width / area.width,
          height: crop.height / area.height,
        }
      : { x: 0, y: 0, width: 1, height: 1 },
  };
}

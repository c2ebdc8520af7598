import type { StatusData } from '../../protocol/statuses.js';

/** What the recorded frames tell of the camera, as lines of the summary: whether anything changed from frame to frame. */

type Given = StatusData<'recording_stopped'>['given'];
type Extent = readonly [least: number, most: number];

/** Lines of the summary. A lens that tells no position has no line: most cannot move. */
export function linesOfGiven(given: Given): readonly string[] {
  const { exposure_time_us: exposure, gain, colour_temperature_k: colour, lens_position_dioptres: lens } = given;
  return [
    `  exposure ${textOf(exposure, 'us')}`,
    `  gain     ${textOf(gain)}`,
    ...(colour === null ? [] : [`  colours  ${textOf(colour, 'K')}`]),
    ...(lens === null ? [] : [`  lens     ${textOf(lens, 'dioptres')}`]),
  ];
}

/** Whether exposure, gain and focus did not change, as far as the camera tells them. */
export function isHeld({ exposure_time_us: exposure, gain, lens_position_dioptres: lens }: Given): boolean {
  return [exposure, gain, lens].every((extent) => extent === null || extent[0] === extent[1]);
}

function textOf(extent: Extent | null, unit = ''): string {
  if (extent === null) return 'not told by the camera';
  const [least, most] = extent;
  const of = (text: string): string => (unit === '' ? text : `${text} ${unit}`);
  return least === most ? `${of(String(least))} in every frame` : `from ${of(`${least} to ${most}`)}`;
}

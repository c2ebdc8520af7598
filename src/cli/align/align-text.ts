import { counted, grouped } from '../../inspect/figures-as-text.js';
import type { AlignFigures, CameraFigures, MatchFigures } from '../../inspect/align/figures.js';
import type { Alone } from '../../inspect/align/matching.js';
import type { WrittenTuples } from '../../inspect/align/align-file.js';

/** What a person is told of an alignment: lines, with ids from the rows (`printable()` before they are shown). */

export interface WrittenAlignment {
  readonly figures: AlignFigures;
  readonly path: string;
  readonly written: WrittenTuples;
}

export function alignText({ figures, path, written }: WrittenAlignment): readonly string[] {
  const { trial, reference, cameras, warnings } = figures;
  return [
    `trial ${trial}: ${reference.device_id} is the reference, ${runText(reference)}`,
    ...cameras.flatMap((camera) => cameraText(reference, camera)),
    ...warnings.map((warning) => `warning: ${warning}`),
    `${counted(written.tuples, 'tuple')} in ${path}, ${grouped(written.complete)} of them complete. 0 there means: no frame.`,
  ];
}

function runText({ frames, fps, missing, takes }: CameraFigures): string {
  return [
    counted(frames, 'frame'),
    ...(fps === null ? [] : [`at ${fps.toFixed(4)} fps`]),
    ...(missing === 0 ? [] : [`${grouped(missing)} missing between them`]),
    ...(takes.length < 2 ? [] : [`in ${takes.length} takes`]),
  ].join(', ');
}

function cameraText(reference: CameraFigures, camera: MatchFigures): readonly string[] {
  const { device_id: id, matched, offset_us: offset } = camera;
  return [
    `  ${id}: ${runText(camera)}`,
    `    ${grouped(matched)} matched, at most ${milliseconds(camera.tolerance_us)} apart`,
    ...(offset === null
      ? ['    no offset: no two frames belong together']
      : [
          `    offset ${milliseconds(offset.median)} (5 to 95 %: ${milliseconds(offset.p5)} to ${milliseconds(offset.p95)}); positive: later than ${reference.device_id}`,
        ]),
    `    ${rateText(camera)}`,
    ...aloneText(id, camera.alone, reference.device_id),
    ...aloneText(reference.device_id, camera.reference_alone, id),
  ];
}

function rateText({ rate_differs_ppm: ppm, one_frame_every_s: everyS, slips }: MatchFigures): string {
  if (ppm === null) return 'rates not known: too few frames';
  if (everyS === null || Math.abs(ppm) < 0.01) return `rates are the same; ${slipsText(slips)}`;
  const how = `${grouped(Math.abs(ppm))} ppm ${ppm > 0 ? 'faster' : 'slower'} (one frame every ${duration(everyS)})`;
  return `${how}; ${slipsText(slips)}`;
}

function slipsText(slips: number | null): string {
  return slips === null ? 'slips are not counted at different rates' : counted(slips, 'slip');
}

function aloneText(id: string, alone: Alone, other: string): readonly string[] {
  const reasons: readonly (readonly [number, string])[] = [
    [alone.before, `before ${other} began`],
    [alone.after, `after ${other} ended`],
    [alone.gap, `in gaps of ${other}`],
    [alone.rate, `because ${other} is slower or out of step`],
    [alone.slip, 'where the cameras slip'],
    [alone.apart, 'further apart than the tolerance'],
  ];
  const told = reasons.filter(([frames]) => frames > 0);
  if (told.length === 0) return [];
  const total = told.reduce((sum, [frames]) => sum + frames, 0);
  const why = told.map(([frames, reason]) => `${grouped(frames)} ${reason}`).join(', ');
  return [`    ${counted(total, 'frame')} of ${id} without a partner: ${why}`];
}

function milliseconds(us: number): string {
  return `${(us / 1000).toFixed(3)} ms`;
}

function duration(seconds: number): string {
  if (seconds < 120) return `${seconds.toFixed(1)} s`;
  return seconds < 7200 ? `${(seconds / 60).toFixed(1)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

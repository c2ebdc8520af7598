import { printable } from '../../core/safe-text.js';
import type { Shown } from './table.js';

/** What changed, as lines with their time, for a log or a pipe. Figures that only count up are no change. */
export class Changes {
  /** What was told last, by what it is about. */
  #told = new Map<string, string>();

  /** The lines to write now, without newlines. `time`: what stands before them. */
  lines(shown: Shown, time: string): readonly string[] {
    const told = new Map<string, string>();
    const lines: string[] = [];
    for (const { about, sameness, text } of sentencesOf(shown)) {
      told.set(about, sameness);
      if (this.#told.get(about) !== sameness && text !== '') lines.push(printable(`${time}  ${text}`));
    }
    if (this.#told.has('banner') && !told.has('banner')) lines.push(`${time}  Nothing is wrong any more.`);
    for (const [about] of this.#told) {
      if (about.startsWith(CAMERA) && !told.has(about))
        lines.push(printable(`${time}  ${about.slice(CAMERA.length)}: no longer assigned.`));
    }
    this.#told = told;
    return lines;
  }
}

interface Sentence {
  readonly about: string;
  /** Of sentences about one thing with the same text here, the first is told. */
  readonly sameness: string;
  readonly text: string;
}

const CAMERA = 'camera ';

function sentencesOf({ words, answer, trouble }: Shown): readonly Sentence[] {
  const { banner, summary, cameras } = words;
  const ofBanner = banner === null ? [] : [sentence('banner', banner.kind, banner.text)];
  const ofCameras = cameras.map(({ deviceId, face, badge, sentence: text, advice, remarks }) => {
    const recording = answer?.status.cameras.find((camera) => camera.device_id === deviceId)?.recording;
    const take = `${face} ${recording?.trial_number ?? ''} ${recording?.take ?? ''}`;
    const all = [text, ...remarks, advice].filter((part) => part !== '').join(' ');
    return sentence(`${CAMERA}${deviceId}`, take, `${deviceId}: ${badge.word}: ${all}`);
  });
  const faces = (['recording', 'unknown'] as const).map((face) => cameras.filter((one) => one.face === face).length);
  // The first sentence counts the cameras; the others have figures that drift.
  const ofSummary = sentence('summary', `${faces.join(' ')} of ${cameras.length}`, summary[0] ?? '');
  return [...ofBanner, sentence('trouble', '', trouble), ...ofCameras, ofSummary];
}

function sentence(about: string, kind: string, text: string): Sentence {
  return { about, sameness: `${kind} ${withoutFigures(text)}`, text };
}

/** Groups of digits, with the marks within them: `12 340`, `1.5`. */
function withoutFigures(text: string): string {
  return text.replaceAll(/\d(?:[\d.,\s]*\d)?/g, '0');
}

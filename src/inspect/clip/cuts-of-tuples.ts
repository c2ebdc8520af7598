import { columnName } from '../align/align-file.js';
import { readTuples, type TupleFrame, type TupleFrames } from '../align/read-align-file.js';
import type { RecordingFiles } from '../recording-files.js';
import { readTimingRows } from '../rows/timing-rows.js';
import { CannotClip } from './cannot-clip.js';
import { type ClipSource, openClipSource } from './clip-source.js';
import type { Cut } from './make-clips.js';

/**
 * The frames that some tuples of an align file hold, to be cut out of each camera: all from the first to the last, so that a
 * frame without a partner leaves no hole in the clip. `onOpen` gets each source that was opened; whoever asks closes it.
 */
export async function cutsOfTuples(
  recordings: readonly RecordingFiles[],
  alignPath: string,
  [from, to]: readonly [from: number, to: number],
  onOpen: (source: ClipSource) => void,
): Promise<readonly Cut[]> {
  const cuts: Cut[] = [];
  const named = await namedByColumns(recordings);
  for (const wanted of await readTuples(alignPath, from, to)) {
    const candidates = named.filter(({ column, files }) => column === wanted.camera && files.take === wanted.take);
    const source = await theOne(
      candidates.map(({ files }) => files),
      wanted,
    );
    if (source === undefined) throw isOfAnotherSession(alignPath, wanted);
    onOpen(source);
    cuts.push({ source, range: { first: wanted.first.frame, last: wanted.last.frame } });
  }
  return cuts;
}

interface Named {
  readonly column: string;
  readonly files: RecordingFiles;
}

async function namedByColumns(recordings: readonly RecordingFiles[]): Promise<readonly Named[]> {
  const named: Named[] = [];
  for (const files of recordings) {
    if (files.timingPath === null) continue;
    // A damaged recording of another trial must not be in the way.
    const rows = await readTimingRows(files.timingPath, 1).catch(() => null);
    if (rows !== null) named.push({ column: columnName(rows.deviceId), files });
  }
  return named;
}

/** Several trials have a take of that number: the one whose frames have these times. */
async function theOne(
  candidates: readonly RecordingFiles[],
  { first, last }: TupleFrames,
): Promise<ClipSource | undefined> {
  for (const files of candidates) {
    const source = await openClipSource(files);
    const isIt = ({ frame, sensorNs }: TupleFrame): boolean => source.rows.sensorNs[frame - 1] === sensorNs;
    if (isIt(first) && isIt(last)) return source;
    await source.video.close();
  }
  return undefined;
}

function isOfAnotherSession(alignPath: string, { camera, take, first }: TupleFrames): CannotClip {
  return new CannotClip(
    `No take ${take} of ${camera} has frame ${first.frame} at sensor time ${first.sensorNs}: ${alignPath} belongs to another session.`,
    true,
  );
}

import { verifyAll } from '../../src/inspect/verify/verify-all.js';
import type { Depth, VerifiedRecording } from '../../src/inspect/verdict.js';

/** Every recording in these folders as `verify` sees it, in this process. */
export async function inspectAll(
  paths: readonly string[],
  depth: Depth = 'whole',
): Promise<readonly VerifiedRecording[]> {
  return (await verifyAll(paths, { depth })).recordings;
}

/** What is wrong with a recording, in one line. */
export function sentenceOf({ files, verdict, findings }: VerifiedRecording): string {
  const failed = findings.filter(({ kind }) => kind === 'failed');
  const told = failed.map(({ id, frame, message }) => `${id}${frame === null ? '' : ` frame ${frame}`}: ${message}`);
  return `verify finds ${files.stem} ${verdict}: ${told.join('; ')}`;
}

import { VERSION } from '../../core/own-package.js';
import type { Depth, Finding, VerifiedRecording } from '../../inspect/verdict.js';
import type { VerifiedAll } from '../../inspect/verify/verify-all.js';

/** The answer of `verify --json`. `docs/proof.md` has its fields; a test compares. */

const JSON_SCHEMA = 1;

export function jsonOf({ recordings, problems, exitCode, verdict }: VerifiedAll, depth: Depth) {
  return {
    schema: JSON_SCHEMA,
    version: VERSION,
    exit: exitCode,
    verdict,
    depth,
    recordings: recordings.map(recordingJson),
    problems: problems.map(({ path, message }) => ({ path, message })),
  };
}

function recordingJson(recording: VerifiedRecording) {
  const { files, account, accountFrom, gaps, gapsTotal } = recording;
  return {
    video: files.videoPath,
    timing: files.timingPath,
    metadata: files.metadataPath,
    info: files.infoPath,
    device: recording.deviceId,
    trial: recording.trial,
    take: recording.take,
    state: recording.state,
    verdict: recording.verdict,
    problem: recording.problem,
    frames: recording.frames,
    rows: recording.rows,
    bytes: textOf(recording.videoBytes),
    bytes_read: textOf(recording.bytesRead),
    bytes_proven: recording.areBytesProven,
    duration_s: recording.durationS,
    fps: recording.fps,
    width: recording.width,
    height: recording.height,
    account: account === null ? null : { from: accountFrom, ...account },
    gaps: gaps.map(({ afterFrame, frames, reason, atS }) => ({ after_frame: afterFrame, frames, reason, at_s: atS })),
    gaps_total: gapsTotal,
    checks: checksJson(recording),
  };
}

/** Each check that was made, and each that has something to say. */
function checksJson({ checked, findings }: VerifiedRecording) {
  const silent = checked.filter((id) => !findings.some((finding) => finding.id === id));
  const made = new Set(checked);
  return [
    ...findings.map(({ id, kind, frame, message }: Finding) => ({
      id,
      ok: kind === 'failed' ? false : made.has(id) ? true : null,
      kind,
      frame,
      message,
    })),
    ...silent.map((id) => ({ id, ok: true, kind: null, frame: null, message: null })),
  ];
}

/** 64 bits: as text, because readers of JSON round above 2^53. */
function textOf(bytes: number | null): string | null {
  return bytes === null ? null : String(bytes);
}

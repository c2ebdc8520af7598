import type { ErrorData } from '../../core/errors.js';
import type { LogSink } from '../../logging/log-sink.js';
import type { Note, RecordingSummary, RunEvent } from '../../pipeline/pipeline-messages.js';

/** Logs the notes of a camera's pipeline. Figures and written snapshots are not logged. */
export function logNote(logs: LogSink, deviceId: string, note: Note): void {
  if (note.type === 'drop') logs.drop(note.drop);
  if (note.type === 'log') logs.log(note.level, note.message, { device: deviceId, ...note.context });
  if (note.type === 'warning') logs.log('warn', note.message, { device: deviceId, code: note.code });
  if (note.type === 'snapshotFailed') logError(logs, deviceId, note.error);
}

/** Logs how a run and its recordings end, fail or continue in a new take. Other events are not logged. */
export function logRunEvent(logs: LogSink, deviceId: string, event: RunEvent): void {
  if (event.type === 'lost' || event.type === 'recordingFailed') logError(logs, deviceId, event.error);
  if (event.type === 'recordingContinued') {
    const { ended, paths } = event;
    const why = ended.endedBy ?? 'indexFull';
    const context = { device: deviceId, why, path: ended.paths.videoPath, frames: ended.frames, next: paths.videoPath };
    logs.log('warn', 'The video can hold no more. The recording continues in the next take.', context);
  }
  if (event.type === 'recordingStopped') {
    logs.log('info', 'Recording stopped.', accountOf(deviceId, event.summary));
    if (event.summary.error !== null) logError(logs, deviceId, event.summary.error);
  }
}

function logError(logs: LogSink, deviceId: string, { code, message, context }: ErrorData): void {
  logs.log('error', message, { device: deviceId, code, ...context });
}

/** The log context at the end of a recording: what became of every frame that the camera delivered. */
function accountOf(deviceId: string, { counts, reason, paths }: RecordingSummary): Readonly<Record<string, unknown>> {
  return { device: deviceId, path: paths?.videoPath ?? null, take: paths?.take ?? null, reason, ...counts };
}

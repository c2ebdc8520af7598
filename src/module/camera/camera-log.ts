import type { ErrorData } from '../../core/errors.js';
import type { LogSink } from '../../logging/log-sink.js';
import type { CameraEvent } from './camera-state.js';

/** Writes what happened to a camera into the logs; most events leave no line. */
export function logCameraEvent(logs: LogSink, deviceId: string, event: CameraEvent): void {
  switch (event.type) {
    case 'drop':
      logs.drop(event.drop);
      return;
    case 'log':
      logs.log(event.level, event.message, { device: deviceId, ...event.context });
      return;
    case 'warning':
      logs.log('warn', event.message, { device: deviceId, code: event.code });
      return;
    case 'lost':
    case 'snapshotFailed':
    case 'recordingFailed':
      logError(logs, deviceId, event.error);
      return;
    case 'recordingContinued': {
      const { ended, paths } = event;
      const context = { device: deviceId, path: ended.paths.videoPath, frames: ended.frames, next: paths.videoPath };
      logs.log('warn', 'The index of the video is full: the recording goes on in the next take.', context);
      return;
    }
    case 'recordingStopped':
      logs.log('info', 'Recording stopped.', accountOf(deviceId, event));
      if (event.summary.error !== null) logError(logs, deviceId, event.summary.error);
      return;
    case 'open':
    case 'reopen':
    case 'close':
    case 'closeOverdue':
    case 'closed':
    case 'firstFrame':
    case 'figures':
    case 'startRecording':
    case 'stopRecording':
    case 'recordingStarted':
    case 'recordingEnding':
    case 'snapshotTaken':
  }
}

function logError(logs: LogSink, deviceId: string, { code, message, context }: ErrorData): void {
  logs.log('error', message, { device: deviceId, code, ...context });
}

/** Every frame that the camera delivered, and what became of it: the books of a recording, closed. */
function accountOf(
  deviceId: string,
  { summary }: CameraEvent & { type: 'recordingStopped' },
): Readonly<Record<string, unknown>> {
  const { counts, reason, paths } = summary;
  return { device: deviceId, path: paths?.videoPath ?? null, take: paths?.take ?? null, reason, ...counts };
}

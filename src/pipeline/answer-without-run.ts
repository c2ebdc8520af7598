import { errorWithAdvice } from '../core/errors.js';
import type { PipelineCommand, PipelineEvent } from './pipeline-messages.js';
import { emptySummary } from './recorder/recording-branch.js';

/** What is asked of an open camera. */
export type RunCommand = Exclude<PipelineCommand, { type: 'open' | 'close' | 'setPreview' | 'setLoadLevel' }>;

/** The answer to a command for a camera that is not open. */
export function answerWithoutRun(command: RunCommand, emit: (event: PipelineEvent) => void): void {
  const { run } = command;
  if (command.type === 'stopRecording') {
    emit({ type: 'recordingStopped', run, summary: emptySummary(command.reason) });
    return;
  }
  const error = errorWithAdvice('camera_disconnected', 'The camera is not open.').toData();
  if (command.type === 'startRecording') emit({ type: 'recordingFailed', run, error });
  else emit({ type: 'snapshotFailed', run, request: command.request, error });
}

import { basename } from 'node:path';
import type { CaptureRequest, SourceFormat, UsedTool } from '../../capture/camera-source.js';
import { SETTING_NAMES } from '../../core/camera-settings.js';
import type { TakeFacts } from '../../recording/info/take-facts.js';

/** What an info file tells of the camera. It is the same for all videos of a run. */
export type RecordedCamera = Pick<TakeFacts, 'askedFps' | 'tool' | 'model'> & {
  readonly asked: Readonly<Record<string, unknown>>;
};

export function recordedCamera(
  { settings }: CaptureRequest,
  format: SourceFormat,
  tool: UsedTool | null,
): RecordedCamera {
  return {
    askedFps: settings.fps > 0 ? settings.fps : null,
    asked: Object.fromEntries(SETTING_NAMES.map((name) => [name, withoutFolders(settings[name] ?? null)])),
    model: format.model === '' ? null : format.model,
    tool: tool && {
      name: basename(tool.program),
      version: null, // it does not tell it, and nobody asks: that would start a process
      arguments: tool.toolArguments.map(withoutFolders),
    },
  };
}

/** Of a path its last name; folders tell who records where. */
function withoutFolders<T>(value: T): T | string {
  if (typeof value !== 'string' || !value.includes('/')) return value;
  const valueAt = value.startsWith('-') ? value.indexOf('=') + 1 : 0; // `--post-process-file=/home/...`
  return value.slice(0, valueAt) + basename(value.slice(valueAt));
}

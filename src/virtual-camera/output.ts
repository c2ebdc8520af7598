import { openSync, writeSync } from 'node:fs';
import { ToolError } from './tool-error.js';

const STDOUT = 1;
const STDERR = 2;

/** Writes to stderr synchronously. As with the real tool, a stderr that nobody reads blocks the camera. */
export function say(text: string): void {
  try {
    writeSync(STDERR, text);
  } catch {
    // The reader is gone (EPIPE), or the pipe is full and non-blocking (EAGAIN). A log line is not worth a frame.
  }
}

/** Writes an answer (help, version, list) to stdout. Throws if the reader is gone. */
export function print(text: string): void {
  writeSync(STDOUT, text);
}

/** Opens a file for writing. Throws a `ToolError` that begins with the complaint. */
export function openFile(path: string, complaint: string): number {
  try {
    return openSync(path, 'w');
  } catch {
    throw new ToolError(`${complaint} ${path}`);
  }
}

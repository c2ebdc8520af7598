import { writeSync } from 'node:fs';

const STDOUT = 1;
const STDERR = 2;

/** Writes to stderr at once; as with the real tool, a stderr that nobody reads holds the camera. */
export function say(text: string): void {
  try {
    writeSync(STDERR, text);
  } catch {
    // Nobody listens (EPIPE) or the pipe is full and does not wait (EAGAIN): a log line is not worth a frame.
  }
}

/** Writes an answer (help, version, list) to stdout. Throws where nobody takes it. */
export function print(text: string): void {
  writeSync(STDOUT, text);
}

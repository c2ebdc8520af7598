import { closeSync, fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { isatty } from 'node:tty';
import { systemClock } from '../core/clock.js';
import { printable } from '../core/safe-text.js';
import { FileOutput, writeTo } from './file-output.js';

/** stdout and stderr as streams on which nothing depends: a reader that is slow, gone or full never stops a recording. */

const STREAMS = { 1: () => process.stdout, 2: () => process.stderr } as const;

/**
 * stdout (1) or stderr (2) as a stream that never blocks. Node documents its own as synchronous for pipes and files, so a
 * reader that stops reading would stop the recording. On a terminal it is Node's own. `onTrouble` is told why a file could
 * not be written; it is tried again. Any other failure is an `error` event.
 */
export function openOutput(fd: 1 | 2, onTrouble: (thrown: unknown) => void = () => {}): Writable {
  const stat = fstatSync(fd);
  if (stat.isFIFO() || stat.isSocket()) return new Socket({ fd, readable: false, writable: true });
  return isatty(fd) ? STREAMS[fd]() : new FileOutput(writeTo(fd), systemClock, onTrouble);
}

/** The same for a person's eyes. What cannot be written is lost without a word, because there is nobody to tell. */
export function outputForPeople(fd: 1 | 2): Writable {
  return outlived(openOutput(fd));
}

/** The stream, whose failures (a closed pipe or terminal) end nothing from now on. */
export function outlived(stream: Writable): Writable {
  return stream.on('error', () => {});
}

/** One plain line on stderr, from somebody who has no stream of its own. */
export function sayOnStderr(sentence: string): void {
  process.stderr.write(`${printable(sentence)}\n`);
}

/** Waits until everything was written, at most `limitMs`, then gives up what is left, so that the process can end. */
export async function finishOutput(stream: Writable, limitMs: number): Promise<void> {
  const written = new AbortController();
  stream.write('', () => {
    written.abort();
  });
  // Unlike a timer of the clock, a sleep keeps the process alive meanwhile.
  await systemClock.sleep(limitMs, written.signal).catch(() => {}); // everything was written
  if (stream !== process.stdout && stream !== process.stderr) stream.destroy();
}

/**
 * For the whole process, once. A failure of Node's own stdout or stderr is ignored from now on; without a listener it would
 * end the process. And a terminal that was closed meanwhile is let go at the end: Node restores the terminal's modes
 * there, and aborts (SIGABRT) where that fails.
 */
export function outliveOutputs(): void {
  for (const stream of [process.stdout, process.stderr]) outlived(stream);
  const terminals = [0, 1, 2].filter((fd) => isatty(fd));
  process.on('exit', () => {
    for (const fd of terminals) if (!isatty(fd)) closeSync(fd);
  });
}

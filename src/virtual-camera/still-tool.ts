/** rpicam-still as a function: one picture into a file, or what a misbehaviour makes of it. */
import { closeSync, writeFileSync } from 'node:fs';

import { answer } from './answers.js';
import { monotonicUs, WallClock } from './frame-schedule.js';
import { failOn, launch, type Launch } from './launch.js';
import { leaveChild } from './left-child.js';
import { MetadataWriter } from './metadata.js';
import { openCamera, type OpenedCamera } from './open-camera.js';
import { openFile, print, say } from './output.js';
import { FrameComposer } from './picture/frame-composer.js';
import { Readings } from './readings.js';
import { parseStillOptions, stillHelpText, type StillOptions } from './options/still-options.js';
import { ToolError } from './tool-error.js';

const STDOUT = 1;
const MAX_TIMER_MS = 2 ** 31 - 1;
/** Whatever the rate: a still takes the time that it needs. */
const ANY_FPS = 10_000;
const FLOOD_BYTES = 10_000_000;
const CHILD_SECONDS = '60';
const AT_MOST_A_WRITE = 65_536;
/** Without these faults a frame has its times. */
const WITH_TIMES = { hasSensorTimestamp: true, wallClock: 'nanoseconds' } as const;
/** What somebody who wants to end a stubborn tool tries first. */
const POLITE_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs the tool. What is read of `environment`, and how it ends: `launch`. */
export function runStill(args: readonly string[], environment: NodeJS.ProcessEnv): void {
  launch('rpicam-still', environment, (launched) => {
    const options = parseStillOptions(args, launched.unknown);
    if (!answer(options, launched.asked, stillHelpText)) start(options, launched);
  });
}

function start(options: StillOptions, { asked }: Launch): void {
  if (options.encoding !== 'jpg') throw new ToolError(`the virtual camera supports jpg only, not ${options.encoding}`);
  if (asked.get('still-hang') === 'stubborn') ignorePoliteSignals();
  const opened = openCamera(options, asked, {
    width: options.width,
    height: options.height,
    fps: ANY_FPS,
    isStill: true,
  });
  if (asked.has('still-hang')) {
    hang();
    return;
  }
  const take = (): void => {
    try {
      takePicture(options, opened, { asked });
    } catch (error) {
      failOn(error);
    }
  };
  const startDelayMs = Number(asked.get('start-delay') ?? 0);
  const previewMs = options.isImmediate ? 0 : options.timeoutMs;
  // As in the real tool, a preview without an end waits for a signal or a key, which are not known here.
  if (previewMs === 0 && !options.isImmediate) hang();
  else setTimeout(take, Math.min(startDelayMs + previewMs, MAX_TIMER_MS));
}

function hang(): void {
  setInterval(() => undefined, MAX_TIMER_MS);
}

function ignorePoliteSignals(): void {
  for (const signal of POLITE_SIGNALS) process.on(signal, () => say(`Received signal ${signal}\n`));
}

function takePicture(options: StillOptions, opened: OpenedCamera, { asked }: Pick<Launch, 'asked'>): void {
  if (asked.has('still-flood')) flood(Number(asked.get('still-flood') || FLOOD_BYTES));
  if (asked.has('still-child')) leaveChild(asked.get('still-child') || CHILD_SECONDS);
  if (options.verbose > 0) say('Still capture image received\n');
  if (asked.has('still-nothing') || options.output === '') return;
  const sensorUs = monotonicUs();
  const wallUs = new WallClock().at(sensorUs);
  const jpeg = compose(options, opened, sensorUs, wallUs);
  save(options.output, asked.has('still-half') ? jpeg.subarray(0, jpeg.length / 2) : jpeg, 'failed to open file');
  if (options.metadata === '') return;
  const readings = new Readings(opened.settled, opened.look.detail);
  const writer = new MetadataWriter({ format: options.metadataFormat, readings });
  const frame = 1 + (opened.settled.focus?.searchFrames ?? 0);
  const text = writer.block(frame, sensorUs, wallUs, WITH_TIMES) + writer.ending();
  if (options.metadata === '-') print(text);
  else save(options.metadata, Buffer.from(text), 'failed to open metadata file');
}

function compose(options: StillOptions, opened: OpenedCamera, sensorUs: number, wallUs: number): Buffer {
  const { settled, look, title } = opened;
  const { width, height } = settled.format;
  const isMono = settled.sensor.filter === 'MONO';
  const composer = new FrameComposer({ width, height, quality: options.quality, isMono, title, look });
  const target = Buffer.allocUnsafe(composer.maxFrameBytes);
  return target.subarray(0, composer.compose(1, sensorUs, wallUs, target, 0));
}

/** `-` means stdout. Throws a `ToolError` if the file cannot be opened. */
function save(path: string, bytes: Uint8Array, complaint: string): void {
  const descriptor = path === '-' ? STDOUT : openFile(path, complaint);
  writeFileSync(descriptor, bytes);
  if (descriptor !== STDOUT) closeSync(descriptor);
}

function flood(bytes: number): void {
  const line = 'ERROR: the virtual camera was told to say much\n';
  const piece = line.repeat(Math.ceil(AT_MOST_A_WRITE / line.length));
  for (let left = bytes; left > 0; left -= piece.length) say(piece.slice(0, left));
}

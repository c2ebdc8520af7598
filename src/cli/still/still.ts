import { constants } from 'node:os';
import { relative } from 'node:path';
import { clearLine, cursorTo } from 'node:readline';
import type { Writable } from 'node:stream';
import { systemClock } from '../../core/clock.js';
import { messageOf } from '../../core/errors.js';
import { roundedDioptres, roundedGain } from '../../core/figures.js';
import { printable } from '../../core/safe-text.js';
import { takeStill, type Still } from '../../module/container.js';
import { finishOutput, outputForPeople } from '../output.js';
import { placesFor } from './still-places.js';
import { settingsForStill, type StillCamera } from './still-settings.js';
import { whatDiffers } from './what-differs.js';

export interface StillOptions extends StillCamera {
  readonly out?: string;
  readonly force?: boolean;
}

const EXIT = { taken: 0, failed: 1, wrongUsage: 2 } as const;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const PROGRESS_PERIOD_MS = 250;
const OUTPUT_LIMIT_MS = 1000;

/**
 * Takes a still for a person at a terminal. One line about it goes to stdout, everything else to stderr. Resolves with the
 * exit code; a signal gives 128 and its number, as a shell counts.
 */
export async function takeStillForPeople(options: StillOptions): Promise<number> {
  const stderr: Terminal = outputForPeople(2);
  const stdout = outputForPeople(1);
  try {
    return await take(options, stdout, stderr);
  } finally {
    await finishOutput(stderr, OUTPUT_LIMIT_MS);
    await finishOutput(stdout, OUTPUT_LIMIT_MS);
  }
}

type Terminal = Writable & { readonly isTTY?: boolean };

async function take(options: StillOptions, stdout: Writable, stderr: Terminal): Promise<number> {
  const say = (text: string): void => {
    stderr.write(`${printable(text)}\n`);
  };
  const found = await placesFor(options.out, options.force === true);
  if ('why' in found) {
    say(`error: ${found.why}`);
    return found.isWrongUsage ? EXIT.wrongUsage : EXIT.failed;
  }
  const ending = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    ending.abort(signal);
  };
  // Once: a second Ctrl-C ends the process at once, and the tool's process notices that.
  for (const signal of SIGNALS) process.once(signal, onSignal);
  let stopShowing = (): void => {};
  try {
    const { settings, notes, refused } = await settingsForStill(options, ending.signal);
    for (const note of notes) say(note);
    if (refused !== undefined) {
      say(`error: ${refused}`);
      return EXIT.wrongUsage;
    }
    stopShowing = showWaiting(options.camera, stderr);
    const { camera: cameraIndex, simulate = false, captureTool: tool } = options;
    const still = await takeStill({ cameraIndex, settings, simulate, tool, places: found.places }, ending.signal);
    stopShowing();
    for (const note of [...still.notes, ...whatDiffers(settings, still)]) say(`warning: ${note}`);
    stdout.write(`${printable(describeStill(still))}\n`);
    return EXIT.taken;
  } catch (thrown) {
    stopShowing();
    if (ending.signal.aborted) {
      say('No picture was taken.');
      return 128 + constants.signals[ending.signal.reason as NodeJS.Signals];
    }
    say(`error: ${messageOf(thrown)}`);
    return EXIT.failed;
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}

/** Says that it takes a moment; on a terminal with the seconds. The returned function ends the line. */
function showWaiting(camera: number, stderr: Terminal): () => void {
  const text = `Taking a picture of picam:${camera}; exposure and focus settle first ...`;
  if (stderr.isTTY !== true) {
    stderr.write(`${text}\n`);
    return () => {};
  }
  const startMs = performance.now();
  const show = (): void => {
    cursorTo(stderr, 0);
    stderr.write(`${text} ${Math.floor((performance.now() - startMs) / 1000)} s`);
  };
  show();
  const cancel = systemClock.every(PROGRESS_PERIOD_MS, show);
  return () => {
    cancel();
    cursorTo(stderr, 0);
    clearLine(stderr, 0);
  };
}

/** For example `still_20260106_143052.jpg  4056x3040  3518274 bytes  exposure 19987 us  gain 2.5  focus figure 812`. */
export function describeStill(still: Still): string {
  const { path, width, height, byteLength, exposureTimeUs, gain, lensPositionDioptres: lens, focusFoM } = still;
  const fromHere = relative(process.cwd(), path);
  return [
    fromHere.startsWith('..') ? path : fromHere,
    `${width}x${height}`,
    `${byteLength} bytes`,
    exposureTimeUs === null ? 'exposure not told' : `exposure ${Math.round(exposureTimeUs)} us`,
    gain === null ? 'gain not told' : `gain ${roundedGain(gain)}`,
    ...(lens === null ? [] : [`lens ${roundedDioptres(lens)} dioptres`]),
    ...(focusFoM === null ? [] : [`focus figure ${Math.round(focusFoM)}`]),
  ].join('  ');
}

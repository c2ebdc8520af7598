import { constants } from 'node:os';
import { join, resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { messageOf } from '../../core/errors.js';
import { homeFolder } from '../../core/private-folder.js';
import { printable } from '../../core/safe-text.js';
import { DOCTOR_EXIT, examine, exitOf } from '../../machine/examination.js';
import { planOf } from '../../machine/plan.js';
import { rpicamMachine } from '../../machine/rpicam-machine.js';
import { captureToolOf } from '../../module/capture-tool.js';
import { readConfig } from '../../protocol/config.js';
import { usualLogDirectory } from '../log-directory.js';
import { finishOutput, outputForPeople } from '../output.js';
import { bar, PassingLine } from '../passing-line.js';
import { looksOf } from '../watch/looks.js';
import { examinationAsJson, examinationAsText } from './examination-text.js';

export interface DoctorFlags {
  readonly out?: string;
  readonly fps?: number;
  readonly size?: { readonly width: number; readonly height: number };
  readonly cameras?: number;
  /** Bytes a second. */
  readonly rate?: number;
  /** Seconds. */
  readonly duration?: number;
  readonly camera?: boolean;
  /** `--no-disk-test` makes it false. */
  readonly diskTest: boolean;
  readonly json?: boolean;
  readonly logDir?: string;
  readonly simulate?: boolean;
  readonly captureTool?: string;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const OUTPUT_LIMIT_MS = 1000;

/** What takes seconds, while it does. */
const LONG_CHECKS: Readonly<Record<string, string>> = {
  capture: 'capturing from the cameras',
  disk_speed: 'writing to the disk, as a recording does',
};

type Terminal = Writable & { readonly isTTY?: boolean };

/** Examines this machine for a person, or for a program. Resolves with the exit code; a signal gives 128 and its number. */
export async function doctor(flags: DoctorFlags): Promise<number> {
  const stderr: Terminal = outputForPeople(2);
  const stdout: Terminal = outputForPeople(1);
  const progress = new PassingLine(stderr);
  const ending = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    ending.abort(signal);
  };
  // Once: a second Ctrl-C ends the process at once, should a disk hang.
  for (const signal of SIGNALS) process.once(signal, onSignal);
  try {
    const plan = await planOf(wishOf(flags));
    const { config } = readConfig({ simulate: flags.simulate === true, camera: { tool: flags.captureTool ?? '' } });
    const machine = rpicamMachine(captureToolOf(config));
    const found = await examine(machine, plan, ending.signal, (id, doneMs, ofMs) => {
      progress.show(() => `${bar(doneMs, ofMs)} ${LONG_CHECKS[id] ?? id}`);
    });
    progress.clear();
    const looks = looksOf(stdout.isTTY === true, process.env);
    stdout.write(flags.json === true ? examinationAsJson(found, plan) : examinationAsText(found, plan, looks));
    return exitOf(found);
  } catch (thrown) {
    progress.clear();
    if (ending.signal.aborted) {
      stderr.write('Broken off: nothing is said of this machine.\n');
      return 128 + constants.signals[ending.signal.reason as NodeJS.Signals];
    }
    stderr.write(`error: ${printable(messageOf(thrown))}\n`);
    return DOCTOR_EXIT.couldNotLook;
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
    await finishOutput(stderr, OUTPUT_LIMIT_MS);
    await finishOutput(stdout, OUTPUT_LIMIT_MS);
  }
}

function wishOf(flags: DoctorFlags): Parameters<typeof planOf>[0] {
  const home = homeFolder();
  const usual = home === undefined ? resolve('recordings') : join(home, 'recordings');
  return {
    out: flags.out ?? usual,
    logDir: resolve(flags.logDir ?? usualLogDirectory() ?? '.'),
    fps: flags.fps,
    size: flags.size,
    cameras: flags.cameras,
    bytesPerSecond: flags.rate,
    durationS: flags.duration,
    opensCameras: flags.camera === true,
    testsDisk: flags.diskTest,
    isVirtual: flags.simulate === true,
  };
}

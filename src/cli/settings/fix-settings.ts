import { systemClock } from '../../core/clock.js';
import { cameraHolders, createCsiCamerasModule } from '../../module/container.js';
import type { CsiCamerasModule } from '../../module/csi-cameras-module.js';
import type { Config } from '../../protocol/config.js';
import type { StatusMessage } from '../../protocol/statuses.js';
import { finishOutput, outputForPeople } from '../output.js';
import { ProgressLine } from '../progress.js';
import { stopSignal } from '../stop-signal.js';
import { SteadyExposure, type Exposure } from './steady-exposure.js';

/** Makes fixed what the camera's automatic exposure, white balance and focus find now. */

const POLL_MS = 250;
const STEADY_MS = 3000;
const LIMIT_MS = 10_000;
const OUTPUT_LIMIT_MS = 1000;

export interface FixOptions {
  readonly config: Config;
  readonly index: number;
  readonly logDir: string;
  readonly stateDir: string | undefined;
}

type Fixed = { readonly kept: object } | { readonly error: string };

/** Opens the camera, waits until its exposure is steady, fixes it and closes the camera. */
export async function fixSettings({ config, index, logDir, stateDir }: FixOptions): Promise<Fixed> {
  const stderr = outputForPeople(2);
  const line = new ProgressLine(stderr);
  const module = createCsiCamerasModule();
  const stopped = stopSignal();
  await module.start({
    logDir,
    stateDir,
    config,
    sendStatus: ({ status, data }) => {
      if (status === 'warning') line.note(`warning: ${data.message}`);
    },
  });
  const work = async (): Promise<Fixed> => {
    const deviceId = `picam:${index}`;
    line.note(`Opening ${deviceId} ...`);
    const ready = await module.command({ command: 'assign_device', device_id: deviceId, camera_index: index });
    if (ready.status !== 'device_ready') return { error: await whyNotOpened(ready, index) };
    const why = await untilSteady(module, deviceId, line);
    if (why !== undefined) return { error: why };
    const answer = await module.command({ command: 'fix_settings', device_id: deviceId });
    return answer.status === 'settings_changed' ? { kept: answer.data.kept } : { error: errorOf(answer) };
  };
  try {
    return (await Promise.race([work(), stopped.promise])) ?? { error: 'Stopped. Nothing was fixed.' };
  } finally {
    await module.shutDown(stopped.reason());
    stopped.cancel();
    await finishOutput(stderr, OUTPUT_LIMIT_MS);
  }
}

/** Resolves with why the exposure does not get steady, or `undefined` when it is. */
async function untilSteady(
  module: CsiCamerasModule,
  deviceId: string,
  line: ProgressLine,
): Promise<string | undefined> {
  const steady = new SteadyExposure();
  const startedMs = performance.now();
  let shownS = -1;
  for (;;) {
    const answer = await module.command({ command: 'get_settings', device_id: deviceId });
    if (answer.status !== 'settings') return errorOf(answer);
    const given: Exposure = answer.data.given ?? { exposureTimeUs: null, gain: null };
    const nowMs = performance.now();
    const steadyMs = steady.steadyForMs(nowMs, given);
    if (steadyMs >= STEADY_MS) return undefined;
    const seconds = Math.floor((nowMs - startedMs) / 1000);
    if (seconds > shownS)
      line.note(`Waiting for a steady exposure: ${textOf(given)} (${(steadyMs / 1000).toFixed(1)} of 3 s)`);
    shownS = seconds;
    if (nowMs - startedMs >= LIMIT_MS) return whyNotSteady(given);
    await systemClock.sleep(POLL_MS);
  }
}

function whyNotSteady(given: Exposure): string {
  if (given.exposureTimeUs === null && given.gain === null) {
    return 'The camera does not tell its exposure, so it cannot be fixed as it is. Set it: csi-cameras settings --set exposureTimeUs=10000 --set gain=2';
  }
  return `The exposure did not come to rest within ${LIMIT_MS / 1000} s (${textOf(given)} at the end). Steady the light, or set it: csi-cameras settings --set exposureTimeUs=10000 --set gain=2`;
}

async function whyNotOpened(answer: StatusMessage, index: number): Promise<string> {
  const isInUse = 'code' in answer.data && answer.data.code === 'camera_in_use';
  const holders = isInUse ? await cameraHolders(index) : [];
  const who = holders.map(({ pid, program }) => `${program} (pid ${pid})`).join(' and ');
  return holders.length === 0 ? errorOf(answer) : `${errorOf(answer)} It is probably ${who}.`;
}

function errorOf({ status, data }: StatusMessage): string {
  return 'error' in data && typeof data.error === 'string' ? data.error : `The module answered ${status}.`;
}

function textOf({ exposureTimeUs, gain }: Exposure): string {
  return `${exposureTimeUs ?? '?'} us, gain ${gain ?? '?'}`;
}

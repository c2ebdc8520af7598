import { systemClock } from '../../core/clock.js';
import { type CameraKind, cameraHolders, createCsiCamerasModule } from '../../module/container.js';
import type { Config } from '../../protocol/config.js';
import type { StatusMessage } from '../../protocol/statuses.js';
import { finishOutput, outputForPeople } from '../output.js';
import { ProgressLine } from '../progress.js';
import { stopSignal } from '../stop-signal.js';
import { untilSteady } from './until-steady.js';

/** Makes fixed what the camera's automatic exposure, white balance and focus find now. */

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
    if (ready.status !== 'device_ready')
      return { error: await whyNotOpened(ready, index, config.simulate ? 'virtual' : 'real') };
    const why = await untilSteady({
      camera: index,
      clock: systemClock,
      look: async () => {
        const answer = await module.command({ command: 'get_settings', device_id: deviceId });
        if (answer.status !== 'settings') return errorOf(answer);
        return answer.data.given ?? { exposureTimeUs: null, gain: null };
      },
      note: (text) => {
        line.note(text);
      },
    });
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

async function whyNotOpened(answer: StatusMessage, index: number, kind: CameraKind): Promise<string> {
  const isInUse = 'code' in answer.data && answer.data.code === 'camera_in_use';
  const holders = isInUse ? await cameraHolders(index, kind) : [];
  const who = holders.map(({ pid, program }) => `${program} (pid ${pid})`).join(' and ');
  return holders.length === 0 ? errorOf(answer) : `${errorOf(answer)} It is probably ${who}.`;
}

function errorOf({ status, data }: StatusMessage): string {
  return 'error' in data && typeof data.error === 'string' ? data.error : `The module answered ${status}.`;
}

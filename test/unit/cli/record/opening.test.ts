import { describe, expect, it } from '@jest/globals';
import { openAll } from '../../../../src/cli/record/opening.js';
import { withResolve } from '../../../../src/core/within.js';
import type { Report, StatusMessage } from '../../../../src/protocol/statuses.js';

/** A module that answers when the test says so. */
function fakeModule() {
  const asked: object[] = [];
  const answers = new Map<string, (message: StatusMessage) => void>();
  return {
    asked,
    command(command: unknown): Promise<StatusMessage> {
      const { device_id: deviceId } = command as { device_id: string };
      asked.push(command as object);
      const { promise, resolve } = withResolve<StatusMessage>();
      answers.set(deviceId, resolve);
      return promise;
    },
    answer(deviceId: string, report: Report): void {
      answers.get(deviceId)?.({ type: 'status', timestamp: '', ...report });
    },
  };
}

const DEVICES = ['picam:1', 'picam:0'];
const never = new Promise<undefined>(() => {});

const ready = (deviceId: string): Report => ({
  status: 'device_ready',
  data: {
    device_id: deviceId,
    camera_id: deviceId,
    model: 'imx296',
    width: 640,
    height: 480,
    fps: 30,
    mode: null,
    view: '640x480',
  },
});
const failed = (deviceId: string): Report => ({
  status: 'device_error',
  data: { device_id: deviceId, code: 'camera_not_found', error: `${deviceId} is not there.`, recoverable: true },
});

describe('cameras that are opened together', () => {
  it('are all asked before one has answered, and told in the order of the person', async () => {
    const module = fakeModule();
    const opened = openAll(module, DEVICES, never);
    expect(module.asked).toEqual(DEVICES.map((device_id) => ({ command: 'assign_device', device_id })));
    module.answer('picam:0', ready('picam:0'));
    module.answer('picam:1', ready('picam:1'));
    const { cameras, failures } = (await opened) ?? {};
    expect(cameras?.map(({ deviceId }) => deviceId)).toEqual(DEVICES);
    expect(failures).toEqual([]);
  });

  it('fail with those that cannot be opened, each with its reason', async () => {
    const module = fakeModule();
    const opened = openAll(module, DEVICES, never);
    module.answer('picam:0', failed('picam:0'));
    module.answer('picam:1', failed('picam:1'));
    expect(await opened).toEqual({
      cameras: [],
      failures: DEVICES.map((deviceId) => ({ deviceId, error: `${deviceId} is not there.` })),
    });
  });

  it('tell a refusal as it is', async () => {
    const module = fakeModule();
    const opened = openAll(module, ['picam:0'], never);
    const data = { success: false, code: 'shutting_down', error: 'The module shuts down.' } as const;
    module.answer('picam:0', { status: 'command_nack', data });
    expect((await opened)?.failures).toEqual([{ deviceId: 'picam:0', error: 'The module shuts down.' }]);
  });

  it('are waited for no longer than until somebody stops it', async () => {
    const stopped = withResolve<undefined>();
    const opened = openAll(fakeModule(), DEVICES, stopped.promise);
    stopped.resolve(undefined);
    expect(await opened).toBeUndefined();
  });
});

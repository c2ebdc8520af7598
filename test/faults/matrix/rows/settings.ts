import assert from 'node:assert/strict';
import { tellingTool } from '../../../harness/telling-tool.js';
import type { FaultRow, Theme } from '../fault-row.js';
import { assign, recordsAgain, timeOf } from '../steps.js';

const rows: readonly FaultRow[] = [
  {
    fault: 'settings that the capture tool refuses',
    injected: 'a change of the rate on a streaming camera; the tool ends with 255 where it is asked for it',
    expected: 'command_nack, invalid_setting, with the tool’s words; no device_error; the stream goes on as before',
    async run(rig) {
      const refusal = `case "$*" in *'--framerate 61'*) echo 'ERROR: *** no such rate ***' >&2; exit 255;; esac`;
      const { path } = await tellingTool(rig.folder, 'capture-tool', refusal);
      const host = await rig.child({ config: { camera: { tool: path } } });
      await assign(host);
      const at = Date.now();
      const refused = await host.expect('command_nack', { command: 'set_fps', fps: 61 });
      assert.equal(refused.data.code, 'invalid_setting', refused.data.error);
      assert.match(refused.data.error, /no such rate/);
      const { data } = await host.expect('status_report', { command: 'get_status' });
      assert.equal(data.cameras[0]?.state, 'streaming');
      assert.equal(data.cameras[0].requested.fps, 30);
      assert.deepEqual(host.log.named('device_error'), []);
      await recordsAgain(host, rig.session());
      return { seen: 'invalid_setting; former settings; recording works', detectMs: timeOf(refused) - at };
    },
  },
  {
    fault: 'camera lost during a change of settings',
    injected: 'no capture process can be started any more, in the middle of the restart',
    expected:
      'device_error with retry_in_ms, command_nack with its code, nothing kept; the camera comes back by itself',
    async run(rig) {
      const host = await rig.child({ config: { reconnect: { firstDelayMs: 100 } } });
      await assign(host);
      await rig.camera.misbehave('in-use');
      const at = Date.now();
      const refused = await host.expect('command_nack', { command: 'set_fps', fps: 50 });
      assert.equal(refused.data.code, 'camera_in_use', refused.data.error);
      const lost = await host.log.wait('device_error');
      assert.equal(typeof lost.data.retry_in_ms, 'number');
      await rig.camera.misbehave('');
      const from = Date.now();
      const back = await host.log.wait('device_ready', ({ data }) => data.reconnected === true);
      assert.deepEqual((await host.expect('settings', { command: 'get_settings' })).data.kept, {});
      await recordsAgain(host, rig.session());
      return {
        seen: `${refused.data.code}; reconnected at ${back.data.fps} fps`,
        detectMs: timeOf(refused) - at,
        recoverMs: timeOf(back) - from,
      };
    },
  },
];

export const settings: Theme = { title: 'Settings', rows };

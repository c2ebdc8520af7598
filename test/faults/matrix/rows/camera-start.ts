import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitForFrames } from '../../../harness/whole-recording.js';
import type { FaultRow, Theme } from '../fault-row.js';
import type { Rig } from '../rig.js';
import { assign, record, recordsAgain, stop, timeOf } from '../steps.js';

const EXPECTED = 'device_error with this code and with what to do; the process lives; a later assign works';

/** A camera that cannot be opened, by what its tool says on the real thing. */
const refused = (fault: string, how: string, said: string, code: string): FaultRow => ({
  fault,
  injected: `the capture tool ends with: ${said}`,
  expected: `${code}: ${EXPECTED}`,
  async run(rig) {
    const host = await rig.child();
    await rig.camera.misbehave(how);
    const at = Date.now();
    const failed = await host.expect('device_error', { command: 'assign_device', device_id: 'picam:0' });
    assert.equal(failed.data.code, code, failed.data.error);
    assert(failed.data.error.length > 40, `it says what to do: ${failed.data.error}`);
    await rig.camera.misbehave('');
    await assign(host);
    await recordsAgain(host, rig.session());
    return { seen: `${failed.data.code}; later assign and recording work`, detectMs: timeOf(failed) - at };
  },
});

/** A capture tool that cannot even run. */
const noTool = (fault: string, injected: string, make: (rig: Rig) => Promise<string>): FaultRow => ({
  fault,
  injected,
  expected: 'capture_tool_missing, not recoverable, with what to do; the process lives and shuts down well',
  async run(rig) {
    const host = await rig.child({ config: { simulate: false, camera: { tool: await make(rig) } } });
    const at = Date.now();
    const failed = await host.expect('device_error', { command: 'assign_device', device_id: 'picam:0' });
    assert.deepEqual([failed.data.code, failed.data.recoverable], ['capture_tool_missing', false], failed.data.error);
    assert.match(failed.data.error, /rpicam-apps/);
    assert.equal((await host.expect('status_report', { command: 'get_status' })).data.state, 'running');
    return { seen: failed.data.code, detectMs: timeOf(failed) - at };
  },
});

async function toolFile(rig: Rig, content: string, mode: number): Promise<string> {
  const path = join(rig.folder, 'tool');
  await writeFile(path, content);
  await chmod(path, mode);
  return path;
}

const rows: readonly FaultRow[] = [
  refused('camera in use', 'in-use', 'failed to acquire camera', 'camera_in_use'),
  refused(
    'camera in use, by its driver',
    'in-use=configure',
    'Unable to set format: Device or resource busy',
    'camera_in_use',
  ),
  refused('camera not found', 'not-found', 'no cameras available', 'camera_not_found'),
  refused('permission denied', 'permission-denied', 'Could not open any dma-buf provider', 'permission_denied'),
  refused('unsupported mode', 'unsupported-mode', 'failed to valid stream configurations', 'unsupported_mode'),
  refused(
    'sensor does not answer',
    'start-failure',
    'Failed to start streaming: Input/output error',
    'camera_disconnected',
  ),
  refused('no camera memory', 'memory-failure', 'dma-heap allocation failure', 'capture_failed'),
  refused('libraries missing', 'library-missing', 'error while loading shared libraries', 'capture_tool_missing'),
  refused('unknown failure', 'fail-with=no such words', 'ERROR: *** no such words ***', 'capture_failed'),
  noTool('capture tool missing', 'camera.tool names a file that is not there', (rig) =>
    Promise.resolve(join(rig.folder, 'no-such-tool')),
  ),
  noTool('capture tool not executable', 'camera.tool names a file without x', (rig) =>
    toolFile(rig, '#!/bin/sh\n', 0o644),
  ),
  noTool('capture tool is no program', 'camera.tool names an executable file of garbage', (rig) =>
    toolFile(rig, '\u0000\u0001garbage', 0o755),
  ),
  {
    fault: 'capture tool of an old version',
    injected: 'it knows neither --metadata nor --metadata-format nor --buffer-count',
    expected: 'warnings option_left_out and metadata_missing, then a whole recording with sensor_timestamp_ns 0',
    async run(rig) {
      const host = await rig.child({ misbehaviours: 'old-version=--metadata+--metadata-format+--buffer-count' });
      await assign(host);
      await record(host, rig.session());
      await waitForFrames(host, 10);
      const stopped = await stop(host);
      const warnings = new Set(host.log.named('warning').map(({ data }) => data.code));
      assert(warnings.has('option_left_out') && warnings.has('metadata_missing'), [...warnings].join(', '));
      return { seen: `${[...warnings].join(', ')}; ${stopped.frames} frames` };
    },
  },
  {
    fault: 'no first frame',
    injected: 'the capture tool runs and gives nothing; camera.firstFrameTimeoutMs is 1000',
    expected: 'frame_timeout after 1000 ms and 10 frame times; a later assign works',
    async run(rig) {
      const host = await rig.child({ config: { camera: { firstFrameTimeoutMs: 1000 } } });
      await rig.camera.misbehave('hang-after=0');
      const at = Date.now();
      const failed = await host.expect('device_error', { command: 'assign_device', device_id: 'picam:0' });
      assert.equal(failed.data.code, 'frame_timeout', failed.data.error);
      assert(timeOf(failed) - at >= 1333, 'not before its time');
      await rig.camera.misbehave('');
      await assign(host);
      return { seen: `${failed.data.code}; a later assign works`, detectMs: timeOf(failed) - at };
    },
  },
  {
    fault: 'the tool ends at once, content',
    injected: 'exit code 0 without a frame',
    expected: 'device_error, the process lives',
    async run(rig) {
      const tool = await toolFile(rig, '#!/bin/sh\nexit 0\n', 0o755);
      const host = await rig.child({ config: { simulate: false, camera: { tool } } });
      const failed = await host.expect('device_error', { command: 'assign_device', device_id: 'picam:0' });
      assert.equal(failed.data.code, 'capture_failed', failed.data.error);
      return { seen: failed.data.code };
    },
  },
  {
    fault: 'the other camera is missing at boot',
    injected: 'only camera 1 is there and has index 0 now; camera 0 is asked for by its model',
    expected: "camera_not_found, never the neighbour's picture",
    async run(rig) {
      const host = await rig.child({ misbehaviours: 'cameras=1' });
      const command = { command: 'assign_device', device_id: 'picam:0', camera_hw_model: 'imx296' };
      const failed = await host.expect('device_error', command);
      assert.equal(failed.data.code, 'camera_not_found', failed.data.error);
      return { seen: failed.data.code };
    },
  },
];

export const cameraStart: Theme = { title: 'Camera that cannot be opened', rows };

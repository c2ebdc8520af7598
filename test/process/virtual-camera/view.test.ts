import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { cameraControl, type CameraControl } from '../../harness/camera-control.js';
import { childHost, type ChildHost } from '../../harness/child-host.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';
import { waitForFrames } from '../../harness/whole-recording.js';

/** What the built program gives where nobody asked for a size: the way from the tool's listing to the host. */

const NO_SIZE = { camera: { width: 0, height: 0, fps: 30 } };
const ASSIGN = { command: 'assign_device', device_id: 'picam:0' };
const WHOLE_IMX296 = { width: 1456, height: 1088, max_fps: 60.38, crop: [0, 0, 1456, 1088] };

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let camera: CameraControl;
let host: ChildHost | undefined;

beforeEach(async () => {
  folder = await temporaryFolder();
  camera = await cameraControl(folder.path);
});

afterEach(async () => {
  await host?.end();
  host = undefined;
  await folder.remove();
});

async function start(misbehaviours = ''): Promise<ChildHost> {
  const env = { ...camera.env, CSI_VIRTUAL_CAMERA: misbehaviours, XDG_RUNTIME_DIR: folder.path };
  host = await childHost({ folder: folder.path, config: NO_SIZE, env });
  return host;
}

describe('without a size', () => {
  it('a host gets the widest view that keeps the rate, and is told the sensor mode', async () => {
    const started = await start();
    const { data } = await started.expect('device_ready', ASSIGN);
    expect(data).toMatchObject({ width: 1456, height: 1088, mode: WHOLE_IMX296, view: '1456x1088, whole sensor' });
    const { data: report } = await started.expect('status_report', { command: 'get_status' });
    expect(report.cameras[0]).toMatchObject({
      requested: { width: 0, height: 0 },
      given: { width: 1456, height: 1088, mode: WHOLE_IMX296 },
    });
  });

  it('another camera at the same index is seen, listed, and told once', async () => {
    const started = await start();
    await started.expect('device_ready', ASSIGN);
    await started.expect('device_unassigned', { command: 'unassign_device', device_id: 'picam:0' });
    await camera.misbehave('cameras=1');
    const { data } = await started.expect('device_ready', ASSIGN);
    expect(data).toMatchObject({
      model: 'imx219',
      mode: { width: 1640, height: 1232, max_fps: 41.85, crop: [0, 0, 3280, 2464] },
      view: '1640x1232, whole sensor',
    });
    expect(started.log.named('device_ready')).toHaveLength(2);
    expect([...started.log.named('device_error'), ...started.log.named('warning')]).toEqual([]);
  });

  it('a tool that cannot list leaves its own size, with a warning, and is recorded all the same', async () => {
    const started = await start('old-version=--list-cameras');
    const { data } = await started.expect('device_ready', ASSIGN);
    expect(data).toMatchObject({ model: 'imx296', width: 640, height: 480, mode: null, view: '640x480' });
    expect(started.log.named('warning').map((warning) => warning.data.code)).toEqual(['view_unknown']);
    await started.expect('recording_started', { command: 'start_recording', session_dir: folder.path });
    await waitForFrames(started, 3);
    await started.expect('recording_stopped', { command: 'stop_recording' });
  });
});

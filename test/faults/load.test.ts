import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { SystemLoadSignals } from '../../src/module/load/load-signals.js';
import { inProcessHost, type InProcessHost } from '../harness/in-process-host.js';
import { temporaryFolder } from '../harness/temporary-folder.js';
import { expectWholeRecording, waitForFrames } from '../harness/whole-recording.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let host: InProcessHost;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  await host.end();
  await folder.remove();
});

async function sensor(path: string, files: Readonly<Record<string, string>>): Promise<void> {
  const directory = join(folder.path, 'sys/class', path);
  await mkdir(directory, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
}

/** Holds up this process's event loop, which is the module's too. */
function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

it('goes on recording on a hot board with a weak supply whose host holds up the event loop, and gives up the preview', async () => {
  await sensor('thermal/thermal_zone0', { temp: '84000\n' });
  await sensor('hwmon/hwmon0', { name: 'rpi_volt\n', in0_lcrit_alarm: '1\n' });
  const loadSignals = new SystemLoadSignals(join(folder.path, 'sys'));
  host = await inProcessHost({ folder: folder.path, dependencies: { loadSignals } });
  await host.expect('device_ready', { command: 'assign_device', device_id: 'picam:0' });
  const session = join(folder.path, 'session_1');
  await host.expect('recording_started', { command: 'start_recording', session_dir: session });
  await host.log.wait('warning', ({ data }) => data.code === 'under_voltage');
  const isWarned = (): boolean => host.log.named('warning').some(({ data }) => data.code === 'load_level_changed');
  while (!isWarned()) {
    block(350);
    await pause(150); // the module's turn: a second of this is one sample of its load
  }
  const status = host.module.status();
  expect(['previewPaused', 'reportingSlowed']).toContain(status.load_level);
  expect(status.load).toMatchObject({ temperature_c: 84, under_voltage: true });
  await waitForFrames(host, 30);
  const { data } = await host.expect('recording_stopped', { command: 'stop_recording' });
  expect(data).toMatchObject({ reason: 'command', dropped: 0 });
  await expectWholeRecording(data, { width: 640, height: 480 });
});

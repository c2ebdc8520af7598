import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { PYTHON3 } from '../../../scripts/readers.mjs';
import { cameraControl } from '../../harness/camera-control.js';
import { cleanFolder } from '../../harness/clean-folder.js';
import { FieldHost, fieldPlace, integrate } from '../../harness/field-host.js';
import { inspectAll } from '../../harness/inspect-all.js';
import { PageRequests } from '../../harness/page-requests.js';
import { isPresent } from '../../harness/present-readers.js';
import { twoFreePorts } from '../../harness/two-free-ports.js';
import { expectAccounted } from '../../harness/whole-recording.js';

/** As people type them. */
const TABBED = 'left\teye';
const LONG = 'x'.repeat(300);
const KEPT_OF_LONG = LONG.slice(0, 256);

interface Found {
  readonly modules: Readonly<Record<string, { readonly config: object }>>;
}

const describeWithPython = isPresent(PYTHON3) ? describe : describe.skip;

describeWithPython('the host in the field, with the folder that integrate has put in', () => {
  let field: FieldHost | undefined;
  const folder = cleanFolder(async () => {
    await field?.end();
    field = undefined;
  });

  it.each([[['picam:0']], [['picam:0', 'picam:1']]])(
    'finds %j, has trials recorded over a loss, settings changed at the page, logs exported, and ends what it started',
    async (devices) => {
      const control = await cameraControl(folder.path);
      const present = devices.map((device) => device.slice('picam:'.length)).join('+');
      const place = await fieldPlace(folder.path, { ...control.env, CSI_VIRTUAL_CAMERA: `cameras=${present}` });
      await integrate(place);
      const port = await twoFreePorts();
      const config = join(place.module, 'config.txt');
      await writeFile(config, (await readFile(config, 'utf8')).replace('= 8722', `= ${port}`));
      const host = new FieldHost(place);
      field = host;
      const each = <T>(what: (device: string, index: number) => Promise<T>): Promise<T[]> =>
        Promise.all(devices.map((device, index) => what(device, index)));

      // Found: by the words in its entry, by its config.txt, and by its scanner.
      const found = await host.order<Found>('discover');
      expect(Object.keys(found.modules)).toEqual(['cameras_csi', 'notes']);
      expect(found.modules['cameras_csi']?.config).toMatchObject({
        display_name: 'CSI cameras of the lab',
        enabled: 'true',
        window_geometry: '400x300+10+20',
      });
      const cameras = [
        ['picam:0', '0', 'RPi:Cam0', 'imx296'],
        ['picam:1', '1', 'RPi:Cam1', 'imx219'],
      ];
      expect(found).toMatchObject({ can_have_cameras: true, devices: cameras.slice(0, devices.length) });

      // Launched, the second one as a packed host does it. The process that was started is the module, and nobody tells it a size.
      const launched = await each((device, index) =>
        host.order<{ pid: number }>('launch', { device, as_frozen: index === 1 }),
      );
      for (const [index, device] of devices.entries()) {
        expect(launched[index]).toMatchObject({ is_ready: true, warnings: [] });
        const log = host.log(device);
        expect(log.named('ready')[0]?.data.pid).toBe(launched[index]?.pid);
        expect(log.named('device_ready')[0]?.data).toMatchObject({
          device_id: device,
          width: 1456,
          height: 1088,
          fps: 30,
        });
      }

      // The page: a port each, and a token for this user alone. What is set there, the host hears.
      const started = await each(async (device) => (await host.log(device).wait('monitor_started')).data);
      expect(started.map(({ url }) => url)).toEqual(devices.map((_, index) => `http://127.0.0.1:${port + index}/`));
      const tokenFile = started[0]?.token_file ?? '';
      expect(tokenFile).toBe(join(place.home, '.local/state/csi-cameras/monitor-token'));
      expect((await stat(tokenFile)).mode & 0o777).toBe(0o600);
      const token = (await readFile(tokenFile, 'utf8')).trim();
      const pages = devices.map((_, index) => new PageRequests(port + index, token));
      const settings = { gain: 2, exposureTimeUs: 5000 };
      await each(async (device, index) => {
        const stranger = await new PageRequests(port + index, 'a-token-that-is-wrong').control(device, 'fix');
        expect(stranger.status).toBe(401);
        const changed = await pages[index]?.control(device, 'settings', { settings });
        expect(changed).toMatchObject({
          status: 200,
          answer: { status: 'settings_changed', data: { kept: settings } },
        });
        const fixed = await pages[index]?.control(device, 'fix');
        expect(fixed).toMatchObject({ status: 200, answer: { status: 'settings_changed' } });
        // What a camera gives differs a little from what it is asked for, and the first is what is fixed.
        expect(Object.keys(fixed?.answer.data ?? {})).toContain('kept');
        const { in_reply_to: id } = fixed?.answer ?? {};
        expect(await host.log(device).wait('settings_changed', (heard) => heard.in_reply_to === id)).toEqual(
          fixed?.answer,
        );
      });
      await host.order('show_window', { device: 'picam:0' });
      expect((await host.log('picam:0').wait('command_ack')).data).toEqual({ success: true, supported: true });

      const session = join(folder.path, 'session_20260106_081726');
      await host.order('start_session', { session_dir: session });
      const isTake =
        (number: number, asked: number) => (heard: { data: { trial_number: number | null; take: number | null } }) =>
          heard.data.trial_number === number && heard.data.take === asked;
      const recorded = (number: number, take: number): Promise<void[]> =>
        each(async (device, index) => {
          await host.log(device).wait('recording_started', isTake(number, take));
          await pages[index]?.untilRecorded(take, 5);
        });
      await host.order('record', { trial: 1, label: TABBED, session_dir: session });
      await recorded(1, 1);
      await host.order('pause');
      await each((device) => host.log(device).wait('recording_stopped', isTake(1, 1)));

      // Lost in a trial, and back: the host sends nothing, and take 2 begins by itself.
      await host.order('record', { trial: 2, label: LONG, session_dir: session });
      await recorded(2, 1);
      await control.misbehave('exit-after=1');
      await each((device) => host.log(device).wait('device_error'));
      await control.misbehave('');
      await recorded(2, 2);
      expect(Object.values((await host.order<{ states: object }>('states')).states)).toEqual(
        devices.map(() => 'recording'),
      );
      await host.order('pause');
      await each((device) => host.log(device).wait('recording_stopped', isTake(2, 2)));
      await host.order('stop_session');
      for (const device of devices) {
        const log = host.log(device);
        const ends = log.named('recording_stopped').map(({ data }) => data);
        expect(ends.map(({ reason }) => reason)).toEqual(['command', 'device_error', 'command']);
        for (const data of ends) expectAccounted(data);
        const begun = log.named('recording_started').map(({ data }) => data);
        expect(begun.map(({ trial_label }) => trial_label)).toEqual(['left eye', KEPT_OF_LONG, KEPT_OF_LONG]);
        expect(begun.every(({ video_path: path }) => path.startsWith(session))).toBe(true);
      }

      // The logs, by the rule of the host's export.
      const { files } = await host.order<{ files: object }>('export_logs', { zip_path: join(folder.path, 'logs.zip') });
      const logs = devices.map((device) => `modules/CAMERAS_CSI_${device.replace(':', '_')}/csicameras.log`);
      expect(Object.keys(files).toSorted()).toEqual(logs);
      for (const bytes of Object.values(files)) expect(bytes).toBeGreaterThan(500);

      // The end: by force for the last one, in a trial, and by the host's two commands for the other.
      await host.order('start_session', { session_dir: session });
      await host.order('record', { trial: 3, label: '', session_dir: session });
      await recorded(3, 1);
      const [killed, ...others] = devices.toReversed();
      expect(await host.order('kill', { device: killed })).toEqual({ code: -9 });
      for (const device of others) {
        expect(await host.order('stop', { device })).toMatchObject({ code: 0, had_to: null });
        expect((await host.log(device).wait('device_unassigned')).data).toMatchObject({ port_released: true });
      }
      await host.end();
      field = undefined;

      const takes = await inspectAll([session]);
      expect(takes).toHaveLength(4 * devices.length);
      expect(takes.filter(({ verdict }) => verdict === 'damaged')).toEqual([]);
      expect(await readdir(join(place.home, '.local/state/csi-cameras/cameras'))).toHaveLength(devices.length);
      // What the host and Python have put into the folder is no edit of it.
      const again = await integrate(place);
      expect(again).toContain('is updated to csi-cameras');
      expect(again).toContain(`monitor.port = ${port}`);
      expect(again).not.toContain('was changed');
    },
    60_000,
  );
});

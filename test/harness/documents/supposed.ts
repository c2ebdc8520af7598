import { cp, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as nextLook } from 'node:timers/promises';
import { childHost, type ChildHost } from '../child-host.js';
import { freeTcpPort } from '../free-tcp-port.js';
import { leadCurlTo, type DocumentPlace } from './document-place.js';

/** What documents suppose to be there already: two recordings, logs of a host, a monitor. */

/** Made once for all documents: a session `test` with two cameras, and the logs of the host that recorded it. */
export interface Template {
  readonly session: string;
  readonly logs: string;
}

/** `clip` of the README cuts out 100. */
const FRAMES = 120;
const LOOK_AGAIN_MS = 50;

export async function makeTemplate(folder: string): Promise<Template> {
  const host = await childHost({ folder, config: { camera: { width: 640, height: 480, fps: 60 } } });
  for (const device of ['picam:0', 'picam:1']) {
    await host.expect('device_ready', { command: 'assign_device', device_id: device });
  }
  const start = { command: 'start_recording', command_id: 'rec_001', session_dir: 'session_test', trial_number: 1 };
  await host.expect('recording_started', start);
  while ((await framesOf(host)) < FRAMES) await nextLook(LOOK_AGAIN_MS);
  await host.expect('recording_stopped', { command: 'stop_recording', command_id: 'rec_002' });
  await host.end();
  return { session: join(folder, 'session_test'), logs: host.logDir };
}

/** The fewest that a camera has recorded. */
async function framesOf(host: ChildHost): Promise<number> {
  const { data } = await host.expect('status_report', { command: 'get_status' });
  return Math.min(...data.cameras.map(({ recording }) => recording?.frames ?? 0));
}

/** Files that a document names as if its reader had them, and what they are of the session. */
const FILES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'docs/converting.md': { 'trial.avi': '.avi', 'trial_timing.csv': '_timing.csv' },
  'docs/info-file.md': { '20260106_081726_CSI_trial001_IMX296_picam_0_info.json': '_info.json' },
};

/** Sessions that documents speak of: `session_test`, one of a moment, one of an animal. */
const SESSIONS = /\bsession_(test|\d{8}_\d{6}|[a-z]+\d+)(?![a-z0-9])/g;

/** Puts into a document's place what it supposes. Resolves with what ends the monitor. */
export async function suppose(
  document: string,
  text: string,
  place: DocumentPlace,
  template: Template,
): Promise<{ readonly environment: Readonly<Record<string, string>>; readonly end: () => Promise<void> }> {
  const state = join(place.home, '.local/state/csi-cameras');
  await mkdir(state, { recursive: true });
  await cp(template.logs, join(state, 'logs'), { recursive: true });
  const named = [...text.matchAll(SESSIONS)].map(([, stamp = '']) => stamp);
  for (const stamp of new Set(named)) await copySession(template, join(place.work, `session_${stamp}`), stamp);
  for (const [name, part] of Object.entries(FILES[document] ?? {})) {
    await cp(
      join(template.session, `CSICameras/IMX296_picam_0/test_CSI_trial001_IMX296_picam_0${part}`),
      join(place.work, name),
    );
  }
  return /^csi-cameras watch|^curl /m.test(text)
    ? giveMonitor(place)
    : { environment: {}, end: () => Promise.resolve() };
}

/** The session under the name that a host of that moment would have given to it and to its files. */
async function copySession(template: Template, to: string, stamp: string): Promise<void> {
  await cp(template.session, to, { recursive: true });
  if (stamp === 'test') return;
  const cameras = join(to, 'CSICameras');
  for (const camera of await readdir(cameras)) {
    for (const file of await readdir(join(cameras, camera))) {
      const renamed = join(cameras, camera, file.replace(/^test_/, `${stamp}_`));
      await rename(join(cameras, camera, file), renamed);
      if (!renamed.endsWith('.json')) continue;
      const info = await readFile(renamed, 'utf8');
      await writeFile(
        renamed,
        info.replaceAll('test_CSI_', `${stamp}_CSI_`).replaceAll('session_test', `session_${stamp}`),
      );
    }
  }
}

/** A host with a camera and a monitor, at a port of its own. To look needs no token, to command does. */
async function giveMonitor(place: DocumentPlace) {
  const port = await freeTcpPort();
  const folder = join(place.home, 'host');
  await mkdir(folder);
  await leadCurlTo(place, port);
  const config = { monitor: { port, control: true, names: 'recorder' } };
  const host = await childHost({ folder, config, env: { XDG_RUNTIME_DIR: folder } });
  const { data } = await host.log.wait('monitor_started');
  const token = (await readFile(data.token_file ?? '', 'utf8')).trim();
  await host.expect('device_ready', { command: 'assign_device', device_id: 'picam:0' });
  return {
    environment: { DOCUMENT_MONITOR: `http://127.0.0.1:${port}/`, DOCUMENT_TOKEN: token },
    end: () => host.end(),
  };
}

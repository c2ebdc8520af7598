import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as nextTry } from 'node:timers/promises';
import { freePort } from '../../bench/free-port.mjs';
import { cameraControl, type CameraControl } from './camera-control.js';
import { childHost, type ChildHost } from './child-host.js';

import { ROOT } from './paths.js';

export interface MonitoredOptions {
  /** As of `ChildOptions`. */
  readonly folder: string;
  readonly config?: object;
  readonly args?: readonly string[];
  /** What the camera does wrong from its start on. */
  readonly cameraAtStart?: string;
  /** Default: one that is free. */
  readonly port?: number;
}

/** The built program with its monitor, as a host in the field launches it; and what makes it fail. */
export interface MonitoredHost {
  readonly host: ChildHost;
  readonly camera: CameraControl;
  readonly port: number;
  readonly url: string;
  /** Which threads stand still or end: `stuck-threads.mjs`. None: ''. */
  readonly stick: (how: string) => Promise<void>;
}

const PATIENCE_MS = 20_000;
const TRY_AGAIN_MS = 20;

/** Waits until somebody listens on the port. */
export async function monitoredHost(options: MonitoredOptions): Promise<MonitoredHost> {
  const { folder, cameraAtStart = '', args = [], config = {} } = options;
  const port = options.port ?? (await freePort());
  const camera = await cameraControl(folder, cameraAtStart);
  const stuck = join(folder, 'stuck');
  await writeFile(stuck, '');
  const host = await childHost({
    folder,
    config,
    nodeOptions: ['--import', join(ROOT, 'test/harness/stuck-threads.mjs')],
    args: ['--monitor', String(port), ...args],
    env: { ...camera.env, CSI_CAMERAS_STUCK: stuck },
  });
  try {
    await untilListening(port, host);
  } catch (thrown) {
    await host.end();
    throw thrown;
  }
  return { host, camera, port, url: `http://127.0.0.1:${port}/`, stick: (how) => writeFile(stuck, how) };
}

async function untilListening(port: number, { log }: ChildHost): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  while (!(await accepts(port))) {
    if (performance.now() > endMs) throw new Error(`Nothing listens on ${port}. Heard: ${log.summary()}`);
    await nextTry(TRY_AGAIN_MS);
  }
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false; // not yet
  } finally {
    socket.destroy();
  }
}

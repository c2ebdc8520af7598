import { join } from 'node:path';
import { createCsiCamerasModule, type ModuleDependencies } from '../../src/module/container.js';
import type { CsiCamerasModule } from '../../src/module/csi-cameras-module.js';
import { makeHost, StatusLog, type MockHost } from './mock-host.js';
import { withPatientCamera } from './patient-camera.js';

export interface InProcessOptions {
  /** Logs, sessions and what is kept go into this folder, which the test owns. */
  readonly folder: string;
  readonly config?: object;
  readonly dependencies?: ModuleDependencies;
  /** Called after each status was heard; what it throws, `sendStatus` throws. */
  readonly onStatus?: () => void;
}

export interface InProcessHost extends MockHost {
  readonly module: CsiCamerasModule;
}

/** Loads the module into the test's own process and starts it. */
export async function inProcessHost({
  folder,
  config = {},
  dependencies,
  onStatus,
}: InProcessOptions): Promise<InProcessHost> {
  const log = new StatusLog();
  const logDir = join(folder, 'logs');
  const module = createCsiCamerasModule(dependencies);
  await module.start({
    dataDir: folder,
    logDir,
    stateDir: join(folder, 'state'),
    config: { simulate: true, ...withPatientCamera(config) },
    sendStatus: (message) => {
      log.hear(message);
      onStatus?.();
    },
  });
  const sendBad = (line: Buffer | string): void => {
    // What cannot be a value in process (broken JSON, broken UTF-8) arrives as the text it is.
    void module.command(typeof line === 'string' ? line : line.toString('latin1'));
  };
  const host = makeHost({ kind: 'in process', log, logDir, sendBad, end: () => module.stop() }, (command) => {
    void module.command(command);
  });
  return { ...host, module };
}

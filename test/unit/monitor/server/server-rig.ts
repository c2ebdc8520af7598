import { createHash } from 'node:crypto';
import type { ControlCommand, ServerOptions } from '../../../../src/monitor/monitor-words.js';
import type { Picture, PictureSource } from '../../../../src/monitor/server/frame-desk.js';
import { MonitorServer, type MonitorServerDependencies } from '../../../../src/monitor/server/monitor-server.js';
import type { PageFiles } from '../../../../src/monitor/server/page-files.js';
import type { StatusMessage } from '../../../../src/protocol/statuses.js';
import { snapshotOf } from '../../../harness/monitor-snapshot.js';

export const TOKEN = 'correct-horse-battery';
export const DEVICE = 'picam:0';
export const CAMERA = '/api/cameras/picam%3A0';

const FILES: PageFiles = new Map(
  Object.entries({ '/': 'text/html; charset=utf-8', '/monitor.js': 'text/javascript; charset=utf-8' }).map(
    ([path, type]) => [path, { type, bytes: Buffer.from(`This is ${path}.`) }],
  ),
);

/** A server with planted pages, a planted snapshot and no pictures, until a test says otherwise. */
export class ServerRig {
  readonly commands: ControlCommand[] = [];
  snapshot = snapshotOf([DEVICE]) as ReturnType<MonitorServerDependencies['snapshot']>;
  status: Partial<StatusMessage> = { type: 'status', status: 'settings_changed' };
  picture: Picture | Promise<Picture> = { kind: 'nothing', why: 'none' };
  /** What pictures were asked for. */
  readonly fetched: Parameters<PictureSource['fetch']>[] = [];
  exposed = 0;
  /** Age of the snapshot of which metrics were made last, ms. */
  exposedAgeMs = NaN;
  readonly server: MonitorServer;
  port = 0;

  constructor(
    options: Partial<ServerOptions> & { readonly hasToken?: boolean } = {},
    given: Partial<MonitorServerDependencies> = {},
  ) {
    const { hasToken = false, ...further } = options;
    this.server = new MonitorServer({
      options: {
        port: 0,
        host: '127.0.0.1',
        names: [],
        tokenSha256: hasToken ? createHash('sha256').update(TOKEN).digest('hex') : null,
        readsNeedToken: hasToken,
        hasControl: false,
        ...further,
      },
      snapshot: () => this.snapshot,
      frames: {
        fetch: async (...asked) => {
          this.fetched.push(asked);
          return this.picture;
        },
      },
      command: async (command) => {
        this.commands.push(command);
        return this.status as StatusMessage;
      },
      expose: (_snapshot, { requests }, ageMs) => {
        this.exposed += 1;
        this.exposedAgeMs = ageMs;
        return JSON.stringify(requests);
      },
      files: FILES,
      ...given,
    });
  }

  async open(): Promise<this> {
    this.port = await this.server.listen();
    return this;
  }
}

import { childHost } from './child-host.js';
import { inProcessHost } from './in-process-host.js';
import type { MockHost } from './mock-host.js';

export interface HostOptions {
  readonly folder: string;
  readonly config?: object;
  /** For the capture tool: the virtual camera's misbehaviours. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Both ways to load the module; one suite runs against both. */
export const BOTH_HOSTS: readonly [MockHost['kind'], (options: HostOptions) => Promise<MockHost>][] = [
  [
    'in process',
    async ({ folder, config, env = {} }) => {
      const before = { ...process.env };
      Object.assign(process.env, env);
      const host = await inProcessHost({ folder, ...(config === undefined ? {} : { config }) });
      return {
        ...host,
        end: async () => {
          await host.end();
          for (const name of Object.keys(env)) {
            if (before[name] === undefined) Reflect.deleteProperty(process.env, name);
            else process.env[name] = before[name];
          }
        },
      };
    },
  ],
  [
    'child process',
    ({ folder, config, env }) =>
      childHost({ folder, ...(config === undefined ? {} : { config }), ...(env === undefined ? {} : { env }) }),
  ],
];

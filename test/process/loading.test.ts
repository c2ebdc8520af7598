import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { cleanFolder } from '../harness/clean-folder.js';
import { ROOT } from '../harness/paths.js';

/** Loads the built module as a host does and tells what changed in its process. */
const LOADER = `
  const globals = () => [...Reflect.ownKeys(globalThis), ...Reflect.ownKeys(Reflect).map((key) => 'Reflect.' + String(key))].map(String);
  const listeners = () => process.eventNames().map((name) => String(name) + ' x' + process.listenerCount(name));
  const before = { globals: globals(), listeners: listeners() };
  const { createCsiCamerasModule } = await import('./dist/index.js');
  createCsiCamerasModule();
  const added = globals().filter((name) => !before.globals.includes(name));
  console.log(JSON.stringify({ added, before: before.listeners, after: listeners(), resources: process.getActiveResourcesInfo() }));
`;

it('changes nothing in the host that loads it but the Reflect metadata API, prints nothing and keeps nothing open', async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', LOADER], {
    cwd: ROOT,
  });
  const seen = JSON.parse(stdout) as { added: string[]; before: string[]; after: string[]; resources: string[] };
  expect(stderr).toBe('');
  expect(seen.added.filter((name) => !name.startsWith('Reflect.'))).toEqual([]);
  expect(seen.after).toEqual(seen.before);
  expect(seen.resources.filter((name) => /Timeout|Immediate|TCP|Pipe|FSEvent|Process/.test(name))).toEqual([]);
});

it('can be loaded by the name and the entry that plugin.json gives', async () => {
  const script = `
    import { readFileSync } from 'node:fs';
    const plugin = JSON.parse(readFileSync('./plugin.json', 'utf8'));
    const entry = await import('./' + plugin.entry);
    const byPackageName = await import('csi-cameras');
    console.log(typeof entry[plugin.class], typeof entry[plugin.factory], entry === byPackageName);
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { cwd: ROOT });
  expect(stdout.trim()).toBe('function function true');
});

/** Writes the address of each file of the monitor that is loaded. */
const HOOKS = `
  import { writeSync } from 'node:fs';
  export async function load(url, context, next) {
    if (/\\/dist\\/(?:chunks\\/)?monitor/.test(url)) writeSync(1, url + ' ');
    return next(url, context);
  }
`;

/** Arguments: the log directory and the configuration. */
const STARTER = `
  import { register } from 'node:module';
  register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(HOOKS)}`)});
  const { createCsiCamerasModule } = await import('./dist/index.js');
  const module = createCsiCamerasModule();
  const [, logDir, config] = process.argv;
  await module.start({ logDir, config: JSON.parse(config), sendStatus: () => {} });
  await module.stop();
`;

describe('a module without a monitor', () => {
  const folder = cleanFolder(() => undefined);

  it('loads nothing of it', async () => {
    const loadedWith = async (config: object): Promise<string> => {
      const args = ['--input-type=module', '-e', STARTER, folder.path, JSON.stringify(config)];
      return (await promisify(execFile)(process.execPath, args, { cwd: ROOT })).stdout;
    };
    const wanted = { monitor: { port: 1, host: 'nowhere.invalid' } };
    const loaded = await Promise.all([loadedWith({}), loadedWith(wanted)]);
    expect(loaded).toEqual(['', expect.stringContaining('/dist/chunks/monitor.js')]);
  });
});

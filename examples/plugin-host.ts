/**
 * A host in one file: it finds plugins by their plugin.json, loads them into its own process, and records two trials with two
 * cameras of each. How to run it: README.md beside it.
 *
 *   node plugin-host.js [--simulate] [--out DIR] [FOLDER ...]
 *
 * --simulate takes the virtual camera. DIR gets the session and the logs. FOLDER is a plugin, besides those in node_modules.
 * Ctrl-C ends it at any moment, and what was recorded until then is whole.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { HostModule, StatusMessage } from 'csi-cameras';

/** What this host reads of a plugin.json, and where it found it. */
interface Plugin {
  readonly folder: string;
  readonly name: string;
  readonly version: string;
  readonly entry: string; // file to import
  readonly factory: string; // function in it that makes the module
  readonly deviceIdPrefix: string;
}

async function packagesIn(modules: string): Promise<string[]> {
  const names = await readdir(modules).catch(() => []); // no such folder: no packages
  const scopes = names.filter((name) => name.startsWith('@')).map((scope) => packagesIn(join(modules, scope)));
  return [...names.map((name) => join(modules, name)), ...(await Promise.all(scopes)).flat()];
}

async function pluginIn(folder: string): Promise<Plugin | null> {
  const text = await readFile(join(folder, 'plugin.json'), 'utf8').catch(() => '{}'); // most packages are no plugins
  const found = JSON.parse(text) as Partial<Plugin>;
  return found.entry && found.factory && found.deviceIdPrefix ? ({ ...found, folder } as Plugin) : null;
}

async function load({ folder, entry, factory }: Plugin): Promise<HostModule> {
  const exported = (await import(pathToFileURL(resolve(folder, entry)).href)) as Record<string, () => HostModule>;
  const create = exported[factory];
  if (create === undefined) throw new Error(`${folder} exports no ${factory}: another version of it may.`);
  return create();
}

/** Prints a line. `true`: something failed that a person should look at. */
function tell({ status, data, timestamp }: StatusMessage): boolean {
  if (status === 'heartbeat') return false; // the state of everything, every 2 s: for what a host shows
  const facts: unknown[] = ['device_id' in data ? data.device_id : ''];
  if (status === 'device_ready') facts.push(data.model, `${data.width}x${data.height}`, `${data.fps} fps`);
  if (status === 'recording_started') facts.push(`trial ${data.trial_number}, take ${data.take}`, data.video_path);
  if (status === 'recording_stopped') facts.push(`${data.frames} frames, ${data.dropped} dropped`, data.reason);
  if (status === 'warning') facts.push(data.code, data.message);
  const hasFailed = status === 'device_error' || status === 'recording_error' || status === 'command_nack';
  // A device_error with retry_in_ms: the module tries again by itself, and a lost take goes on in a new one.
  if (hasFailed) facts.push(data.code, data.error);
  console.log(timestamp.slice(11, 23), status, ...facts.filter(Boolean));
  return hasFailed;
}

async function record(module: HostModule, devices: readonly string[], interrupted: AbortSignal): Promise<void> {
  // `command` never throws, and resolves with the one final answer: here when each camera gave a frame, or could not.
  const ready = devices.map((device_id) => module.command({ command: 'assign_device', device_id }));
  // A camera that is missing does not keep the others from recording.
  if ((await Promise.all(ready)).every(({ status }) => status !== 'device_ready')) return;
  const time = new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '_');
  await module.command({ command: 'start_session', session_dir: `session_${time}` });
  for (const trial_number of [1, 2]) {
    await module.command({ command: 'start_recording', trial_number, trial_label: 'example' }); // all cameras at one instant
    await pause(2_000, undefined, { signal: interrupted });
    await module.command({ command: 'stop_recording' });
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { simulate: { type: 'boolean', default: false }, out: { type: 'string', default: 'host-data' } },
    allowPositionals: true,
  });
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => interrupt.abort());
  const found = await Promise.all([...positionals, ...(await packagesIn('node_modules'))].map(pluginIn));
  const plugins = found.filter((plugin) => plugin !== null);
  if (plugins.length === 0) throw new Error('There is no plugin here: npm install one, or name its folder.');
  const dataDir = resolve(values.out);
  const context = { dataDir, logDir: join(dataDir, 'logs'), config: { simulate: values.simulate } };
  for (const plugin of plugins) {
    console.log(`${plugin.name} ${plugin.version} in ${plugin.folder}`);
    const module = await load(plugin);
    const sendStatus = (message: StatusMessage): void => void (tell(message) && (process.exitCode = 1));
    await module.start({ ...context, sendStatus });
    // A stop answers every command that still waits, so that an end never does.
    interrupt.signal.addEventListener('abort', () => void module.stop());
    const devices = [0, 1].map((index) => `${plugin.deviceIdPrefix}:${index}`);
    try {
      await record(module, devices, interrupt.signal);
      interrupt.signal.throwIfAborted();
    } finally {
      await module.stop(); // twice is once
    }
  }
}

main().catch((error: unknown) => {
  const wasInterrupted = error instanceof Error && error.name === 'AbortError';
  if (!wasInterrupted) console.error(error instanceof Error ? error.message : error);
  process.exitCode = wasInterrupted ? 130 : 1;
});

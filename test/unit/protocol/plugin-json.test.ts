import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { pluginDescription } from '../../../scripts/plugin-description.mjs';
import { commandLine } from '../../../src/cli/command-line.js';
import { ERROR_CODES } from '../../../src/core/errors.js';
import { VERSION } from '../../../src/core/version.js';
import * as index from '../../../src/index.js';
import { checkCommand } from '../../../src/protocol/command-check.js';
import * as commands from '../../../src/protocol/commands.js';
import { STATUS_NAMES } from '../../../src/protocol/statuses.js';
import { ROOT } from '../../harness/paths.js';
import { moduleRig } from '../module/module-rig.js';

const readJson = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(ROOT, name), 'utf8')) as Record<string, unknown>;

const plugin = readJson('plugin.json');

describe('plugin.json', () => {
  it('says what the code says (npm run plugin writes it anew)', () => {
    const made = pluginDescription({
      version: VERSION,
      commands,
      statusNames: STATUS_NAMES,
      errorCodes: ERROR_CODES,
      commandLine: commandLine(),
    });
    expect(plugin).toEqual(JSON.parse(JSON.stringify(made)));
  });

  it('names the package, its version, its entry and its program', () => {
    const packageJson = readJson('package.json');
    expect(plugin).toMatchObject({ id: packageJson['name'], version: packageJson['version'] });
    expect(packageJson['exports']).toMatchObject({ '.': { default: `./${String(plugin['entry'])}` } });
    expect(Object.keys(packageJson['bin'] as object)).toEqual([(plugin['launch'] as { command: string }).command]);
  });

  it('names a class and a factory that the entry exports', () => {
    const exported: Record<string, unknown> = index;
    const Class = exported[String(plugin['class'])];
    expect(Class).toBe(index.CsiCamerasModule);
    expect(exported[String(plugin['factory'])]).toBe(index.createCsiCamerasModule);
    expect(index.createCsiCamerasModule()).toBeInstanceOf(index.CsiCamerasModule);
  });

  it('names the module as its status does, and a prefix of device ids that it takes', async () => {
    const rig = moduleRig();
    await rig.start();
    expect(rig.module.status().module).toBe(plugin['module']);
    const answer = await rig.assign(`${String(plugin['deviceIdPrefix'])}:0`);
    expect(answer.status).toBe('device_ready');
    await rig.end();
  });

  it('describes parameters by schemas that need what the module needs', () => {
    const described = plugin['commands'] as { name: string; parameters: { required?: string[] } }[];
    const needed = Object.fromEntries(described.map(({ name, parameters }) => [name, parameters.required ?? []]));
    for (const name of commands.COMMAND_NAMES) {
      const checked = checkCommand({ command: name });
      expect(checked.ok).toBe(needed[name]?.length === 0);
      if (!checked.ok) for (const field of needed[name] ?? []) expect(checked.error).toContain(`${field} is missing`);
    }
  });
});

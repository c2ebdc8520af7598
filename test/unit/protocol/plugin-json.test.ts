import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { SCHEMA_FOLDER, schemaFiles } from '../../../scripts/json-schemas.mjs';
import { pluginDescription } from '../../../scripts/plugin-description.mjs';
import * as index from '../../../src/index.js';
import { checkCommand } from '../../../src/protocol/command-check.js';
import { COMMAND_NAMES } from '../../../src/protocol/commands.js';
import { CONTRACT_CODE } from '../../harness/contract-code.js';
import { MarkdownDocument } from '../../harness/markdown-tables.js';
import { ROOT } from '../../harness/paths.js';
import { moduleRig } from '../module/module-rig.js';

const readJson = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(ROOT, name), 'utf8')) as Record<string, unknown>;

/** Without fields that are undefined. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const plugin = readJson('plugin.json');

describe('the schema files', () => {
  const made = schemaFiles(CONTRACT_CODE);

  it.each(Object.keys(made))('%s says what the code says (npm run plugin writes it anew)', (name) => {
    expect(readJson(join(SCHEMA_FOLDER, name))).toEqual(asJson(made[name]));
  });

  it('are these, each named by plugin.json and exported by the package', () => {
    expect(readdirSync(join(ROOT, SCHEMA_FOLDER)).sort()).toEqual(Object.keys(made).sort());
    const { schemas } = plugin['contract'] as { schemas: object };
    expect(Object.values(schemas)).toEqual(Object.keys(made).map((name) => `${SCHEMA_FOLDER}/${name}`));
    expect(readJson('package.json')['exports']).toMatchObject({ './schemas/*': `./${SCHEMA_FOLDER}/*` });
  });
});

describe('plugin.json', () => {
  it('says what the code says (npm run plugin writes it anew)', () => {
    expect(plugin).toEqual(asJson(pluginDescription(CONTRACT_CODE)));
  });

  it('tells of the log files what the document tells', () => {
    const { files } = plugin['logs'] as { files: { name: string; line: string; maxBytes: number; backups: number }[] };
    const table = new MarkdownDocument('docs/logs.md').tableUnder('Logs');
    expect(table.map((row) => ({ ...row, 'One line is': row['One line is']?.replace(/ \(\[.*/, '') }))).toEqual(
      files.map(({ name, line, maxBytes, backups }) => ({
        File: `\`${name}\``,
        'One line is': line,
        'Max size': `${maxBytes / 2 ** 20} MB`,
        Backups: String(backups),
      })),
    );
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
    for (const name of COMMAND_NAMES) {
      const checked = checkCommand({ command: name });
      expect(checked.ok).toBe(needed[name]?.length === 0);
      if (!checked.ok) for (const field of needed[name] ?? []) expect(checked.error).toContain(`${field} is missing`);
    }
  });
});

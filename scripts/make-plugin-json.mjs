import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { format } from 'prettier';
import { commandLine } from '../dist/cli/command-line.js';
import { ERROR_ADVICE } from '../dist/core/errors.js';
import { VERSION } from '../dist/core/own-package.js';
import { INFO_SHAPE } from '../dist/inspect/info/info-schema.js';
import { LOG_BOUNDS } from '../dist/logging/rotating-log-sink.js';
import { CAMERAS_OPTION } from '../dist/protocol/camera-sections.js';
import { COMMAND_ENVELOPE } from '../dist/protocol/command-check.js';
import * as commands from '../dist/protocol/commands.js';
import * as config from '../dist/protocol/config.js';
import { CONTRACT_VERSION, PLATFORMS } from '../dist/protocol/contract.js';
import { STATUSES } from '../dist/protocol/statuses.js';
import { WARNING_CODES } from '../dist/protocol/warnings.js';
import { SCHEMA_FOLDER, schemaFiles } from './json-schemas.mjs';
import { pluginDescription } from './plugin-description.mjs';

/** Writes `plugin.json` and the JSON Schema files from the built code: `npm run plugin` builds it first. */
const code = {
  version: VERSION,
  contractVersion: CONTRACT_VERSION,
  platforms: PLATFORMS,
  commands,
  envelope: COMMAND_ENVELOPE,
  statuses: STATUSES,
  errorAdvice: ERROR_ADVICE,
  warningCodes: WARNING_CODES,
  config,
  camerasOption: CAMERAS_OPTION,
  infoShape: INFO_SHAPE,
  logBounds: LOG_BOUNDS,
  commandLine: commandLine(),
};

/** @param {string} path from the package's root @param {object} content */
async function write(path, content) {
  const text = await format(JSON.stringify(content), { parser: 'json', printWidth: 120 });
  await writeFile(new URL(`../${path}`, import.meta.url), text);
}

await write('plugin.json', pluginDescription(code));

const folder = new URL(`../${SCHEMA_FOLDER}/`, import.meta.url);
await mkdir(folder, { recursive: true });
for (const old of await readdir(folder)) await rm(new URL(old, folder));
for (const [name, schema] of Object.entries(schemaFiles(code))) await write(`${SCHEMA_FOLDER}/${name}`, schema);

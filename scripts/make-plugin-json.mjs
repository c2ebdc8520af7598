import { writeFile } from 'node:fs/promises';
import { format } from 'prettier';
import { commandLine } from '../dist/cli/command-line.js';
import { ERROR_CODES } from '../dist/core/errors.js';
import { VERSION } from '../dist/core/version.js';
import * as commands from '../dist/protocol/commands.js';
import { STATUS_NAMES } from '../dist/protocol/statuses.js';
import { pluginDescription } from './plugin-description.mjs';

/** Writes `plugin.json` from the built code: `npm run plugin` builds it first. */
const description = pluginDescription({
  version: VERSION,
  commands,
  statusNames: STATUS_NAMES,
  errorCodes: ERROR_CODES,
  commandLine: commandLine(),
});
const text = await format(JSON.stringify(description), { parser: 'json', printWidth: 120 });
await writeFile(new URL('../plugin.json', import.meta.url), text);

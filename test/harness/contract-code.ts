import type { PluginCode } from '../../scripts/plugin-description.mjs';
import { commandLine } from '../../src/cli/command-line.js';
import { ERROR_ADVICE } from '../../src/core/errors.js';
import { VERSION } from '../../src/core/own-package.js';
import { INFO_SHAPE } from '../../src/inspect/info/info-schema.js';
import { LOG_BOUNDS } from '../../src/logging/rotating-log-sink.js';
import { CAMERAS_OPTION } from '../../src/protocol/camera-sections.js';
import { COMMAND_ENVELOPE } from '../../src/protocol/command-check.js';
import * as commands from '../../src/protocol/commands.js';
import * as config from '../../src/protocol/config.js';
import { CONTRACT_VERSION, PLATFORMS } from '../../src/protocol/contract.js';
import { STATUSES } from '../../src/protocol/statuses.js';
import { WARNING_CODES } from '../../src/protocol/warnings.js';

/** What `plugin.json` and the schema files are made from, of the sources: `npm run plugin` takes the built code. */
export const CONTRACT_CODE: PluginCode = {
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

import { configSchema, dataSchema, parametersSchema, SCHEMA_FOLDER, schemaFiles } from './json-schemas.mjs';

/** What one line of each log is. A test holds docs/logs.md against it. */
const LOG_LINES = {
  'csicameras.log': 'an event of the module',
  'commands.jsonl': "a command in, a status out, or a step of a command's life",
  'frame_drops.jsonl': 'a frame (or a run of frames) that is not in the video',
};

/**
 * @typedef {import('./json-schemas.mjs').ContractCode & {
 *   version: string,
 *   platforms: typeof import('../src/protocol/contract.js').PLATFORMS,
 *   errorAdvice: typeof import('../src/core/errors.js').ERROR_ADVICE,
 *   warningCodes: typeof import('../src/protocol/warnings.js').WARNING_CODES,
 *   logBounds: typeof import('../src/logging/rotating-log-sink.js').LOG_BOUNDS,
 *   commandLine: import('commander').Command,
 * }} PluginCode
 */

/** @param {readonly string[]} files @returns {{ [name: string]: string }} */
function schemaPaths(files) {
  return Object.fromEntries(files.map((file) => [file.replace(/\..*/, ''), `${SCHEMA_FOLDER}/${file}`]));
}

/**
 * What `plugin.json` says, made from the code itself: the script takes the built code, the test the sources.
 *
 * @param {PluginCode} code
 */
export function pluginDescription(code) {
  const { COMMANDS, COMMAND_NAMES } = code.commands;
  const statusNames = /** @type {(keyof typeof code.statuses)[]} */ (Object.keys(code.statuses));
  const logNames = /** @type {(keyof typeof code.logBounds)[]} */ (Object.keys(code.logBounds));
  return {
    id: 'csi-cameras',
    name: 'CSI Cameras',
    version: code.version,
    contract: {
      version: code.contractVersion,
      meaning:
        'A minor version adds: ignore fields, statuses, codes and options that you do not know. A major version takes away or changes a meaning: do not load one that you were not written for.',
      schemas: schemaPaths(Object.keys(schemaFiles(code))),
    },
    module: 'CSICameras',
    entry: 'dist/index.js',
    class: 'CsiCamerasModule',
    factory: 'createCsiCamerasModule',
    deviceIdPrefix: 'picam',
    platforms: code.platforms.map(({ cameras, ...platform }) => ({ ...platform, cameras: [...cameras] })),
    launch: {
      command: code.commandLine.name(),
      args: [],
      flags: code.commandLine.options.map(({ flags, description }) => ({ flag: flags, description })),
    },
    commands: COMMAND_NAMES.map((name) => ({
      name,
      aliases: [...COMMANDS[name].aliases],
      summary: COMMANDS[name].summary,
      parameters: parametersSchema(code, name),
    })),
    statuses: statusNames.map((name) => ({ name, data: dataSchema(code, name) })),
    errorCodes: Object.entries(code.errorAdvice).map(([name, advice]) => ({ code: name, advice })),
    warningCodes: Object.entries(code.warningCodes).map(([name, meaning]) => ({ code: name, meaning })),
    configuration: configSchema(code),
    logs: {
      directory: '--log-dir or logDir, else $XDG_STATE_HOME/csi-cameras/logs, else ~/.local/state/csi-cameras/logs',
      format: 'One JSON object a line, UTF-8. Full files are kept as NAME.1 (the newest) to NAME.N (N: backups).',
      files: logNames.map((name) => ({ name, line: LOG_LINES[name], ...code.logBounds[name] })),
    },
  };
}

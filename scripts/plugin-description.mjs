import { toJsonSchema } from '@valibot/to-json-schema';

/**
 * What `plugin.json` says, made from the code itself: the script takes the built code, the test the sources.
 *
 * @param {object} code
 * @param {string} code.version
 * @param {typeof import('../src/protocol/commands.js')} code.commands
 * @param {readonly string[]} code.statusNames
 * @param {readonly string[]} code.errorCodes
 * @param {import('commander').Command} code.commandLine
 */
export function pluginDescription({ version, commands, statusNames, errorCodes, commandLine }) {
  const { COMMANDS, COMMAND_NAMES, parametersSchema } = commands;
  return {
    id: 'csi-cameras',
    name: 'CSI Cameras',
    version,
    module: 'CSICameras',
    entry: 'dist/index.js',
    class: 'CsiCamerasModule',
    factory: 'createCsiCamerasModule',
    deviceIdPrefix: 'picam',
    launch: {
      command: commandLine.name(),
      args: [],
      flags: commandLine.options.map(({ flags, description }) => ({ flag: flags, description })),
    },
    commands: COMMAND_NAMES.map((name) => ({
      name,
      aliases: [...COMMANDS[name].aliases],
      summary: COMMANDS[name].summary,
      // Checks in code (control characters, valid Unicode) have no word in JSON Schema: the module makes them itself.
      parameters: toJsonSchema(parametersSchema(name), { errorMode: 'ignore' }),
    })),
    statuses: [...statusNames],
    errorCodes: [...errorCodes],
  };
}

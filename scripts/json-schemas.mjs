import { toJsonSchema } from '@valibot/to-json-schema';
import { getDescription } from 'valibot';

/**
 * The JSON Schemas of the contract (docs/contract.md), made from the schemas that the code checks with. What a check in code
 * means has a word beside it (src/protocol/json-words.ts), or none: then the schema allows more than the module takes.
 *
 * @typedef {{ [word: string]: unknown }} JsonSchema
 * @typedef {object} ContractCode
 * @property {string} contractVersion
 * @property {typeof import('../src/protocol/commands.js')} commands
 * @property {typeof import('../src/protocol/command-check.js').COMMAND_ENVELOPE} envelope
 * @property {typeof import('../src/protocol/statuses.js').STATUSES} statuses
 * @property {typeof import('../src/protocol/config.js')} config
 * @property {typeof import('../src/protocol/camera-sections.js').CAMERAS_OPTION} camerasOption
 * @property {typeof import('../src/inspect/info/info-schema.js').INFO_SHAPE} infoShape
 */

/** Where the files are, from the package's root. */
export const SCHEMA_FOLDER = 'docs/schemas';

const DRAFT = 'http://json-schema.org/draft-07/schema#';
/** What has no word in JSON Schema. Anything else that has none is an error, so that nothing is left out unnoticed. */
const WORDLESS = ['check', 'transform', 'to_lower_case', 'finite'];
/** Every object, however deep, allows fields that it does not name. */
const OPEN = { additionalProperties: undefined };

/** @param {Parameters<typeof toJsonSchema>[0]} schema @returns {JsonSchema} */
function converted(schema) {
  const made = toJsonSchema(schema, {
    typeMode: 'input',
    ignoreActions: WORDLESS,
    // A value of any kind: a setting in an info file.
    overrideSchema: ({ valibotSchema }) => (valibotSchema.type === 'custom' ? {} : undefined),
  });
  const { $schema: _, ...rest } = /** @type {JsonSchema} */ (changed(changed(made, exactTuple), withNull));
  return rest;
}

/**
 * The schema with `change` made to each object in it, the inner ones first. `undefined` takes a word away.
 *
 * @param {unknown} schema @param {(schema: JsonSchema) => JsonSchema} change @returns {unknown}
 */
function changed(schema, change) {
  if (Array.isArray(schema)) return schema.map((one) => changed(one, change));
  if (typeof schema !== 'object' || schema === null) return schema;
  const words = Object.entries(/** @type {JsonSchema} */ (schema));
  /** @type {JsonSchema} */
  const inner = Object.fromEntries(words.map(([word, value]) => [word, changed(value, change)]));
  return Object.fromEntries(Object.entries(change(inner)).filter(([, value]) => value !== undefined));
}

/** A list of so many values has no more. @param {JsonSchema} schema @returns {JsonSchema} */
function exactTuple(schema) {
  const items = listOf(schema['items']);
  if (items === undefined) return schema;
  return { ...schema, additionalItems: undefined, maxItems: items.length };
}

/** @param {unknown} value @returns {unknown[] | undefined} */
const listOf = (value) => (Array.isArray(value) ? value : undefined);

/** Null is one type more, not a schema beside another one. @param {JsonSchema} schema @returns {JsonSchema} */
function withNull(schema) {
  const { anyOf, ...around } = schema;
  const [inner, other, ...more] = /** @type {JsonSchema[]} */ (listOf(anyOf) ?? []);
  if (inner === undefined || other?.['type'] !== 'null' || more.length > 0 || 'const' in inner) return schema;
  const choices = listOf(inner['anyOf']);
  if (choices !== undefined && inner['type'] === undefined) return { ...around, ...inner, anyOf: [...choices, other] };
  const words = listOf(inner['enum']);
  return { ...around, ...inner, type: [inner['type'], 'null'], enum: words && [...words, null] };
}

/** @param {JsonSchema} schema @returns {JsonSchema} */
const open = (schema) => (schema['additionalProperties'] === false ? { ...schema, ...OPEN } : schema);

/** Told in the configuration. @param {JsonSchema} schema @returns {JsonSchema} */
const undescribed = (schema) =>
  typeof schema['description'] === 'string' ? { ...schema, description: undefined } : schema;

/**
 * The parameters of a command. Settings are the one object that takes no others: an unknown one is refused.
 *
 * @param {ContractCode} code @param {import('../src/protocol/commands.js').CommandName} name
 */
export function parametersSchema({ commands }, name) {
  const schema = commands.parametersSchema(name);
  const made = converted(schema);
  const properties = Object.entries(/** @type {Record<string, JsonSchema>} */ (made['properties']));
  return {
    ...made,
    // What stands behind a transformation, as some descriptions do, is lost in the conversion.
    properties: Object.fromEntries(
      properties.map(([key, one]) => [key, { description: descriptionOf(schema.entries[key]), ...one }]),
    ),
  };
}

/** @param {unknown} schema @returns {string | undefined} */
function descriptionOf(schema) {
  const known = /** @type {import('valibot').GenericSchema & { wrapped?: unknown }} */ (schema);
  return getDescription(known) ?? ('wrapped' in known ? descriptionOf(known.wrapped) : undefined);
}

/** The data of a status. @param {ContractCode} code @param {import('../src/protocol/statuses.js').StatusName} name */
export function dataSchema({ statuses }, name) {
  const made = changed(changed(converted(statuses[name]), open), undescribed);
  return /** @type {JsonSchema} */ (made);
}

/** A configuration in JSON, with defaults and descriptions. @param {ContractCode} code */
export function configSchema({ config, camerasOption }) {
  const options = new Map(config.describeOptions().map((option) => [option.path, option]));
  const made = converted(config.CONFIG);
  const sections = /** @type {Record<string, JsonSchema>} */ (made['properties']);
  const properties = Object.fromEntries(
    Object.entries(sections).map(([name, section]) => [name, describedSection(name, section, options)]),
  );
  const { properties: settings } = /** @type {JsonSchema} */ (changed(sections['camera'], undescribed));
  const cameras = {
    description: camerasOption.description,
    default: camerasOption.default,
    type: ['object', 'null'],
    additionalProperties: { type: ['object', 'null'], properties: settings },
  };
  return { ...made, properties: { ...properties, cameras } };
}

/**
 * Defaults and descriptions stand where readers look for them: beside the name, not within what it may be.
 *
 * @param {string} name @param {JsonSchema} section
 * @param {ReadonlyMap<string, { readonly default: unknown, readonly description: string }>} options
 */
function describedSection(name, section, options) {
  /** @param {string} path @param {JsonSchema} schema */
  const described = (path, schema) => {
    const { default: _, ...rest } = /** @type {JsonSchema} */ (changed(schema, undescribed));
    const { description, default: value } = options.get(path) ?? {};
    return { description, default: value, ...rest };
  };
  const inner = section['properties'];
  if (inner === undefined) return described(name, section);
  const entries = Object.entries(/** @type {Record<string, JsonSchema>} */ (inner));
  return {
    ...section,
    properties: Object.fromEntries(entries.map(([key, schema]) => [key, described(`${name}.${key}`, schema)])),
  };
}

/** @param {ContractCode} code @returns {JsonSchema} */
function commandSchema(code) {
  const { COMMANDS, COMMAND_NAMES } = code.commands;
  const spellings = COMMAND_NAMES.map((name) => [name, ...COMMANDS[name].aliases]);
  const envelope = converted(code.envelope);
  const properties = /** @type {Record<string, JsonSchema>} */ (envelope['properties']);
  return {
    title: 'A command: one line of stdin, or what command() takes',
    ...envelope,
    properties: { ...properties, command: { enum: spellings.flat() } },
    allOf: COMMAND_NAMES.map((name, index) => where('command', { enum: spellings[index] }, reference(name))),
    definitions: Object.fromEntries(
      COMMAND_NAMES.map((name) => [name, { description: COMMANDS[name].summary, ...parametersSchema(code, name) }]),
    ),
  };
}

/** @param {ContractCode} code @returns {JsonSchema} */
function statusSchema(code) {
  const { statuses } = code;
  const names = /** @type {(keyof typeof statuses)[]} */ (Object.keys(statuses));
  /** The first that has the same data. @param {keyof typeof statuses} name */
  const first = (name) => names.find((other) => statuses[other] === statuses[name]) ?? name;
  return {
    title: 'A status: one line of stdout, or what sendStatus is given',
    type: 'object',
    required: ['type', 'status', 'timestamp', 'data'],
    properties: {
      type: { const: 'status' },
      status: { enum: names },
      timestamp: {
        description: 'ISO 8601 with milliseconds, UTC.',
        type: 'string',
        pattern: String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`,
      },
      command_id: { description: 'As in_reply_to, for older hosts.', type: 'string' },
      in_reply_to: { description: 'The id of the command that caused it.', type: 'string' },
      data: { type: 'object' },
    },
    dependencies: { in_reply_to: ['command_id'], command_id: ['in_reply_to'] },
    allOf: names.map((name) => where('status', { const: name }, { properties: { data: reference(first(name)) } })),
    definitions: Object.fromEntries(
      names.filter((name) => first(name) === name).map((name) => [name, dataSchema(code, name)]),
    ),
  };
}

/**
 * Where a field is so, the whole is so. Validators then tell what is wrong with this command, not that it is none of twenty.
 *
 * @param {string} field @param {JsonSchema} value @param {JsonSchema} whole @returns {JsonSchema}
 */
function where(field, value, whole) {
  // oxlint-disable-next-line unicorn/no-thenable -- a word of JSON Schema; nobody awaits it
  return { if: { properties: { [field]: value }, required: [field] }, then: whole };
}

/** @param {string} name */
const reference = (name) => ({ $ref: `#/definitions/${name}` });

/**
 * The schema files by name.
 *
 * @param {ContractCode} code
 * @returns {Record<string, JsonSchema>}
 */
export function schemaFiles(code) {
  const schemas = {
    command: commandSchema(code),
    status: statusSchema(code),
    config: { title: 'A configuration in JSON', ...configSchema(code) },
    info: { title: 'The info file beside a recording', ...converted(code.infoShape) },
  };
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [
      `${name}.schema.json`,
      { $schema: DRAFT, $id: `urn:csi-cameras:${code.contractVersion}:${name}`, ...schema },
    ]),
  );
}

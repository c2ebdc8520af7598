import type * as v from 'valibot';
import { ERROR_CODES } from '../../src/core/errors.js';

/** A field of a schema as the documents list it. */
export interface FieldWords {
  /** `cameras[].latency_ms.median` */
  readonly path: string;
  /** `text`, `whole number or null`, ... */
  readonly type: string;
  readonly isOptional: boolean;
}

/** What is read of a schema; valibot's own types tell each kind apart and are of no help in walking any of them. */
interface SchemaShape {
  readonly type: string;
  readonly wrapped?: SchemaShape;
  readonly item?: SchemaShape;
  readonly entries?: Readonly<Record<string, SchemaShape>>;
  /** Of a choice the words, of a union the schemas. */
  readonly options?: readonly (string | SchemaShape)[];
  readonly literal?: unknown;
  readonly pipe?: readonly SchemaShape[];
}

const WRAPPERS = new Set(['optional', 'nullable', 'nullish']);

/** The fields of an object's schema, those of objects inside it included, in order. */
export function fieldsOf(entries: v.ObjectEntries, prefix = ''): FieldWords[] {
  return Object.entries(entries as unknown as Readonly<Record<string, SchemaShape>>).flatMap(([name, schema]) => {
    const path = `${prefix}${name}`;
    const inner = unwrapped(schema);
    const own = { path, type: typeOf(schema), isOptional: schema.type === 'optional' || schema.type === 'nullish' };
    const within = inner.type === 'array' ? unwrapped(inner.item ?? inner) : inner;
    const prefixWithin = inner.type === 'array' ? `${path}[].` : `${path}.`;
    // Settings have a table of their own, in docs/configuration.md.
    if (own.type.startsWith('settings by name')) return [own];
    return [own, ...fieldsOf((within.entries ?? {}) as unknown as v.ObjectEntries, prefixWithin)];
  });
}

function unwrapped(schema: SchemaShape): SchemaShape {
  return WRAPPERS.has(schema.type) && schema.wrapped !== undefined ? unwrapped(schema.wrapped) : schema;
}

function typeOf(schema: SchemaShape): string {
  const inner = schema.wrapped;
  if (inner !== undefined) return schema.type === 'nullable' ? `${typeOf(inner)} or null` : typeOf(inner);
  switch (schema.type) {
    case 'string':
      return wordsOfText(schema);
    case 'number':
      return stepsOf(schema).some(({ type }) => type === 'safe_integer') ? 'whole number' : 'number';
    case 'boolean':
      return 'true or false';
    case 'literal':
      return JSON.stringify(schema.literal);
    case 'picklist':
      return wordsOfChoice(schema.options ?? []);
    case 'union':
      return schemasOf(schema)
        .map((option) => typeOf(option))
        .join(' or ');
    case 'array':
      return 'list of objects';
    case 'tuple':
      return 'list of numbers';
    case 'record':
      return 'counts by name';
    case 'object':
      return 'object';
    case 'strict_object':
      return 'settings by name';
    default:
      throw new Error(`The documents have no word for ${schema.type}.`);
  }
}

/** A text that is then held against a list is a choice. */
function wordsOfText(schema: SchemaShape): string {
  const choice = stepsOf(schema).find(({ type }) => type === 'picklist');
  return choice === undefined ? 'text' : wordsOfChoice(choice.options ?? []);
}

/** What a value goes through, pipes within pipes included. */
function stepsOf({ pipe = [] }: SchemaShape): readonly SchemaShape[] {
  return pipe.flatMap((step) => (step.pipe === undefined ? [step] : stepsOf(step)));
}

function schemasOf({ options = [] }: SchemaShape): readonly SchemaShape[] {
  return options.filter((option) => typeof option !== 'string');
}

function wordsOfChoice(options: readonly (string | SchemaShape)[]): string {
  const words = options.filter((option) => typeof option === 'string').join(', ');
  return words === ERROR_CODES.join(', ') ? 'error code' : words;
}

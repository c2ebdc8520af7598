import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Ajv as AjvClass, ValidateFunction } from 'ajv';
import type standalone from 'ajv/dist/standalone/index.js';
import { ROOT } from './paths.js';

/**
 * The published schemas (docs/schemas) as a host's validator reads them: strictly. Each is compiled once, into a file, because
 * ajv takes half a second to load and to compile them, the files milliseconds, and there are many suites.
 */

export type SchemaName = 'command' | 'status' | 'config' | 'info';

const require = createRequire(import.meta.url);
const compiled = new Map<SchemaName, ValidateFunction>();

/** What is wrong with the value; `undefined` where it is valid. */
export function againstSchema(name: SchemaName, value: unknown): string | undefined {
  const validate = compiled.get(name) ?? (require(compiledFile(name)) as ValidateFunction);
  compiled.set(name, validate);
  if (validate(value)) return undefined;
  const problems = (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath || 'it'} ${message} ${JSON.stringify(params)}`,
  );
  return `not valid by ${name}.schema.json: ${problems.join('; ')}`;
}

/** Named by what it is made from: another schema is another file. */
function compiledFile(name: SchemaName): string {
  const schema = readFileSync(join(ROOT, `docs/schemas/${name}.schema.json`), 'utf8');
  const ajvPackage = readFileSync(join(ROOT, 'node_modules/ajv/package.json'));
  const digest = createHash('sha256').update(ajvPackage).update(schema).digest('hex').slice(0, 16);
  const path = join(ROOT, `node_modules/.cache/csi-cameras/${name}-${digest}.cjs`);
  if (existsSync(path)) return path;
  mkdirSync(dirname(path), { recursive: true });
  // Another process may be at it too: whoever is last replaces the same text.
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, compile(JSON.parse(schema) as object));
  renameSync(draft, path);
  return path;
}

/** A schema that a strict validator does not take is an error here. */
function compile(schema: object): string {
  const { Ajv } = require('ajv') as { Ajv: typeof AjvClass };
  const { default: standaloneCode } = require('ajv/dist/standalone') as { default: typeof standalone.default };
  const ajv = new Ajv({ strict: true, strictRequired: true, inlineRefs: false, code: { source: true } });
  return standaloneCode(ajv, ajv.compile(schema));
}

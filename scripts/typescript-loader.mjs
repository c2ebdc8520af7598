/**
 * Lets Node 20 run the TypeScript of src/ and test/ as it stands: `node --import ./scripts/typescript-loader.mjs FILE.ts`.
 * Transforms with swc by .swcrc, as the tests do; checks no types (`npm run check` does). Loaded twice: by `--import`,
 * where it registers itself, and then in Node's loader thread, which calls `resolve` and `load`.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { transform } from '@swc/core';

if (isMainThread) register(import.meta.url);

const SWCRC = fileURLToPath(new URL('../.swcrc', import.meta.url));

/** Imports end in `.js`, as they will after the build: here the source stands in that place. @type {import('node:module').ResolveHook} */
export async function resolve(specifier, context, nextResolve) {
  const parent = context.parentURL;
  if (specifier.startsWith('.') && specifier.endsWith('.js') && parent?.endsWith('.ts') === true) {
    const source = new URL(specifier.replace(/\.js$/, '.ts'), parent);
    if (existsSync(source)) return nextResolve(source.href, context);
  }
  return nextResolve(specifier, context);
}

/** @type {import('node:module').LoadHook} */
export async function load(url, context, nextLoad) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return nextLoad(url, context);
  const filename = fileURLToPath(url);
  const { code } = await transform(await readFile(filename, 'utf8'), { filename, configFile: SWCRC });
  return { format: 'module', source: code, shortCircuit: true };
}

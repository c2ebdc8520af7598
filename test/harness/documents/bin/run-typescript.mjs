#!/usr/bin/env node
// @ts-check
/** Runs the TypeScript on stdin as a module in the current folder. Its types are looked at by another test. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { transform } from '@swc/core';

const source = await text(process.stdin);
const options = { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } };
const { code } = await transform(source, /** @type {import('@swc/core').Options} */ ({ ...options, swcrc: false }));
const path = join(process.cwd(), `.block-${process.pid}.mjs`);
writeFileSync(path, code);
await import(pathToFileURL(path).href);

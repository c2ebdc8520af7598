import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { importsOfFiles } from '../../scripts/structure.mjs';
import { ROOT } from '../harness/paths.js';

const TEST = join(ROOT, 'test');
const HERE = 'unit/split.test.ts';
/** The places of the built programs: whoever names one of them starts it. */
const PATHS = 'harness/paths.ts';
const imports = importsOfFiles(TEST);

/** What `test/unit` loads of `test/`, helpers of helpers included. What of this lies outside is in `imports`. */
function loaded(): string[] {
  const found = new Set([...imports.keys()].filter((file) => file.startsWith('unit/')));
  // A set is walked to its end, with what is added on the way.
  for (const file of found) for (const target of imports.get(file) ?? []) if (imports.has(target)) found.add(target);
  return [...found].filter((file) => file !== HERE && file !== PATHS);
}

const filesWith = (pattern: RegExp): string[] =>
  loaded().filter((file) => pattern.test(readFileSync(join(TEST, file), 'utf8')));

describe('test/unit', () => {
  it('is looked at with its helpers', () => {
    expect(loaded()).toEqual(expect.arrayContaining(['unit/structure.test.ts', 'harness/fake-pipeline.ts']));
  });

  it('needs no build: what runs a built program is in test/process', () => {
    expect(filesWith(/(?<!ajv\/)\bdist\/|\b(?:MAIN|VIRTUAL_CAMERA)\b/)).toEqual([]);
  });

  it('starts no thread: what does is in test/process', () => {
    expect(filesWith(/\bnew Worker\b|\bworkerThreads\b/)).toEqual([]);
  });

  it('needs no reader: what does is in test/readers', () => {
    const users = loaded().filter((file) => imports.get(file)?.includes('../scripts/readers.mjs'));
    expect(users).toEqual([]);
  });
});

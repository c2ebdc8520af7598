import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';
import { ROOT } from '../harness/paths.js';

it('has every export with its docstring in docs/api.md: else npm run api', async () => {
  // A process of its own: Jest takes seconds to load the parser and the formatter.
  const script = join(ROOT, 'scripts/make-api-reference.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [script, '--print'], { maxBuffer: 2 ** 24 });
  expect(readFileSync(join(ROOT, 'docs/api.md'), 'utf8')).toBe(stdout);
});

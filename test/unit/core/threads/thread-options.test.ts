import { expect, it } from '@jest/globals';
import { threadOptions } from '../../../../src/core/threads/thread-options.js';

it("passes on of Node's options what is for threads, with its value", () => {
  const options = ['--input-type=module', '--import', './a.mjs', '-r', './b.cjs', '--require=./c.cjs', '-e', 'code'];
  expect(threadOptions(options)).toEqual(['--import', './a.mjs', '-r', './b.cjs', '--require=./c.cjs']);
  const profile = ['--cpu-prof', '--max-old-space-size=4096', '--cpu-prof-dir', '/tmp/p', '--cpu-prof-name=n'];
  expect(threadOptions(profile)).toEqual(['--cpu-prof', '--cpu-prof-dir', '/tmp/p', '--cpu-prof-name=n']);
  expect(threadOptions([])).toEqual([]);
});

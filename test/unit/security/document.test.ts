import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { toolEnvironment } from '../../../src/capture/tool-process.js';
import { ROOT } from '../../harness/paths.js';

const TEXT = readFileSync(join(ROOT, 'docs/security.md'), 'utf8');

describe('docs/security.md', () => {
  it('names every variable that the capture tool gets', () => {
    const source = readFileSync(join(ROOT, 'src/capture/tool-process.ts'), 'utf8');
    const lists = /const PASSED_ON = .*;\nconst PASSED_ON_PREFIXES = .*;/.exec(source)?.[0] ?? '';
    const passedOn = [...lists.matchAll(/'([A-Z_]+)'/g)].map(([, name = '']) => name);
    expect(passedOn.length).toBeGreaterThan(4);
    const set = Object.keys(toolEnvironment({}));
    expect([...passedOn, ...set].filter((name) => !TEXT.includes(`\`${name}\``))).toEqual([]);
    expect(Object.keys(toolEnvironment({ SECRET: 'x', NODE_OPTIONS: 'x', LD_PRELOAD: 'x' }))).toEqual(set);
  });

  it('names tests that are there', () => {
    const paths = [...TEXT.matchAll(/`(test\/[^`]+)`/g)].map(([, path = '']) => path);
    expect(paths.length).toBeGreaterThan(3);
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});

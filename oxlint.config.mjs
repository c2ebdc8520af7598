import { defineConfig } from 'oxlint';

/** What each room of `src/` may import from, besides Node and packages; container.ts alone sees everything (docs/architecture.md). */
const FLOORS = {
  core: [],
  protocol: ['core'],
  capture: ['core'],
  recording: ['core'],
  logging: ['core'],
  pipeline: ['capture', 'recording', 'core'],
  monitor: ['protocol', 'core'],
  inspect: ['recording', 'core'],
  machine: ['capture', 'core'],
  module: ['pipeline', 'logging', 'monitor', 'protocol', 'core'],
  cli: ['module', 'inspect', 'machine', 'monitor', 'protocol', 'core'],
};
const ROOMS = [...Object.keys(FLOORS), 'virtual-camera'];
const INJECTION = { name: 'tsyringe', message: 'Import from module/injection.js: it leaves no globals in the host.' };

/**
 * @param {string} room
 * @param {readonly string[]} below
 * @returns {import('oxlint').OxlintOverride}
 */
function floor(room, below) {
  const others = ROOMS.filter((other) => other !== room && !below.includes(other));
  return {
    files: [`src/${room}/**`],
    excludeFiles: ['src/module/container.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: others.map((other) => `**/${other}/**`),
              message: `${room}/ may import only from: ${below.join(', ') || 'Node'} (docs/architecture.md).`,
            },
          ],
          paths: [INJECTION],
        },
      ],
    },
  };
}

/**
 * @param {string} files of the virtual camera
 * @param {string} outside the folder above all of it, as they see it
 * @returns {import('oxlint').OxlintOverride}
 */
function outsideOf(files, outside) {
  const message = 'The virtual camera imports nothing of the module: a shared bug would cancel itself out.';
  const patterns = [{ group: [`${outside}/*`, `${outside}/**`], message }];
  return { files: [files], rules: { 'no-restricted-imports': ['error', { patterns }] } };
}

export default defineConfig({
  plugins: ['typescript', 'import', 'unicorn', 'promise', 'node', 'oxc'],
  categories: { correctness: 'error', suspicious: 'error', perf: 'error' },
  options: { typeAware: true },
  rules: {
    'typescript/no-explicit-any': 'error',
    'typescript/no-non-null-assertion': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/await-thenable': 'error',
    'typescript/switch-exhaustiveness-check': 'error',
    'typescript/only-throw-error': 'error',
    'typescript/no-unsafe-argument': 'error',
    'typescript/no-unsafe-assignment': 'error',
    'typescript/no-unsafe-call': 'error',
    'typescript/no-unsafe-member-access': 'error',
    'typescript/no-unsafe-return': 'error',
    'import/no-cycle': 'error',
    'no-empty': 'error',
    'no-console': 'error',
    eqeqeq: 'error',
    'no-await-in-loop': 'off',
    'no-underscore-dangle': 'off',
    'unicorn/no-array-sort': 'off',
    'import/no-unassigned-import': 'off',
    'typescript/consistent-return': 'off',
    'unicorn/require-module-specifiers': 'off',
    'promise/always-return': 'off',
    'typescript/no-unsafe-type-assertion': 'off',
    'oxc/no-map-spread': 'off',
    'unicorn/consistent-function-scoping': 'off',
    'no-restricted-imports': ['error', { paths: [INJECTION] }],
  },
  ignorePatterns: ['dist', 'coverage', 'node_modules', 'demo-session'],
  overrides: [
    ...Object.entries(FLOORS).map(([room, below]) => floor(room, below)),
    // What runs in browsers imports no Node.
    {
      files: ['src/monitor/page/**', 'src/monitor/wording/**'],
      rules: { 'import/no-nodejs-modules': 'error' },
    },
    outsideOf('src/virtual-camera/*.ts', '..'),
    outsideOf('src/virtual-camera/*/*.ts', '../..'),
    {
      files: ['src/cli/**', 'src/virtual-camera/**', 'bench/**', 'examples/**', 'scripts/**', 'test/**'],
      rules: { 'no-console': 'off' },
    },
    {
      files: ['test/**'],
      rules: { 'typescript/no-unsafe-assignment': 'off', 'typescript/no-unsafe-argument': 'off' },
    },
    { files: ['src/module/injection.ts', 'test/**'], rules: { 'no-restricted-imports': 'off' } },
  ],
});

/** @type {import('jest').Config} */
export default {
  roots: ['<rootDir>/src', '<rootDir>/test'],
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testEnvironment: 'node',
  globalSetup: '<rootDir>/test/harness/own-state.mjs',
  globalTeardown: '<rootDir>/test/harness/own-state-end.mjs',
  setupFiles: ['<rootDir>/test/harness/fixed-seed.ts'],
  setupFilesAfterEnv: ['<rootDir>/test/harness/once-more.ts', '<rootDir>/test/harness/held-lines-end.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', {}] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  coverageProvider: 'v8',
  collectCoverageFrom: ['src/**/*.ts'],
  coverageDirectory: 'coverage',
  coverageReporters: ['text-summary', 'json-summary', 'lcov'],
  testTimeout: 30_000,
  // Half a second, the default, is too short for a worker to end on a busy machine. What is really left open is still told.
  workerGracefulExitTimeout: 5_000,
};

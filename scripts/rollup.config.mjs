// @ts-check

/** What the build makes one file of: a browser and Node load one sooner than dozens. */

/** @type {import('rollup').RollupOptions[]} */
export default [
  { input: 'dist/monitor/page/monitor.js', output: { file: 'dist/monitor/site/monitor.js' } },
  // A quick check of a recording would take a tenth longer.
  {
    input: 'dist/cli/verify/verify.js',
    // It finds package.json by its own place.
    external: ['valibot', /\/core\/version\.js$/],
    output: { file: 'dist/cli/verify/verify.js', inlineDynamicImports: true },
  },
];

// @ts-check

/**
 * What the build makes few files of: a browser and Node load a few sooner than hundreds. Each program keeps its place in `dist`;
 * what several share lies in `dist/chunks`, and the package has no other code.
 */

/** Programs and threads, and what others import. */
const ENTRIES = [
  'index',
  'cli/main',
  'pipeline/thread/pipeline-worker',
  'monitor/server/monitor-worker',
  'inspect/video/frame-worker',
  'capture/still/still-process',
  'virtual-camera/main',
  'virtual-camera/still',
];

/** It looks at the host's globals before a dependency adds to them, so it is loaded before: imports of one file come before its code. */
const LOADED_FIRST = { 'host-globals': ['dist/module/host-globals.js'] };

/** @type {import('rollup').RollupOptions[]} */
export default [
  { input: 'dist/monitor/page/monitor.js', output: { file: 'dist/monitor/site/monitor.js' } },
  {
    input: Object.fromEntries(ENTRIES.map((name) => [name, `dist/${name}.js`])),
    external: (name) => !/^[./]/.test(name) && !name.startsWith('dist/'),
    output: {
      dir: 'dist',
      entryFileNames: '[name].js',
      chunkFileNames: 'chunks/[name].js',
      manualChunks: LOADED_FIRST,
      hoistTransitiveImports: false,
    },
  },
];

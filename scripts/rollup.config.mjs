// @ts-check

/**
 * What the build makes few files of: a browser and Node load a few sooner than hundreds. Each program keeps its place in `dist`;
 * what several share lies in `dist/chunks`, and the package has no other code.
 */

/** Programs and threads, and what others import. `files` of package.json has the same ones. */
export const ENTRIES = [
  'index',
  'cli/main',
  'pipeline/thread/pipeline-worker',
  'monitor/server/monitor-worker',
  'inspect/video/frame-worker',
  'capture/still/still-process',
  'virtual-camera/main',
  'virtual-camera/still',
];

/** What stays in files of its own, by the file's name. */
const APART = {
  // It looks at the host's globals before a dependency adds to them, and the imports of a file come before its code.
  'host-globals': ['dist/module/host-globals.js'],
  // The bench looks into these (`bench/probe/inner-files.mjs`).
  'waiting-reads': ['dist/capture/stream/waiting-reads.js'],
  'frame-router': ['dist/pipeline/frame-router.js'],
  'avi-file': ['dist/recording/avi/avi-file.js'],
};

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
      manualChunks: APART,
      onlyExplicitManualChunks: true,
      minifyInternalExports: false,
      hoistTransitiveImports: false,
    },
  },
];

// @ts-check

/** The module's inner files that the probe looks into, below `dist/`: the one place to follow when they move. `scripts/rollup.config.mjs` keeps them in files of their own. */
export const INNER_FILES = {
  waitingReads: 'chunks/waiting-reads.js',
  frameRouter: 'chunks/frame-router.js',
  aviFile: 'chunks/avi-file.js',
};

// @ts-check

/** The module's inner files that the probe looks into, below `dist/`: the one place to follow when they move. */
export const INNER_FILES = {
  frameParser: 'capture/frame-parser.js',
  frameRouter: 'pipeline/frame-router.js',
  aviFile: 'recording/avi/avi-file.js',
};

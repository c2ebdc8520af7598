// @ts-check

/** How the probe is told, in the environment of the module that it is loaded into. */

/** The built module (`dist/`). */
export const DIST_VARIABLE = 'CSI_BENCH_DIST';
/** Folder for the times of each camera's thread. */
export const FOLDER_VARIABLE = 'CSI_BENCH_PROBE';

import { fileURLToPath } from 'node:url';

/** The built program: `npm test` builds first. */
export const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
export const VIRTUAL_CAMERA = fileURLToPath(new URL('../../dist/virtual-camera/main.js', import.meta.url));
export const STILL_CAMERA = fileURLToPath(new URL('../../dist/virtual-camera/still.js', import.meta.url));
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

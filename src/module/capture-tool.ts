import { packagePath } from '../core/own-package.js';
import type { Config } from '../protocol/config.js';

/** The virtual camera is a separate program. It always comes from `dist`, even if this file runs from `src`. */
const VIRTUAL_CAMERA = packagePath('dist/virtual-camera/main.js');
const VIRTUAL_STILL = packagePath('dist/virtual-camera/still.js');

/** The capture tool and its first arguments; ours follow. Empty: the camera source looks for the tool on PATH. */
export function captureToolOf(config: Config): readonly string[] {
  if (config.camera.tool !== '') return [config.camera.tool];
  return config.simulate ? [process.execPath, VIRTUAL_CAMERA] : [];
}

/** The still tool in the same way. `camera.tool` names a tool for video, so it has no meaning here. */
export function stillToolOf(request: {
  readonly simulate: boolean;
  readonly tool?: string | undefined;
}): readonly string[] {
  if (request.tool !== undefined) return [request.tool];
  return request.simulate ? [process.execPath, VIRTUAL_STILL] : [];
}

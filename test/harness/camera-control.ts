import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Switches the virtual camera's misbehaviours while it runs, through its control file (docs/virtual-camera.md).
 * `env` goes into the environment of whoever starts the camera.
 */
export interface CameraControl {
  readonly env: Readonly<Record<string, string>>;
  /** For example `hang-after=10`; '' behaves again. */
  misbehave(how: string): Promise<void>;
}

export async function cameraControl(folder: string, atStart = ''): Promise<CameraControl> {
  const path = join(folder, 'camera-control');
  await writeFile(path, '');
  return {
    env: { CSI_VIRTUAL_CAMERA: atStart, CSI_VIRTUAL_CAMERA_CONTROL: path },
    misbehave: (how) => writeFile(path, how),
  };
}

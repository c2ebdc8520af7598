import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VIRTUAL_CAMERA } from './paths.js';

/** Virtual cameras that misbehave each in its own way. */
export interface CamerasOfTheirOwn {
  /** The capture tool to configure. */
  readonly tool: string;
  /** What holds for the camera with this index: running misbehaviours at once, those of the start at its next one. */
  misbehave(index: number, how: string): Promise<void>;
}

export async function camerasOfTheirOwn(folder: string, count: number): Promise<CamerasOfTheirOwn> {
  const control = (index: number | string): string => join(folder, `camera-control-${index}`);
  await Promise.all(Array.from({ length: count }, (_, index) => writeFile(control(index), '')));
  const tool = join(folder, 'capture-tool');
  const script = [
    '#!/bin/sh',
    'index=$(printf "%s\\n" "$@" | sed -n "/^--camera$/{n;p;}")',
    `[ -z "$index" ] || export CSI_VIRTUAL_CAMERA_CONTROL='${control('')}'"$index"`,
    `exec '${process.execPath}' '${VIRTUAL_CAMERA}' "$@"`,
  ];
  await writeFile(tool, `${script.join('\n')}\n`, { mode: 0o755 });
  return { tool, misbehave: (index, how) => writeFile(control(index), how) };
}

import { fileURLToPath } from 'node:url';
import type { Config } from '../protocol/config.js';

/** The virtual camera is a program of its own: the built one, also where this file runs unbuilt. */
const VIRTUAL_CAMERA = fileURLToPath(new URL('../../dist/virtual-camera/main.js', import.meta.url));

/** The program that captures, with arguments that come before ours; empty: the source looks on PATH. */
export function captureToolOf(config: Config): readonly string[] {
  if (config.camera.tool !== '') return [config.camera.tool];
  return config.simulate ? [process.execPath, VIRTUAL_CAMERA] : [];
}

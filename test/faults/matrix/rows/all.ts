import type { PlannedRow } from '../run-rows.js';
import { cameraEnd } from './camera-end.js';
import { cameraLoss } from './camera-loss.js';
import { cameraStart } from './camera-start.js';
import { disk } from './disk.js';
import { diskLimits } from './disk-limits.js';
import { host } from './host.js';
import { load } from './load.js';
import { logs } from './logs.js';
import { sessionDir } from './session-dir.js';
import { settings } from './settings.js';
import { shutdown } from './shutdown.js';
import { stream } from './stream.js';

const THEMES = [
  cameraLoss,
  stream,
  cameraStart,
  cameraEnd,
  settings,
  disk,
  diskLimits,
  sessionDir,
  host,
  logs,
  load,
  shutdown,
];

/** Every fault, theme by theme. */
export const PLANNED: readonly PlannedRow[] = THEMES.flatMap(({ title, rows }) =>
  rows.map((row) => ({ theme: title, row })),
);

import type { Finding } from '../finding.js';
import type { Machine } from '../machine.js';
import type { Plan } from '../plan.js';
import { checkCameras } from './cameras.js';
import { checkCapture } from './capture.js';
import { checkClockSane, checkClockSync } from './clock.js';
import { checkDevices, checkDmaHeap, checkHolders } from './devices.js';
import { checkFileSystem, checkFreeSpace, checkMount } from './disk.js';
import { checkDiskSpeed } from './disk-speed.js';
import { checkGovernor, checkLoad, checkPressure, checkTemperature } from './heat-and-load.js';
import { checkDiskErrors } from './kernel-log.js';
import { checkFileSize, checkMemory, checkOpenFiles } from './limits.js';
import { checkLogs } from './logs.js';
import { checkSupply, checkThrottling, checkUnderVoltage } from './power.js';
import { checkNode, checkTool } from './software.js';

export interface Check {
  /** For programs and documents. */
  readonly id: string;
  /** How long a finding is waited for, ms: a disk or a network that hangs holds up one check. */
  readonly limitMs: number;
  /** Shows how far it is, because it takes seconds. Such checks come one after another, when the others are done. */
  readonly isSlow?: true;
  readonly run: (
    machine: Machine,
    plan: Plan,
    signal: AbortSignal,
    onProgress: (doneMs: number, ofMs: number) => void,
  ) => Promise<Finding>;
}

/** A tool has 3 s, and a check asks at most three of them. */
const QUICK_MS = 10_000;

/** In the order in which a person reads them. `docs/doctor.md` has the same. */
export const CHECKS: readonly Check[] = [
  { id: 'node', limitMs: QUICK_MS, run: checkNode },
  { id: 'tool', limitMs: QUICK_MS, run: checkTool },
  { id: 'cameras', limitMs: QUICK_MS, run: checkCameras },
  { id: 'devices', limitMs: QUICK_MS, run: checkDevices },
  { id: 'dma_heap', limitMs: QUICK_MS, run: checkDmaHeap },
  { id: 'holders', limitMs: QUICK_MS, run: checkHolders },
  { id: 'capture', limitMs: 25_000, isSlow: true, run: checkCapture },
  { id: 'voltage', limitMs: QUICK_MS, run: checkUnderVoltage },
  { id: 'throttling', limitMs: QUICK_MS, run: checkThrottling },
  { id: 'supply', limitMs: QUICK_MS, run: checkSupply },
  { id: 'temperature', limitMs: QUICK_MS, run: checkTemperature },
  { id: 'governor', limitMs: QUICK_MS, run: checkGovernor },
  { id: 'load', limitMs: QUICK_MS, run: checkLoad },
  { id: 'pressure', limitMs: QUICK_MS, run: checkPressure },
  { id: 'clock_sync', limitMs: QUICK_MS, run: checkClockSync },
  { id: 'clock_date', limitMs: QUICK_MS, run: checkClockSane },
  { id: 'free_space', limitMs: QUICK_MS, run: checkFreeSpace },
  { id: 'file_system', limitMs: QUICK_MS, run: checkFileSystem },
  { id: 'mount', limitMs: QUICK_MS, run: checkMount },
  { id: 'disk_speed', limitMs: 30_000, isSlow: true, run: checkDiskSpeed },
  { id: 'disk_errors', limitMs: QUICK_MS, run: checkDiskErrors },
  { id: 'open_files', limitMs: QUICK_MS, run: checkOpenFiles },
  { id: 'file_size', limitMs: QUICK_MS, run: checkFileSize },
  { id: 'memory', limitMs: QUICK_MS, run: checkMemory },
  { id: 'logs', limitMs: QUICK_MS, run: checkLogs },
];

/** A child that the still tool leaves behind, where it is told to. It is the only process that the virtual camera starts. */
import { spawn } from 'node:child_process';

/** It is in the tool's process group, and keeps the tool's stdout and stderr open. `seconds`: digits. */
export function leaveChild(seconds: string): void {
  spawn('sleep', [seconds], { stdio: ['ignore', 'inherit', 'inherit'], shell: false }).unref();
}

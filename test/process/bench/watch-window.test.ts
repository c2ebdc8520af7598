import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { sampleOf } from '../../../bench/schedule/process-sample.mjs';
import { watchWindow } from '../../../bench/schedule/watch-window.mjs';

describe('watching a process', () => {
  const BUSY = `
    const { Worker } = require('node:worker_threads');
    const worker = new Worker('const end = Date.now() + 5000; setImmediate(function turn() { if (Date.now() < end) setImmediate(turn); })', { eval: true });
    worker.once('online', () => console.log('busy'));
  `;

  it('finds what its threads use, as the process as a whole does', async () => {
    const child = spawn(process.execPath, ['-e', BUSY], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await once(child.stdout, 'data');
      const cost = await watchWindow(child.pid ?? 0, { warmUpS: 0.1, windowS: 0.6 });
      expect(cost.seconds).toBeGreaterThanOrEqual(0.6);
      expect(cost.cpuUs).toBeGreaterThan(50_000);
      expect(cost.cpuUs).toBeGreaterThan((cost.cpuUsByThread['main'] ?? 0) * 2); // the worker is the busy one
      expect(cost.unseenCpuUs).toBeLessThan(cost.cpuUs / 4);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('says that the process ended, where it did', async () => {
    const child = spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' });
    await once(child, 'exit');
    expect(() => sampleOf(child.pid ?? 0)).toThrow('ended while it was watched');
  });
});

import { parentPort, workerData } from 'node:worker_threads';
import { type FrameJob, FramePass } from './frame-pass.js';
import { type FrameThreadData, STARTED } from './frame-threads.js';

/** Runs as a thread (`frame-threads.ts`). */
const pass = new FramePass((workerData as FrameThreadData).fd);

parentPort?.on('message', (job: FrameJob) => {
  parentPort?.postMessage(pass.look(job), []);
});
parentPort?.postMessage(STARTED, []);

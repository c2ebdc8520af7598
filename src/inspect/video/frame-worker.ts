import { parentPort, workerData } from 'node:worker_threads';
import { type FrameJob, FramePass } from './frame-pass.js';
import { type FrameThreadData, STARTED } from './frame-threads.js';

/** Runs as a thread (`frame-threads.ts`). */
const { fd, demands } = workerData as FrameThreadData;
const pass = new FramePass(fd, demands);

parentPort?.on('message', (job: FrameJob) => {
  parentPort?.postMessage(pass.look(job), []);
});
parentPort?.postMessage(STARTED, []);

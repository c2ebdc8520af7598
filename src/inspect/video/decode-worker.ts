import { parentPort, workerData } from 'node:worker_threads';
import { type DecodeJob, FrameDecoder } from './decode-frames.js';

/** Runs as a thread (`decode-threads.ts`). The descriptor is the process's: threads share it. */
const decoder = new FrameDecoder((workerData as { readonly fd: number }).fd);

parentPort?.on('message', (job: DecodeJob) => {
  parentPort?.postMessage(decoder.decode(job), []);
});

import { parentPort, resourceLimits, workerData } from 'node:worker_threads';
import { errnoOf, messageOf } from '../../core/errors.js';
import { endThreadOfLeak } from '../../core/threads/heap-limit.js';
import { withResolve } from '../../core/within.js';
import type { StatusMessage } from '../../protocol/statuses.js';
import type { MonitorWord, ServerOptions, ServerWord } from '../monitor-words.js';
import type { MonitorSnapshot } from '../view.js';
import { FrameDesk } from './frame-desk.js';
import { MonitorServer } from './monitor-server.js';

/**
 * The monitor's thread: the server, so that no client can cost the module's thread anything. An uncaught exception ends it; its
 * owner starts another. It ends with its owner, by itself where it cannot listen.
 */
const owner = parentPort;
if (owner === null) throw new Error('This file runs as a worker thread only.');

endThreadOfLeak(resourceLimits.maxOldGenerationSizeMb ?? Infinity);
let snapshot: MonitorSnapshot | null = null;
let requests = 0;
const waiting = new Map<number, (answer: StatusMessage) => void>();
const say = (word: ServerWord): void => {
  owner.postMessage(word, word.type === 'connectPreview' ? [word.port] : []);
};
const desk = new FrameDesk((deviceId, port) => {
  say({ type: 'connectPreview', deviceId, port });
});
const server = new MonitorServer({
  options: workerData as ServerOptions,
  snapshot: () => snapshot,
  frames: desk,
  command: (command) => {
    requests += 1;
    const { promise, resolve } = withResolve<StatusMessage>();
    waiting.set(requests, resolve);
    say({ type: 'command', request: requests, command });
    return promise;
  },
  // Loaded when somebody asks: its names come from the protocol's schemas, 2 MB and 30 ms.
  expose: async (...facts) => (await import('../metrics/exposition.js')).exposition(...facts),
});

owner.on('message', (word: MonitorWord) => {
  if (word.type === 'snapshot') {
    ({ snapshot } = word);
    desk.keep(new Set(snapshot.view.cameras.map((camera) => camera.device_id)));
    return;
  }
  waiting.get(word.request)?.(word.answer);
  waiting.delete(word.request);
});

try {
  say({ type: 'listening', port: await server.listen() });
} catch (thrown) {
  say({ type: 'refused', errno: errnoOf(thrown) ?? 'unknown', message: messageOf(thrown) });
  desk.close();
  owner.close();
}

/**
 * A thread in place of the monitor's server. It says that it listens, and does what the first name in its options says when a
 * snapshot comes.
 */
import { MessageChannel, parentPort, workerData } from 'node:worker_threads';

const owner = parentPort;
if (owner === null) throw new Error('This file runs as a worker thread only.');
/** @param {import('../../src/monitor/monitor-words.js').ServerWord} word */
const say = (word) => {
  owner.postMessage(word, word.type === 'connectPreview' ? [word.port] : []);
};

const { names, port } = /** @type {import('../../src/monitor/monitor-words.js').ServerOptions} */ (workerData);
/** @type {object | null} */
let leak = null;
/** @type {Record<string, () => void>} */
const deeds = {
  throw: () => {
    throw new Error('a mistake in the server');
  },
  exit: () => process.exit(3),
  spin: () => {
    for (;;);
  },
  // Small objects only: where a large one does not fit, V8 ends the whole process.
  leak: () => {
    for (;;) leak = { leak };
  },
  /** Asks for pictures, and has a command carried out. */
  ask: () => {
    const { port1, port2 } = new MessageChannel();
    say({ type: 'connectPreview', deviceId: 'picam:0', port: port2 });
    port1.postMessage({ type: 'want' });
    say({
      type: 'command',
      request: 1,
      command: { command: 'take_snapshot', device_id: 'picam:0' },
    });
  },
};

owner.on('message', (/** @type {import('../../src/monitor/monitor-words.js').MonitorWord} */ word) => {
  if (word.type === 'snapshot') {
    deeds[names[0] ?? '']?.();
    return;
  }
  // So the test hears what the thread heard.
  say({ type: 'refused', errno: 'EHEARD', message: JSON.stringify(word) });
  owner.close();
});
say({ type: 'listening', port: port || 40_001 });

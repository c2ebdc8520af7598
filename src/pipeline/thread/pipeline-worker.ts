import { parentPort, resourceLimits, workerData } from 'node:worker_threads';
import { systemClock } from '../../core/clock.js';
import { realFileSystem } from '../../core/file-system.js';
import { endThreadOfLeak } from '../../core/threads/heap-limit.js';
import type { PipelineOptions } from '../camera-pipeline.js';
import { defaultDependencies } from '../default-dependencies.js';
import { guarded } from '../guarded.js';
import { LocalPipeline } from '../local-pipeline.js';
import type { ThreadEvent, ThreadWord } from '../pipeline-messages.js';

/**
 * A camera's thread: the pipeline with its default dependencies. Messages come in, events go out. An uncaught exception
 * ends the thread, so that nothing goes on with an unknown state. Its owner (`CameraThread`) then answers for it.
 */
const port = parentPort;
if (port === null) throw new Error('This file runs as a worker thread only.');

endThreadOfLeak(resourceLimits.maxOldGenerationSizeMb ?? Infinity);
const say = (event: ThreadEvent): void => {
  port.postMessage(event);
};
// A log's context may hold a value that cannot be sent to another thread, so this listener is guarded. Owner events
// hold only numbers and paths, which can always be sent.
const listeners = { onEvent: guarded(say), onOwnerEvent: say };
const pipeline = new LocalPipeline(
  defaultDependencies(workerData as PipelineOptions, listeners, { clock: systemClock, fileSystem: realFileSystem }),
);

port.on('message', (word: ThreadWord) => {
  if (word.type === 'connectPreview') {
    pipeline.connectPreview(word.port);
    return;
  }
  if (word.type !== 'end') {
    pipeline.send(word);
    return;
  }
  void pipeline.end(word.untilNs).then(() => {
    // Without its port, the thread ends as soon as its last work is done (removing a note, closing a file).
    port.close();
  });
});

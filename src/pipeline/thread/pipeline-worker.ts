import { parentPort, resourceLimits, workerData } from 'node:worker_threads';
import { systemClock } from '../../core/clock.js';
import { realFileSystem } from '../../core/file-system.js';
import type { PipelineOptions } from '../camera-pipeline.js';
import { defaultParts } from '../default-parts.js';
import { guarded } from '../guarded.js';
import { LocalPipeline } from '../local-pipeline.js';
import type { ThreadEvent, ThreadWord } from '../pipeline-messages.js';
import { endThreadOfLeak } from './heap-limit.js';

/**
 * A camera's thread: the pipeline with the default collaborators. Words come in, events go out. What is thrown here and
 * caught by nobody ends the thread: its owner then answers for it (`CameraThread`), and nobody goes on with a state
 * that is unknown.
 */
const port = parentPort;
if (port === null) throw new Error('This file runs as a worker thread only.');

endThreadOfLeak(resourceLimits.maxOldGenerationSizeMb ?? Infinity);
const say = (event: ThreadEvent): void => {
  port.postMessage(event);
};
// A log's context comes from anywhere and may be what cannot cross; numbers and paths, which the owner hears, always can.
const listeners = { onEvent: guarded(say), onOwnerEvent: say };
const pipeline = new LocalPipeline(
  defaultParts(workerData as PipelineOptions, listeners, { clock: systemClock, fileSystem: realFileSystem }),
);

port.on('message', (word: ThreadWord) => {
  if (word.type !== 'end') {
    pipeline.send(word);
    return;
  }
  void pipeline.end(word.untilNs).then(() => {
    // Without its port the thread ends as soon as nothing is left to do (a note to take back, a file to close).
    port.close();
  });
});

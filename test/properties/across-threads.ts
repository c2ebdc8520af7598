import type { PipelineFactory } from '../../src/pipeline/camera-pipeline.js';

/** Pipelines as if each had a thread of its own: words are cloned, keep their order, and arrive in a turn of their own. */
export function acrossThreads(pipelines: PipelineFactory): PipelineFactory {
  return (options, onEvent) => {
    const pipeline = pipelines(
      structuredClone(options),
      posted((event) => {
        onEvent(event);
      }),
    );
    return {
      send: posted((command) => {
        pipeline.send(command);
      }),
      connectPreview: (port) => {
        pipeline.connectPreview(port);
      },
      end: (untilNs) => pipeline.end(untilNs),
    };
  };
}

function posted<Word>(deliver: (word: Word) => void): (word: Word) => void {
  return (word) => {
    const copy = structuredClone(word);
    setImmediate(() => {
      deliver(copy);
    });
  };
}

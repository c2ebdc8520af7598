import { findTool } from '../capture/find-tool.js';
import { RpicamSource } from '../capture/rpicam-source.js';
import { systemClock } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import { thisMachine, type Machine } from './machine.js';
import { answerOf } from './system-tools.js';

/** This machine with its capture tool: the given one, otherwise that on PATH. */
export function rpicamMachine(captureTool: readonly string[]): Machine {
  return thisMachine({
    source: new RpicamSource({ captureTool, clock: systemClock }),
    captureTool: async (toolArguments, signal) => {
      try {
        return await answerOf(await findTool(captureTool), toolArguments, signal);
      } catch (thrown) {
        signal.throwIfAborted();
        return { output: null, why: firstSentence(messageOf(thrown)) };
      }
    },
  });
}

/** Without its full stop: the advice of the check follows. */
function firstSentence(text: string): string {
  return (text.split('. ')[0] ?? '').replace(/\.$/, '');
}

/** rpicam-vid as a function. It reads its environment and command line and does what they ask. */
import { answer } from './answers.js';
import { launch, type Launch } from './launch.js';
import { openStream } from './open-stream.js';
import { helpText, parseOptions, type ToolOptions } from './options/vid-options.js';
import { say } from './output.js';
import { Streaming } from './streaming.js';

/** Reacts to a broken stdout as the real tool does: its writing thread throws, and the process is aborted. */
function abortOnBrokenOutput(): void {
  say("terminate called after throwing an instance of 'std::runtime_error'\n");
  say('  what():  failed to write output bytes\n');
  process.kill(process.pid, 'SIGABRT');
}

function stream(options: ToolOptions, { asked, controlPath }: Launch): void {
  const opened = openStream(options, asked, controlPath, () => {
    streaming.close();
    abortOnBrokenOutput();
  });
  const streaming = new Streaming(opened);
  const delayMs = Number(asked.get('start-delay') ?? 0);
  if (delayMs === 0) streaming.start();
  // Node fires a longer timer at once.
  else setTimeout(() => streaming.start(), Math.min(delayMs, 2 ** 31 - 1));
}

/** Runs the tool. What is read of `environment`, and how it ends: `launch`. */
export function runTool(args: readonly string[], environment: NodeJS.ProcessEnv): void {
  launch('rpicam-vid', environment, (launched) => {
    const options = parseOptions(args, launched.unknown);
    if (!answer(options, launched.asked, helpText)) stream(options, launched);
  });
}

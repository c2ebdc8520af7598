/** The tool as a function. It reads its environment and command line and does what they ask. */
import { readControlFile } from './control-file.js';
import { fatalLine, OLD_VERSION_TEXT, VERSION_TEXT } from './messages.js';
import { type Misbehaviours, parseMisbehaviours } from './misbehaviours.js';
import { openStream } from './open-stream.js';
import { helpText, parseOptions, type ToolOptions } from './options.js';
import { cameraListing } from './sensors.js';
import { presentCameras, sayPermissionDenied } from './start-failures.js';
import { print, say } from './output.js';
import { Streaming } from './streaming.js';
import { ToolError } from './tool-error.js';

const EXIT_MISTYPED = 2;
const EXIT_LIBRARY_MISSING = 127;
const EXIT_ERROR = 255;
const UNKNOWN_TO_OLD_VERSION = '--metadata+--metadata-format';

/** Reacts to a broken stdout as the real tool does: its writing thread throws, and the process is aborted. */
function abortOnBrokenOutput(): void {
  say("terminate called after throwing an instance of 'std::runtime_error'\n");
  say('  what():  failed to write output bytes\n');
  process.kill(process.pid, 'SIGABRT');
}

function run(options: ToolOptions, asked: Misbehaviours, controlPath: string): void {
  switch (options.action) {
    case 'help':
      print(helpText());
      return;
    case 'version':
      print(asked.has('old-version') ? OLD_VERSION_TEXT : VERSION_TEXT);
      return;
    case 'list':
      sayPermissionDenied(asked, asked.has('coloured-stderr'));
      print(cameraListing(presentCameras(asked)));
      return;
    case 'stream':
      break;
  }
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

/**
 * Runs the tool. `environment`: `CSI_VIRTUAL_CAMERA` and `CSI_VIRTUAL_CAMERA_CONTROL` are read. Ends the process if
 * it fails.
 */
export function runTool(args: readonly string[], environment: NodeJS.ProcessEnv): void {
  const controlPath = environment['CSI_VIRTUAL_CAMERA_CONTROL'] ?? '';
  let asked: Misbehaviours;
  try {
    const fromFile = controlPath === '' ? '' : readControlFile(controlPath);
    asked = parseMisbehaviours(`${environment['CSI_VIRTUAL_CAMERA'] ?? ''}\n${fromFile}`);
  } catch (error) {
    say(`virtual camera: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(EXIT_MISTYPED);
  }
  if (asked.has('library-missing')) {
    const library = 'librpicam_app.so.1.12.0';
    const reason = 'cannot open shared object file: No such file or directory';
    say(`rpicam-vid: error while loading shared libraries: ${library}: ${reason}\n`);
    process.exit(EXIT_LIBRARY_MISSING);
  }
  const unknown = asked.has('old-version') ? asked.get('old-version') || UNKNOWN_TO_OLD_VERSION : '';
  try {
    run(parseOptions(args, unknown.split('+')), asked, controlPath);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    say(fatalLine(error.message));
    process.exit(EXIT_ERROR);
  }
}

/** How each of the tools begins: its misbehaviours, and the end by an error. */
import { readControlFile } from './control-file.js';
import { fatalLine } from './messages.js';
import { type Misbehaviours, parseMisbehaviours } from './misbehaviours.js';
import { say } from './output.js';
import { ToolError } from './tool-error.js';

const EXIT_MISTYPED = 2;
const EXIT_LIBRARY_MISSING = 127;
const EXIT_ERROR = 255;
const UNKNOWN_TO_OLD_VERSION = '--metadata+--metadata-format';

export interface Launch {
  readonly asked: Misbehaviours;
  /** File that switches misbehaviours; '' for none. */
  readonly controlPath: string;
  /** Options that this version does not know. */
  readonly unknown: readonly string[];
}

/**
 * Runs a tool. `environment`: `CSI_VIRTUAL_CAMERA` and `CSI_VIRTUAL_CAMERA_CONTROL` are read. Ends the process if it
 * fails.
 */
export function launch(name: string, environment: NodeJS.ProcessEnv, run: (launched: Launch) => void): void {
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
    say(`${name}: error while loading shared libraries: ${library}: ${reason}\n`);
    process.exit(EXIT_LIBRARY_MISSING);
  }
  const unknown = asked.has('old-version') ? asked.get('old-version') || UNKNOWN_TO_OLD_VERSION : '';
  try {
    run({ asked, controlPath, unknown: unknown.split('+') });
  } catch (error) {
    failOn(error);
  }
}

/** Ends the process as the tool's own errors do. Anything else is thrown on. */
export function failOn(error: unknown): void {
  if (!(error instanceof ToolError)) throw error;
  say(fatalLine(error.message));
  process.exit(EXIT_ERROR);
}

/** One run of the tool that streams: the stream, the signals, the control file, and the end. */
import { type ByteSink } from './byte-sink.js';
import { CameraStream, type StreamDependencies } from './camera-stream.js';
import { watchControlFile } from './control-file.js';
import { type Ending } from './frame-faults.js';
import { fatalLine, logLine, startFailureLines, timeoutLines } from './messages.js';
import { BEHAVED, type Misbehaviours, parseMisbehaviours, whileRunning } from './misbehaviours.js';
import { say } from './output.js';

const EXIT_ERROR = 255;
const WATCHDOG_MS = 1000;
const RESTART_INTERVAL_MS = 1200;
const FLOOD_INTERVAL_MS = 50;

export interface StreamingDependencies {
  readonly stream: StreamDependencies;
  readonly sink: ByteSink;
  readonly misbehaviours: Misbehaviours;
  /** File that switches misbehaviours; '' for none. */
  readonly controlPath: string;
  /** Milliseconds, for the message. */
  readonly timeoutMs: number;
  /** Prints errors only. */
  readonly isQuiet: boolean;
  readonly isColoured: boolean;
}

export class Streaming {
  readonly #dependencies: StreamingDependencies;
  readonly #stream: CameraStream;
  #faultTimer: NodeJS.Timeout | undefined;
  #floodTimer: NodeJS.Timeout | undefined;
  #stopWatching = (): void => undefined;

  constructor(dependencies: StreamingDependencies) {
    this.#dependencies = dependencies;
    const listener = {
      onFinished: (): void => this.#end(0),
      onTimeoutReached: (): void =>
        this.#inform(`Halting: reached timeout of ${dependencies.timeoutMs} milliseconds.\n`),
      onEnding: (ending: Ending): void => this.#perform(ending),
    };
    this.#stream = new CameraStream(dependencies.stream, listener, whileRunning(dependencies.misbehaviours));
  }

  start(): void {
    // As in the real tool there is no handler before this moment, so an earlier SIGINT kills. SIGTERM kills at any
    // time.
    process.on('SIGINT', () => {
      this.#inform('Received signal 2\n');
      if (!this.#stream.faults.ignoresInterrupt) this.#stream.interrupt();
    });
    const { controlPath } = this.#dependencies;
    if (controlPath !== '') this.#stopWatching = watchControlFile(controlPath, (content) => this.#control(content));
    this.#flood();
    this.#stream.start();
  }

  /** Releases everything that keeps the process alive. */
  close(): void {
    this.#stream.close();
    this.#stopWatching();
    clearInterval(this.#faultTimer);
    clearInterval(this.#floodTimer);
  }

  #end(code: number): void {
    this.close();
    process.exit(code);
  }

  #inform(text: string): void {
    if (!this.#dependencies.isQuiet) say(text);
  }

  #control(content: string): void {
    const asked = parseOrSay(content);
    if (!asked) return;
    clearTimeout(this.#faultTimer);
    const names = [...asked].map(([name, value]) => (value === '' ? name : `${name}=${value}`));
    // This line tells the writer of the file from which moment on it holds.
    say(logLine('INFO', 'VirtualCamera control:', names.join(',') || 'behaves'));
    this.#stream.misbehave(asked);
    this.#flood();
  }

  #flood(): void {
    clearInterval(this.#floodTimer);
    const lines = Math.ceil((this.#stream.faults.floodLinesPerSecond * FLOOD_INTERVAL_MS) / 1000);
    if (lines === 0) return;
    this.#floodTimer = setInterval(() => {
      const line = logLine(
        'ERROR',
        'RPI cfe.cpp:1',
        'Frame start and end are out of step',
        this.#dependencies.isColoured,
      );
      say(line.repeat(lines));
    }, FLOOD_INTERVAL_MS);
  }

  #perform(ending: Ending): void {
    this.#stream.hang();
    const { isColoured, sink } = this.#dependencies;
    switch (ending.kind) {
      case 'hang':
        break;
      case 'exit':
        this.#end(ending.code);
        break;
      case 'fail':
        say(fatalLine(ending.text));
        this.#end(EXIT_ERROR);
        break;
      case 'signal':
        this.close();
        process.kill(process.pid, ending.signal);
        break;
      case 'close-stdout':
        sink.close();
        break;
      case 'restart-loop':
        this.#faultTimer = setInterval(() => say(timeoutLines(isColoured)), RESTART_INTERVAL_MS);
        break;
      case 'disconnect':
        this.#faultTimer = setTimeout(() => {
          say(timeoutLines(isColoured) + startFailureLines(isColoured) + fatalLine('failed to start camera'));
          this.#end(EXIT_ERROR);
        }, WATCHDOG_MS);
        break;
    }
  }
}

function parseOrSay(content: string): Misbehaviours | undefined {
  if (content.trim() === '') return BEHAVED;
  try {
    return whileRunning(parseMisbehaviours(content));
  } catch (error) {
    say(`virtual camera: control file: ${error instanceof Error ? error.message : String(error)}\n`);
    return undefined;
  }
}

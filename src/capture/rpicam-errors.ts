import { constants } from 'node:os';
import { errorWithAdvice, type CsiCamerasError, type ErrorCode } from '../core/errors.js';
import { OPTIONAL_OPTIONS, type OptionalOption } from './rpicam-arguments.js';
import type { ProcessExit } from './tool-process.js';

/** The codes that can describe a failing capture tool. */
export type CaptureErrorCode = Extract<
  ErrorCode,
  | 'capture_tool_missing'
  | 'permission_denied'
  | 'camera_in_use'
  | 'camera_not_found'
  | 'camera_disconnected'
  | 'frame_timeout'
  | 'sync_timeout'
  | 'unsupported_mode'
  | 'invalid_setting'
  | 'capture_failed'
>;

interface Rule {
  readonly code: CaptureErrorCode;
  /** Must match a line. */
  readonly text: RegExp;
  /** Must also match a line, the same or another. */
  readonly together?: RegExp;
}

/**
 * Messages of the tool and libcamera, in the order of the search. Causes come before their consequences: a missing
 * permission usually ends in "no cameras available", and a busy camera in "failed to configure streams". Two harmless
 * messages are not listed: "Unable to set controls: Device or resource busy" and "Pipeline handler in use by another
 * process".
 */
const RULES: readonly Rule[] = [
  { code: 'capture_tool_missing', text: /error while loading shared libraries|symbol lookup error/i },
  {
    code: 'permission_denied',
    text: /permission denied|could not open any dmaheap device|could not open any dma-buf provider/i,
  },
  // A camera whose tuning file cannot be used is not there for the tool.
  { code: 'invalid_setting', text: /failed to (?:open|load|parse) tuning (?:data )?file/i },
  { code: 'camera_in_use', text: /failed to acquire camera/i },
  {
    code: 'camera_in_use',
    text: /unable to set format: device or resource busy/i,
    together: /failed to configure streams/i,
  },
  {
    code: 'camera_not_found',
    text: /no cameras available|selected camera is not available|failed to find camera/i,
  },
  {
    code: 'camera_disconnected',
    text: /failed to start streaming: input\/output error|remote i\/o error/i,
    together: /failed to start camera/i,
  },
  {
    code: 'frame_timeout',
    text: /dequeue timer of .* has expired|camera frontend has timed out|device timeout detected/i,
  },
  {
    code: 'invalid_setting',
    text: new RegExp(
      [
        // `Invalid mode` alone is about the sensor mode
        'invalid (?:awb|denoise|metering|exposure|af ?mode|af ?range|af ?speed|hdr|time string)\\b',
        "the argument (?:\\('.*'\\) )?for option '?--[a-z-]+'? is (?:invalid|missing)",
        "the required argument for option '?--[a-z-]+'? is missing",
        'illegal rotation value',
        'transforms requiring transpose not supported',
      ].join('|'),
      'i',
    ),
  },
  {
    code: 'unsupported_mode',
    text: new RegExp(
      [
        'failed to valid stream configurations', // spelled like this
        'failed to configure streams',
        'failed to generate video configuration',
        "can't configure camera with invalid configuration",
        'invalid mode',
        'unrecogni[sz]ed option',
      ].join('|'),
      'i',
    ),
  },
  {
    code: 'capture_failed',
    text: new RegExp(
      [
        'dma-?heap allocation failure for',
        'failed to allocate capture buffers',
        'unable to request \\d+ buffers: cannot allocate memory',
        'failed to queue request',
        'no buffer to encode',
        'camera manager failed to start',
        'terminate called after throwing',
      ].join('|'),
      'i',
    ),
  },
];

const WHAT_HAPPENED: Readonly<Record<CaptureErrorCode, string>> = {
  capture_tool_missing: 'The capture tool could not run.',
  permission_denied: 'This user may not open the camera.',
  camera_in_use: 'The camera is in use.',
  camera_not_found: 'The camera was not found.',
  camera_disconnected: 'The camera does not answer.',
  frame_timeout: 'The camera sent no frames.',
  sync_timeout: 'The camera found no synchronising server.',
  unsupported_mode: 'The camera does not support the requested mode.',
  invalid_setting: 'The capture tool refuses a setting.',
  capture_failed: 'The capture tool failed.',
};

const EXIT_COMMAND_NOT_FOUND = 127;
const ENDING_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
const MAX_CONTEXT_CHARACTERS = 2000;
const MAX_QUOTE_CHARACTERS = 200;

/** `[0:01:02.345678] [1234] ERROR V4L2 v4l2_videodevice.cpp:1906 ` precedes libcamera's messages. */
const LIBCAMERA_PREFIX = /^\[[\d:.]+\]\s+\[\d+\]\s+[A-Z]+\s+\w+\s+\S+:\d+\s+/;
/** `ERROR: *** text ***` surrounds the tool's messages. */
const TOOL_FRAME = /^ERROR: \*\*\* (.*?) \*\*\*$/;

/** The message in a line of stderr, without its prefix or frame. */
export function textOf(line: string): string {
  const text = line.replace(LIBCAMERA_PREFIX, '');
  return TOOL_FRAME.exec(text)?.[1] ?? text;
}

/** Whether a line reports an error or a warning and deserves a log entry of its own. */
export function isComplaint(line: string): boolean {
  return /\b(?:ERROR|WARN|FATAL)\b/.test(line);
}

/** The error code that the lines mean, and the message that shows it; `undefined` if no known message appears. */
export function classify(lines: readonly string[]): { code: CaptureErrorCode; text: string } | undefined {
  const texts = lines.map(textOf);
  for (const rule of RULES) {
    const found = texts.find((text) => rule.text.test(text));
    if (found === undefined) continue;
    const { together } = rule;
    if (together === undefined || texts.some((text) => together.test(text))) return { code: rule.code, text: found };
  }
  return undefined;
}

/** The option that an old version does not know, if leaving it out may help. It names one at a time. */
export function unknownOption(lines: readonly string[]): OptionalOption | undefined {
  for (const line of lines) {
    const name = /unrecogni[sz]ed option '?(--[a-z-]+)/i.exec(line)?.[1];
    const known = OPTIONAL_OPTIONS.find((option) => option === name);
    if (known !== undefined) return known;
  }
  return undefined;
}

/**
 * Whether the tool ended as somebody asked it to, and not by a fault: by a signal that asks for an end, with the code
 * that a wrapper makes of it (128 + n), or with 0, as rpicam-vid answers SIGINT.
 */
export function isEndFromOutside(exit: ProcessExit | undefined): boolean {
  if (exit === undefined) return false;
  if (exit.signal !== null) return ENDING_SIGNALS.some((signal) => signal === exit.signal);
  return exit.code === 0 || ENDING_SIGNALS.some((signal) => exit.code === 128 + constants.signals[signal]);
}

/** The facts about a capture tool that ended or was given up. */
export interface CaptureFailure {
  readonly tool: string;
  /** The last relevant lines of stderr. */
  readonly lines: readonly string[];
  /** `undefined` while the process still runs. */
  readonly exit: ProcessExit | undefined;
  /** Frames delivered before the failure. */
  readonly frames: number;
}

/** The error for a tool that ended, or closed its stream, without being asked to. */
export function endedError(failure: CaptureFailure): CsiCamerasError {
  const known = classify(failure.lines);
  const code =
    known?.code ?? (failure.exit?.code === EXIT_COMMAND_NOT_FOUND ? 'capture_tool_missing' : 'capture_failed');
  const how = `${WHAT_HAPPENED[code]} ${describeEnd(failure)}${quote(known?.text ?? failure.lines.at(-1))}`;
  return errorWithAdvice(code, how, contextOf(failure));
}

/**
 * The error for a camera that sent no frame for `silentMs`. Messages that the tool wrote meanwhile may name a better
 * reason than `otherwise`.
 */
export function silenceError(
  failure: CaptureFailure,
  silentMs: number,
  otherwise: Extract<CaptureErrorCode, 'frame_timeout' | 'sync_timeout'> = 'frame_timeout',
): CsiCamerasError {
  const known = classify(failure.lines);
  const code = known?.code ?? otherwise;
  const since = failure.frames === 0 ? 'No first frame came' : 'No frame came';
  const how = `${WHAT_HAPPENED[code]} ${since} within ${Math.round(silentMs)} ms${quote(known?.text)}`;
  return errorWithAdvice(code, how, { ...contextOf(failure), silentMs: Math.round(silentMs) });
}

function describeEnd({ tool, exit, frames }: CaptureFailure): string {
  const after = frames === 0 ? 'before the first frame' : `after ${frames} frames`;
  if (exit === undefined) return `The stream of ${tool} ended ${after}`;
  if (exit.signal !== null) return `${tool} was ended by ${exit.signal} ${after}`;
  return `${tool} ended with exit code ${String(exit.code)} ${after}`;
}

function quote(text: string | undefined): string {
  return text === undefined ? '.' : `: "${text.slice(0, MAX_QUOTE_CHARACTERS)}".`;
}

function contextOf({ tool, lines, exit, frames }: CaptureFailure): Record<string, string | number> {
  return {
    tool,
    frames,
    ...(exit?.code === undefined || exit.code === null ? {} : { exitCode: exit.code }),
    ...(exit?.signal === undefined || exit.signal === null ? {} : { signal: exit.signal }),
    // The end is kept, because the last line usually names the cause of the exit.
    stderr: lines.join('\n').slice(-MAX_CONTEXT_CHARACTERS),
  };
}

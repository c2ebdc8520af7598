import { resolve } from 'node:path';
import type { PartialSettings } from '../../core/camera-settings.js';
import type { Clock } from '../../core/clock.js';
import { fromNow } from '../../core/deadline.js';
import { CsiCamerasError, errorWithAdvice } from '../../core/errors.js';
import type { FileSystem } from '../../core/file-system.js';
import { type CameraKind, cameraHolders } from '../camera-holders.js';
import { moduleWithCamera } from './module-with-camera.js';
import { findTool, isProgram, STILL_TOOL_NAMES, whereIs } from '../find-tool.js';
import type { ToolCommand } from '../tool-process.js';
import { placePicture, type PicturePlace } from './place-picture.js';
import { makeStillFolder } from './still-folder.js';
import { stillOptions, withoutUnknown, type StillOptions } from './still-options.js';
import { readGiven, readPicture, type StillGiven } from './still-picture.js';
import { runStill, type StillFailure } from './still-run.js';

/** Takes one picture of a camera that is not in use. What a module streams is asked for a picture by `take_snapshot`. */

/** Besides the exposures: start, settling, writing. A Raspberry Pi needs about 3 s. */
const LIMIT_MS = 20_000;
/** The tool may expose more than one picture until it keeps one, because the first after a change of mode is thrown away. */
const EXPOSURES = 3;

export interface StillRequest {
  readonly cameraIndex: number;
  /** Those of video alone (rate) have no meaning. Width and height left out: all of the sensor. */
  readonly settings: PartialSettings;
  /** The still tool, followed by at most one argument (a script). Empty: `rpicam-still` on PATH, else `libcamera-still`. */
  readonly tool: readonly string[];
  /** Whether the tool is the virtual camera, which nobody else can have. */
  readonly isVirtual: boolean;
  /**
   * Where the picture goes: the first place whose name is not in use. `isReplacing` ones are never in use. At most a few
   * names are tried.
   */
  readonly places: readonly PicturePlace[];
  /** Longest time for the tool, also where it has to be started more than once. Default: 20 s and three exposure times. */
  readonly limitMs?: number;
}

export interface Still extends StillGiven {
  readonly path: string;
  readonly byteLength: number;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Sentences for the person: what the tool did not know. */
  readonly notes: readonly string[];
}

export interface StillDependencies {
  readonly clock: Clock;
  readonly fileSystem: FileSystem;
  /** Of the notes on capture processes. Default: the usual one. */
  readonly noteFolder?: string;
  /** Where the private folder is made. Default: the system's folder for temporary files. */
  readonly temporaryFolder?: string;
}

/**
 * Takes the picture. Rejects with `capture_tool_missing`, `camera_in_use`, `camera_not_found`, `permission_denied`,
 * `unsupported_mode`, `invalid_setting`, `capture_failed`, `disk_full` or `io_error`, or with the reason of `signal`. Whatever happens, no
 * process, folder or part of a file is left.
 */
export async function takeStill(
  request: StillRequest,
  { clock, fileSystem, noteFolder, temporaryFolder }: StillDependencies,
  signal: AbortSignal,
): Promise<Still> {
  const { cameraIndex, settings, isVirtual } = request;
  const options = stillOptions(cameraIndex, settings);
  const tool = await findStillTool(request.tool);
  const owner = isVirtual ? undefined : await moduleWithCamera(cameraIndex, noteFolder);
  if (owner !== undefined) throw streamingError(cameraIndex, owner);
  signal.throwIfAborted();
  const folder = await makeStillFolder(tool, settings.tuningFile, temporaryFolder);
  try {
    const limitMs = request.limitMs ?? LIMIT_MS + (EXPOSURES * (settings.exposureTimeUs ?? 0)) / 1000;
    const untilNs = fromNow(clock, limitMs);
    const run = (tried: StillOptions): Promise<StillFailure | undefined> =>
      runStill(folder, tried, tool.program, { clock, limitMs, untilNs, signal });
    const notes = await runUntilKnown(options, run).catch(async (thrown: unknown) => {
      throw thrown instanceof CsiCamerasError
        ? await withHolder(thrown, cameraIndex, isVirtual ? 'virtual' : 'real')
        : thrown;
    });
    const { bytes, width, height } = await readPicture(folder.path, tool.program);
    const given = await readGiven(folder.path);
    const path = await place(fileSystem, request.places, bytes);
    return { path, byteLength: bytes.length, width, height, notes, ...given };
  } finally {
    await folder.remove();
  }
}

/** Runs the tool, again without each option that it does not know. Resolves with sentences about those. */
async function runUntilKnown(
  options: StillOptions,
  run: (options: StillOptions) => Promise<StillFailure | undefined>,
): Promise<readonly string[]> {
  const leftOut: string[] = [];
  let tried = options;
  for (;;) {
    const failure = await run(tried);
    if (failure === undefined) break;
    const fewer = withoutUnknown(tried, failure.lines);
    if (fewer === undefined) throw failure.error;
    tried = fewer.rest;
    leftOut.push(...fewer.leftOut);
  }
  return leftOut.map((name) => `The still tool does not know ${name}: it was left out.`);
}

/** The tool as an absolute path, because it is linked. */
async function findStillTool(configured: readonly string[]): Promise<ToolCommand> {
  const [named, ...leadingArguments] = configured;
  if (named === undefined) return findTool([], undefined, STILL_TOOL_NAMES);
  const found = await whereIs(named);
  const program = found === undefined ? undefined : resolve(found);
  if (program !== undefined && (await isProgram(program))) return { program, leadingArguments };
  throw errorWithAdvice('capture_tool_missing', `The still tool ${named} is not a program that can be run.`, {
    operation: 'look for the still tool',
    tool: named,
  });
}

async function place(fileSystem: FileSystem, places: readonly PicturePlace[], bytes: Buffer): Promise<string> {
  for (const one of places) if (await placePicture(fileSystem, one, bytes)) return one.path;
  const path = places.at(-1)?.path ?? '';
  throw new CsiCamerasError('io_error', `${path} is there already, and nothing was overwritten.`, { path });
}

function streamingError(index: number, owner: number): CsiCamerasError {
  return new CsiCamerasError(
    'camera_in_use',
    `Camera ${index} is streaming in csi-cameras (process ${owner}). Its host's command take_snapshot takes a picture meanwhile; ` +
      'for a still, end that process first.',
    { owner },
  );
}

async function withHolder(error: CsiCamerasError, index: number, kind: CameraKind): Promise<CsiCamerasError> {
  if (error.code !== 'camera_in_use') return error;
  const programs = (await cameraHolders(index, kind)).map(({ program, pid }) => `${program} (process ${pid})`);
  if (programs.length === 0) return error;
  const message = `${error.message} It is probably ${programs.join(' and ')}.`;
  return new CsiCamerasError(error.code, message, error.context, { cause: error });
}

import { withResolve } from '../../core/within.js';
import type { Report } from '../../protocol/statuses.js';
import type { Camera } from '../camera/camera.js';
import * as reports from '../reports.js';
import type { CommandTurn, HandlerContext } from './handler-context.js';

/** Commands that are about one camera, or about all of them at once. */

/** The camera with this device id, or every assigned one. */
export function camerasFor({ cameras }: HandlerContext, deviceId: string | undefined): readonly Camera[] {
  if (deviceId === undefined) return [...cameras.values()];
  const camera = cameras.get(deviceId);
  return camera === undefined ? [] : [camera];
}

/**
 * Resolves when no change of these cameras' settings is under way. Changes hold up no other command, so one that must find
 * them done waits here.
 */
export async function afterChanges(cameras: readonly Camera[]): Promise<void> {
  await Promise.all(cameras.filter((camera) => camera.isChanging).map((camera) => camera.changed()));
}

/** The same before a start. A stop must not wait for a camera's first frame, so that a start waits no longer when one is behind it. */
export async function afterChangesOrStop(cameras: readonly Camera[], turn: CommandTurn): Promise<void> {
  const { promise: stopBehind, resolve } = withResolve<void>();
  await hearingStops(turn, resolve, () => Promise.race([afterChanges(cameras), stopBehind]));
}

/** Waits for what a stop must not wait for: the command lets go when one comes. */
export function lettingStopsPass<T>(turn: CommandTurn, wait: () => Promise<T>): Promise<T> {
  return hearingStops(turn, turn.letGo, wait);
}

async function hearingStops<T>(turn: CommandTurn, onStop: () => void, wait: () => Promise<T>): Promise<T> {
  const cancel = turn.whenStopBehind(onStop);
  try {
    return await wait();
  } finally {
    cancel();
  }
}

/**
 * Carries out an operation on several cameras at once. The final answer of the command is the first failure, else the
 * last answer. The other answers are sent before it, each at once, so that no later status of a camera overtakes them.
 */
export async function onEach(
  cameras: readonly Camera[],
  context: HandlerContext,
  id: string,
  operation: (camera: Camera) => Promise<Report>,
): Promise<Report> {
  let failure: Report | undefined;
  let last: Report = reports.nothingRecorded(null);
  let outstanding = cameras.length;
  const settle = (answer: Report): void => {
    outstanding -= 1;
    if (failure === undefined && isFailure(answer)) failure = answer;
    else if (outstanding === 0 && failure === undefined) last = answer;
    // A nack answers the command and names no camera, so a second nack would be a second final answer.
    else if (answer.status !== 'command_nack') context.cameraDependencies.report(answer, id);
  };
  await Promise.all(
    cameras.map(async (camera) => {
      settle(await operation(camera));
    }),
  );
  return failure ?? last;
}

/**
 * Starts a take on several cameras at once, as `onEach`. A stop must not wait for a camera that gives no frames or slow ones,
 * or for the instant of the take. So the start lets go when a stop is behind it and every other camera has answered.
 */
export async function onEachBegun(
  cameras: readonly Camera[],
  context: HandlerContext,
  id: string,
  turn: CommandTurn,
  start: (camera: Camera, onFar: () => void) => Promise<Report>,
): Promise<Report> {
  const unanswered = new Set(cameras);
  const consider = (): void => {
    if (turn.isStopBehind() && [...unanswered].every((camera) => camera.isStartFar)) turn.letGo();
  };
  const answering = onEach(cameras, context, id, async (camera) => {
    const answer = await start(camera, consider);
    unanswered.delete(camera);
    consider();
    return answer;
  });
  return hearingStops(turn, consider, () => answering);
}

function isFailure(answer: Report): boolean {
  if (answer.status === 'device_unassigned') return !answer.data.port_released;
  return answer.status === 'recording_error' || answer.status === 'command_nack';
}

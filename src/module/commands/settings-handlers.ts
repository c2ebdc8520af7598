import { ERROR_ADVICE, type ErrorCode } from '../../core/errors.js';
import type { CommandParameters } from '../../protocol/commands.js';
import type { Report } from '../../protocol/statuses.js';
import type { Camera } from '../camera/camera.js';
import * as reports from '../reports.js';
import type { SettingsChange } from '../settings/settings-desk.js';
import { afterChanges, camerasFor, lettingStopsPass, onEach } from './each-camera.js';
import type { CommandTurn, HandlerContext } from './handler-context.js';

/** The commands about a camera's settings. Each resolves with its final answer. */

export function setSettings(
  context: HandlerContext,
  { device_id: deviceId, settings }: CommandParameters<'set_settings'>,
  id: string,
): Promise<Report> {
  // A host in process may send a setting that is undefined. It is left out, which is not the same as null.
  const named = Object.entries(settings).filter(([, value]) => value !== undefined);
  return changeSettings(context, deviceId ?? undefined, Object.fromEntries(named) as SettingsChange, id);
}

export function changeSettings(
  context: HandlerContext,
  deviceId: string | undefined,
  change: SettingsChange,
  id: string,
): Promise<Report> {
  return onEachIdle(context, deviceId, id, (camera) => camera.changeSettings(change, id));
}

export function fixSettings(context: HandlerContext, deviceId: string | undefined, id: string): Promise<Report> {
  return onEachIdle(context, deviceId, id, (camera) => camera.fixSettings(id));
}

export async function describeSettings(
  context: HandlerContext,
  deviceId: string | undefined,
  id: string,
  turn: CommandTurn,
): Promise<Report> {
  const cameras = camerasFor(context, deviceId);
  if (cameras.length === 0) return nack('no_device', deviceId === undefined ? '' : `${deviceId} is not assigned. `);
  await lettingStopsPass(turn, () => afterChanges(cameras));
  return onEach(cameras, context, id, (camera) => Promise.resolve(camera.describeSettings()));
}

/** Changes nothing on any camera if one of them records. */
async function onEachIdle(
  context: HandlerContext,
  deviceId: string | undefined,
  id: string,
  change: (camera: Camera) => Promise<Report>,
): Promise<Report> {
  const cameras = camerasFor(context, deviceId);
  if (cameras.length === 0) return nack('no_device', deviceId === undefined ? '' : `${deviceId} is not assigned. `);
  const busy = cameras.find((camera) => camera.isToRecord);
  if (busy !== undefined) return nack('recording_in_progress', `${busy.deviceId} records, or is about to. `);
  const leaving = cameras.find((camera) => context.isEndWaiting('assignment', camera.deviceId));
  if (leaving !== undefined) return nack('no_device', `${leaving.deviceId} is about to be unassigned. `);
  return onEach(cameras, context, id, change);
}

function nack(code: ErrorCode, what: string): Report {
  return reports.commandNack(code, `${what}${ERROR_ADVICE[code]}`);
}

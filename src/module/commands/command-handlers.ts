import { UNASSIGN_MS } from '../../core/closing-budget.js';
import { fromNow } from '../../core/deadline.js';
import { ERROR_ADVICE, errorWithAdvice } from '../../core/errors.js';
import type { LogLevel } from '../../core/log-level.js';
import type { Command, CommandName, CommandParameters } from '../../protocol/commands.js';
import type { Report } from '../../protocol/statuses.js';
import { deskOf, identityOf, makeCamera, type CameraIdentity } from '../camera/assignment.js';
import type { Camera } from '../camera/camera.js';
import * as reports from '../reports.js';
import { afterChanges, afterChangesOrStop, camerasFor, lettingStopsPass, onEach, onEachBegun } from './each-camera.js';
import type { CommandTurn, HandlerContext } from './handler-context.js';
import { takeInstant } from './start-instant.js';
import { changeSettings, describeSettings, fixSettings, setSettings } from './settings-handlers.js';

const CHANGES: ReadonlySet<CommandName> = new Set(['set_settings', 'fix_settings', 'set_resolution', 'set_fps']);

/** Carries out one command and resolves with its final answer. Earlier statuses are reported with the command's id. */
export async function handleCommand(
  context: HandlerContext,
  command: Command,
  id: string,
  turn: CommandTurn,
): Promise<Report> {
  // A camera that gets other settings is opened anew. Until then no other command must wait.
  if (CHANGES.has(command.name)) turn.letGo();
  switch (command.name) {
    case 'assign_device':
      return assign(context, command.parameters, id, turn);
    case 'unassign_device':
      return unassign(context, command.parameters.device_id ?? undefined, id);
    case 'unassign_all_devices':
      return unassign(context, undefined, id);
    case 'start_session':
      return startSession(turn);
    case 'stop_session':
      return stopSession(context, id);
    case 'start_recording':
      return startRecording(context, command.parameters, id, turn);
    case 'stop_recording':
      return stopRecording(context, command.parameters.device_id ?? undefined, id);
    case 'take_snapshot':
      return takeSnapshot(context, command.parameters.device_id ?? undefined, id, turn);
    case 'set_settings':
      return setSettings(context, command.parameters, id);
    case 'get_settings':
      return describeSettings(context, command.parameters.device_id ?? undefined, id, turn);
    case 'fix_settings':
      return fixSettings(context, command.parameters.device_id ?? undefined, id);
    case 'set_resolution': {
      const { device_id: deviceId, width, height } = command.parameters;
      return changeSettings(context, deviceId ?? undefined, { width, height }, id);
    }
    case 'set_fps': {
      const { device_id: deviceId, fps } = command.parameters;
      return changeSettings(context, deviceId ?? undefined, { fps }, id);
    }
    case 'get_status':
      return { status: 'status_report', data: context.status() };
    case 'set_log_level': {
      const level = logLevelOf(command.parameters.level);
      context.logs.setLevel(level);
      return { status: 'log_level_changed', data: { success: true, level } };
    }
    case 'toggle_preview':
      return togglePreview(context, command.parameters);
    case 'show_window':
      return showWindow(context);
    case 'hide_window':
    case 'get_geometry':
      return { status: 'command_ack', data: { success: true, supported: false } };
    case 'quit':
      // The module's own: carried out here, the shutdown would wait for itself.
      return reports.shuttingDown();
  }
}

/** No page is no failure: a host that shows the windows of all its modules must not stumble over this one. */
async function showWindow(context: HandlerContext): Promise<Report> {
  const shown = await context.showWindow();
  const supported = shown.isShown;
  return {
    status: 'command_ack',
    data: { success: true, supported, ...(shown.isShown ? {} : { message: shown.why }) },
  };
}

/** Translates the host's name of a log level. */
export function logLevelOf(spelling: 'debug' | 'info' | 'warn' | 'warning' | 'error' | 'critical'): LogLevel {
  if (spelling === 'warning') return 'warn';
  if (spelling === 'critical') return 'error';
  return spelling;
}

async function assign(
  context: HandlerContext,
  asked: CommandParameters<'assign_device'>,
  id: string,
  turn: CommandTurn,
): Promise<Report> {
  const { session } = turn;
  const deviceId = asked.device_id;
  const identity = identityOf(asked);
  if (identity === null) {
    const missing = `"${deviceId}" does not end in a number. Name the camera with camera_index, camera_stable_id or camera_hw_model.`;
    return reports.commandNack('invalid_command', missing);
  }
  if (session.error !== null) return reports.commandNack(session.error.code, session.error.message);
  context.cameraDependencies.report({ status: 'device_ack', data: { device_id: deviceId } }, id);
  // Before the waiting ends are looked at: one that comes during this wait must end the assignment too.
  const cameraOf = await prepare(context, asked, identity);
  if (context.isShuttingDown() || context.isEndWaiting('assignment', deviceId)) {
    const code = context.isShuttingDown() ? 'shutting_down' : 'no_device';
    const why = code === 'shutting_down' ? 'The module was shut down' : `${deviceId} was unassigned`;
    return reports.deviceError(deviceId, { code, message: `${why} before it was opened.`, context: {} }, true);
  }
  const camera = cameraOf();
  if (!context.cameras.has(deviceId) && context.loadLevel() !== 'normal') camera.setLoadLevel(context.loadLevel());
  context.cameras.set(deviceId, camera);
  // A stop must not wait until this camera gives a frame.
  const answer = await lettingStopsPass(turn, () => camera.open(id, { keepsTrying: asked.keep_trying ?? false }));
  if (
    answer.status === 'device_error' &&
    context.cameras.get(deviceId) === camera &&
    camera.status().state === 'closed'
  ) {
    context.cameras.delete(deviceId);
    await camera.close('device_error', unassignedBy(context), id);
  }
  return answer;
}

/** Waits for what is kept of a camera that is not assigned yet. The function that it resolves with gives the camera. */
async function prepare(
  { config, cameras, cameraDependencies, desks }: HandlerContext,
  asked: CommandParameters<'assign_device'>,
  identity: CameraIdentity,
): Promise<() => Camera> {
  const deviceId = asked.device_id;
  const assigned = cameras.get(deviceId);
  if (assigned !== undefined) return () => assigned;
  const desk = await deskOf(desks, { deviceId, identity }, (report) => {
    cameraDependencies.report(report, undefined);
  });
  return () => makeCamera(config, cameraDependencies, asked, identity, desk);
}

async function stopSession(context: HandlerContext, id: string): Promise<Report> {
  const recording = [...context.cameras.values()].filter((camera) => camera.isToRecord);
  const stopNs = context.cameraDependencies.clock.monotonicNs();
  const stopped = recording.map(async (camera) => {
    context.cameraDependencies.report(await camera.stopRecording(id, stopNs), id);
  });
  await Promise.all(stopped);
  return ack({ session_dir: null });
}

function startSession({ session }: CommandTurn): Report {
  if (session.error !== null) return reports.commandNack(session.error.code, session.error.message);
  return ack({ session_dir: session.directory });
}

async function unassign(context: HandlerContext, deviceId: string | undefined, id: string): Promise<Report> {
  const cameras = camerasFor(context, deviceId);
  if (cameras.length === 0) return reports.deviceUnassigned(deviceId ?? null, true);
  for (const camera of cameras) context.cameras.delete(camera.deviceId);
  const untilNs = unassignedBy(context);
  return onEach(cameras, context, id, (camera) => camera.close('command', untilNs, id));
}

function unassignedBy({ cameraDependencies }: HandlerContext): bigint {
  return fromNow(cameraDependencies.clock, UNASSIGN_MS);
}

async function startRecording(
  context: HandlerContext,
  asked: CommandParameters<'start_recording'>,
  id: string,
  turn: CommandTurn,
): Promise<Report> {
  const { session } = turn;
  const deviceId = asked.device_id ?? undefined;
  if (session.error !== null) return reports.recordingError(deviceId ?? null, session.error);
  const cameras = camerasFor(context, deviceId);
  if (cameras.length === 0) {
    const error = errorWithAdvice(
      'no_device',
      deviceId === undefined ? 'No camera is assigned.' : `${deviceId} is not assigned.`,
    );
    return reports.recordingError(deviceId ?? null, error);
  }
  await afterChangesOrStop(cameras, turn);
  if (context.isShuttingDown()) {
    return reports.recordingError(deviceId ?? null, errorWithAdvice('shutting_down', 'Nothing was started.'));
  }
  const sessionDir = session.directory;
  if (sessionDir === null) {
    return reports.recordingError(deviceId ?? null, errorWithAdvice('no_session_dir', 'No session directory is set.'));
  }
  const beginsNothing = cameras.every((camera) => camera.isRecording || camera.isClosed);
  const trialNumber = beginsNothing ? 0 : context.session.countTrial(asked.trial_number ?? undefined);
  const startNs = takeInstant(context, beginsNothing ? undefined : asked.start_mono_ns, id);
  const order = { sessionDir, trialNumber, trialLabel: asked.trial_label ?? '', startNs };
  return onEachBegun(cameras, context, id, turn, (camera, onFar) => {
    const answer = camera.startRecording(order, id, onFar);
    if (context.isEndWaiting('assignment', camera.deviceId)) camera.abortWaits('no_device');
    else if (context.isEndWaiting('take', camera.deviceId)) camera.releaseStart();
    return answer;
  });
}

async function stopRecording(context: HandlerContext, deviceId: string | undefined, id: string): Promise<Report> {
  const cameras = camerasFor(context, deviceId);
  if (cameras.length === 0) return reports.nothingRecorded(deviceId ?? null);
  const stopNs = context.cameraDependencies.clock.monotonicNs();
  return onEach(cameras, context, id, (camera) => camera.stopRecording(id, stopNs));
}

async function takeSnapshot(
  context: HandlerContext,
  deviceId: string | undefined,
  id: string,
  turn: CommandTurn,
): Promise<Report> {
  const cameras = camerasFor(context, deviceId);
  const sessionDir = turn.session.directory;
  if (cameras.length === 0) return reports.commandNack('no_device', ERROR_ADVICE.no_device);
  if (sessionDir === null) return reports.commandNack('no_session_dir', ERROR_ADVICE.no_session_dir);
  // A stop must not wait for the next frame, which may take minutes.
  return lettingStopsPass(turn, async () => {
    await afterChanges(cameras);
    return onEach(cameras, context, id, (camera) => camera.takeSnapshot(sessionDir, id));
  });
}

function togglePreview(context: HandlerContext, asked: CommandParameters<'toggle_preview'>): Report {
  const deviceId = asked.camera_id ?? undefined;
  const cameras = camerasFor(context, deviceId);
  if (cameras.length === 0) {
    const error = ERROR_ADVICE.no_device;
    return { status: 'preview_toggled', data: { success: false, code: 'no_device', error, enabled: false } };
  }
  for (const camera of cameras) camera.setPreview(asked.enabled);
  return { status: 'preview_toggled', data: { success: true, enabled: asked.enabled } };
}

function ack(data: { session_dir: string | null }): Report {
  return { status: 'command_ack', data: { success: true, ...data } };
}

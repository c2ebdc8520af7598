import assert from 'node:assert/strict';
import { stat, unlink } from 'node:fs/promises';
import { setTimeout as elapsed } from 'node:timers/promises';
import type { CameraControl } from '../harness/camera-control.js';
import { holdings } from '../harness/nothing-left.js';
import type { SoakHost } from './soak-host.js';
import { folderOf } from './trials.js';

/** What a step works with. */
export interface Stage {
  readonly host: SoakHost;
  /** `null`: a real camera, whose process can be killed and no more. */
  readonly control: CameraControl | null;
  /** How long a trial of this moment lasts, ms. */
  trialMs: number;
  /** Where the camera's recordings are put; empty until the first one. */
  recordingsFolder: string;
  losses: number;
  snapshots: number;
  commands: number;
  trial: number;
}

type Step = (stage: Stage) => Promise<void>;

const BURST = 5;
const REFUSED = 40;
/** Longer than the command log keeps whole: many of them fill it. */
const NONSENSE = 'nonsense '.repeat(880);
export const DEVICE = { device_id: 'picam:0', camera_index: 0 };

/** What happens, over and over: a day of a host, with what goes wrong in a month. Each step ends as it began, with a camera that streams. */
const PLAN: readonly Step[] = [
  record,
  (stage) => record(stage, () => askForStatus(stage, 20)),
  (stage) => loseCamera(stage, 'exit-after=0'),
  (stage) => record(stage, () => takeSnapshot(stage)),
  (stage) => record(stage, () => spoil(stage, 'drop=5:7')),
  startAndStopAtOnce,
  (stage) => loseCamera(stage, 'kill'),
  (stage) => record(stage, () => sendNonsense(stage)),
  (stage) => record(stage, () => spoil(stage, 'garbage-at=5:3000')),
  unassignWhileRecording,
  (stage) => record(stage, () => togglePreview(stage)),
  (stage) => loseCamera(stage, 'cut-stream=5'),
];
/** One round: so many cycles, after which all begins anew. */
export const CYCLES_PER_ROUND = PLAN.length;
/** A camera that hangs costs two seconds until it is noticed. */
const ROUNDS_PER_HANG = 10;

export function stepOf(cycle: number): Step {
  const round = Math.floor(cycle / PLAN.length);
  const isHang = round % ROUNDS_PER_HANG === ROUNDS_PER_HANG - 1 && cycle % PLAN.length === 2;
  return isHang ? (stage) => loseCamera(stage, 'hang-after=0') : (PLAN[cycle % PLAN.length] ?? record);
}

export async function assign(stage: Stage): Promise<void> {
  await stage.host.ask({ command: 'assign_device', ...DEVICE }, 'device_ready');
  stage.commands += 1;
}

async function start(stage: Stage): Promise<void> {
  stage.trial += 1;
  stage.commands += 1;
  const order = { trial_number: stage.trial, trial_label: `soak, "trial" ${stage.trial}` };
  const started = await stage.host.ask({ command: 'start_recording', ...order }, 'recording_started');
  stage.recordingsFolder = folderOf(started.data);
}

async function stop(stage: Stage): Promise<void> {
  stage.commands += 1;
  await stage.host.ask({ command: 'stop_recording' }, 'recording_stopped');
}

async function record(stage: Stage, meanwhile: () => Promise<void> = () => Promise.resolve()): Promise<void> {
  await start(stage);
  await Promise.all([elapsed(stage.trialMs), meanwhile()]);
  await stop(stage);
}

/** The camera is lost while recording: stopped gracefully, told, streaming again, and recording until it is stopped. */
async function loseCamera(stage: Stage, how: string): Promise<void> {
  const { host, control } = stage;
  await start(stage);
  await elapsed(stage.trialMs);
  const stopped = host.next('recording_stopped');
  const lost = host.next('device_error');
  const ready = host.next('device_ready');
  const resumed = host.next('recording_started');
  if (how === 'kill' || control === null) killCaptureProcess(host.pid);
  else await control.misbehave(how);
  const [{ data }] = await Promise.all([stopped, lost]);
  assert.equal(data.reason, 'device_error');
  await control?.misbehave('');
  assert.equal((await ready).data.reconnected, true);
  assert.equal((await resumed).data.take, 2);
  await stop(stage);
  stage.losses += 1;
}

/** Known by an argument that every capture tool is given. */
function killCaptureProcess(pid: number): void {
  const captureProcess = holdings(pid).children.find((child) => child.includes('--codec mjpeg'));
  process.kill(Number.parseInt(captureProcess ?? '', 10), 'SIGKILL');
}

async function startAndStopAtOnce(stage: Stage): Promise<void> {
  for (let times = 0; times < BURST; times += 1) {
    await start(stage);
    await stop(stage);
  }
  await record(stage);
}

/** The frames are spoilt from now on, and are as they should be when the step is over. */
async function spoil({ control, trialMs }: Stage, how: string): Promise<void> {
  if (control === null) return;
  await control.misbehave(how);
  await elapsed(trialMs);
  await control.misbehave('');
}

async function askForStatus(stage: Stage, times: number): Promise<void> {
  for (let asked = 0; asked < times; asked += 1) await stage.host.ask({ command: 'get_status' }, 'status_report');
  stage.commands += times;
}

async function takeSnapshot(stage: Stage): Promise<void> {
  const { data } = await stage.host.ask({ command: 'take_snapshot' }, 'snapshot_taken');
  assert.equal((await stat(data.path)).size, data.bytes, 'bytes of the snapshot');
  await unlink(data.path);
  stage.snapshots += 1;
  stage.commands += 1;
}

async function sendNonsense(stage: Stage): Promise<void> {
  const nonsense = { command: 'dance', how: NONSENSE };
  await Promise.all(Array.from({ length: REFUSED }, () => stage.host.ask(nonsense, 'command_nack')));
  stage.commands += REFUSED;
}

async function togglePreview(stage: Stage): Promise<void> {
  for (const enabled of [false, true]) {
    await stage.host.ask({ command: 'toggle_preview', enabled }, 'preview_toggled');
    stage.commands += 1;
  }
}

async function unassignWhileRecording(stage: Stage): Promise<void> {
  await start(stage);
  await elapsed(stage.trialMs);
  const { data } = await stage.host.ask({ command: 'unassign_all_devices' }, 'device_unassigned');
  assert.equal(data.port_released, true);
  stage.commands += 1;
  await assign(stage);
}

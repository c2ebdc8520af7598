import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { SequenceRig } from './rig.js';

/** What a host may believe of the module when everything that it sent is answered. */
export interface Model {
  session: string | null;
  /** The assigned cameras. */
  readonly cameras: Map<string, 'streaming' | 'recording' | 'waiting'>;
  /** Those whose take begins with the next first frame: a start waits for it, or a take was cut short by a loss. */
  readonly remembered: Set<string>;
  /** No camera can be opened. */
  isRefused: boolean;
  /** No file can be made or written. */
  isDiskFull: boolean;
}

export const newModel = (): Model => ({
  session: null,
  cameras: new Map(),
  remembered: new Set(),
  isRefused: false,
  isDiskFull: false,
});

/** Longer than the longest delay of a reconnection in this test (8 s). */
export const LONG_MS = 9_000;

/** A camera has its first frame: what was asked of it begins, or cannot. */
function comeBack(model: Model, id: string): void {
  const begins = model.remembered.delete(id) && !model.isDiskFull;
  model.cameras.set(id, begins ? 'recording' : 'streaming');
}

/** Time passes until every camera that can be opened is back. */
export function allComeBack(model: Model): void {
  if (model.isRefused) return;
  for (const [id, state] of model.cameras) if (state === 'waiting') comeBack(model, id);
}

export type Step = fc.AsyncCommand<Model, SequenceRig> & { readonly definition: StepDefinition };

export interface StepDefinition {
  /** As a failure shows it. */
  readonly title: string;
  readonly send?: Readonly<Record<string, unknown>>;
  /** What else happens. */
  readonly happen?: (rig: SequenceRig) => void | Promise<void>;
  /** Whether time passes after the answer, so that every camera that can be is back. */
  readonly isLong?: (model: Model) => boolean;
  /** Whether a frame comes after the answer: a remembered take makes its files with the first frame after it, or cannot. */
  readonly isFollowedByFrame?: (model: Model) => boolean;
  /** Status (and code, behind a colon) that answers, or those that may, and what the model becomes. */
  readonly expected: (model: Model) => string | ReadonlySet<string>;
}

function step(definition: StepDefinition): Step {
  const { title, send, happen, isLong, isFollowedByFrame, expected } = definition;
  return {
    definition,
    check: () => true,
    toString: () => title,
    async run(model, rig) {
      await happen?.(rig);
      const answer = send === undefined ? undefined : await rig.ask(send);
      if (isLong?.(model) === true) await rig.wait(LONG_MS);
      if (isFollowedByFrame?.(model) === true) await rig.frames(1);
      const code = answer !== undefined && 'code' in answer.data ? String(answer.data.code) : undefined;
      const came = answer === undefined ? '' : `${answer.status}${code === undefined ? '' : `:${code}`}`;
      const wanted = expected(model);
      const isWanted = typeof wanted === 'string' ? came === wanted : wanted.has(came);
      const all = typeof wanted === 'string' ? wanted : [...wanted].join(' or ');
      assert(isWanted, `${title} was answered by ${JSON.stringify(answer?.data)}, which is ${came}, not ${all}`);
      assert.deepEqual(rig.cameras, Object.fromEntries(model.cameras), `the cameras after ${title}`);
    },
  };
}

const chosen = (model: Model, device: string | undefined): string[] =>
  [...model.cameras.keys()].filter((id) => device === undefined || id === device);

const assign = (device: string, keepsTrying = false): Step =>
  step({
    title: `assign ${device}${keepsTrying ? ' and keep trying' : ''}`,
    send: {
      command: 'assign_device',
      device_id: device,
      display_name: device === 'picam:0' ? 'Left' : '../../Right',
      keep_trying: keepsTrying,
    },
    isFollowedByFrame: (model) => model.remembered.has(device),
    expected: (model) => {
      const state = model.cameras.get(device);
      if (state === 'streaming' || state === 'recording') return 'device_ready';
      if (model.isRefused && keepsTrying) model.cameras.set(device, 'waiting');
      if (model.isRefused) return 'device_error:camera_in_use'; // of a lost camera too: it goes on waiting
      comeBack(model, device);
      return 'device_ready';
    },
  });

const unassign = (device?: string): Step =>
  step({
    title: `unassign ${device ?? 'all'}`,
    send:
      device === undefined ? { command: 'unassign_all_devices' } : { command: 'unassign_device', device_id: device },
    expected: (model) => {
      for (const id of chosen(model, device)) {
        model.cameras.delete(id);
        model.remembered.delete(id);
      }
      return 'device_unassigned';
    },
  });

const startSession = (directory: string): Step =>
  step({
    title: `start session ${directory}`,
    send: { command: 'start_session', session_dir: directory },
    expected: (model) => {
      if (directory.startsWith('..')) return 'command_nack:invalid_session_dir';
      model.session = directory;
      return 'command_ack';
    },
  });

const stopSession = step({
  title: 'stop session',
  send: { command: 'stop_session' },
  expected: (model) => {
    for (const [id, state] of model.cameras) if (state === 'recording') model.cameras.set(id, 'streaming');
    model.remembered.clear();
    model.session = null;
    return 'command_ack';
  },
});

const record = (device: string | undefined, trial: number | undefined): Step =>
  step({
    title: `record ${device ?? 'all'} ${trial ?? ''}`,
    send: { command: 'start_recording', device_id: device, trial_number: trial, trial_label: '=1+1,\t"x"' },
    // A start that waits for a lost camera takes time, in which others come back too.
    isLong: (model) =>
      model.session !== null && chosen(model, device).some((id) => model.cameras.get(id) === 'waiting'),
    expected: (model) => {
      const devices = chosen(model, device);
      if (devices.length === 0) return 'recording_error:no_device';
      if (model.session === null) return 'recording_error:no_session_dir';
      const failures = new Set<string>(); // of several cameras the first that fails answers: any
      const isWaitedFor = devices.some((id) => model.cameras.get(id) === 'waiting');
      for (const id of devices) {
        const state = model.cameras.get(id);
        if (state === 'waiting') model.remembered.add(id);
        if (state === 'waiting' && model.isRefused) failures.add('recording_error:camera_disconnected');
        else if (state !== 'recording' && model.isDiskFull) failures.add('recording_error:disk_full');
        else if (state === 'streaming') model.cameras.set(id, 'recording');
      }
      if (isWaitedFor) allComeBack(model);
      return failures.size > 0 ? failures : 'recording_started';
    },
  });

const stop = (device?: string): Step =>
  step({
    title: `stop ${device ?? 'all'}`,
    send: { command: 'stop_recording', device_id: device },
    expected: (model) => {
      for (const id of chosen(model, device)) {
        if (model.cameras.get(id) === 'recording') model.cameras.set(id, 'streaming');
        model.remembered.delete(id);
      }
      return 'recording_stopped';
    },
  });

const snapshot = (device?: string): Step =>
  step({
    title: `snapshot ${device ?? 'all'}`,
    send: { command: 'take_snapshot', device_id: device },
    expected: (model) => {
      const devices = chosen(model, device);
      if (devices.length === 0) return 'command_nack:no_device';
      if (model.session === null) return 'command_nack:no_session_dir';
      const failures = new Set<string>();
      for (const id of devices) {
        if (model.cameras.get(id) === 'waiting') failures.add('command_nack:camera_disconnected');
        else if (model.isDiskFull) failures.add('command_nack:disk_full');
      }
      return failures.size > 0 ? failures : 'snapshot_taken';
    },
  });

/** Values that no step has asked for yet, so that each change has an effect. */
let lastQuality = 0;

const changeSettings = (device: string | undefined): Step => {
  lastQuality = (lastQuality % 80) + 1; // the default is 85
  return step({
    title: `set settings of ${device ?? 'all'}`,
    send: { command: 'set_settings', device_id: device, settings: { jpegQuality: lastQuality } },
    // A restart takes time, in which others come back too.
    isLong: (model) =>
      chosen(model, device).some((id) => model.cameras.get(id) === 'streaming') &&
      [...model.cameras.values()].includes('waiting'),
    expected: (model) => {
      const devices = chosen(model, device);
      if (devices.length === 0) return 'command_nack:no_device';
      const isBusy = devices.some((id) => model.cameras.get(id) === 'recording' || model.remembered.has(id));
      const restarted = isBusy ? [] : devices.filter((id) => model.cameras.get(id) === 'streaming');
      const isPassing = chosen(model, device).some((id) => model.cameras.get(id) === 'streaming');
      // A camera that cannot be opened again is a lost one.
      if (model.isRefused) for (const id of restarted) model.cameras.set(id, 'waiting');
      else if (isPassing) allComeBack(model);
      if (isBusy) return 'command_nack:recording_in_progress';
      return model.isRefused && restarted.length > 0 ? 'command_nack:camera_in_use' : 'settings_changed';
    },
  });
};

const plain = (send: Readonly<Record<string, unknown>>, answer: string): Step =>
  step({ title: JSON.stringify(send), send, expected: () => answer });

const lose = (index: number): Step =>
  step({
    title: `lose picam:${index}`,
    happen: async (rig) => {
      rig.lose('camera_disconnected', index);
      await rig.busy.quiet();
    },
    expected: (model) => {
      const id = `picam:${index}`;
      if (model.cameras.get(id) === 'recording') model.remembered.add(id);
      if (model.cameras.has(id)) model.cameras.set(id, 'waiting');
      return '';
    },
  });

const waitLong = step({
  title: 'wait',
  happen: (rig) => rig.wait(LONG_MS),
  expected: (model) => {
    allComeBack(model);
    return '';
  },
});

const refuse = (isRefused: boolean): Step =>
  step({
    title: isRefused ? 'cameras cannot be opened' : 'cameras can be opened',
    happen: (rig) => {
      rig.refuse(isRefused ? 'camera_in_use' : undefined);
    },
    expected: (model) => {
      model.isRefused = isRefused;
      return '';
    },
  });

/** Files cannot be made; what is being recorded goes on as long as it needs no new one. */
const fillDisk = (isFull: boolean): Step =>
  step({
    title: isFull ? 'no more files fit' : 'files fit again',
    happen: (rig) => {
      rig.breakDisk(isFull ? { operation: 'open', errno: 'ENOSPC' } : undefined);
    },
    expected: (model) => {
      model.isDiskFull = isFull;
      return '';
    },
  });

/** The disk fails under what is being recorded. */
const writeError = step({
  title: 'a write fails',
  happen: async (rig) => {
    const before = rig.heard.all.length;
    const states = Object.values(rig.cameras);
    rig.breakDisk({ operation: 'writev', errno: 'EIO' });
    await rig.wait(LONG_MS);
    rig.breakDisk(undefined);
    const told = rig.heard.all.slice(before).filter(({ status }) => status === 'recording_error');
    // A take that begins meanwhile, with a camera that comes back, fails too.
    if (states.includes('recording')) assert(told.length > 0, 'a recording that fails is told of');
    else if (!states.includes('waiting')) assert.equal(told.length, 0, 'nothing fails that does not record');
  },
  expected: (model) => {
    model.isDiskFull = false; // `breakDisk` holds one fault
    for (const [id, state] of model.cameras) {
      if (state === 'recording') model.cameras.set(id, 'streaming');
      if (state !== 'waiting' || model.isRefused) continue;
      model.remembered.delete(id);
      model.cameras.set(id, 'streaming');
    }
    return '';
  },
});

const restart = step({
  title: 'stop the module and start it again',
  happen: async (rig) => {
    await rig.stopModule();
    await rig.startModule();
  },
  expected: (model) => {
    model.session = null;
    model.remembered.clear();
    model.cameras.clear();
    return '';
  },
});

const trial = fc.option(fc.nat({ max: 2 }), { nil: undefined });

/** Two cameras that record: most faults are only then worth something. */
export async function prepare(model: Model, rig: SequenceRig): Promise<void> {
  for (const first of [assign('picam:0'), assign('picam:1'), startSession('session_1'), record(undefined, 1)]) {
    await first.run(model, rig);
  }
}

/** A camera is lost within its take, and assigned again where the take cannot go on: it is ready, and then the take fails. */
export async function resumeOnFullDisk(model: Model, rig: SequenceRig): Promise<void> {
  for (const next of [lose(1), fillDisk(true), assign('picam:1'), fillDisk(false), record('picam:1', 2)]) {
    await next.run(model, rig);
  }
}

/** What a host may send about two cameras or three. The first alternatives come most often, and are what shrinking ends in. */
export function commandsFor(...cameras: string[]): fc.Arbitrary<Step>[] {
  const device = fc.constantFrom(...cameras);
  const anyDevice = fc.option(fc.constantFrom(...cameras, 'picam:7'), { nil: undefined });
  return [
    device.map((id) => assign(id)),
    fc.tuple(device, fc.boolean()).map(([id, keepsTrying]) => assign(id, keepsTrying)),
    fc.constantFrom('session_1', 'session_2', '../outside').map(startSession),
    fc.tuple(anyDevice, trial).map(([of, number]) => record(of, number)),
    fc.tuple(anyDevice, trial).map(([of, number]) => record(of, number)),
    anyDevice.map(stop),
    anyDevice.map(snapshot),
    anyDevice.map(changeSettings),
    anyDevice.map(unassign),
    fc.constant(stopSession),
  ];
}

/** What may happen to a host. */
export const HAPPENINGS: fc.Arbitrary<Step>[] = [
  fc.nat({ max: 1 }).map(lose),
  fc.constant(waitLong),
  fc.boolean().map(refuse),
  fc.boolean().map(fillDisk),
  fc.constant(writeError),
  fc.constant(restart),
];

/** Commands that change nothing. */
export const PLAIN: fc.Arbitrary<Step> = fc.constantFrom(
  plain({ command: 'get_status' }, 'status_report'),
  plain({ command: 'show_window' }, 'command_ack'),
  plain({ command: 'set_log_level', level: 'debug' }, 'log_level_changed'),
  plain({ command: 'no_such_command' }, 'command_nack:unknown_command'),
  plain({ command: 'assign_device', device_id: 7 }, 'command_nack:invalid_command'),
  plain({ command: 'assign_device', device_id: '--output=/x' }, 'command_nack:invalid_command'),
);

/** What a host may do and what may happen to it, with two cameras. */
export const STEPS: fc.Arbitrary<Step>[] = [...commandsFor('picam:0', 'picam:1'), ...HAPPENINGS, PLAIN];

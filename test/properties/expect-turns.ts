import assert from 'node:assert/strict';
import { commandNameOf, type CommandName } from '../../src/protocol/commands.js';
import type { Sent, SequenceRig, TimedLogSink } from './rig.js';

/** The order of commands, as the host protocol promises it. It is told by when each command came, began and ended. */

const WAIT_FOR_NOTHING: ReadonlySet<CommandName> = new Set([
  'get_status',
  'set_log_level',
  'quit',
  'show_window',
  'hide_window',
  'get_geometry',
]);
/** They hold up nothing from their beginning on. */
const CHANGES: ReadonlySet<CommandName> = new Set(['set_settings', 'fix_settings', 'set_resolution', 'set_fps']);
/** They end a take, and wait for no frame. */
const STOPS: ReadonlySet<CommandName> = new Set([
  'stop_recording',
  'stop_session',
  'unassign_device',
  'unassign_all_devices',
]);
/** They may wait for a frame, or for a change of settings that does. A stop behind them makes them hold up nothing. */
const WAIT_FOR_FRAMES: ReadonlySet<CommandName> = new Set([
  'assign_device',
  'take_snapshot',
  'start_recording',
  'get_settings',
]);

interface Moment {
  /** Place in the command log. */
  readonly at: number;
  readonly ns: bigint;
}

/** A command that had its turn. */
interface Turn {
  readonly sent: Sent;
  readonly name: CommandName;
  readonly waitsFor: 'nothing' | 'all' | { readonly device: string };
  readonly came: Moment;
  readonly began: Moment;
  readonly ended: Moment;
}

export function expectTurns({ sent, logs }: SequenceRig): void {
  const turns = turnsOf(sent, logs);
  for (const [index, turn] of turns.entries()) {
    const { sent: of, waitsFor, came, began, ended, name } = turn;
    if (waitsFor === 'nothing') {
      assert.equal(began.at, came.at + 1, `${of.id} waited`);
      if (name !== 'quit') assert.equal(ended.ns, came.ns, `${of.id} took time`);
      continue;
    }
    const before = turns.slice(0, index).filter((earlier) => earlier.sent.life === of.life && mustWait(earlier, turn));
    let [earliestNs, latestNs] = [came.ns, came.ns];
    for (const earlier of before) {
      const { from, to } = releaseOf(earlier, turn, turns);
      assert(began.at > from.at, `${of.id} began before ${earlier.sent.id} let it`);
      earliestNs = max(earliestNs, from.ns);
      latestNs = max(latestNs, to.ns);
    }
    const blockers = before.map((earlier) => earlier.sent.id).join(', ');
    assert(began.ns >= earliestNs, `${of.id} began too early behind ${blockers}`);
    assert(began.ns <= latestNs, `${of.id} began ${began.ns - latestNs} ns too late behind ${blockers}`);
  }
}

/** The earliest and the latest moment at which `earlier` may have let go of the later ones, of which `turn` is one. */
function releaseOf(earlier: Turn, turn: Turn, turns: readonly Turn[]): { readonly from: Moment; readonly to: Moment } {
  const { name, began, ended } = earlier;
  if (CHANGES.has(name)) return { from: began, to: began };
  if (!WAIT_FOR_FRAMES.has(name)) return { from: ended, to: ended };
  const stop = turns.find(
    (later) =>
      later.came.at > earlier.came.at &&
      later.came.at < turn.began.at &&
      STOPS.has(later.name) &&
      isHeldUpBy(later, earlier, turns),
  );
  if (stop === undefined || stop.came.at > ended.at) return { from: ended, to: ended };
  const from = stop.came.at > began.at ? stop.came : began;
  // A start lets go only when the cameras with frames record, and a snapshot when changes of settings are over.
  return { from, to: name === 'assign_device' ? from : ended };
}

/** Whether the order of commands makes `later` wait for `earlier`, for itself or behind a command for all cameras. */
function isHeldUpBy(later: Turn, earlier: Turn, turns: readonly Turn[]): boolean {
  if (mustWait(earlier, later)) return true;
  return turns.some(
    ({ waitsFor, came, sent }) =>
      waitsFor === 'all' && sent.life === later.sent.life && came.at > earlier.came.at && came.at < later.came.at,
  );
}

function mustWait({ waitsFor: earlier, sent: first }: Turn, { waitsFor: later, sent: second }: Turn): boolean {
  if (first.life !== second.life || earlier === 'nothing' || later === 'nothing') return false;
  if (earlier === 'all' || later === 'all') return true;
  return earlier.device === later.device;
}

/** In order of arrival. What was refused before its turn (no such command, too many, not running) is left out. */
function turnsOf(sent: readonly Sent[], logs: TimedLogSink): readonly Turn[] {
  const moments = new Map<string, Map<string, Moment>>();
  for (const [at, { id, state }] of logs.commands.entries()) {
    if (typeof id !== 'string' || typeof state !== 'string') continue;
    const steps = moments.get(id) ?? new Map<string, Moment>();
    const step = state === 'failed' ? 'completed' : state;
    assert(!steps.has(step), `${id} is ${state} twice`);
    steps.set(step, { at, ns: logs.timesNs[at] ?? 0n });
    moments.set(id, steps);
  }
  return sent.flatMap((one) => {
    const name = commandNameOf(one.command);
    const steps = moments.get(one.id);
    const [came, began, ended] = ['received', 'processing', 'completed'].map((step) => steps?.get(step));
    if (name === undefined || came === undefined || began === undefined || ended === undefined) return [];
    return [{ sent: one, name, waitsFor: waitsForOf(name, one), came, began, ended }];
  });
}

function waitsForOf(name: CommandName, { fields }: Sent): Turn['waitsFor'] {
  if (WAIT_FOR_NOTHING.has(name)) return 'nothing';
  const device = name === 'toggle_preview' ? fields['camera_id'] : fields['device_id'];
  return typeof device === 'string' ? { device } : 'all';
}

const max = (one: bigint, other: bigint): bigint => (one > other ? one : other);

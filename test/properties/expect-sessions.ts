import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { commandNameOf } from '../../src/protocol/commands.js';
import type { SequenceRig } from './rig.js';

/**
 * What a command records goes into the session that was set when the command arrived. Takes that were told of before are left out: a
 * start is answered with a take that is under way.
 */
export function expectSessions({ heard, sent, folder }: SequenceRig): void {
  const sessions = sessionsAtArrival(sent, folder);
  const known = new Set<string>();
  /** Where the takes of a trial of a camera lie, by what stays the same when it is resumed. */
  const trials = new Map<string, string>();
  for (const { status, data, in_reply_to: id } of heard.all) {
    if (status !== 'recording_started' && status !== 'snapshot_taken') continue;
    const path = status === 'recording_started' ? data.video_path : data.path;
    if (known.has(path)) continue;
    known.add(path);
    const asked = sent.filter(
      ({ id: own, command }) => own === id && (isStart(command) || command === 'take_snapshot'),
    );
    // A take that begins later than its start's answer, or is resumed, was some start's.
    const of = asked.length > 0 ? asked : sent.filter(({ command }) => isStart(command));
    const directories = of.map(({ id: own }) => sessions.get(own));
    if (status === 'recording_started') {
      // A start may also be answered with a take that was resumed right before, by the camera that it found again.
      const trial = `${data.device_id} ${data.trial_number} ${data.start_mono_ns}`;
      directories.push(trials.get(trial) ?? null);
      trials.set(trial, dirname(dirname(dirname(path))));
    }
    assert(
      directories.some((directory) => typeof directory === 'string' && path.startsWith(`${directory}/`)),
      `${path} of ${id ?? 'an earlier start'} is not in ${directories.join(' or ')}`,
    );
  }
}

const isStart = (command: string): boolean => commandNameOf(command) === 'start_recording';

function sessionsAtArrival(sent: SequenceRig['sent'], folder: string): ReadonlyMap<string, string | null> {
  const sessions = new Map<string, string | null>();
  let session: string | null = null;
  let life = 0;
  for (const { id, command, fields, life: own, wasRunning, answer } of sent) {
    if (own !== life) session = null;
    life = own;
    const code = answer !== undefined && 'code' in answer.data ? answer.data.code : undefined;
    const isRefused = !wasRunning || ['queue_full', 'invalid_command', 'unknown_command'].includes(String(code));
    if (!isRefused) session = sessionAfter(commandNameOf(command), fields['session_dir'], session, folder);
    sessions.set(id, session);
  }
  return sessions;
}

function sessionAfter(name: string | undefined, asked: unknown, session: string | null, folder: string): string | null {
  if (name === 'stop_session') return null;
  if (name === 'start_session' && asked === undefined) return folder;
  if (name !== 'start_session' && name !== 'start_recording' && name !== 'assign_device') return session;
  // The only directory outside the data directory that the steps ask for. It is refused.
  return typeof asked === 'string' && !asked.startsWith('..') ? join(folder, asked) : session;
}

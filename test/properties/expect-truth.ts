import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { commandNameOf } from '../../src/protocol/commands.js';
import type { StatusData, StatusMessage } from '../../src/protocol/statuses.js';
import { expectAccounted } from '../harness/whole-recording.js';
import { expectSessions } from './expect-sessions.js';
import { expectTurns } from './expect-turns.js';
import type { SequenceRig } from './rig.js';

/** What a camera may become next. */
const LEGAL: Readonly<Record<string, readonly string[]>> = {
  closed: ['opening'],
  opening: ['streaming', 'restarting', 'waiting', 'closing', 'closed'],
  streaming: ['restarting', 'waiting', 'closing', 'closed'],
  restarting: ['opening', 'closing', 'closed'],
  waiting: ['opening', 'closed'],
  closing: ['closed'],
};

/** What holds after any sequence of commands and faults, once the module has stopped. Throws where it does not. */
export async function expectTruth(rig: SequenceRig): Promise<void> {
  rig.heard.expectProper();
  expectOneAnswerEach(rig);
  expectTurns(rig);
  expectSessions(rig);
  expectLegalStates(rig);
  expectRecordingsInTurn(rig.heard.all);
  await expectFiles(rig);
  expectNothingHeld(rig);
}

function expectOneAnswerEach({ heard, sent }: SequenceRig): void {
  for (const { id, command, wasRunning, answer } of sent) {
    const name = commandNameOf(command);
    const finals =
      name === undefined ? heard.all.filter((status) => status.in_reply_to === id) : heard.answersTo(id, name);
    assert(answer !== undefined, `${id} was not answered`);
    if (!wasRunning && finals.length === 0) continue; // nobody but the caller heard it
    // A command for several cameras: the others' statuses come before the final answer, one a camera.
    const devices = finals.map(({ data }) => ('device_id' in data ? data.device_id : null));
    assert.equal(new Set(devices).size, finals.length, `${id} has several answers: ${JSON.stringify(finals)}`);
    assert.equal(finals.at(-1), answer, `${id}: the caller got another answer than the host`);
  }
}

function expectLegalStates({ logs }: SequenceRig): void {
  for (const { message, context } of logs.lines) {
    const [, next] = /^Camera (\w+)\.$/.exec(message) ?? [];
    const was = context['was'];
    if (next === undefined || typeof was !== 'string') continue;
    assert(LEGAL[was]?.includes(next), `a camera went from ${was} to ${next}`);
  }
  const mistakes = logs.lines.filter(({ message }) =>
    /unexpected|do not agree|The pipeline failed|The listener/i.test(message),
  );
  assert.deepEqual(mistakes, [], 'mistakes of the module');
}

/** A camera records one take at a time; each that was started ends, before its camera is lost or released. */
function expectRecordingsInTurn(all: readonly StatusMessage[]): void {
  const recording = new Map<string, string>();
  const started = new Set<string>();
  for (const { status, data, in_reply_to: cause } of all) {
    if (status === 'recording_started') {
      const present = recording.get(data.device_id);
      if (present === data.video_path) continue; // asked again: the present state
      assert.equal(present, undefined, `${data.device_id} began a take in a take`);
      assert(!started.has(data.video_path), `${data.video_path} was recorded twice`);
      recording.set(data.device_id, data.video_path);
      started.add(data.video_path);
    } else if (status === 'recording_stopped' && data.device_id !== null) {
      expectAccounted(data);
      const present = recording.get(data.device_id);
      if (data.frames > 0) assert.equal(data.video_path, present, 'what ended is what was recorded');
      recording.delete(data.device_id);
    } else if (
      status === 'device_unassigned' ||
      status === 'shutdown_complete' ||
      (status === 'device_error' && cause === undefined) // the camera is lost; as an answer it speaks of the command
    ) {
      const device = 'device_id' in data ? data.device_id : null;
      const still = device === null ? [...recording.keys()] : recording.has(device) ? [device] : [];
      assert.deepEqual(still, [], `${status} while recording`);
    }
  }
}

async function expectFiles({ folder, decoys, heard, sent, busy }: SequenceRig): Promise<void> {
  for (const decoy of decoys) assert.equal(await readFile(decoy, 'utf8'), 'not ours', `${decoy} was overwritten`);
  const expected = new Set(decoys);
  for (const { data } of heard.named('recording_stopped')) {
    if (data.video_path === null || data.timing_path === null) continue;
    const tables = [data.timing_path, ...(typeof data.metadata_path === 'string' ? [data.metadata_path] : [])];
    for (const path of [data.video_path, ...tables]) expected.add(path);
    if (data.info_path !== null) expected.add(data.info_path);
    await expectSameFrames(data, data.video_path, tables);
  }
  for (const { data } of heard.named('snapshot_taken')) {
    assert(!expected.has(data.path), `${data.path} was written twice`);
    expected.add(data.path);
  }
  const entries = [...(await readdir(folder, { recursive: true, withFileTypes: true }))];
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  // A picture that was being written when its answer could wait no longer: it is whole, and nobody was told of it.
  const late = files.filter((file) => file.endsWith('.jpg') && !expected.has(file));
  const givenUp = sent.filter(
    ({ command, answer }) => command === 'take_snapshot' && answer?.status === 'command_nack',
  );
  assert(late.length <= 2 * givenUp.length, `${late.join(', ')}: nobody asked for it`);
  const told = files.filter((file) => !late.includes(file));
  assert.deepEqual(told.sort(), [...expected].sort(), 'the files are those that the host was told of');
  const emptyFolders = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !files.some((file) => file.startsWith(`${path}/`)));
  assert.deepEqual(emptyFolders, [], 'empty folders');
  assert.equal(busy.open, 0, 'files left open');
}

/** `dwTotalFrames` of the AVI main header (`avih`): bytes 48 to 51 of the file. */
const TOTAL_FRAMES_AT = 48;

async function expectSameFrames(
  { frames }: StatusData<'recording_stopped'>,
  videoPath: string,
  tables: readonly string[],
): Promise<void> {
  for (const path of tables) {
    const rows = (await readFile(path, 'utf8')).split('\n').length - 2;
    assert.equal(rows, frames, `rows of ${path}`);
  }
  const header = await readFile(videoPath);
  assert.equal(header.readUInt32LE(TOTAL_FRAMES_AT), frames, `frames of ${videoPath}`);
}

function expectNothingHeld({ clock, source, heard }: SequenceRig): void {
  assert.equal(clock.timers, 0, 'timers left');
  assert.equal(source.ledger.held, 0, 'frames that nobody let go of');
  assert(heard.all.at(-1)?.status === 'shutdown_complete', 'the last word');
}

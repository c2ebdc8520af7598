import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as nextLook } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { StatusMessage } from '../../src/protocol/statuses.js';
import { childHost, type ChildHost } from '../harness/child-host.js';
import { lineOf } from '../harness/lost-terminal.js';
import { VIRTUAL_CAMERA } from '../harness/paths.js';
import { temporaryFolder } from '../harness/temporary-folder.js';
import { expectWholeRecording, waitForFrames } from '../harness/whole-recording.js';
import { anyLine, answersDue } from './lines.js';
import { runParameters } from './run-parameters.js';

/** Fewer than the queue takes. */
const LINES_AT_ONCE = 100;

describe('any line on stdin', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let host: ChildHost;
  let tool: string;

  beforeEach(async () => {
    folder = await temporaryFolder();
    tool = join(folder.path, 'capture-tool');
    host = await start();
  });

  afterEach(async () => {
    await host.end();
    await folder.remove();
  });

  /** The capture tool is missing at first: so many cameras shall not be opened. */
  const start = (): Promise<ChildHost> =>
    childHost({ folder: folder.path, config: { camera: { tool }, recording: { minFreeBytes: 0 } } });

  /**
   * The final answers since then, when there are so many. What waits for a camera may let others go first, so the last one sent
   * is not the last one answered.
   */
  async function answersSince(before: number, due: number): Promise<readonly StatusMessage[]> {
    const patienceMs = performance.now() + 20_000;
    const answers = (): readonly StatusMessage[] => finalAnswers(host.log.all.slice(before));
    while (answers().length < due && performance.now() < patienceMs) await nextLook(5);
    await host.expect('preview_toggled', { command: 'toggle_preview', enabled: true }); // a second answer would be there by now
    return answers().slice(0, -1);
  }

  it('gets exactly one answer, harms nothing, and a recording works after ten thousand of them', async () => {
    let lines = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(anyLine, { minLength: 1, maxLength: LINES_AT_ONCE, size: 'max' }), async (batch) => {
        if (host.process.exitCode !== null) host = await start(); // while shrinking
        const before = host.log.all.length;
        for (const line of batch) host.sendBad(line);
        const due = batch.reduce((sum, line) => sum + answersDue(line), 0);
        lines += batch.length;
        expect(await answersSince(before, due)).toHaveLength(due);
        // A plain line for each kind of mistake, and nothing that crashed.
        expect(host.stderr()).toMatch(/^(?:(?:error|warning): .+\n)*$/);
      }),
      // A camera that is being opened makes what came first a matter of time: to make a failure smaller can take for ever.
      { ...runParameters(240), endOnFailure: process.env['FC_SHRINK'] !== '1' },
    );
    if (process.env['FC_RUNS'] === undefined) expect(lines).toBeGreaterThanOrEqual(10_000);

    await writeFile(tool, `#!/bin/sh\nexec '${process.execPath}' '${VIRTUAL_CAMERA}' "$@"\n`);
    await chmod(tool, 0o755);
    await host.expect('device_ready', { command: 'assign_device', device_id: 'picam:0' });
    await host.expect('recording_started', { command: 'record', session_dir: join(folder.path, 'session_after') });
    await waitForFrames(host, 10);
    const { data } = await host.expect('recording_stopped', { command: 'stop_recording' });
    await expectWholeRecording(data, { width: 640, height: 480 });
    await host.expect('shutdown_complete', { command: 'quit' });
    expect(await host.exited).toEqual({ code: 0, signal: null });
    await expectWholeLogs(host.logDir);
  }, 60_000);

  it('gets exactly one answer also where the lines come in pieces, while a camera is being opened', async () => {
    // It is being opened until it is unassigned.
    await writeFile(tool, '#!/bin/sh\necho begun > "$0.begun"\nexec sleep 60\n', { mode: 0o755 });
    const before = host.log.all.length;
    const camera = { device_id: 'picam:1', session_dir: 'session_1' };
    host.send({ command: 'assign_device', ...camera });
    host.send({ command: 'start_recording', ...camera });
    await lineOf(`${tool}.begun`);
    const ended = host.send({ command: 'stop_session' });
    host.send({ command: 'stop_recording', device_id: 'picam:1' });
    host.send({ command: 'unassign_all_devices' });
    expect(await answersSince(before, 5)).toHaveLength(5);
    // A take that waits for its camera is told of before the session's end is answered, if the unassignment has not called it off.
    const told = host.log.all.filter(({ in_reply_to: cause }) => cause === ended).map(({ status }) => status);
    expect([['command_ack'], ['recording_stopped', 'command_ack']]).toContainEqual(told);
  });
});

/** Statuses that are not the answer, and come before it: an acknowledgement, and a warning of a label that was cleaned. */
const EARLIER: ReadonlySet<string> = new Set(['device_ack', 'warning']);

/** The final answers, one for each command. The end of a session tells of each take before its own answer. */
function finalAnswers(all: readonly StatusMessage[]): readonly StatusMessage[] {
  const answers = all.filter(({ status, in_reply_to: cause }) => cause !== undefined && !EARLIER.has(status));
  return answers.filter(({ status, in_reply_to: cause }, index) => {
    if (status !== 'recording_stopped') return true;
    const after = answers.slice(index).find((next) => next.status !== status || next.in_reply_to !== cause);
    return after?.status !== 'command_ack' || after.in_reply_to !== cause;
  });
}

/** Each line of the logs is one JSON object, and each command's life has one beginning and one end. */
async function expectWholeLogs(logDir: string): Promise<void> {
  const lines: { state?: string; level?: number; msg?: string }[] = [];
  for (const name of ['commands.jsonl.3', 'commands.jsonl.2', 'commands.jsonl.1', 'commands.jsonl', 'csicameras.log']) {
    const text = await readFile(join(logDir, name), 'utf8').catch(() => '');
    for (const line of text.split('\n').slice(0, -1)) lines.push(JSON.parse(line) as (typeof lines)[number]);
  }
  const count = (...states: string[]): number => lines.filter(({ state }) => states.includes(state ?? '')).length;
  expect(count('received')).toBeGreaterThan(1_000);
  expect(lines.filter(({ msg }) => /unexpected/i.test(msg ?? ''))).toEqual([]);
}

import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { childHost, type ChildHost } from '../harness/child-host.js';
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

  /** An acknowledgement and a warning (of a label that was cleaned) come before the answer. */
  const answers = (): number =>
    host.log.all.filter(
      ({ status, in_reply_to: cause }) => cause !== undefined && status !== 'device_ack' && status !== 'warning',
    ).length;

  it('gets exactly one answer, harms nothing, and a recording works after ten thousand of them', async () => {
    let lines = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(anyLine, { minLength: 1, maxLength: LINES_AT_ONCE, size: 'max' }), async (batch) => {
        if (host.process.exitCode !== null) host = await start(); // while shrinking
        const before = answers();
        for (const line of batch) host.sendBad(line);
        await host.expect('status_report', { command: 'get_status' });
        lines += batch.length;
        expect(answers() - before).toBe(batch.reduce((sum, line) => sum + answersDue(line), 1));
        // A plain line for each kind of mistake, and nothing that crashed.
        expect(host.stderr()).toMatch(/^(?:(?:error|warning): .+\n)*$/);
      }),
      runParameters(240),
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
    // Ten seconds on a quiet machine, and more than a minute has been seen on a busy one.
  }, 240_000);
});

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

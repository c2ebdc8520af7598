import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { checkDropLog, readDropLog } from '../../../../src/inspect/verify/drop-log.js';
import { inspectRecording, type Inspected } from '../../../../src/inspect/verify/verify-recording.js';
import { findRecordings } from '../../../../src/inspect/recording-files.js';
import { dropLine } from '../../../../src/logging/frame-drop-log.js';
import { sensorTimestampOf } from '../../../harness/jpeg-frames.js';
import { temporaryFolder } from '../../../harness/temporary-folder.js';
import { recorded } from '../../../harness/verified.js';

const START_S = Number(1_767_681_006_123_456n + sensorTimestampOf(1) / 1000n) / 1e6;

describe('V26 holds the log of dropped frames against the account', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let recording: Inspected;
  beforeEach(async () => {
    folder = await temporaryFolder();
    const { videoPath } = await recorded(folder.path);
    const [files] = (await findRecordings([videoPath])).recordings;
    if (files === undefined) throw new Error('There is no recording.');
    const one = await inspectRecording(files, { depth: 'quick' });
    const by = { buffer_full: 3, timeout: 0, write_error: 0 };
    const account = {
      delivered: 63,
      recorded: 60,
      dropped: 3,
      dropped_by: by,
      skipped: 0,
      source_gaps: 0,
      disordered: 0,
    };
    recording = { ...one, verified: { ...one.verified, account } };
  });
  afterEach(() => folder.remove());

  const line = (number: number, drop: Partial<Parameters<typeof dropLine>[0]> = {}): string => {
    const monoNs = sensorTimestampOf(number);
    const usual = { reason: 'buffer_full', monoNs, frameNumber: number, deviceId: 'picam:0', trial: 1 } as const;
    return `${dropLine({ ...usual, ...drop }, (START_S + number / 30) * 1000)}\n`;
  };
  const found = async (...texts: readonly string[]) => {
    for (const [index, text] of texts.entries())
      await writeFile(join(folder.path, `frame_drops.jsonl${index === 0 ? '' : `.${index}`}`), text);
    return checkDropLog(recording, await readDropLog(folder.path));
  };
  const before = line(-300, { trial: 9 });

  it('over what was rotated, and passes over other cameras, trials, times and reasons', async () => {
    const others = [
      line(20, { deviceId: 'picam:1' }),
      line(20, { trial: 2 }),
      line(20, { reason: 'source_gap' }),
      line(20, { reason: 'gate_skip', count: 9 }),
      line(20, { monoNs: sensorTimestampOf(100_000) }),
      'half a li\n',
    ];
    expect(await found(line(22, { count: 2 }), before + line(21) + others.join(''))).toBe('held');
  });

  it('and fails where it tells of more or fewer', async () => {
    expect(await found(before + line(20) + line(21))).toMatchObject({
      id: 'V26',
      kind: 'failed',
      message: 'the log tells of 2 dropped frames, the account of 3',
    });
    expect(await found(before + line(20, { count: 4 }))).toMatchObject({ kind: 'failed' });
  });

  it('and only notes it where lines were lost, or the log does not go back so far', async () => {
    const lost = `{"ts":${START_S + 1},"event":"lines_lost","lines":2,"since":${START_S}}\n`;
    expect(await found(before + line(20) + lost)).toMatchObject({ kind: 'note' });
    expect(await found(line(20))).toMatchObject({ kind: 'note', message: expect.stringContaining('not go back') });
  });

  it('and calls a recording without an account lost where it tells of drops', async () => {
    recording = { ...recording, verified: { ...recording.verified, account: null } };
    expect(await found(before)).toBeNull();
    expect(await found(before + line(20, { count: 2 }))).toMatchObject({
      kind: 'lost',
      message: 'the log tells of 2 dropped frames at that time, and there is no account',
    });
  });

  it('and says so where there is no log', async () => {
    expect(await readDropLog(join(folder.path, 'none'))).toMatchObject({
      problem: expect.stringContaining('cannot be read'),
    });
    expect(await readDropLog(folder.path)).toMatchObject({ problem: expect.stringContaining('holds no') });
  });
});

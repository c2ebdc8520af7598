import { describe, expect, it } from '@jest/globals';
import { jsonOf } from '../../../../src/cli/verify/verified-json.js';
import { EXIT_CODES, type VerifiedRecording } from '../../../../src/inspect/verdict.js';
import { CHECKS } from '../../../../src/inspect/verify/checks.js';
import { MarkdownDocument, namesIn } from '../../../harness/markdown-tables.js';

const document = new MarkdownDocument('docs/proof.md');

const RECORDING: VerifiedRecording = {
  files: {
    stem: '1_CSI_trial001_cam',
    folder: '/s/CSICameras/cam',
    sessionDir: '/s',
    videoPath: null,
    timingPath: null,
    metadataPath: null,
    infoPath: null,
    trial: 1,
    take: 1,
    cameraLabel: 'cam',
  },
  deviceId: 'picam:0',
  trial: 1,
  take: 1,
  state: 'closed',
  verdict: 'damaged',
  problem: null,
  depth: 'whole',
  areBytesProven: false,
  frames: 2,
  rows: 2,
  videoBytes: 9_007_199_254_740_991,
  bytesRead: 1,
  durationS: 1,
  fps: 2,
  width: 640,
  height: 480,
  account: null,
  accountFrom: null,
  gaps: [],
  gapsTotal: 0,
  checked: ['V5', 'V13'],
  findings: [
    { id: 'V5', kind: 'failed', frame: 2, message: 'wrong' },
    { id: 'V23', kind: 'note', frame: null, message: 'none' },
  ],
};

describe('docs/proof.md', () => {
  it('has each check with its sentence, in order', () => {
    const rows = document.tableUnder('The checks').map((row) => [row['Check'], row['What it holds']]);
    expect(rows).toEqual(Object.entries(CHECKS));
  });

  it('says what to do about each check', () => {
    const rows = document.tableUnder('When it says BAD');
    expect(rows.map((row) => row['Check'])).toEqual(Object.keys(CHECKS));
    for (const row of rows) expect(Object.values(row)).not.toContain('');
  });

  it('has each exit code', () => {
    const codes = document.tableUnder('Exit codes').map((row) => Number(row['Code']));
    expect(codes).toEqual([0, 1, 2, 3, 4]);
    expect(new Set([...Object.values(EXIT_CODES), 2])).toEqual(new Set(codes));
  });

  it('has each field of the JSON, in order', () => {
    const json = jsonOf({ recordings: [RECORDING], problems: [], verdict: 'damaged', exitCode: 4 }, 'whole');
    const fieldsUnder = (heading: string) => document.tableUnder(heading).flatMap((row) => namesIn(row['Field']));
    expect(fieldsUnder('The answer')).toEqual(Object.keys(json));
    expect(fieldsUnder('A recording')).toEqual(Object.keys(json.recordings[0] ?? {}));
    expect(json.recordings[0]).toMatchObject({ bytes: '9007199254740991' });
    expect(json.recordings[0]?.checks).toEqual([
      { id: 'V5', ok: false, kind: 'failed', frame: 2, message: 'wrong' },
      { id: 'V23', ok: null, kind: 'note', frame: null, message: 'none' },
      { id: 'V13', ok: true, kind: null, frame: null, message: null },
    ]);
  });
});

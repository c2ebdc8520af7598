import { describe, expect, it } from '@jest/globals';
import { oneLine, stateText, whyNotAlive } from '../../../../src/cli/supervisor/state-words.js';
import type { StatusReport } from '../../../../src/protocol/statuses.js';
import { lost, recording, streaming } from '../../../harness/monitor-answers.js';

const DISK = { free_bytes: 53_200_000_000, reserve_bytes: 268_435_456, seconds_left: 90_000, age_ms: 100 };

describe('whether a module is alive', () => {
  it.each([
    ['no camera is open yet', []],
    ['a camera is opened for minutes', [streaming({ state: 'opening', figures_age_ms: 300_000 })]],
    ['a camera has told nothing yet', [recording({}, { figures_age_ms: null })]],
    ['a camera is lost for an hour', [lost({ figures_age_ms: 3_600_000 }), recording()]],
    ['a silent thread is about to be ended by the module', [recording({}, { figures_age_ms: 24_000 })]],
    ['the disk has ended the recording', [streaming({ error: { code: 'disk_full', error: 'Full.' } })]],
  ])('is not doubted where %s', (_what, cameras) => {
    expect(whyNotAlive({ cameras })).toBeUndefined();
  });

  it.each([streaming, (changes: object) => recording({}, changes)])(
    'is denied where a camera that should give figures has given none for longer than the module itself waits',
    (camera) => {
      const cameras = [recording(), camera({ device_id: 'picam:1', figures_age_ms: 31_000 })];
      expect(whyNotAlive({ cameras })).toBe('picam:1 has told nothing for 31 s, and was not opened again.');
    },
  );
});

describe('the state in words', () => {
  it.each<[string, Pick<StatusReport, 'cameras' | 'disk'>, string]>([
    ['no camera', { cameras: [], disk: null }, 'No camera is open'],
    ['a camera that opens', { cameras: [streaming({ state: 'opening' })], disk: null }, 'picam:0 is opening'],
    ['a take without a frame', { cameras: [recording({ frames: 0 })], disk: null }, 'picam:0 begins to record'],
    [
      'two cameras, one of which is lost',
      { cameras: [recording({ dropped: 2 }), lost({ device_id: 'picam:1' })], disk: DISK },
      'picam:0 records take 1: 12340 frames, 2 dropped; picam:1 is lost (camera_disconnected), attempt 3; 53.2 GB free, full in about 1d 01:00:00',
    ],
    [
      'a camera whose recording the disk ended',
      { cameras: [streaming()], disk: { ...DISK, seconds_left: null } },
      'picam:0 gives frames, and is not recorded; 53.2 GB free',
    ],
  ])('tells of %s', (_what, status, text) => {
    expect(stateText(status)).toBe(text);
  });

  it('is one short line, whatever a tool wrote', () => {
    expect(oneLine('a\nREADY=1\u001b[2Jb')).toBe('a READY=1b');
    expect(oneLine('x'.repeat(9_000))).toHaveLength(500);
  });
});

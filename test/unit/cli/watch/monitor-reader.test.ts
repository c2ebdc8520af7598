import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Asked } from '../../../../src/cli/watch/ask-monitor.js';
import { MonitorReader } from '../../../../src/cli/watch/monitor-reader.js';
import { ManualClock, settled } from '../../../harness/manual-clock.js';
import { answerOf, recordingCamera } from '../../../harness/watched-answers.js';

let clock: ManualClock;
let answerIt: (asked: Asked) => void;
let reader: MonitorReader;
let ending: AbortController;

beforeEach(() => {
  clock = new ManualClock();
  ending = new AbortController();
  const ask = (): Promise<Asked> =>
    new Promise((resolve) => {
      answerIt = resolve;
    });
  reader = new MonitorReader(ask, clock);
});

/** The recorder's answer, which says that it is new. */
function answered(): Asked {
  const answer = { ...answerOf([recordingCamera()]), status_age_ms: 0 };
  return { kind: 'answered', answer, json: answer };
}

async function run(test: () => Promise<void>): Promise<void> {
  const running = reader.run(ending.signal, () => {});
  try {
    await test();
  } finally {
    ending.abort();
    answerIt({ kind: 'failed', why: 'over' });
    await running;
  }
}

describe('the news of watch', () => {
  it('are as old as the question: what an answer says may have been so before it was under way', () =>
    run(async () => {
      await clock.advance(2_900);
      answerIt(answered());
      await settled();
      expect(reader.shown().ageMs).toBe(2_900);
      await clock.advance(100);
      expect(reader.shown().words.cameras[0]?.face).toBe('unknown');
    }));

  it('are old after the machine slept, which its monotonic clock does not tell', () =>
    run(async () => {
      answerIt(answered());
      await settled();
      expect(reader.shown().words.cameras[0]?.face).toBe('recording');
      clock.setWallMs(clock.wallMs() + 3_600_000);
      expect(reader.shown().words.cameras[0]?.face).toBe('unknown');
    }));

  it('are no younger after the clock was set back', () =>
    run(async () => {
      answerIt(answered());
      await settled();
      clock.setWallMs(0);
      await clock.advance(500);
      expect(reader.shown().ageMs).toBe(500);
    }));
});

import { describe, expect, it } from '@jest/globals';
import { Changes } from '../../../../src/cli/watch/changes.js';
import type { Shown } from '../../../../src/cli/watch/table.js';
import type { CameraFace } from '../../../../src/monitor/wording/words.js';
import { answerOf, recordingCamera, recordingWords, wordsOf } from '../../../harness/watched-answers.js';

const NOON = '2026-05-04 12:00:00';

function shownOf(overrides: Partial<Shown> = {}): Shown {
  return {
    words: wordsOf([recordingWords()]),
    answer: answerOf([recordingCamera()]),
    ageMs: 0,
    trouble: '',
    ...overrides,
  };
}

describe('the lines of a log', () => {
  it('begin with what is so, and go on with changes alone', () => {
    const changes = new Changes();
    expect(changes.lines(shownOf(), NOON)).toEqual([
      '2026-05-04 12:00:00  picam:0: REC: Recording trial 3, take 1: 12 340 frames, 0 dropped.',
      '2026-05-04 12:00:00  1 of 1 cameras recording.',
    ]);
    const later = recordingWords({ sentence: 'Recording trial 3, take 1: 1 012 345 frames, 0 dropped.' });
    expect(changes.lines(shownOf({ words: wordsOf([later]) }), NOON)).toEqual([]);
  });

  it('tell another take, although its sentence differs in figures alone', () => {
    const changes = new Changes();
    changes.lines(shownOf(), NOON);
    const recording = recordingCamera().recording;
    const next = recordingCamera({ recording: recording === null ? null : { ...recording, trial_number: 4 } });
    const words = recordingWords({ sentence: 'Recording trial 4, take 1: 7 frames, 0 dropped.' });
    const lines = changes.lines(shownOf({ words: wordsOf([words]), answer: answerOf([next]) }), NOON);
    expect(lines).toEqual([expect.stringContaining('Recording trial 4')]);
  });

  it('tell that something is wrong once, and when nothing is any more', () => {
    const changes = new Changes();
    const banner = (seconds: number) =>
      ({ kind: 'silent', tone: 'unknown', text: `No answer for ${seconds} s.` }) as const;
    changes.lines(shownOf(), NOON);
    const wrong = (seconds: number): Shown =>
      shownOf({ words: wordsOf([recordingWords()], { banner: banner(seconds) }) });
    expect(changes.lines(wrong(5), NOON)).toEqual([`${NOON}  No answer for 5 s.`]);
    expect(changes.lines(wrong(65), NOON)).toEqual([]);
    expect(changes.lines(shownOf(), NOON)).toEqual([`${NOON}  Nothing is wrong any more.`]);
  });

  it('tell how many cameras record when that changes, and not how long ago that was known', () => {
    const changes = new Changes();
    const lines = (faces: readonly CameraFace[], text: string): readonly string[] => {
      const cameras = faces.map((face, index) => recordingWords({ deviceId: `picam:${index}`, face, sentence: face }));
      return changes.lines(shownOf({ words: wordsOf(cameras, { summary: [text] }) }), NOON);
    };
    lines(['recording', 'recording'], '2 of 2 cameras recording.');
    expect(lines(['recording', 'live'], '1 of 2 cameras recording.')).toContain(`${NOON}  1 of 2 cameras recording.`);
    expect(lines(['recording', 'live'], '1 of 2 cameras recording.')).toEqual([]);
    const unknown = ['unknown', 'unknown'] as const;
    expect(lines(unknown, 'Last known, 4 s ago: 1 of 2.')).toContain(`${NOON}  Last known, 4 s ago: 1 of 2.`);
    expect(lines(unknown, 'Last known, 5 s ago: 1 of 2.')).toEqual([]);
  });

  it('tell a camera that is gone', () => {
    const changes = new Changes();
    changes.lines(shownOf(), NOON);
    const lines = changes.lines(
      shownOf({ words: wordsOf([], { summary: ['No camera.'] }), answer: answerOf([]) }),
      NOON,
    );
    expect(lines).toEqual([`${NOON}  No camera.`, `${NOON}  picam:0: no longer assigned.`]);
  });

  it('tell why a request failed, once', () => {
    const changes = new Changes();
    changes.lines(shownOf(), NOON);
    expect(changes.lines(shownOf({ trouble: 'Nothing listens.' }), NOON)).toEqual([`${NOON}  Nothing listens.`]);
    expect(changes.lines(shownOf({ trouble: 'Nothing listens.' }), NOON)).toEqual([]);
  });

  it('are plain, whatever a host or a tool says', () => {
    const evil = 'a\u001b[2Jb\nc';
    const [line] = new Changes().lines(shownOf({ words: wordsOf([recordingWords({ sentence: evil })]) }), NOON);
    expect(line).toBe(`${NOON}  picam:0: REC: ab c`);
  });
});

import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { looksOf, type Looks } from '../../../../src/cli/watch/looks.js';
import { tableLines, type Shown } from '../../../../src/cli/watch/table.js';
import { widthOf } from '../../../../src/cli/watch/text-width.js';
import type { MonitorAnswer } from '../../../../src/monitor/view.js';
import { answerOf, recordingCamera, recordingWords, wordsOf } from '../../../harness/watched-answers.js';

const PLAIN: Looks = { hasColours: false, isUnicode: true };
const COLOURED: Looks = { hasColours: true, isUnicode: true };

function shownOf(overrides: Partial<Shown> = {}): Shown {
  return {
    words: wordsOf([recordingWords()]),
    answer: answerOf([recordingCamera()]),
    ageMs: 50,
    trouble: '',
    ...overrides,
  };
}

describe('the table of a terminal', () => {
  it('has a row of figures for each camera, and what is so below it', () => {
    expect(tableLines(shownOf(), 100, Infinity, PLAIN)).toEqual([
      '1 of 1 cameras recording.',
      '',
      '       camera     fps  frames  dropped   time    size  buffer  exposure  gain  focus',
      '● REC  Left eye  60.0  12 340        0  03:25  1.2 GB     2 %   5.00 ms   2.0  1 234',
      '  Recording trial 3, take 1: 12 340 frames, 0 dropped.',
    ]);
  });

  it('leaves the last figures out where the terminal is narrow, then all of them, and wraps sentences', () => {
    expect(tableLines(shownOf(), 44, Infinity, PLAIN).slice(2)).toEqual([
      '       camera     fps  frames  dropped',
      '● REC  Left eye  60.0  12 340        0',
      '  Recording trial 3, take 1: 12 340 frames,',
      '  0 dropped.',
    ]);
    expect(tableLines(shownOf(), 20, Infinity, PLAIN)).toEqual([
      '1 of 1 cameras',
      'recording.',
      '',
      '● REC  Left eye',
      '  Recording trial 3,',
      '  take 1: 12 340',
      '  frames, 0 dropped.',
    ]);
  });

  it.each([1, 2, 5, 9, 20, 39, 40, 80, 300])('never makes a line wider than %i columns', (columns) => {
    const camera = recordingCamera({ display_name: '録画カメラ' });
    const words = wordsOf(
      [recordingWords({ name: '録画カメラ', advice: 'Averyveryverylongwordthatfitsnowhere '.repeat(9) })],
      { banner: { kind: 'lost', tone: 'alarm', text: 'Camera lost: '.repeat(20) } },
    );
    const events = [{ ago_ms: 1, level: 'error', device_id: 'picam:0', text: 'x'.repeat(5000) }] as const;
    const shown = shownOf({ words, answer: answerOf([camera], { events }), trouble: 'y'.repeat(3000) });
    const widths = tableLines(shown, columns, Infinity, PLAIN).map(widthOf);
    // A character of two columns has no room in one.
    expect(Math.max(...widths)).toBeLessThanOrEqual(Math.max(3, columns));
  });

  it('shows a dash for each figure that is old, and for all while the recorder is not heard of', () => {
    const frozen = answerOf([recordingCamera({ figures_age_ms: 4000 })]);
    const [, , , row] = tableLines(shownOf({ answer: frozen }), 100, Infinity, PLAIN);
    expect(row).toMatch(/^● REC {2}Left eye(?: +-){9}$/);
    const unknown = recordingWords({ face: 'unknown', badge: { shape: 'question', word: '?', tone: 'unknown' } });
    expect(tableLines(shownOf({ words: wordsOf([unknown]) }), 100, Infinity, PLAIN)[3]).toMatch(/Left eye(?: +-){9}$/);
  });

  it('takes figures for old by the clock, as they come, and by a slower one under load', () => {
    const old = recordingCamera({ figures_age_ms: 4_000, requested: { width: 0, height: 0, fps: 0.05 }, given: null });
    const rowOf = (shown: MonitorAnswer) => tableLines(shownOf({ answer: shown }), 100, Infinity, PLAIN)[3];
    const answer = answerOf([old]);
    expect(rowOf(answer)).not.toContain('12 340');
    expect(rowOf({ ...answer, status: { ...answer.status, load_level: 'reportingSlowed' } })).toContain('12 340');
  });

  it('has no figures of a take before its first frame is in the file', () => {
    const recording = recordingCamera().recording;
    const asked = recordingCamera({ recording: recording === null ? null : { ...recording, take: 0 } });
    expect(tableLines(shownOf({ answer: answerOf([asked]) }), 100, Infinity, PLAIN)[3]).not.toContain('12 340');
  });

  it('begins with the worst thing, and with why a request failed', () => {
    const banner = { kind: 'silent', tone: 'unknown', text: 'The recorder does not answer.' } as const;
    const shown = shownOf({ words: wordsOf([], { banner, summary: [] }), answer: null, trouble: 'Nothing listens.' });
    expect(tableLines(shown, 40, 24, COLOURED)).toEqual([
      '\u001b[1;7m The recorder does not answer.          \u001b[0m',
      'Nothing listens.',
    ]);
  });

  it('shows the worst cameras where there is no room for all, and counts the others', () => {
    const cameras = [0, 1, 2, 3].map((index) =>
      recordingWords({ deviceId: `picam:${index}`, name: `Camera ${index}`, severity: index }),
    );
    const lines = tableLines(shownOf({ words: wordsOf(cameras) }), 100, 8, PLAIN);
    expect(lines).toHaveLength(8);
    expect(lines[3]).toContain('Camera 3');
    expect(lines[5]).toContain('Camera 2');
    expect(lines[7]).toBe('and 2 more cameras; this terminal is too low.');
  });

  it('lists events as far as there is room, with their ages', () => {
    const events = [
      { ago_ms: 7000, level: 'info', device_id: 'picam:0', text: 'Recording started.' },
      { ago_ms: 200_000, level: 'warning', device_id: null, text: 'The disk is nearly full.' },
      { ago_ms: 9_000_000, level: 'error', device_id: 'picam:0', text: 'Camera lost.' },
    ] as const;
    const shown = shownOf({ answer: answerOf([recordingCamera()], { events }) });
    expect(tableLines(shown, 100, Infinity, PLAIN).slice(-4)).toEqual([
      'Events',
      '   7 s ago   Left eye: Recording started.',
      ' 3 min ago ▲ The disk is nearly full.',
      '   2 h ago ✕ Left eye: Camera lost.',
    ]);
    expect(tableLines(shown, 100, 8, PLAIN).at(-1)).toContain('Recording started.');
  });

  it('lets no text of a host or a tool reach the terminal as an escape sequence', () => {
    const evil = '\u001b]0;owned\u0007\u001b[2J\u202eevil\r\n\u009b31m';
    const words = wordsOf([recordingWords({ name: evil, sentence: evil, advice: evil, remarks: [evil] })], {
      banner: { kind: 'lost', tone: 'alarm', text: evil },
      summary: [evil],
    });
    const events = [{ ago_ms: 1, level: 'error', device_id: evil, text: evil }] as const;
    const shown = shownOf({ words, answer: answerOf([recordingCamera()], { events }), trouble: evil });
    // oxlint-disable-next-line no-control-regex -- this is about control characters
    expect(tableLines(shown, 100, Infinity, PLAIN).join('')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
  });

  it('says the same without colours, and without more than ASCII', () => {
    const ascii = tableLines(shownOf(), 100, Infinity, { hasColours: false, isUnicode: false });
    expect(ascii[3]).toMatch(/^\* REC {2}Left eye/);
    const coloured = tableLines(shownOf(), 100, Infinity, COLOURED);
    expect(coloured[3]?.startsWith('\u001b[1;31m● REC\u001b[0m  Left eye')).toBe(true);
    expect(coloured.map((line) => stripVTControlCharacters(line))).toEqual(tableLines(shownOf(), 100, Infinity, PLAIN));
  });

  it.each([
    ['a terminal', true, {}, true],
    ['a pipe', false, {}, false],
    ['NO_COLOR', true, { NO_COLOR: '1' }, false],
    ['an empty NO_COLOR, which means nothing', true, { NO_COLOR: '' }, true],
    ['a dumb terminal', true, { TERM: 'dumb' }, false],
  ])('has colours as it should on %s', (_, isTerminal, env, hasColours) => {
    expect(looksOf(isTerminal, env).hasColours).toBe(hasColours);
  });

  it('takes the first locale that is set', () => {
    expect(looksOf(true, { LC_ALL: '', LC_CTYPE: 'C', LANG: 'en_GB.UTF-8' }).isUnicode).toBe(false);
    expect(looksOf(true, { LANG: 'en_GB.utf8' }).isUnicode).toBe(true);
  });
});

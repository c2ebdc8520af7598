import { describe, expect, it } from '@jest/globals';
import { bytes, counted, duration } from '../../../../src/monitor/wording/amounts.js';
import { aimingFacts, factsFor, rate } from '../../../../src/monitor/wording/facts-for.js';
import { pictureLimitMs } from '../../../../src/monitor/wording/limits.js';
import { pictureStateOf, pictureWords, type PictureSeen } from '../../../../src/monitor/wording/picture-words.js';
import { wordsFor } from '../../../../src/monitor/wording/words-for.js';
import type { CameraStatus } from '../../../../src/protocol/statuses.js';
import { answerOf, lost, recording, streaming } from '../../../harness/monitor-answers.js';

describe('an amount', () => {
  it('has its digits in groups of three', () => {
    expect(counted(12_340_567, 'frame')).toBe('12\u{A0}340\u{A0}567 frames');
    expect(counted(1, 'frame')).toBe('1 frame');
    expect(counted(0, 'frame')).toBe('0 frames');
    expect(counted(999, 'frame')).toBe('999 frames');
  });

  it.each([
    [7_999, '7 s'],
    [119_000, '119 s'],
    [120_000, '2 min'],
    [7_200_000, '2 h'],
    [172_800_000, '2 days'],
    [-5, '0 s'],
  ])('of time, %i ms, is %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it.each([
    [0, '0 bytes'],
    [999, '999 bytes'],
    [999_600, '1.0 MB'],
    [8_449_000_000, '8.4 GB'],
    [112_000_000_000, '112 GB'],
    [4e15, '4000 TB'],
  ])('of bytes, %i, is %s', (value, text) => {
    expect(bytes(value)).toBe(text);
  });

  it('of frames a second keeps the digits that mean something', () => {
    expect([0.01, 59.94, 60, 0].map(rate)).toEqual(['0.01', '59.9', '60', '0']);
  });
});

describe('the figures of a camera', () => {
  const valuesOf = (camera: CameraStatus) =>
    Object.fromEntries(factsFor(camera, answerOf({ cameras: [camera] })).map(({ label, value }) => [label, value]));

  it('are rate, size, recording, buffer and writing', () => {
    expect(valuesOf(recording({ trial_label: 'left <b>' }))).toEqual({
      Rate: '60 of 60 fps',
      Size: '1456 × 1088',
      Recorded: '60 fps, 1.6 GB',
      Length: '3:25',
      Label: 'left <b>',
      Buffer: '1 %, 3 frames',
      'Until written': '2 ms, at most 9 ms',
      Camera: 'imx296',
    });
    expect(valuesOf(recording({ duration_s: 3_847 }))['Length']).toBe('1:04:07');
  });

  it('say nothing of writing while nothing is written', () => {
    expect(valuesOf(recording({}, { record_fps: 0, latency_ms: { median: 0, max: 0 } }))['Until written']).toBe('–');
    expect(Object.keys(valuesOf(streaming()))).toEqual(['Rate', 'Size', 'Buffer', 'Camera']);
  });

  it('say how old they are where they are old', () => {
    expect(valuesOf(streaming({ figures_age_ms: 4_000 }))['Figures']).toBe('4 s old');
  });

  it('are left out where there is no stream', () => {
    expect(valuesOf(streaming({ given: null, model: '' }))).toEqual({});
  });

  it('are exposure, gain and focus for who aims', () => {
    const given = { width: 1, height: 1, fps: 60, mode: null, exposure_time_us: 16_611, gain: 1.5 };
    const values = (camera: CameraStatus) => aimingFacts(camera).map(({ label, value }) => `${label} ${value}`);
    expect(values(streaming({ given }))).toEqual(['Exposure 16.6 ms', 'Gain 1.5 ×', 'Focus 812']);
    expect(values(streaming({ given: null, focus: null }))).toEqual(['Exposure –', 'Gain –', 'Focus –']);
    expect(values(streaming({ focus: { value: 9, kind: 'frame_bytes' } }))[2]).toBe('Detail 9');
  });
});

describe('the words on a picture', () => {
  const wordsOf = (camera: CameraStatus, grownMsAgo?: number) => {
    const views = grownMsAgo === undefined ? [] : [{ grown_ms_ago: grownMsAgo }];
    const answer = answerOf({ cameras: [camera], views });
    const [words] = wordsFor({ answer, answeredMsAgo: 0, lastRequest: 'answered' }).cameras;
    if (words === undefined) throw new Error('no camera was told of');
    return words;
  };
  const told = (state: PictureSeen['state'], ageMs: number | null, isPausedHere = false) =>
    pictureWords({ state, ageMs, isPausedHere }, wordsOf(streaming()));

  it('are none on a live one, and tell the age of an old one', () => {
    expect(told('live', 300)).toBe('');
    expect(told('live', 80_000)).toBe('Picture is 80 s old.');
    expect(told('old', 4_200)).toBe('Picture is 4 s old.');
    expect(told('none', null)).toBe('No picture yet.');
    expect(told('off', null)).toBe('Preview turned off by the host.');
    expect(told('lost', 9_000)).toBe('No picture from the camera. Picture is 9 s old.');
    expect(told('live', 1_000, true)).toBe('Pictures paused here (P). Picture is 1 s old.');
  });

  it('say that recording goes on only where the file grows', () => {
    const paused = { state: 'paused', ageMs: null, isPausedHere: false } as const;
    expect(pictureWords(paused, wordsOf(recording()))).toBe('Paused under load; recording goes on.');
    expect(pictureWords(paused, wordsOf(recording(), 9_000))).toBe('Paused under load.');
    expect(pictureWords(paused, wordsOf(streaming()))).toBe('Paused under load.');
  });

  it('call it live only where it is young and the camera streams', () => {
    expect(pictureStateOf(null, 2_400, streaming())).toBe('live');
    expect(pictureStateOf('none', 2_400, streaming())).toBe('live');
    expect(pictureStateOf(null, 2_500, streaming())).toBe('old');
    expect(pictureStateOf('none', null, streaming())).toBe('none');
    expect(pictureStateOf('lost', 100, streaming())).toBe('lost');
    expect(pictureStateOf(null, 100, lost())).toBe('lost');
    expect(pictureStateOf(null, 100, streaming({ state: 'closed' }))).toBe('lost');
    expect(pictureStateOf('off', 100, lost())).toBe('off');
    expect(pictureStateOf('paused', 100, recording())).toBe('paused');
  });

  it('call it old after 2.5 s, or five frame times', () => {
    expect(pictureLimitMs(streaming())).toBe(2_500);
    expect(pictureLimitMs(streaming({ given: null, requested: { width: 0, height: 0, fps: 0.01 } }))).toBe(500_000);
  });
});

import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { pageStateOf } from '../../../../src/monitor/wording/limits.js';
import type { Seen } from '../../../../src/monitor/wording/seen.js';
import { wordsFor } from '../../../../src/monitor/wording/words-for.js';
import type { CameraStatus } from '../../../../src/protocol/statuses.js';
import { answerOf, lastEnd, lost, recording, streaming } from '../../../harness/monitor-answers.js';

function seen(answer: Seen['answer'], changes: Partial<Seen> = {}): Seen {
  return { answer, answeredMsAgo: 100, lastRequest: 'answered', ...changes };
}

const two = [recording(), recording({}, { device_id: 'picam:1', display_name: 'Side' })];
const side = { device_id: 'picam:1', display_name: 'Side' };

describe('the page in words', () => {
  it('says that all cameras record, in the title too, and has no banner', () => {
    const words = wordsFor(seen(answerOf({ cameras: two })));
    expect(words).toMatchObject({ banner: null, title: '● REC 2/2' });
    expect(words.summary).toEqual([
      '2 of 2 cameras recording.',
      'Session: /data/s1.',
      'Disk: 112 GB free.',
      '55 °C.',
      'Supply voltage good.',
    ]);
  });

  it('does not contradict itself where a recording is wanted and no file grows', () => {
    const firstOf = (answer: Parameters<typeof answerOf>[0]): string | undefined =>
      wordsFor(seen(answerOf(answer))).summary[0];
    const still = [{ grown_ms_ago: 9_000 }, { grown_ms_ago: 9_000 }];
    expect(firstOf({ cameras: two, views: still })).toBe('2 of 2 cameras should be recording, and no file grows.');
    expect(firstOf({ cameras: [recording({ take: 0 }), streaming(side)] })).toBe(
      'Recording requested of 1 of 2 cameras, nothing in a file yet.',
    );
    expect(firstOf({ cameras: [lost()] })).toBe('No camera is recording.');
  });

  it('counts only cameras whose file grows', () => {
    const words = wordsFor(seen(answerOf({ cameras: two, views: [{ grown_ms_ago: 5_000 }] })));
    expect(words.summary[0]).toBe('1 of 2 cameras recording.');
    expect(words.title).toBe('⚠ No new frame · REC 1/2');
    expect(words.banner).toEqual({
      kind: 'stalled',
      tone: 'caution',
      text: 'Front: Recording, but no new frame in the file for 5 s.',
    });
  });

  it('says that nobody assigned a camera', () => {
    const words = wordsFor(seen(answerOf()));
    expect(words).toMatchObject({ banner: null, title: 'No camera' });
    expect(words.summary[0]).toBe('No camera is assigned. The host assigns cameras.');
  });

  it('has the session, what is left of the disk, heat, supply, load and lost lines in its summary', () => {
    const { summary } = wordsFor(
      seen(
        answerOf({
          cameras: [streaming()],
          status: {
            session_dir: null,
            simulate: true,
            load_level: 'previewPaused',
            load: {
              event_loop_delay_ms: 1,
              buffer_fill: 0,
              write_delay_ms: 0,
              temperature_c: 84.6,
              under_voltage: true,
            },
            disk: { free_bytes: 8_449_000_000, reserve_bytes: 1, seconds_left: 9_000, age_ms: 12_000 },
            log_lines_lost: { application: 1, commands: 2, drops: 3 },
          },
        }),
      ),
    );
    expect(summary).toEqual([
      'Not recording. 1 of 1 camera live.',
      'Virtual cameras: nothing real is filmed.',
      'No session.',
      'Disk: 8.4 GB free 12 s ago; it has not answered since, full in about 2 h at this rate.',
      'Too hot: 85 °C.',
      'Supply voltage too low.',
      'High load: no pictures on this page.',
      '6 log lines could not be written.',
    ]);
  });

  const disk = { free_bytes: 5_000_000_000, reserve_bytes: 1_000_000_000, seconds_left: null, age_ms: 500 };
  const load = { event_loop_delay_ms: 1, buffer_fill: 0, write_delay_ms: 0, temperature_c: 60, under_voltage: false };

  it.each<[kind: string, tone: string, text: string, answer: Parameters<typeof answerOf>[0]]>([
    ['stopping', 'caution', 'The module is shutting down.', { cameras: [lost()], status: { state: 'stopping' } }],
    ['stopped', 'caution', 'The module has stopped.', { status: { state: 'stopped' } }],
    [
      'ended',
      'alarm',
      'Side: Recording ended by itself',
      { cameras: [lost(), streaming(side)], views: [{}, { last_end: lastEnd() }] },
    ],
    ['lost', 'alarm', 'Camera lost: The capture tool ended. Next attempt in 8 s (no. 3).', { cameras: [lost()] }],
    ['lost', 'alarm', 'The same holds for Side.', { cameras: [lost(), lost(side)] }],
    ['dropping', 'caution', '12 frames dropped in this take.', { cameras: [recording({ dropped: 12 })] }],
    [
      'diskNearlyFull',
      'caution',
      'Disk full in about 8 min at this rate.',
      { cameras: two, status: { disk: { ...disk, seconds_left: 500 } } },
    ],
    [
      'diskNearlyFull',
      'alarm',
      'Disk full in about 100 s at this rate.',
      { cameras: [recording({ dropped: 1 })], status: { disk: { ...disk, seconds_left: 100 } } },
    ],
    [
      'diskFull',
      'alarm',
      'The disk is full: 1.0 GB free, and 1.0 GB are kept free.',
      { status: { disk: { ...disk, free_bytes: 1_000_000_000 } } },
    ],
    ['underVoltage', 'caution', 'Supply voltage too low', { status: { load: { ...load, under_voltage: true } } }],
    ['hot', 'caution', 'Too hot (82 °C)', { status: { load: { ...load, temperature_c: 82 } } }],
  ])('has a banner for the worst thing: %s, %s', (kind, tone, text, answer) => {
    const { banner } = wordsFor(seen(answerOf(answer)));
    expect(banner).toEqual({ kind, tone, text: expect.stringContaining(text) });
  });

  it('is calm as long as the disk lasts for more than ten minutes', () => {
    const status = { disk: { ...disk, seconds_left: 601 } };
    expect(wordsFor(seen(answerOf({ cameras: two, status }))).banner).toBeNull();
  });

  it('uses no word for a lost camera that it uses for a silent recorder', () => {
    const wordsOf = (text: string) => new Set(text.toLowerCase().match(/[a-z]{4,}/g));
    const lostWords = wordsOf(wordsFor(seen(answerOf({ cameras: [lost()] }))).cameras[0]?.sentence.split(':')[0] ?? '');
    const silent = wordsOf(
      wordsFor(seen(answerOf({ cameras: [lost()] }), { answeredMsAgo: 9_000 })).banner?.text ?? '',
    );
    expect([...lostWords].filter((word) => silent.has(word))).toEqual([]);
  });
});

describe('news that are old', () => {
  const answer = answerOf({ cameras: two });

  it.each<[state: string, changes: Partial<Seen>]>([
    ['answering', { answeredMsAgo: 2_799 }],
    ['old', { answeredMsAgo: 2_800 }], // the view was 200 ms old when it came
    ['answering', { answeredMsAgo: 2_799, lastRequest: 'failed' }],
    ['old', { answeredMsAgo: 2_999, lastRequest: 'failed' }],
    ['silent', { answeredMsAgo: 3_000, lastRequest: 'failed' }],
    ['old', { answeredMsAgo: 4_499 }],
    ['silent', { answeredMsAgo: 4_500 }],
    ['refused', { lastRequest: 'refused' }],
    ['starting', { answer: null, lastRequest: 'failed', answeredMsAgo: 4_499 }],
    ['silent', { answer: null, lastRequest: 'failed', answeredMsAgo: 4_500 }],
    ['refused', { answer: null, lastRequest: 'refused', answeredMsAgo: 60_000 }],
  ])('make the page %s: %j', (state, changes) => {
    expect(pageStateOf(seen(answer, changes))).toBe(state);
  });

  it('make every camera unknown after 3 s, with what was last known', () => {
    const words = wordsFor(seen(answer, { answeredMsAgo: 3_900 }));
    expect(words.banner).toEqual({
      kind: 'old',
      tone: 'unknown',
      text: 'No news for 4 s. Last known: 2 of 2 cameras recording.',
    });
    expect(words.title).toBe('? no news');
    expect(words.summary).toEqual(['Last known, 4 s ago: 2 of 2 cameras recording.']);
    expect(words.cameras[0]).toMatchObject({
      face: 'unknown',
      badge: { shape: 'question', word: 'Unknown' },
      sentence: 'No news for 4 s. Last known: recording.',
    });
  });

  it('do not tell a camera that hung while nothing was recorded as one that recorded', () => {
    const hung = answerOf({ cameras: [streaming({ capture_fps: 0, frames: 60 })] });
    const { cameras, summary } = wordsFor(seen(hung, { answeredMsAgo: 3_900 }));
    expect(cameras[0]?.sentence).toBe('No news for 4 s. Last known: not recording, no new frame from the camera.');
    expect(summary).toEqual(['Last known, 4 s ago: no camera is recording.']);
  });

  it('say that it is unknown whether it records where a server answers for a recorder that hangs', () => {
    const hung = answerOf({ cameras: two, answer: { status_age_ms: 60_000 } });
    expect(wordsFor(seen(hung)).banner?.text).toBe(
      'No news for 60 s. Last known: 2 of 2 cameras recording. Whether it still records is unknown: its machine may be overloaded.',
    );
  });

  it('say so of a recorder that does not answer', () => {
    const words = wordsFor(seen(answer, { answeredMsAgo: 8_000, lastRequest: 'failed' }));
    expect(words.title).toBe('? no answer');
    expect(words.banner?.text).toBe(
      'The recorder does not answer (8 s). Whether it records is unknown. Check its machine, its program and the network. It is asked again all the time.',
    );
    expect(words.cameras[1]?.sentence).toBe('Whether it records is unknown. Last known: recording.');
  });

  it('say so of a recorder that never answered', () => {
    expect(wordsFor(seen(null, { answeredMsAgo: 1_000 }))).toMatchObject({ banner: null, title: 'CSI Cameras' });
    expect(wordsFor(seen(null, { answeredMsAgo: 6_000 }))).toMatchObject({ title: '? no answer', cameras: [] });
  });

  it('say that the token is missing', () => {
    const words = wordsFor(seen(null, { lastRequest: 'refused' }));
    expect(words.banner?.kind).toBe('refused');
    expect(words.title).toBe('? token');
  });
});

/** A sentence that claims a recording in progress, without saying that it is what was last known. */
const CLAIM =
  /^(?!.*(?:Last known|unknown|not shown)).*(?:\bREC\b|Recording trial|cameras? recording|recording goes on)/;

describe('any answer', () => {
  const ms = fc.oneof(fc.nat(10_000), fc.nat(1_000_000));
  const camera = fc.record({
    state: fc.constantFrom<CameraStatus['state']>('closed', 'opening', 'streaming', 'recording', 'waiting', 'closing'),
    take: fc.nat(2),
    frames: fc.nat(100_000),
    dropped: fc.nat(2),
    skipped: fc.nat(2),
    grownMsAgo: fc.option(ms),
    hasError: fc.boolean(),
    hasEnded: fc.boolean(),
    fps: fc.constantFrom(0.01, 1, 60),
  });

  it('is never told as recording when the news are old, or no take grows', () => {
    fc.assert(
      fc.property(
        fc.array(camera, { maxLength: 3 }),
        ms,
        ms,
        fc.constantFrom<Seen['lastRequest']>('answered', 'failed', 'refused'),
        (cameras, statusAgeMs, answeredMsAgo, lastRequest) => {
          const answer = answerOf({
            cameras: cameras.map(({ state, take, frames, dropped, skipped, hasError, fps }, index) => {
              const made = recording({ take, frames, dropped, skipped }, { device_id: `picam:${index}`, state });
              const error = hasError ? lost().error : null;
              return { ...made, error, given: null, requested: { ...made.requested, fps } };
            }),
            views: cameras.map(({ grownMsAgo, hasEnded }) => ({
              grown_ms_ago: grownMsAgo,
              last_end: hasEnded ? lastEnd() : null,
            })),
            answer: { status_age_ms: statusAgeMs },
          });
          const words = wordsFor({ answer, answeredMsAgo, lastRequest });
          const areNewsFresh = lastRequest !== 'refused' && statusAgeMs + answeredMsAgo < 3_000;
          const growing = cameras.filter(({ state, take, frames, skipped, grownMsAgo, fps }) => {
            const limitMs = Math.max(3_000, (5_000 / fps) * (1 + skipped / Math.max(1, frames)));
            const isTake = state === 'recording' && take > 0 && frames > 0 && grownMsAgo !== null;
            return areNewsFresh && isTake && grownMsAgo + statusAgeMs < limitMs;
          }).length;
          const claims = words.cameras.filter(({ sentence, badge }) => CLAIM.test(sentence) || CLAIM.test(badge.word));
          expect(claims.length).toBeLessThanOrEqual(growing);
          const texts = [words.title, words.banner?.text ?? '', ...words.summary];
          if (growing === 0) expect(texts.filter((text) => CLAIM.test(text))).toEqual([]);
        },
      ),
    );
  });
});

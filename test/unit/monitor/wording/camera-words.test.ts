import { describe, expect, it } from '@jest/globals';
import type { CameraView } from '../../../../src/monitor/view.js';
import { wordsFor } from '../../../../src/monitor/wording/words-for.js';
import type { CameraFace, CameraWords } from '../../../../src/monitor/wording/words.js';
import type { CameraStatus } from '../../../../src/protocol/statuses.js';
import { answerOf, lastEnd, lost, recording, streaming } from '../../../harness/monitor-answers.js';

function told(
  camera: CameraStatus,
  view: Partial<CameraView> = {},
  answer: Parameters<typeof answerOf>[0] = {},
): CameraWords {
  const seen = { answer: answerOf({ cameras: [camera], views: [view], ...answer }), answeredMsAgo: 100 };
  const [words] = wordsFor({ ...seen, lastRequest: 'answered' }).cameras;
  if (words === undefined) throw new Error('no camera was told of');
  // The no-break spaces of numbers are plain ones here: they cannot be seen in a test.
  const plain = (text: string) => text.replaceAll('\u{A0}', ' ');
  return { ...words, sentence: plain(words.sentence), advice: plain(words.advice), remarks: words.remarks.map(plain) };
}

describe('a camera in words', () => {
  const { error } = lost();

  it.each<[state: string, camera: CameraStatus, view: Partial<CameraView>, face: CameraFace, sentence: string]>([
    ['is opened', streaming({ state: 'opening', given: null }), {}, 'opening', 'Opening: waiting for the first frame.'],
    ['streams', streaming(), {}, 'live', 'Live, not recording.'],
    ['gave one frame', streaming({ capture_fps: 0, frames: 1 }), {}, 'live', 'Live, not recording.'],
    [
      'hangs while nothing is recorded',
      streaming({ capture_fps: 0, frames: 60 }),
      {},
      'stalled',
      'Not recording, and no new frame comes from the camera.',
    ],
    [
      'is asked for a take that is not there yet',
      recording({ take: 0, frames: 0 }),
      {},
      'asked',
      'Recording requested, nothing in the file yet.',
    ],
    [
      'has made a file without a frame',
      recording({ frames: 0 }),
      { grown_ms_ago: null },
      'asked',
      'Recording requested, nothing in the file yet.',
    ],
    [
      'has a take that is told to grow, and holds no frame',
      recording({ frames: 0 }),
      { grown_ms_ago: 300 },
      'asked',
      'Recording requested, nothing in the file yet.',
    ],
    ['records', recording(), {}, 'recording', 'Recording trial 3, take 1: 12 340 frames, 0 dropped.'],
    [
      'records, and its file stands still',
      recording(),
      { grown_ms_ago: 7_100 },
      'stalled',
      'Recording, but no new frame in the file for 7 s.',
    ],
    [
      'dropped frames',
      recording({ dropped: 12 }),
      {},
      'dropping',
      'Recording trial 3, take 1: 12 340 frames, 12 dropped.',
    ],
    ['is lost', lost(), {}, 'lost', 'Camera lost: The capture tool ended. Next attempt in 8 s (no. 3).'],
    [
      'is lost, and its attempt is due',
      lost({ retry_in_ms: 200 }),
      {},
      'lost',
      'Camera lost: The capture tool ended. Next attempt now (no. 3).',
    ],
    [
      'is lost, and is being opened again',
      lost({ state: 'opening', retry_in_ms: null }),
      {},
      'lost',
      'Camera lost: The capture tool ended. An attempt is being made now (no. 3).',
    ],
    [
      'was given up',
      streaming({ state: 'closed', given: null, error, attempts: 5 }),
      {},
      'gaveUp',
      'Gave up after 5 attempts: The capture tool ended.',
    ],
    [
      'was given up at once',
      streaming({ state: 'closed', given: null, error }),
      {},
      'gaveUp',
      'Gave up: The capture tool ended.',
    ],
    [
      'ended by itself and streams',
      streaming(),
      { last_end: lastEnd() },
      'ended',
      'Recording ended by itself: Writing failed for /data/s1/trial003.avi (EIO). 8 412 frames are safe in trial003.avi.',
    ],
    [
      'ended by itself without an error that is told',
      streaming(),
      { last_end: lastEnd({ reason: 'disk_full', error: null }) },
      'ended',
      'Recording ended by itself: The disk is full. 8 412 frames are safe in trial003.avi.',
    ],
    [
      'did not start',
      streaming(),
      { last_end: lastEnd({ reason: 'not_started', frames: 0, video_path: null }) },
      'ended',
      'The recording did not start: Writing failed for /data/s1/trial003.avi (EIO).',
    ],
    [
      'ended as ordered',
      streaming(),
      { last_end: lastEnd({ reason: 'command', error: null }) },
      'live',
      'Live, not recording.',
    ],
    ['is closed', streaming({ state: 'closing' }), {}, 'closing', 'Closing.'],
    [
      'tells no figures any more',
      streaming({ figures_age_ms: 4_000 }),
      {},
      'unknown',
      'No figures from the camera for 4 s. Last known: live, not recording.',
    ],
  ])('that %s', (_state, camera, view, face, sentence) => {
    expect(told(camera, view)).toMatchObject({ face, sentence });
  });

  it('counts the age of figures to the answer', () => {
    const face = (status_age_ms: number) =>
      told(streaming({ figures_age_ms: 1_500 }), {}, { answer: { status_age_ms } }).face;
    expect([1_400, 1_499, 1_500].map(face)).toEqual(['live', 'live', 'unknown']);
  });

  it('says what to do where something is wrong', () => {
    expect(told(lost()).advice).toBe('The camera stopped answering: check the ribbon cable and the power supply.');
    expect(told(streaming(), { last_end: lastEnd() }).advice).toBe(
      'The disk failed: check the card. Nothing is recorded until it is started again.',
    );
    expect(told(streaming({ pending_trial_number: 3 }), { last_end: lastEnd() }).advice).toBe(
      'The disk failed: check the card.',
    );
    expect(told(streaming({ state: 'closed', error })).advice).toContain('The host must assign it again.');
    const none = recording({}, { buffer: { frames: 0, bytes: 0, fill: 0 } });
    expect(told(none, { grown_ms_ago: 9_000 }).advice).toMatch(
      /^Check the disk and the camera cable\. 12\s340 frames were in the file before\.$/,
    );
    const waiting = recording({}, { buffer: { frames: 45, bytes: 9_000_000, fill: 0.75 } });
    expect(told(waiting, { grown_ms_ago: 9_000 }).advice).toContain(
      'Check the disk: 45 frames wait for it, and are lost when the buffer is full.',
    );
    expect(told(recording({ dropped: 2 }, { drops: { buffer_full: 2 } })).advice).toContain('The disk was too slow');
  });

  it('tells of frames that were dropped, and of those that never came, besides', () => {
    const camera = recording({ dropped: 12, source_gaps: 1 }, { drops: { buffer_full: 12, gate_skip: 99 } });
    const remarks = [
      '12 frames dropped in this take (buffer full).',
      '1 frame never came from the camera in this take.',
    ];
    expect(told(camera).remarks).toEqual(remarks);
    expect(told(camera, { grown_ms_ago: 5_000 })).toMatchObject({ face: 'stalled', remarks });
  });

  it('tells what becomes of a trial while its camera is lost', () => {
    const end = lastEnd({ reason: 'device_error' });
    expect(told(lost({ pending_trial_number: 3 }), { last_end: end }).remarks).toEqual([
      'Its recording ended by itself. 8 412 frames are safe in trial003.avi.',
      'Trial 3 goes on in a new take when frames come.',
    ]);
    expect(told(lost({ pending_trial_number: 4 })).remarks).toEqual(['Trial 4 begins when frames come.']);
  });

  it('counts the seconds to the next attempt down between answers', () => {
    const answer = answerOf({ cameras: [lost()] });
    const sentences = [0, 1_000, 2_000].map(
      (answeredMsAgo) => wordsFor({ answer, answeredMsAgo, lastRequest: 'answered' }).cameras[0]?.sentence,
    );
    expect(sentences.map((sentence) => /in \d+ s/.exec(sentence ?? '')?.[0])).toEqual(['in 8 s', 'in 7 s', 'in 6 s']);
  });

  it('shows the device id where there is no display name', () => {
    expect(told(streaming({ display_name: ' ' })).name).toBe('picam:0');
  });

  it('tells cameras of one name apart', () => {
    const cameras = ['picam:0', 'picam:1'].map((device_id) => streaming({ device_id, display_name: 'Side' }));
    const { cameras: words } = wordsFor({ answer: answerOf({ cameras }), answeredMsAgo: 0, lastRequest: 'answered' });
    expect(words.map(({ name }) => name)).toEqual(['Side (picam:0)', 'Side (picam:1)']);
  });

  it('lets no name turn the words that follow it, or fill the screen', () => {
    const turned = streaming({ display_name: '\u{202E}gnidrocer\u{2066}' });
    expect(told(turned).name).toBe('gnidrocer');
    const name = told(streaming({ display_name: `${'W'.repeat(78)}😀😀` })).name;
    expect(name).toBe(`${'W'.repeat(78)}…`);
    expect(told(streaming({ display_name: 'W'.repeat(80) })).name).toBe('W'.repeat(80));
  });
});

describe('the limit for a file that grows', () => {
  const face = (camera: CameraStatus, grownMsAgo: number, status = {}) =>
    told(camera, { grown_ms_ago: grownMsAgo }, { status }).face;

  it('is 3 s, and counts from the growth to the answer', () => {
    expect(face(recording(), 2_799)).toBe('recording');
    expect(face(recording(), 2_800)).toBe('stalled'); // the view was 200 ms old
  });

  it('is five frame times of a slow camera: at 0.01 frames a second nothing is late', () => {
    const given = { width: 1456, height: 1088, fps: 0.01, mode: null, exposure_time_us: null, gain: null };
    const slow = recording({ frames: 4 }, { given });
    expect(face(slow, 499_000)).toBe('recording');
    expect(face(slow, 500_000)).toBe('stalled');
    const notGiven = recording({ frames: 4 }, { given: null, requested: { width: 0, height: 0, fps: 0.01 } });
    expect(face(notGiven, 499_000)).toBe('recording');
  });

  it('knows that recording.fps leaves frames out', () => {
    // 60 frames a second, of which one in ten seconds is recorded.
    expect(face(recording({ frames: 1, skipped: 480 }), 8_000)).toBe('recording');
    expect(face(recording({ frames: 10, skipped: 5_990 }), 49_000)).toBe('recording');
    expect(face(recording({ frames: 10, skipped: 5_990 }), 51_000)).toBe('stalled');
  });

  it('is longer while load makes figures seldom, except for what the last figures prove', () => {
    const slowed = { load_level: 'reportingSlowed' } as const;
    expect(face(recording({}, { figures_age_ms: 2_500 }), 5_200, slowed)).toBe('recording');
    expect(face(recording({}, { figures_age_ms: 5_500 }), 5_500, slowed)).toBe('stalled');
    expect(face(recording({}, { figures_age_ms: 0 }), 3_000, slowed)).toBe('stalled');
  });
});

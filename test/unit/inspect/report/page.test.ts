import { describe, expect, it } from '@jest/globals';
import { reportPage } from '../../../../src/inspect/report/page.js';
import { recordingPart } from '../../../../src/inspect/report/recording-part.js';
import { lineOf, type ReportRecording, verdictWord } from '../../../../src/inspect/report/report-data.js';
import { rowFigures } from '../../../../src/inspect/report/row-figures.js';
import { headline, sentenceAbout } from '../../../../src/inspect/report/wording.js';
import { infoFile, lossy, reportRecording, timingRows, verifiedRecording } from './report-rig.js';

function pageOf(...recordings: readonly ReportRecording[]): string {
  const lines = recordings.map((recording, index) => lineOf(recording, `recording-${index + 1}`));
  const made = recordings.map((recording, index) => recordingPart(recording, lines[index] ?? lineOf(recording, 'x')));
  return reportPage({
    name: 'session_1',
    madeMs: 0,
    lines,
    parts: made.map(({ html }) => html),
    notProven: [...new Set(made.flatMap(({ notProven }) => notProven))],
    sentence: made.length === 1 ? (made[0]?.sentence ?? null) : null,
    problems: [],
  });
}

const HOSTILE = `"><img src=x onerror=alert(1)><script>alert(2)</script>' onload='x'\u001b[31m\u202eend&`;

describe('the page of a report', () => {
  it('lets no tag and no attribute through, wherever a host or a file has put it', () => {
    const rows = rowFigures({ ...timingRows(30), label: HOSTILE, deviceId: HOSTILE }, 100);
    const base = lossy(3, [{ afterFrame: 10, frames: 3, reason: HOSTILE, atS: 1 }]);
    const verified = {
      ...base,
      files: { ...base.files, stem: HOSTILE, cameraLabel: HOSTILE },
      deviceId: HOSTILE,
      findings: [{ id: 'V1' as const, kind: 'failed' as const, frame: 1, message: HOSTILE }],
      verdict: 'damaged' as const,
    };
    const recording = reportRecording({
      verified,
      info: infoFile(HOSTILE),
      rows,
      files: [{ name: HOSTILE, bytes: 1 }],
      thumbnails: { pictures: [], notes: [HOSTILE] },
    });
    const none = reportRecording({ noInfo: HOSTILE, noRows: HOSTILE });
    const part = pageOf(recording, none);
    const named = reportPage({
      name: HOSTILE,
      madeMs: 0,
      lines: [],
      parts: [],
      notProven: [HOSTILE],
      sentence: null,
      problems: [HOSTILE],
    });
    for (const page of [part, named]) {
      expect(page).toContain('&lt;script&gt;');
      expect(page).not.toMatch(/<script|<img src=x/);
      for (const character of ['\u001b', '\u202e']) expect(page).not.toContain(character);
      const tags = page.match(/<[a-z][^>]*>/gi) ?? [];
      expect(tags.filter((tag) => /\son\w+\s*=/i.test(tag.replaceAll(/"[^"]*"/g, '""')))).toEqual([]);
    }
  });

  it('asks for nothing outside of itself, and says so to the browser', () => {
    const page = pageOf(reportRecording({ rows: rowFigures(timingRows(30), 100), info: infoFile('text') }));
    expect(page).toContain(
      `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"`,
    );
    expect(page).not.toMatch(/https?:|<link|<script|@import|url\((?!#)/);
    expect(page.match(/\s(?:src|href)="(?!data:image\/png;base64,|#)/g)).toBeNull();
  });

  it('cuts texts that are too long to be read', () => {
    const page = pageOf(reportRecording({ info: infoFile('x'.repeat(100_000)) }));
    expect(page.length).toBeLessThan(60_000);
  });

  it('has one row for a setting that was asked for and told, and one sentence for all that are automatic', () => {
    const info = infoFile('text');
    const settings = {
      asked: { exposureTimeUs: 5000, gain: null, width: 0, hflip: null, metering: null },
      given: { exposure_time_us: [4993, 4999] as const, gain: [1, 2] as const, lux: [400, 412.5] as const },
    };
    const page = pageOf(reportRecording({ info: { ...info, csi_cameras: { ...info.csi_cameras, settings } } }));
    const cells = (name: string): readonly string[] =>
      (new RegExp(`<td><code>${name}</code></td>(.*?)</tr>`, 's').exec(page)?.[1] ?? '')
        .replaceAll(/<[^>]*>/g, ' ')
        .trim()
        .split(/\s+/);
    expect(cells('exposureTimeUs')).toEqual(['5000', '4,993', '4,999']);
    expect(cells('gain')).toEqual(['automatic', '1', '2']);
    expect(cells('lux')).toEqual(['–', '400', '412.5']);
    expect(page).not.toContain('exposure_time_us');
    expect(page).toContain('Automatic, and not told by the frames: width, hflip, metering.');
  });

  it('says what is not known of a recording without an info file, and without times', () => {
    const verified = verifiedRecording({ account: null, accountFrom: null });
    const page = pageOf(
      reportRecording({
        verified,
        rows: rowFigures(
          timingRows(30, () => 0n),
          100,
        ),
      }),
    );
    expect(page).toContain('nobody can say whether frames are missing');
    expect(page).toContain('this recording has no info file');
    expect(page).toContain('The camera gave no sensor times');
    expect(page).toContain('a changed bit inside a picture can go unseen');
  });
});

describe('what a report says', () => {
  it('says before the recordings that a changed bit can go unseen', () => {
    const page = pageOf(reportRecording(), reportRecording());
    const [top = ''] = page.split('<section');
    expect(top.match(/a changed bit inside a picture can go unseen/g)).toHaveLength(1);
    expect(top).toContain('csi-cameras verify --decode does');
  });

  it('calls nothing lost where a recording only ended early, or its times are in disorder', () => {
    const said = (id: 'V2' | 'V16', message: string, account = verifiedRecording().account): readonly string[] => {
      const verified = verifiedRecording({
        verdict: 'lost',
        account,
        findings: [{ id, kind: 'lost', frame: null, message }],
      });
      const line = lineOf(reportRecording({ verified }), 'a');
      return [verdictWord(verified), sentenceAbout(verified, true), headline([line, line], null).text];
    };
    expect(said('V2', 'it ended early: device_error')).toEqual([
      'Ended early',
      'No frame is lost, but it ended early: device_error.',
      '2 of 2 recordings ended early; no frame before the end is lost.',
    ]);
    expect(said('V2', 'its process died: the last moments are missing', null).slice(0, 2)).toEqual([
      'Ended early',
      'Its process died: the last moments are missing.',
    ]);
    expect(said('V16', '4 sensor times out of order')).toEqual([
      'Times in disorder',
      'No frame is lost, but 4 sensor times out of order.',
      '2 of 2 recordings: sensor times in disorder; no frame is lost.',
    ]);
    expect(verdictWord(lossy(3, []))).toBe('Frames lost');
  });

  it('is one sentence for a recording', () => {
    const gap = { afterFrame: 10, frames: 12, reason: 'buffer_full', atS: 1 };
    const damaged = verifiedRecording({
      verdict: 'damaged',
      findings: [{ id: 'V13', kind: 'failed', frame: null, message: '300 frames, 299 rows' }],
    });
    expect(sentenceAbout(verifiedRecording(), true)).toBe('Every frame is there.');
    expect(sentenceAbout(lossy(12, [gap]), true)).toBe('12 frames were lost in 1 place, all accounted for.');
    expect(sentenceAbout(damaged, true)).toBe('Damaged: 300 frames, 299 rows.');
    const twice = verifiedRecording({
      verdict: 'damaged',
      findings: [{ id: 'V5', kind: 'failed', frame: 901, message: 'its head is wrong' }, ...damaged.findings],
    });
    expect(sentenceAbout(twice, true)).toBe('Damaged: frame 901: its head is wrong. 1 other check fails, too.');
    expect(sentenceAbout(verifiedRecording({ verdict: 'unchecked', problem: 'It may not be read' }), true)).toBe(
      'Not checked: It may not be read.',
    );
    const unexplained = verifiedRecording({
      verdict: 'lost',
      account: null,
      gaps: [{ ...gap, reason: 'not explained' }],
      gapsTotal: 1,
    });
    expect(sentenceAbout(unexplained, true)).toBe('12 frames were lost in 1 place, and no account says why.');
    expect(sentenceAbout(verifiedRecording({ account: null }), true)).toBe(
      'No frame is missing between the first and the last one.',
    );
  });

  it('is one headline for a session, with the worst first', () => {
    const lineFor = (verified = verifiedRecording()): ReturnType<typeof lineOf> =>
      lineOf(reportRecording({ verified }), 'a');
    const lost = lineFor(lossy(12, [{ afterFrame: 1, frames: 12, reason: 'buffer_full', atS: 0 }]));
    expect(headline([lineFor(), lineFor()], null)).toEqual({
      verdict: 'proven',
      text: 'Every frame of 2 recordings is there.',
    });
    expect(headline([lineFor(), lost], null)).toEqual({
      verdict: 'lost',
      text: '12 frames were lost in 1 of 2 recordings, all accounted for. In the other one every frame is there.',
    });
    expect(headline([lost, lineFor(verifiedRecording({ verdict: 'damaged' }))], null)).toEqual({
      verdict: 'damaged',
      text: 'Damaged: 1 of 2 recordings. 12 frames were lost in 1 of 2 recordings, all accounted for.',
    });
    expect(headline([], null).verdict).toBe('unchecked');
  });
});

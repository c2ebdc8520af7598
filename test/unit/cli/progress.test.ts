import { PassThrough } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { describe, expect, it } from '@jest/globals';
import { formatBytes } from '../../../src/core/figures.js';
import { describeProgress, formatTime, ProgressLine, type Progress } from '../../../src/cli/progress.js';

const PROGRESS: Progress = {
  elapsedS: 2.5,
  durationS: 5,
  frames: 75,
  fps: 29.97,
  dropped: 0,
  missingAtSource: 0,
  freeBytes: 12_300_000_000n,
};

function screen(wish: { readonly isTTY: boolean; readonly columns?: number; readonly rows?: number }): {
  stream: WriteStream;
  text: () => string;
} {
  const pipe = new PassThrough();
  const stream = Object.assign(pipe, wish) as unknown as WriteStream;
  return { stream, text: () => String(pipe.read() ?? '') };
}

describe('describeProgress', () => {
  it('shows a bar where the duration is known, and what matters besides', () => {
    expect(describeProgress(PROGRESS, 200)).toBe(
      '[##########..........] 00:02 / 00:05  75 frames  30.0 fps  0 dropped  12.3 GB left',
    );
  });

  it('shows the time alone where Ctrl-C ends the recording, and losses where there are any', () => {
    const text = describeProgress(
      { ...PROGRESS, durationS: undefined, dropped: 3, missingAtSource: 2, freeBytes: null },
      200,
    );
    expect(text).toBe('00:02  75 frames  30.0 fps  3 dropped  2 lost in the camera');
  });

  it('stays within the width, and its bar within its ends', () => {
    for (let columns = 0; columns <= 90; columns += 1) {
      expect(describeProgress(PROGRESS, columns).length).toBeLessThanOrEqual(columns);
    }
    expect(describeProgress({ ...PROGRESS, elapsedS: 9 }, 200)).toContain('[####################]');
    expect(describeProgress({ ...PROGRESS, elapsedS: -1 }, 200)).toContain('[....................]');
  });
});

describe('describeProgress in a narrow terminal', () => {
  const lost: Progress = { ...PROGRESS, missingAtSource: 2, remark: 'lost' };

  it.each([
    [95, '[##########..........] 00:02 / 00:05  75 frames  30.0 fps  0 dropped  12.3 GB left'],
    [81, '00:02 / 00:05  75 frames  30.0 fps  0 dropped  12.3 GB left'],
    [58, '00:02 / 00:05  75 frames  30.0 fps  0 dropped'],
    [44, '00:02 / 00:05  75 frames  0 dropped'],
    [34, '00:02  75 frames  0 dropped'],
    [26, '00:02  75 frames'],
    [6, '00:02'],
    [3, '00:'],
  ])('leaves out whole figures at %p columns', (columns, line) => {
    expect(describeProgress(PROGRESS, columns)).toBe(line);
  });

  it('rather tells what is lost than the free space and the rate', () => {
    expect(describeProgress(lost, 63)).toBe('00:02 / 00:05  75 frames  0 dropped  2 lost in the camera  lost');
  });
});

describe('formatTime', () => {
  it.each([
    [0, '00:00'],
    [59.999, '00:59'],
    [61, '01:01'],
    [3_599, '59:59'],
    [3_723, '1:02:03'],
    [86_399, '23:59:59'],
    [86_400, '1d 00:00:00'],
    [360_000, '4d 04:00:00'],
    [2_592_000, '30d 00:00:00'],
  ])('writes %p s as %p', (seconds, text) => {
    expect(formatTime(seconds)).toBe(text);
  });
});

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1.0 kB'],
    [3_200_000, '3.2 MB'],
    [64_000_000_000, '64.0 GB'],
    [5e15, '5000.0 TB'],
  ])('writes %p as %p', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe('ProgressLine', () => {
  it('writes over its line on a terminal, and leaves it at the end', () => {
    const { stream, text } = screen({ isTTY: true, columns: 40 });
    const line = new ProgressLine(stream);
    line.show(PROGRESS);
    line.show(PROGRESS);
    const bar = describeProgress(PROGRESS, 39);
    expect(text()).toBe(`\u001b[1G${bar}\u001b[0K`.repeat(2));
    line.note('The camera is back.');
    expect(text()).toBe('\u001b[1G\u001b[2KThe camera is back.\n');
    line.last(PROGRESS);
    expect(text()).toBe(`\u001b[1G${bar}\u001b[0K\n`);
  });

  it('fits 80 columns where the terminal does not say how many it has', () => {
    const { stream, text } = screen({ isTTY: true, columns: 0 });
    new ProgressLine(stream).show({ ...PROGRESS, missingAtSource: 123_456_789 });
    expect(text().length).toBeLessThanOrEqual(80 + '\u001b[1G\u001b[0K'.length);
  });

  it('writes plain lines elsewhere: every second at first, then every ten, and how it ended', () => {
    const { stream, text } = screen({ isTTY: false });
    const line = new ProgressLine(stream);
    for (let elapsedS = 0; elapsedS <= 40; elapsedS += 0.25) line.show({ ...PROGRESS, durationS: undefined, elapsedS });
    line.last({ ...PROGRESS, durationS: undefined, elapsedS: 40 });
    line.note('warning: Smaller.');
    const lines = text().trimEnd().split('\n');
    const times = lines.slice(0, -1).map((one) => one.slice(0, 5));
    expect(times).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 30, 40, 40].map((seconds) => formatTime(seconds)));
    expect(lines.at(-1)).toBe('warning: Smaller.');
    expect(lines.join('')).not.toContain('\u001b');
  });

  it('writes a line in ten minutes where a supervisor is told how it goes', () => {
    const { stream, text } = screen({ isTTY: false });
    const line = new ProgressLine(stream, 600);
    for (let elapsedS = 0; elapsedS <= 1250; elapsedS += 5) line.show({ ...PROGRESS, durationS: undefined, elapsedS });
    const times = text().trimEnd().split('\n');
    expect(times.map((one) => one.slice(0, 5))).toEqual(['00:00', '10:00', '20:00']);
  });
});

describe('a wait', () => {
  it('counts in one line of a terminal, of whole parts, and makes room', () => {
    const { stream, text } = screen({ isTTY: true, columns: 40 });
    const line = new ProgressLine(stream);
    line.wait(2, 'Waiting for picam:0, picam:1', 'Ctrl-C ends it');
    line.wait(3.9, 'Waiting for picam:1', 'Ctrl-C ends it');
    const drawn = ['00:02  Waiting for picam:0, picam:1', '00:03  Waiting for picam:1'];
    expect(text()).toBe(drawn.map((one) => `\u001b[1G${one}\u001b[0K`).join(''));
    line.clear();
    expect(text()).toBe('\u001b[1G\u001b[2K');
  });

  it('is told once elsewhere', () => {
    const { stream, text } = screen({ isTTY: false });
    const line = new ProgressLine(stream);
    line.wait(2, 'Waiting for picam:0, picam:1', 'Ctrl-C ends it');
    line.wait(3, 'Waiting for picam:1', 'Ctrl-C ends it');
    line.clear();
    expect(text()).toBe('Waiting for picam:0, picam:1  Ctrl-C ends it\n');
  });
});

describe('the progress of several cameras', () => {
  const left: Progress = { ...PROGRESS, name: 'picam:0', frames: 100 };
  const right: Progress = { ...PROGRESS, name: 'picam:12', fps: 0, freeBytes: null, remark: 'lost' };
  const lines = [
    'picam:0   00:02 / 00:05  100 frames  30.0 fps  0 dropped  12.3 GB left',
    'picam:12  00:02 / 00:05   75 frames     0 fps  0 dropped  lost',
  ];
  const UP = '\u001b[1A';
  const START = '\u001b[1G';
  const CLEAR = '\u001b[0K';

  it('is one line each, written over at a terminal, and left at the end', () => {
    const { stream, text } = screen({ isTTY: true, columns: 100 });
    const line = new ProgressLine(stream);
    const drawn = `${START}${lines[0]}${CLEAR}\n${lines[1]}${CLEAR}`;
    line.show(left, right);
    expect(text()).toBe(drawn);
    line.show(left, right);
    expect(text()).toBe(`${UP}${drawn}`);
    line.last(left, right);
    expect(text()).toBe(`${UP}${drawn}\n`);
    line.note('Done.');
    expect(text()).toBe(`${START}\u001b[2KDone.\n`);
  });

  it('makes room for a note above it, and goes on below', () => {
    const { stream, text } = screen({ isTTY: true, columns: 100 });
    const line = new ProgressLine(stream);
    line.show(left, right);
    text();
    line.note('picam:0 is back.');
    expect(text()).toBe(`${UP}${START}\u001b[0Jpicam:0 is back.\n`);
    line.show(left, right);
    expect(text()).toBe(`${START}${lines[0]}${CLEAR}\n${lines[1]}${CLEAR}`);
  });

  it('never wraps on a narrow terminal, and never leaves a low one', () => {
    const narrow = screen({ isTTY: true, columns: 30 });
    new ProgressLine(narrow.stream).show(left, right);
    const short = ['picam:0   00:02  100 frames', 'picam:12  00:02   75 frames'];
    expect(narrow.text()).toBe(`${START}${short[0]}${CLEAR}\n${short[1]}${CLEAR}`);
    const middle = screen({ isTTY: true, columns: 50 });
    new ProgressLine(middle.stream).show(left, right);
    const fitting = ['picam:0   00:02  100 frames  0 dropped', 'picam:12  00:02   75 frames  0 dropped  lost'];
    expect(middle.text()).toBe(`${START}${fitting[0]}${CLEAR}\n${fitting[1]}${CLEAR}`);
    const low = screen({ isTTY: true, columns: 100, rows: 1 });
    const line = new ProgressLine(low.stream);
    line.show(left, right);
    line.show(left, right);
    expect(low.text()).toBe(`${START}${lines[0]}${CLEAR}`.repeat(2));
  });

  it('is all in 80 columns for recordings of a day', () => {
    const { stream, text } = screen({ isTTY: true, columns: 80 });
    const long = { ...left, elapsedS: 86_000, durationS: 86_000, frames: 5_160_000, fps: 59.9 };
    new ProgressLine(stream).show(long, { ...long, name: 'picam:1' });
    expect(text().match(/GB left/g)).toHaveLength(2);
  });

  it('is plain lines elsewhere, as often as for one', () => {
    const { stream, text } = screen({ isTTY: false });
    const line = new ProgressLine(stream);
    for (let elapsedS = 0; elapsedS <= 1; elapsedS += 0.25) {
      line.show({ ...left, elapsedS }, { ...right, elapsedS });
    }
    line.last(left, right);
    const plain = text();
    expect(plain.split('\n')).toHaveLength(3 * 2 + 1);
    expect(plain.endsWith(`${lines.join('\n')}\n`)).toBe(true);
    expect(plain).not.toContain('\u001b');
  });
});

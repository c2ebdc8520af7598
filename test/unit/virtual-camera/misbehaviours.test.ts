import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

import { FrameFaults } from '../../../src/virtual-camera/frame-faults.js';
import { MISBEHAVIOURS, parseMisbehaviours, whileRunning } from '../../../src/virtual-camera/misbehaviours.js';
import { ROOT } from '../../harness/paths.js';

const faults = (text: string, base = 0): FrameFaults => new FrameFaults(parseMisbehaviours(text), base);
const among = (first: number, last: number, holds: (number: number) => boolean): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i).filter(holds);

describe('the manual', () => {
  it('documents every misbehaviour with its value and its time, and none that does not exist', async () => {
    const manual = await readFile(join(ROOT, 'docs/virtual-camera.md'), 'utf8');
    const rows = [...manual.matchAll(/^\| `([a-z0-9-]+)` +\| (.*?) +\| (start|running) +\| \S/gmu)];
    const documented = rows.map(([, name, value = '', when]) => {
      return [name, { when, value: value.trim().replaceAll('`', '').replaceAll('\\|', '|') }];
    });
    expect(Object.fromEntries(documented)).toEqual(MISBEHAVIOURS);
    expect(documented).toHaveLength(Object.keys(MISBEHAVIOURS).length);
  });
});

describe('asking for misbehaviour', () => {
  it('takes names and values, parted by commas or lines', () => {
    const asked = parseMisbehaviours(' drop=10:5, no-wall-clock\nfail-with=camera manager failed to start\n');
    expect([...asked]).toEqual([
      ['drop', '10:5'],
      ['no-wall-clock', ''],
      ['fail-with', 'camera manager failed to start'],
    ]);
  });

  it.each([
    ['hang', "unknown misbehaviour 'hang'"],
    ['__proto__', "unknown misbehaviour '__proto__'"],
    ['hang-after', "'hang-after' is ''"],
    ['hang-after=x', "'hang-after' is 'x'"],
    ['drop=5', "'drop' is '5'"],
    ['no-metadata=3', "'no-metadata' is '3'"],
    ['rate=fast', "'rate' is 'fast'"],
    ['cameras=all', "'cameras' is 'all'"],
    ['drift=gain', "'drift' is 'gain'"],
    ['drift=focus:1', "'drift' is 'focus:1'"],
    ['dark=very', "'dark' is 'very'"],
    ['still-half=1', "'still-half' is '1'"],
    ['give-size=640', "'give-size' is '640'"],
    ['sync-port=0', "'sync-port' is '0'"],
    ['sync-port=65536', "'sync-port' is '65536'"],
    ['sync-frames=-1', "'sync-frames' is '-1'"],
    ['sync-ppm=1000000', "'sync-ppm' is '1000000'"],
  ])('does not accept %s', (text, message) => {
    expect(() => parseMisbehaviours(text)).toThrow(message);
  });

  const ACCEPTED = `cameras=none|cameras=0+1|in-use|in-use=configure|start-failure=remote|fail-with=no: sense|old-version|
    old-version=--no-raw+--buffer-count|give-size=640x480|give-rate=29.97|rate=any|exit-after=3|exit-after=3:0|drop=1:2|
    fail-after=3:broken pipe|die-with-signal=SIGSEGV:5|cut-stream=4:0|garbage-at=3:100|no-metadata-at=3:2|flood-stderr|
    flood-stderr=10|stamps-wild=3:1|cameras=0+1+2|dark|dark=2.5|drift=gain:0.1|drift=exposure:-1+lens-position:5|
    sync-port=1|sync-port=9999|sync-port=65535|sync-frames=0|sync-ppm=-50|sync-ppm=0.5|
    still-hang|still-hang=stubborn|still-flood=5|still-child=3|still-half|still-nothing`;
  it.each(ACCEPTED.split(/\|\s*/))('accepts %s', (text) => {
    expect(parseMisbehaviours(text).size).toBe(1);
  });

  it('leaves to the start what cannot be switched later', () => {
    expect([...whileRunning(parseMisbehaviours('in-use,drop=1:2,start-delay=5')).keys()]).toEqual(['drop']);
  });
});

describe('faults of frames', () => {
  it('count from the moment they were asked for', () => {
    const asked = faults('drop=10:5,no-metadata-at=3:2', 100);
    expect(among(100, 130, (number) => asked.isDropped(number))).toEqual([111, 112, 113, 114, 115]);
    expect(among(100, 130, (number) => !asked.hasMetadata(number))).toEqual([103, 104]);
  });

  it.each([
    ['stamps-stand=3:3', [1, 2, 3, 3, 3, 6, 7, 8]],
    ['stamps-back=3:3', [1, 2, 3, 2, 1, 6, 7, 8]],
    ['stamps-swapped=3:4', [1, 2, 4, 3, 6, 5, 7, 8]],
  ])('give frames the timestamps of others: %s', (text, expected) => {
    const asked = faults(text);
    expect([1, 2, 3, 4, 5, 6, 7, 8].map((number) => asked.stampedAs(number))).toEqual(expected);
    expect(asked.stampAheadUs(4)).toBe(0);
  });

  it('give a frame a wild timestamp', () => {
    const asked = faults('stamps-wild=3:1');
    expect([2, 3, 4].map((number) => asked.stampAheadUs(number))).toEqual([0, 7_200_000_000, 0]);
    expect(asked.stampedAs(3)).toBe(3);
  });

  it('happen once, and to the next frame where theirs was lost', () => {
    const asked = faults('garbage-at=10,cut-frame=20,cut-stream=30');
    expect(among(1, 100, (number) => asked.claimGarbage(number))).toEqual([10]);
    expect([asked.claimCutFrame(19), asked.claimCutFrame(25), asked.claimCutFrame(26)]).toEqual([false, true, false]);
    expect([asked.claimCutStream(29), asked.claimCutStream(31), asked.claimCutStream(32)]).toEqual([
      false,
      true,
      false,
    ]);
  });

  it('end the stream behind their frame', () => {
    expect(faults('hang-after=5').endingAfter(4)).toBeUndefined();
    expect(faults('hang-after=5').endingAfter(5)).toEqual({ kind: 'hang' });
    expect(faults('hang-after=0', 7).endingAfter(7)).toEqual({ kind: 'hang' });
    expect(faults('exit-after=1:3').endingAfter(2)).toEqual({ kind: 'exit', code: 3 });
    expect(faults('exit-after=1').endingAfter(2)).toEqual({ kind: 'exit', code: 255 });
    expect(faults('fail-after=1').endingAfter(1)).toEqual({ kind: 'fail', text: 'failed to queue request' });
    expect(faults('fail-after=1:a: b').endingAfter(1)).toEqual({ kind: 'fail', text: 'a: b' });
    expect(faults('die-with-signal=SIGSEGV:4').endingAfter(4)).toEqual({ kind: 'signal', signal: 'SIGSEGV' });
    expect(faults('die-with-signal=SIGKILL', 3).endingAfter(3)).toEqual({ kind: 'signal', signal: 'SIGKILL' });
    expect(faults('disconnect-after=1').endingAfter(1)).toEqual({ kind: 'disconnect' });
    expect(faults('restart-loop-after=1').endingAfter(1)).toEqual({ kind: 'restart-loop' });
    expect(faults('close-stdout-after=1').endingAfter(1)).toEqual({ kind: 'close-stdout' });
  });

  it('are none where none are asked for', () => {
    const none = faults('');
    expect(among(1, 50, (n) => none.isDropped(n) || none.isGarbage(n) || !none.hasMetadata(n))).toEqual([]);
    expect(among(1, 50, (n) => none.claimGarbage(n) || none.claimCutFrame(n) || none.claimCutStream(n))).toEqual([]);
    expect(none).toMatchObject({ wallClock: 'nanoseconds', hasSensorTimestamp: true, garbageBytes: 0 });
    expect(none.endingAfter(1e9)).toBeUndefined();
  });

  it('change what the metadata says', () => {
    expect(faults('no-wall-clock').wallClock).toBe('absent');
    expect(faults('wall-clock-in-us').wallClock).toBe('microseconds');
    expect(faults('flood-stderr').floodLinesPerSecond).toBe(2000);
    expect(faults('garbage-at=3:77').garbageBytes).toBe(77);
    expect(faults('cut-stream=3:9').cutStreamCode).toBe(9);
    expect(among(1, 9, (number) => faults('garbage-forever-after=7').isGarbage(number))).toEqual([8, 9]);
  });
});

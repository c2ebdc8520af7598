import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { FrameMetadata } from '../../../src/core/frame.js';
import { jpeg } from './jpeg-bytes.js';
import { metadataOf } from '../../harness/frame-metadata.js';
import { Parsing } from './parsing.js';

const NOTHING = metadataOf({});

const LINES = [
  'SensorTimestamp=9297983128000',
  'ExposureTime=4987',
  'AnalogueGain=1.500000',
  'DigitalGain=2.000000',
  'ColourTemperature=4512',
  'ColourGains=[ 1.712000, 1.834000 ]',
  'Lux=412.500000',
  'FocusFoM=1024',
  'LensPosition=1.250000',
  'ScalerCrop=(8, 16)/1456x1088',
  'SyncReady=true',
  'SyncTimer=-33333',
  'AeState=2',
];

function block(lines: readonly string[], lineEnd = '\n'): Buffer {
  return Buffer.from([...lines, ''].map((line) => `${line}${lineEnd}`).join(''));
}

/** The metadata of one frame with these lines. */
function told(lines: readonly string[], options: ConstructorParameters<typeof Parsing>[0] = {}): FrameMetadata | null {
  const parsing = new Parsing(options);
  parsing.run(Buffer.concat([jpeg(), block(lines)]));
  expect(parsing.corrupt).toEqual([]);
  expect(parsing.frames).toHaveLength(1);
  return parsing.frames[0]?.frame.metadata ?? null;
}

describe('the metadata of a frame', () => {
  const EXPECTED = {
    exposureTimeUs: 4987,
    gain: 3,
    redGain: 1.712,
    blueGain: 1.834,
    colourTemperatureK: 4512,
    lensPositionDioptres: 1.25,
    focusFoM: 1024,
    lux: 412.5,
    scalerCrop: [8, 16, 1456, 1088],
    isSyncReady: true,
    syncTimerUs: -33_333,
    text: '',
  };

  it('is what its lines say, in any order', () => {
    expect(told(LINES)).toEqual(EXPECTED);
    expect(told(LINES.toReversed())).toEqual(EXPECTED);
  });

  it('is the same wherever the stream is cut, and with carriage returns', () => {
    for (const lineEnd of ['\n', '\r\n']) {
      const bytes = Buffer.concat([jpeg(), block(LINES, lineEnd), jpeg()]);
      for (let cut = jpeg().length; cut <= bytes.length; cut += 1) {
        const parsing = new Parsing({ keepsMetadataText: true });
        parsing.run(bytes, [cut]);
        expect(parsing.frames[0]?.frame.metadata).toEqual({ ...EXPECTED, text: LINES.join('\n') });
      }
    }
  });

  it('is null where no metadata came, and empty where no line is known', () => {
    const parsing = new Parsing();
    parsing.run(Buffer.concat([jpeg(), jpeg()]));
    expect(parsing.frames.map(({ frame }) => frame.metadata)).toEqual([null, null]);
    expect(told(['AeState=2', 'X=1'])).toEqual(NOTHING);
  });

  it.each([
    ['SyncReady=1', { isSyncReady: true }],
    ['SyncReady=0', { isSyncReady: false }],
    ['SyncReady=false', { isSyncReady: false }],
    ['SyncTimer=0', { syncTimerUs: 0 }],
    ['SyncTimer=-0', { syncTimerUs: 0 }],
    ['SyncTimer=3333333', { syncTimerUs: 3_333_333 }],
    ['SyncTimer=-999999999999999', { syncTimerUs: -999_999_999_999_999 }],
    // What no timer says.
    ['SyncTimer=1000000000000000', {}],
    ['SyncTimer=-9223372036854775808', {}],
    [`SyncTimer=${'9'.repeat(3000)}`, {}],
    ['SyncTimer=', {}],
    ['SyncTimer=-', {}],
    ['SyncTimer=--1', {}],
    ['SyncTimer=+1', {}],
    ['SyncTimer=1-', {}],
    ['SyncTimer=1.5', {}],
    ['SyncTimer=1e3', {}],
    ['SyncTimer= 1', {}],
    ['SyncTimer=0x10', {}],
    ['SyncTimer=nan', {}],
    ['SyncTimer=true', {}],
    ['SyncReady=', {}],
    ['SyncReady=2', {}],
    ['SyncReady=-1', {}],
    ['SyncReady=TRUE', {}],
    ['SyncReady=truer', {}],
    ['SyncReady=10', {}],
    ['SyncTimes=1', {}],
  ])('of synchronised cameras is what %s says', (line, wish) => {
    expect(told([line])).toEqual(metadataOf(wish));
  });

  it('forgets a timer that a later line of the same frame breaks', () => {
    expect(told(['SyncTimer=5', 'SyncTimer=x'])).toEqual(NOTHING);
  });

  it('forgets what the frame before told', () => {
    const parsing = new Parsing({ keepsMetadataText: true });
    parsing.run(Buffer.concat([jpeg(), block(LINES), jpeg(), block(['AeState=1'])]));
    expect(parsing.frames[1]?.frame.metadata).toEqual({ ...NOTHING, text: 'AeState=1' });
  });

  it('has the analogue gain alone where no digital one is told, and no gain from a digital one', () => {
    expect(told(['AnalogueGain=2.5'])?.gain).toBe(2.5);
    expect(told(['DigitalGain=2.5'])?.gain).toBeNull();
    expect(told(['AnalogueGain=2.5', 'DigitalGain=nan'])?.gain).toBe(2.5);
  });

  it('has all lines as text where they are asked for', () => {
    const long = [...LINES, ...Array.from({ length: 14 }, (_, index) => `Unknown${index}=${'7'.repeat(500)}`)];
    expect(told(long, { keepsMetadataText: true })?.text).toBe(long.join('\n'));
    expect(told(long)?.text).toBe('');
  });

  it('has 8 KiB of text at most, whole lines alone, and still every number', () => {
    const long = Array.from({ length: 200 }, (_, index) => `Unknown${index}=${'7'.repeat(3000)}`);
    const metadata = told([...long, ...LINES], { keepsMetadataText: true });
    expect(metadata).toEqual({ ...EXPECTED, text: [long[0], long[1], ...LINES].join('\n') });
  });

  it('keeps one rectangle while its bytes stay the same', () => {
    const parsing = new Parsing();
    const crops = ['(0, 0)/10x20', '(0, 0)/10x20', '(1, 0)/10x20', 'broken', '(1, 0)/10x20'];
    parsing.run(Buffer.concat(crops.flatMap((crop) => [jpeg(), block([`ScalerCrop=${crop}`])])));
    const [first, same, moved, broken, again] = parsing.frames.map(({ frame }) => frame.metadata?.scalerCrop);
    expect(first).toEqual([0, 0, 10, 20]);
    expect(same).toBe(first);
    expect(moved).toEqual([1, 0, 10, 20]);
    expect(broken).toBeNull();
    expect(again).toEqual([1, 0, 10, 20]);
  });

  const NUMBERS = ['ExposureTime', 'AnalogueGain', 'ColourTemperature', 'LensPosition', 'FocusFoM', 'Lux'];

  it.each([
    'nan',
    '-nan',
    'inf',
    '1e999',
    '1e3',
    '',
    ' 12',
    '12 ',
    '-1',
    '+1',
    '.',
    '1.2.3',
    '0x10',
    '1,5',
    '9'.repeat(16),
  ])('has no number for %j', (value) => {
    expect(told(NUMBERS.map((name) => `${name}=${value}`))).toEqual(NOTHING);
  });

  it.each([
    '',
    '[]',
    '[ ]',
    '[',
    ']',
    '[ 1.5 ]',
    '[ 1.5, 2.5, 3.5 ]',
    '[ 1.5, nan ]',
    '[ -1, 2 ]',
    '1.5, 2.5',
    '[ , 2 ]',
    '[[ 1, 2 ]]',
  ])('has no colour gains for %j', (value) => {
    expect(told([`ColourGains=${value}`])).toEqual(NOTHING);
  });

  it.each([
    '',
    '(0, 0)',
    '(0, 0)/1456',
    '(0, 0)1456x1088',
    '(0 0)/1456x1088',
    '0, 0/1456x1088',
    '(-1, 0)/1456x1088',
    '(0, 0)/0x1088',
    '(0, 0)/1456x',
    '(0, 0)/1456x1088x2',
    '(0, 0)/nanxinf',
    'x)(,/',
    `(0, 0)/${'1'.repeat(60)}x1`,
  ])('has no rectangle for %j', (value) => {
    expect(told([`ScalerCrop=${value}`])).toEqual(NOTHING);
  });

  it('has exactly the number that was written, and none for any other text', () => {
    const digits = (max: number) => fc.stringMatching(new RegExp(`^\\d{1,${max}}$`));
    const number = fc.oneof(
      digits(15),
      fc.tuple(digits(9), digits(6)).map(([whole, part]) => `${whole}.${part}`),
    );
    fc.assert(
      fc.property(number, (text) => {
        expect(told([`Lux=${text}`])?.lux).toBe(Number(text));
      }),
    );
    const printable = fc.stringMatching(/^[ -~]{0,30}$/);
    fc.assert(
      fc.property(fc.constantFrom(...NUMBERS, 'DigitalGain', 'ColourGains', 'ScalerCrop'), printable, (name, text) => {
        const values = Object.values(told([`${name}=${text}`]) ?? {}).filter((value) => typeof value === 'number');
        expect(values.filter((value) => !(Number.isFinite(value) && value >= 0))).toEqual([]);
      }),
    );
  });
});

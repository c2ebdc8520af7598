import type { InfoAccount, InfoFacts, InfoFile, InfoRowFile } from '../../../src/recording/info/info-file.js';
import { usualMetadata } from '../jpeg-frames.js';
import type { Loss } from './info-of-files.js';
import { type RecordingCase, damagedByInfo } from './recording-case.js';
import { type TakeInMemory, isBytes } from './take-in-memory.js';
import { flip, frame, video } from './damaged-videos.js';
import { scanOf } from './video-map.js';

export const LOST: readonly Loss[] = [
  ...[11, 12, 13].map((number) => ({ number, reason: 'buffer_full' as const })),
  { number: 30, reason: 'source_gap' },
  { number: 31, reason: 'skipped' },
];

/** What the info file tells besides, each wrong for itself. */
const OTHER_FACTS: readonly (readonly [what: string, to: (facts: InfoFacts) => Partial<InfoFacts>])[] = [
  ['trial', ({ trial }) => ({ trial: trial + 1 })],
  ['take', ({ take }) => ({ take: take + 1 })],
  ['device', () => ({ device_id: 'picam:9' })],
  ['first sensor time', ({ first }) => ({ first: { ...first, sensor_timestamp_ns: '1' } })],
  ['last sensor time', ({ last }) => ({ last: { ...last, sensor_timestamp_ns: '1' } })],
  ['name of the video', ({ files }) => ({ files: { ...files, video: { ...files.video, name: 'a.avi' } } })],
  ['name of the rows', ({ files }) => ({ files: { ...files, timing: { ...files.timing, name: 'a.csv' } } })],
  ['size of the rows', ({ files }) => ({ files: { ...files, timing: { ...files.timing, bytes: 1 } } })],
  ['number of frames', ({ files }) => ({ files: { ...files, video: { ...files.video, frames: 59 } } })],
];

const OTHER_METADATA: readonly (readonly [what: string, to: (metadata: InfoRowFile) => Partial<InfoRowFile>])[] = [
  ['name', () => ({ name: 'a.csv' })],
  ['size', ({ bytes }) => ({ bytes: bytes + 1 })],
  ['number of rows', ({ rows }) => ({ rows: rows + 1 })],
  ['digest', () => ({ sha256: '00'.repeat(32) })],
];

/** An info file, and what is wrong with it. Without it these recordings are good. */
export const DAMAGED_INFO: readonly RecordingCase[] = [
  damagedByInfo('whose info file is empty', ['V23'], (take) => void (take.info = Buffer.alloc(0))),
  damagedByInfo('whose info file is half', ['V23'], (take) => {
    take.info = Buffer.from(JSON.stringify(take.info).slice(0, 900));
  }),
  damagedByInfo('whose info file is a list', ['V23'], (take) => void (take.info = Buffer.from('[1, 2, 3]\n'))),
  damagedByInfo('whose info file is of zeros', ['V23'], (take) => void (take.info = Buffer.alloc(4096))),
  damagedByInfo('whose info file lacks all that is ours', ['V23'], (take) => {
    const { csi_cameras: _, ...rest } = info(take);
    take.info = Buffer.from(JSON.stringify(rest));
  }),
  damagedByInfo('whose info file is of another take', ['V23'], (take) => {
    change(take, (facts) => ({
      take: 2,
      files: {
        ...facts.files,
        video: { ...facts.files.video, name: facts.files.video.name.replace('.avi', '_take2.avi'), bytes: 4711 },
        timing: { ...facts.files.timing, sha256: 'ab'.repeat(32) },
      },
    }));
  }),
  damagedByInfo('whose info file has another size of the video', ['V23'], (take) => {
    change(take, ({ files }) => ({ files: { ...files, video: { ...files.video, bytes: files.video.bytes + 2 } } }));
  }),
  damagedByInfo('whose info file has another digest of the rows', ['V23'], (take) => {
    change(take, ({ files }) => ({ files: { ...files, timing: { ...files.timing, sha256: '00'.repeat(32) } } }));
  }),
  damagedByInfo('whose info file has another number of rows', ['V23'], (take) => {
    change(take, ({ files }) => ({ files: { ...files, timing: { ...files.timing, rows: files.timing.rows - 1 } } }));
  }),
  ...OTHER_FACTS.map(([what, to]) =>
    damagedByInfo(`whose info file has another ${what}`, ['V23'], (take) => {
      change(take, to);
    }),
  ),
  ...(['ImageWidth', 'ImageHeight', 'VideoFrameRate', 'VideoFrameCount'] as const).map((name) =>
    damagedByInfo(`whose info file has another ${name}`, ['V23'], (take) => {
      take.info = { ...info(take), [name]: info(take)[name] + 1 };
    }),
  ),
  ...OTHER_METADATA.map(([what, to]) =>
    damagedByInfo(
      `whose info file has another ${what} of metadata`,
      ['V23'],
      (take) => {
        change(take, ({ files: { metadata, ...files } }) => {
          if (metadata === null) throw new Error('It has no metadata.');
          return { files: { ...files, metadata: { ...metadata, ...to(metadata) } } };
        });
      },
      { recorded: { metadata: usualMetadata, request: { writesMetadata: true } } },
    ),
  ),
  damagedByInfo('whose metadata file is gone', ['V23'], (take) => void (take.metadata = null), {
    recorded: { metadata: usualMetadata, request: { writesMetadata: true } },
  }),
  damagedByInfo('whose gaps hold more than its account', ['V21'], (take) => {
    change(take, () => ({ gaps: [{ after_frame: 3, frames: 1, reason: 'timeout' }], gaps_total: 1 }));
  }),
  damagedByInfo(
    'that has more gaps than it says',
    ['V21'],
    (take) => {
      change(take, ({ gaps }) => ({ gaps_total: gaps.length - 1 }));
    },
    { recorded: { lost: LOST }, expected: { verdict: 'lost' } },
  ),
  damagedByInfo('whose account recorded a frame more', ['V21'], (take) =>
    account(take, (is) => ({ recorded: is.recorded + 1, delivered: is.delivered + 1 })),
  ),
  damagedByInfo('whose account is off by one', ['V21'], (take) =>
    account(take, (is) => ({ delivered: is.delivered + 1 })),
  ),
  damagedByInfo('whose drops are not the sum of their reasons', ['V21'], (take) => {
    account(take, ({ dropped, delivered }) => ({ dropped: dropped + 1, delivered: delivered + 1 }));
  }),
  {
    what: 'with a gap that its account does not know',
    recorded: { lost: LOST },
    change: (take) => {
      account(take, ({ recorded }) => ({
        delivered: recorded,
        dropped: 0,
        dropped_by: { buffer_full: 0, timeout: 0, write_error: 0 },
        skipped: 0,
        source_gaps: 0,
      }));
      change(take, () => ({ gaps: [], gaps_total: 0 }));
    },
    expected: { verdict: 'lost' },
    withInfo: { verdict: 'damaged', failed: ['V22'] },
  },
  damagedByInfo(
    'with a bit of a picture turned, and checksums',
    ['V23'],
    (take) => flip(take, inPicture(take, 17), 3),
    {
      recorded: { checksums: true },
    },
  ),
  damagedByInfo(
    'whose metadata file has a row less',
    ['V23'],
    (take) => {
      const text = take.metadata?.toString() ?? '';
      take.metadata = Buffer.from(text.slice(0, text.trimEnd().lastIndexOf('\n') + 1));
    },
    { recorded: { metadata: usualMetadata, request: { writesMetadata: true } } },
  ),
];

export function info(take: TakeInMemory): InfoFile {
  if (take.info === null || isBytes(take.info)) throw new Error('It has no info file.');
  return take.info;
}

export function change(take: TakeInMemory, to: (facts: InfoFacts) => Partial<InfoFacts>): void {
  const { csi_cameras: facts, ...rest } = info(take);
  take.info = { ...rest, csi_cameras: { ...facts, ...to(facts) } };
}

function account(take: TakeInMemory, to: (account: InfoAccount) => Partial<InfoAccount>): void {
  change(take, ({ account: is }) => (is === null ? {} : { account: { ...is, ...to(is) } }));
}

/** A byte within the entropy code of a frame. */
export function inPicture(take: TakeInMemory, number: number): number {
  return scanOf(video(take), frame(take, number)) + 100;
}

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { whyFlagsCannotBe } from '../../../../src/cli/flags/flag-conflicts.js';
import type { PartialSettings } from '../../../../src/core/camera-settings.js';
import { realFileSystem } from '../../../../src/core/file-system.js';
import { SettingsDesks } from '../../../../src/module/settings/desk-for.js';
import { DEFAULT_CONFIG } from '../../../../src/protocol/config.js';
import { patientClock } from '../../../harness/patient-clock.js';
import { temporaryFolder } from '../../../harness/temporary-folder.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
const ID = '/base/axi/pcie@120000/rp1/i2c@88000/imx296@1a';

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  await folder.remove();
});

const why = (flags: PartialSettings, config: object = {}): Promise<string | undefined> =>
  whyFlagsCannotBe(flags, { index: 0, config, stateDir: folder.path });

async function keep(settings: PartialSettings): Promise<void> {
  const log = (): void => {};
  const options = { config: DEFAULT_CONFIG, stateDir: folder.path, flags: {}, fileSystem: realFileSystem };
  const { kept } = new SettingsDesks({ ...options, clock: patientClock, log });
  await kept.load(() => {});
  expect(await kept.keep(ID, 0, settings)).toBeNull();
}

describe('flags of a recording', () => {
  const wrong: readonly [PartialSettings, string][] = [
    [
      { exposureTimeUs: 50_000 },
      '--exposure-time-us 50000 does not fit with --fps 30 (default): an exposure cannot be longer than a frame, which takes 33333 us at this rate.',
    ],
    [
      { exposureTimeUs: 17_000, fps: 60 },
      '--exposure-time-us 17000 does not fit with --fps 60: an exposure cannot be longer than a frame, which takes 16666 us at this rate.',
    ],
    [
      { whiteBalance: 'daylight', colourGains: [1, 2] },
      '--white-balance daylight does not fit with --colour-gains 1,2: colour gains fix the white balance, so it is custom or not set.',
    ],
    [
      { focusMode: 'auto', lensPositionDioptres: 1 },
      '--focus-mode auto does not fit with --lens-position-dioptres 1: a lens position holds the lens, so the focus is manual or not set.',
    ],
  ];
  it.each(wrong)('%j cannot be, and say so in one sentence', async (flags, sentence) => {
    const told = await why(flags);
    const [first, ...others] = sentence.split(' does not fit with ');
    // Which of two flags is named first does not matter.
    expect(told).toMatch(/^--[a-z-]+ \S+ does not fit with --[^\n]+\.$/);
    for (const part of [first, others.join().split(':')[0]]) expect(told).toContain(part);
    expect(told).toContain(sentence.split(': ')[1]);
  });

  const right: readonly [PartialSettings][] = [
    [{}],
    [{ exposureTimeUs: 50_000, fps: 20 }],
    [{ whiteBalance: 'custom', colourGains: [1, 2] }],
    [{ focusMode: 'manual', lensPositionDioptres: 1 }],
    [{ width: 640, height: 480, gain: 2, hflip: true }],
  ];
  it.each(right)('%j can be', async (flags) => {
    expect(await why(flags)).toBeUndefined();
  });

  it('win over what is kept, which gives way', async () => {
    await keep({ lensPositionDioptres: 2, fps: 10 });
    expect(await why({ focusMode: 'auto' })).toBeUndefined();
    // At the rate that is kept such an exposure can be.
    expect(await why({ exposureTimeUs: 50_000 })).toBeUndefined();
    expect(await why({ exposureTimeUs: 50_000, fps: 60 })).toContain('--fps 60');
  });

  it('are not refused for a file of kept settings that cannot be read', async () => {
    await mkdir(join(folder.path, 'cameras'), { mode: 0o700 });
    await writeFile(join(folder.path, 'cameras', 'x.json'), '{');
    expect(await why({ gain: 2 })).toBeUndefined();
  });
});

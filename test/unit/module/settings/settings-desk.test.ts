import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { settingsIn, type PartialSettings } from '../../../../src/core/camera-settings.js';
import { realFileSystem } from '../../../../src/core/file-system.js';
import { SettingsDesks } from '../../../../src/module/settings/desk-for.js';
import type { SettingsChange, SettingsDesk } from '../../../../src/module/settings/settings-desk.js';
import { readConfig } from '../../../../src/protocol/config.js';
import { patientClock } from '../../../harness/patient-clock.js';
import { temporaryFolder } from '../../../harness/temporary-folder.js';
import { anyChange, anySettings } from './any-settings.js';

const IMX296 = '/base/axi/pcie@120000/rp1/i2c@88000/imx296@1a';
const IMX219 = '/base/axi/pcie@120000/rp1/i2c@80000/imx219@10';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let warnings: string[];
let logged: string[];

beforeEach(async () => {
  folder = await temporaryFolder();
  warnings = [];
  logged = [];
});

afterEach(async () => {
  await folder.remove();
});

interface Setup {
  readonly config?: object;
  readonly flags?: PartialSettings;
  readonly stateDir?: string | undefined;
  readonly named?: { readonly stableId?: string; readonly index?: number };
}

function desksFor({ config = {}, flags = {}, stateDir = folder.path }: Setup = {}): SettingsDesks {
  const read = readConfig(config);
  expect(read.problems).toEqual([]);
  const log = (_level: string, message: string): void => {
    logged.push(message);
  };
  return new SettingsDesks({
    config: read.config,
    stateDir,
    flags,
    fileSystem: realFileSystem,
    clock: patientClock,
    log,
  });
}

/** The desk of `picam:0`, in a life of its own. */
function deskFor(setup: Setup = {}, desks = desksFor(setup)): Promise<SettingsDesk> {
  return desks.deskFor({ deviceId: 'picam:0', ...(setup.named ?? { index: 0 }) }, (code, message) => {
    warnings.push(`${code}: ${message}`);
  });
}

async function set(desk: SettingsDesk, change: SettingsChange): Promise<string | null> {
  const proposal = await desk.propose(change);
  if (!proposal.isAccepted) throw new Error(proposal.why);
  return desk.accept(proposal);
}

describe('a settings desk', () => {
  it('lets a later origin win: default, configuration, camera configuration, kept, flag', async () => {
    const config = {
      camera: { fps: 25, gain: 2, contrast: 2, sharpness: 2 },
      cameras: { 'picam:0': { gain: 3, contrast: 3, sharpness: 3 }, 'picam:1': { gain: 9 } },
    };
    const before = await deskFor({ config });
    before.identify(IMX296);
    expect(await set(before, { contrast: 4, sharpness: 4 })).toBeNull();
    const desk = await deskFor({ config, flags: { sharpness: 5 } });
    expect(desk.settings).toMatchObject({ jpegQuality: 85, fps: 25, gain: 3, contrast: 4, sharpness: 5 });
    expect(desk.origins).toMatchObject({
      jpegQuality: 'default',
      fps: 'configuration',
      gain: 'camera configuration',
      contrast: 'kept',
      sharpness: 'flag',
    });
    expect(desk.kept).toEqual({ contrast: 4, sharpness: 4 });
  });

  it('takes a flag away where a command sets that name, and keeps the others and no flag', async () => {
    const desk = await deskFor({ flags: { gain: 5, contrast: 5 } });
    desk.identify(IMX296);
    await set(desk, { gain: 2 });
    expect(desk.settings).toMatchObject({ gain: 2, contrast: 5 });
    expect(desk.kept).toEqual({ gain: 2 });
    expect((await deskFor()).settings).not.toHaveProperty('contrast');
  });

  it('takes a value back by null: what the configuration says applies again, and no flag', async () => {
    const desk = await deskFor({ config: { camera: { gain: 2 } }, flags: { gain: 5 } });
    desk.identify(IMX296);
    await set(desk, { gain: 3 });
    await set(desk, { gain: null });
    expect(desk.settings.gain).toBe(2);
    expect(desk.kept).toEqual({});
  });

  it.each([
    [{ exposureTimeUs: 50_000, fps: 60 }, ['exposureTimeUs', 'fps']],
    [{ exposureTimeUs: 50_000 }, ['exposureTimeUs', 'fps']],
    [{ whiteBalance: 'daylight', colourGains: [2, 1] }, ['whiteBalance', 'colourGains']],
    [{ whiteBalance: 'auto', colourGains: [2, 1] }, ['whiteBalance', 'colourGains']],
    [{ focusMode: 'auto', lensPositionDioptres: 2 }, ['focusMode', 'lensPositionDioptres']],
    [{ focusMode: 'continuous', lensPositionDioptres: 0 }, ['focusMode', 'lensPositionDioptres']],
    [{ width: 640 }, ['width', 'height']],
    [{ height: 480 }, ['width', 'height']],
    [{ width: 640, height: 0 }, ['width', 'height']],
  ] satisfies [SettingsChange, string[]][])('refuses %p with a sentence that names %p', async (change, names) => {
    const desk = await deskFor();
    const refused = await desk.propose(change);
    if (refused.isAccepted) throw new Error('It was accepted.');
    for (const name of names) expect(refused.why).toContain(name);
    expect(refused.why).toMatch(/^\w+ .*\.$/);
    expect(desk.kept).toEqual({});
  });

  it('lets an older exposure give way to a new rate, and apply again when the rate allows it', async () => {
    const desk = await deskFor();
    desk.identify(IMX296);
    await set(desk, { exposureTimeUs: 20_000 });
    await set(desk, { fps: 60 });
    expect(desk.settings).not.toHaveProperty('exposureTimeUs');
    expect(desk.ignored).toMatchObject([{ name: 'exposureTimeUs', origin: 'kept' }]);
    await set(desk, { fps: 30 });
    expect(desk.settings.exposureTimeUs).toBe(20_000);
    expect(desk.ignored).toEqual([]);
  });

  it('replaces a kept white balance by colour gains, for good', async () => {
    const desk = await deskFor();
    desk.identify(IMX296);
    await set(desk, { whiteBalance: 'daylight' });
    const proposal = await desk.propose({ colourGains: [2, 1] });
    expect(proposal).toMatchObject({ isAccepted: true, replaced: [{ name: 'whiteBalance' }] });
    await set(desk, { colourGains: [2, 1] });
    expect(desk.kept).toEqual({ colourGains: [2, 1] });
    expect(desk.ignored).toEqual([]);
  });

  it('forgets nothing kept because a flag hides it', async () => {
    const first = await deskFor();
    first.identify(IMX296);
    await set(first, { colourGains: [2, 1] });
    const desk = await deskFor({ flags: { whiteBalance: 'daylight' } });
    desk.identify(IMX296);
    expect(desk.settings.whiteBalance).toBe('daylight');
    await set(desk, { gain: 2 });
    expect(desk.kept).toEqual({ colourGains: [2, 1], gain: 2 });
    expect((await deskFor()).settings.colourGains).toEqual([2, 1]);
  });

  it('asks after a change for what it proposed, whatever was said before', async () => {
    await fc.assert(
      fc.asyncProperty(
        anySettings,
        anySettings,
        fc.array(anyChange, { maxLength: 4 }),
        async (camera, flags, changes) => {
          const noFile = { tuningFile: undefined };
          const { config } = readConfig({ camera: { ...camera, ...noFile } });
          const desks = desksFor({ config, flags: settingsIn({ ...flags, ...noFile }), stateDir: '/proc/no-state' });
          const desk = await deskFor({}, desks);
          for (const change of changes) {
            const before = { settings: desk.settings, kept: desk.kept, ignored: desk.ignored };
            const proposal = await desk.propose({ ...change, tuningFile: null });
            expect({ settings: desk.settings, kept: desk.kept, ignored: desk.ignored }).toEqual(before);
            if (!proposal.isAccepted) continue;
            await desk.accept(proposal);
            expect(desk.settings).toEqual(proposal.settings);
            const { tuningFile: _, ...said } = change;
            for (const [name, value] of Object.entries(said)) {
              if (value !== null) expect(desk.settings).toMatchObject({ [name]: value });
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('refuses a tuning file that is not there or is a folder, and takes one that is there', async () => {
    const desk = await deskFor();
    const missing = join(folder.path, 'missing.json');
    expect(await desk.propose({ tuningFile: missing })).toEqual({
      isAccepted: false,
      why: `tuningFile ${missing} cannot be used: there is no such file.`,
    });
    expect(await desk.propose({ tuningFile: folder.path })).toMatchObject({
      why: expect.stringContaining('not a file'),
    });
    await writeFile(missing, '{}');
    expect(await desk.propose({ tuningFile: missing })).toMatchObject({ isAccepted: true });
  });

  it('refuses one side without the other one, which is kept or configured as 0', async () => {
    const desk = await deskFor({ config: { camera: { width: 640, height: 480 } } });
    expect(await desk.propose({ width: 0 })).toMatchObject({
      isAccepted: false,
      why: expect.stringMatching(/^width 0/),
    });
    expect(await desk.propose({ height: 0 })).toMatchObject({
      isAccepted: false,
      why: expect.stringMatching(/^height 0/),
    });
    await set(desk, { width: 0, height: 0 });
    expect(await desk.propose({ height: 480 })).toMatchObject({ isAccepted: false });
    expect(await desk.propose({ width: 640 })).toMatchObject({ isAccepted: false });
  });

  it('names the first of several combinations that cannot be', async () => {
    const desk = await deskFor();
    expect(await desk.propose({ width: 640, exposureTimeUs: 1_000_000 })).toMatchObject({
      isAccepted: false,
      why: expect.stringMatching(/^width 640 \(new\) does not fit with height 0/),
    });
  });

  it('goes on without a tuning file of the configuration that is gone, and says so', async () => {
    const desk = await deskFor({ config: { camera: { tuningFile: '/gone/imx296.json', gain: 2 } } });
    expect(desk.settings).toMatchObject({ gain: 2 });
    expect(desk.settings).not.toHaveProperty('tuningFile');
    expect(desk.ignored).toMatchObject([{ name: 'tuningFile', origin: 'configuration' }]);
  });

  it('goes on without a tuning file of the camera’s own configuration, or a kept one, that is gone', async () => {
    const config = { cameras: { 'picam:0': { tuningFile: '/gone/imx296.json' } } };
    expect((await deskFor({ config })).ignored).toMatchObject([{ name: 'tuningFile', origin: 'camera configuration' }]);
    const file = join(folder.path, 'imx296-tuned.json');
    await writeFile(file, '{}');
    const desk = await deskFor();
    desk.identify(IMX296);
    await set(desk, { tuningFile: file });
    expect((await deskFor()).settings).toMatchObject({ tuningFile: file });
    await rm(file);
    const later = await deskFor();
    expect(later.settings).not.toHaveProperty('tuningFile');
    expect(later.ignored).toMatchObject([{ name: 'tuningFile', origin: 'kept' }]);
  });
});

describe('which camera it is', () => {
  it('is guessed at the next start by the place where it was seen, so that no second opening is needed', async () => {
    const first = await deskFor();
    first.identify(IMX296);
    await set(first, { gain: 2 });
    const desk = await deskFor();
    const asked = desk.settings;
    expect(asked.gain).toBe(2);
    desk.identify(IMX296);
    expect(desk.settings).toEqual(asked);
  });

  it('is guessed by the stable id that the assignment names, with or without its beginning', async () => {
    const first = await deskFor();
    first.identify(IMX296);
    await set(first, { gain: 2 });
    for (const stableId of [IMX296, 'i2c@88000/imx296@1a', '/base/soc/i2c@88000/imx296@1a']) {
      expect((await deskFor({ named: { stableId } })).settings.gain).toBe(2);
    }
    expect((await deskFor({ named: { stableId: IMX219 } })).settings).not.toHaveProperty('gain');
  });

  it('is corrected by the first frame: another camera at that place gets its own settings', async () => {
    const desks = desksFor({ config: { cameras: { [IMX219]: { contrast: 3 } } } });
    const first = await deskFor({}, desks);
    first.identify(IMX296);
    await set(first, { gain: 2 });
    const second = await deskFor({}, desks);
    expect(second.settings.gain).toBe(2);
    second.identify(IMX219);
    expect(second.settings).not.toHaveProperty('gain');
    expect(second.settings.contrast).toBe(3);
    // That place is now known to be the other one's, also after a start.
    await desks.kept.load(() => undefined);
    expect(desks.kept.guess({ index: 0 })?.cameraId).toBe(IMX219);
    expect((await deskFor({ config: { cameras: { [IMX219]: { contrast: 3 } } } })).settings.contrast).toBe(3);
  });

  it('decides which settings of the configuration are meant', async () => {
    const config = {
      cameras: { 'i2c@88000/imx296@1a': { gain: 2 }, [IMX219]: { gain: 9 }, 'picam:0': { contrast: 2 } },
    };
    const desks = desksFor({ config });
    const desk = await deskFor({}, desks);
    expect(desk.settings).toMatchObject({ contrast: 2 });
    expect(desk.settings).not.toHaveProperty('gain');
    desk.identify(IMX296);
    expect(desk.settings).toMatchObject({ contrast: 2, gain: 2 });
    expect(desk.origins.gain).toBe('camera configuration');
    // Its place is written down meanwhile, so that the next start asks for its settings at once.
    await desks.kept.load(() => undefined);
    expect((await deskFor({ config })).settings).toMatchObject({ contrast: 2, gain: 2 });
  });

  it('is not guessed by a name that names nothing', async () => {
    const desk = await deskFor({ config: { cameras: { '/': { gain: 9 }, '//': { contrast: 9 } } } });
    expect(desk.settings).not.toHaveProperty('gain');
    expect(desk.settings).not.toHaveProperty('contrast');
  });

  it('is asked before anything is kept: a change before the first frame is kept with it', async () => {
    const desks = desksFor();
    const desk = await deskFor({}, desks);
    expect(await set(desk, { gain: 2 })).toBe('The settings are kept when the camera has delivered its first frame.');
    expect(desk.settings.gain).toBe(2);
    desk.identify(IMX296);
    await desks.kept.load(() => undefined);
    expect(desks.kept.find(IMX296)?.settings).toEqual({ gain: 2 });
    expect(logged).toEqual([]);
  });

  it('is asked before anything is kept: a host is warned where that fails later', async () => {
    const desks = desksFor({ stateDir: '/proc/no-state' });
    const desk = await deskFor({}, desks);
    await set(desk, { gain: 2 });
    expect(warnings).toEqual([]);
    desk.identify(IMX296);
    await desks.kept.load(() => undefined);
    expect(warnings).toEqual([expect.stringMatching(/^settings_not_kept: .* could not be kept in .*no-state.*ENOENT/)]);
    expect(logged).toEqual([warnings[0]?.replace('settings_not_kept: ', '')]);
    expect(desk.settings.gain).toBe(2);
  });

  it('may come while a change is being made: what was kept for this camera stays kept', async () => {
    const before = await deskFor();
    before.identify(IMX296);
    await set(before, { contrast: 2, whiteBalance: 'daylight' });
    const desk = await deskFor({ named: {} });
    const proposal = await desk.propose({ colourGains: [2, 1] });
    if (!proposal.isAccepted) throw new Error(proposal.why);
    desk.identify(IMX296);
    expect(await desk.accept(proposal)).toBeNull();
    expect(desk.kept).toMatchObject({ contrast: 2, colourGains: [2, 1] });
    const { kept, settings } = await deskFor();
    expect(kept).toEqual(desk.kept);
    expect(settings).toEqual(desk.settings);
    expect(settings).toMatchObject({ contrast: 2, colourGains: [2, 1] });
    expect(settings).not.toHaveProperty('whiteBalance');
  });

  it('keeps all changes before the first frame, and those once', async () => {
    const desks = desksFor();
    const desk = await deskFor({}, desks);
    await set(desk, { gain: 2 });
    await set(desk, { contrast: 2 });
    desk.identify(IMX296);
    await desks.kept.load(() => undefined);
    expect(desks.kept.find(IMX296)?.settings).toEqual({ gain: 2, contrast: 2 });
    // Another camera is at that place after the reconnection: it was told nothing.
    desk.identify(IMX219);
    expect(desk.settings).not.toHaveProperty('gain');
    await desks.kept.load(() => undefined);
    expect(desks.kept.find(IMX219)?.settings ?? {}).toEqual({});
  });

  it('can stay unknown: then nothing is kept, and a sentence says so', async () => {
    const desk = await deskFor();
    desk.identify('');
    expect(await set(desk, { gain: 2 })).toMatch(/cannot be kept: the capture tool does not tell which camera it is/);
    expect(desk.settings.gain).toBe(2);
    expect((await deskFor()).settings).not.toHaveProperty('gain');
  });
});

describe('the place of what is kept', () => {
  it('differs for virtual cameras', async () => {
    const real = await deskFor();
    real.identify(IMX296);
    await set(real, { gain: 2 });
    const virtual = await deskFor({ config: { simulate: true } });
    virtual.identify(IMX296);
    expect(virtual.settings).not.toHaveProperty('gain');
    await set(virtual, { gain: 3 });
    expect((await deskFor()).settings.gain).toBe(2);
    expect((await deskFor({ config: { simulate: true } })).settings.gain).toBe(3);
  });
});

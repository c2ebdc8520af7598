import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { DEFAULT_SETTINGS, type PartialSettings, type SettingName } from '../../../../src/core/camera-settings.js';
import { resolveSettings, type Layer, type SettingOrigin } from '../../../../src/module/settings/resolve-settings.js';
import { conflictIn } from '../../../../src/module/settings/setting-conflicts.js';
import { anySettings } from './any-settings.js';

const ORIGINS: readonly SettingOrigin[] = ['configuration', 'camera configuration', 'kept', 'flag'];

const anyLayers = fc
  .tuple(...ORIGINS.map(() => anySettings))
  .map((values): readonly Layer[] => ORIGINS.map((origin, index) => ({ origin, values: values[index] ?? {} })));

describe('what a camera is asked for', () => {
  it('has the defaults if nobody says anything', () => {
    expect(resolveSettings([])).toEqual({
      settings: DEFAULT_SETTINGS,
      origins: { width: 'default', height: 'default', fps: 'default', jpegQuality: 'default' },
      ignored: [],
      replaced: [],
      refused: undefined,
    });
  });

  it('has of each setting the value of the last origin that says one, and names that origin', () => {
    fc.assert(
      fc.property(anyLayers, (layers) => {
        const { settings, origins, ignored } = resolveSettings(layers);
        for (const name of Object.keys({ ...DEFAULT_SETTINGS, ...settings }) as SettingName[]) {
          // The model: what was ignored was never said.
          const saying = layers.findLast(
            ({ origin, values }) =>
              values[name] !== undefined && !ignored.some((one) => one.name === name && one.origin === origin),
          );
          expect(settings[name]).toEqual(
            saying?.values[name] ?? DEFAULT_SETTINGS[name as keyof typeof DEFAULT_SETTINGS],
          );
          expect(origins[name]).toBe(saying?.origin ?? 'default');
        }
      }),
    );
  });

  it('never is a combination that cannot be, and loses no value without a sentence that names it', () => {
    fc.assert(
      fc.property(anyLayers, (layers) => {
        const { settings, ignored } = resolveSettings(layers);
        expect(conflictIn(settings)).toBeUndefined();
        for (const { name, origin, why } of ignored) {
          expect(why).toMatch(new RegExp(`^${name} .*\\(${origin}\\) does not fit with \\w+ .*\\. It is ignored; `));
        }
      }),
    );
  });

  const table: readonly [string, PartialSettings, PartialSettings, Partial<Record<SettingName, unknown>>, string][] = [
    ['a long exposure gives way to a rate', { exposureTimeUs: 50_000 }, { fps: 60 }, { fps: 60 }, 'exposureTimeUs'],
    [
      'a long exposure gives way to an older rate',
      { fps: 60 },
      { exposureTimeUs: 50_000 },
      { fps: 60 },
      'exposureTimeUs',
    ],
    [
      'balance gives way to later gains',
      { whiteBalance: 'cloudy' },
      { colourGains: [2, 1] },
      { colourGains: [2, 1] },
      'whiteBalance',
    ],
    [
      'gains give way to later balance',
      { colourGains: [2, 1] },
      { whiteBalance: 'auto' },
      { whiteBalance: 'auto' },
      'colourGains',
    ],
    [
      'focus gives way to a later position',
      { focusMode: 'auto' },
      { lensPositionDioptres: 2 },
      { lensPositionDioptres: 2 },
      'focusMode',
    ],
    [
      'a position gives way to later focus',
      { lensPositionDioptres: 0 },
      { focusMode: 'continuous' },
      { focusMode: 'continuous' },
      'lensPositionDioptres',
    ],
    ['a single side gives way', {}, { width: 640 }, { width: 0, height: 0 }, 'width'],
    ['a side gives way to a later 0', { height: 480, width: 640 }, { width: 0 }, { width: 0, height: 0 }, 'height'],
  ];
  it.each(table)('where %s', (_, earlier, later, expected, name) => {
    const { settings, ignored } = resolveSettings([
      { origin: 'configuration', values: earlier },
      { origin: 'kept', values: later },
    ]);
    expect(settings).toEqual({ ...DEFAULT_SETTINGS, ...expected });
    expect(ignored.map((one) => one.name)).toEqual([name]);
  });

  const fitting: readonly (readonly [PartialSettings])[] = [
    [{ exposureTimeUs: 16_666, fps: 60 }],
    [{ exposureTimeUs: 1, fps: 1000 }],
    [{ exposureTimeUs: 200_000_000, fps: 0.005 }],
    [{ colourGains: [2, 1], whiteBalance: 'custom' }],
    [{ lensPositionDioptres: 2, focusMode: 'manual' }],
    [{ width: 640, height: 480 }],
  ];
  it.each(fitting)('takes %p as it is', (values) => {
    const { settings, ignored } = resolveSettings([{ origin: 'configuration', values }]);
    expect(settings).toEqual({ ...DEFAULT_SETTINGS, ...values });
    expect(ignored).toEqual([]);
  });

  it('ignores in one configuration what comes later, and of what was kept what was set before', () => {
    const values: PartialSettings = { whiteBalance: 'daylight', colourGains: [2, 1] };
    const of = (origin: SettingOrigin): readonly SettingName[] =>
      resolveSettings([{ origin, values }]).ignored.map(({ name }) => name);
    expect(of('configuration')).toEqual(['colourGains']);
    expect(of('camera configuration')).toEqual(['colourGains']);
    expect(of('kept')).toEqual(['whiteBalance']);
  });

  it('falls back to what an earlier origin says where a value is ignored', () => {
    const { settings, origins, ignored } = resolveSettings([
      { origin: 'configuration', values: { exposureTimeUs: 10_000, fps: 60 } },
      { origin: 'kept', values: { exposureTimeUs: 30_000 } },
    ]);
    expect(settings.exposureTimeUs).toBe(10_000);
    expect(origins.exposureTimeUs).toBe('configuration');
    expect(ignored[0]?.why).toBe(
      'exposureTimeUs 30000 (kept) does not fit with fps 60 (configuration): an exposure cannot be longer than a frame, which takes 16666 us at this rate. It is ignored; exposureTimeUs is 10000.',
    );
  });

  it('goes on without a tuning file that cannot be used', () => {
    const values: PartialSettings = { tuningFile: '/gone.json', gain: 2 };
    const { settings, ignored } = resolveSettings([{ origin: 'kept', values }], () => 'there is no such file');
    expect(settings).toEqual({ ...DEFAULT_SETTINGS, gain: 2 });
    expect(ignored[0]?.why).toBe('tuningFile /gone.json (kept) cannot be used: there is no such file. It is ignored.');
  });
});

import * as fc from 'fast-check';
import {
  SETTING_NAMES,
  settingSpec,
  type PartialSettings,
  type SettingName,
  type SettingSpec,
} from '../../../../src/core/camera-settings.js';

/** Any value that the setting's schema accepts, and often one that does not fit with others. */
function valueOf(spec: SettingSpec): fc.Arbitrary<unknown> {
  switch (spec.kind) {
    case 'whole':
      return fc.oneof(
        fc.integer({ min: spec.min, max: Math.min(spec.max, 100_000) }),
        fc.constant(spec.orZero === true ? 0 : spec.min),
      );
    case 'number':
      return fc.double({ min: spec.min, max: Math.min(spec.max, 100), noNaN: true });
    case 'word':
      return fc.constantFrom(...spec.words);
    case 'choice':
      return fc.constantFrom(...spec.choices);
    case 'switch':
      return fc.boolean();
    case 'pair':
      return fc.tuple(fc.constantFrom(0.5, 1, 2.25), fc.constantFrom(0.5, 1, 2.25));
    case 'rectangle':
      return fc.constantFrom([0, 0, 1, 1], [0.25, 0.25, 0.5, 0.5]);
    case 'mode':
      return fc.constant('1640:1232:10:P');
    case 'file':
      return fc.constant('/tmp/tuning.json');
  }
}

/** Some settings, in any order. */
export const anySettings: fc.Arbitrary<PartialSettings> = fc
  .shuffledSubarray([...SETTING_NAMES])
  .chain((names) => fc.tuple(...names.map((name) => valueOf(settingSpec(name)).map((value) => [name, value] as const))))
  .map((pairs) => Object.fromEntries(pairs) as PartialSettings);

/** A change: some settings, some of them taken back. */
export const anyChange: fc.Arbitrary<{ readonly [N in SettingName]?: PartialSettings[N] | null }> = fc
  .tuple(anySettings, fc.subarray([...SETTING_NAMES], { maxLength: 5 }))
  .map(([settings, back]) => ({ ...settings, ...Object.fromEntries(back.map((name) => [name, null])) }));

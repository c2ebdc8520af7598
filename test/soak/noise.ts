import { seededRandom } from '../crash/seeded-random.js';

/** What memory does without growing: megabytes, one a sample. Another seed is another run. */
export type Noise = (samples: number, seed: number) => readonly number[];

const LEVEL = 106;
/** Its residents swing between 88 and 124 MB. */
const SWING = 18;

function series(
  make: (normal: () => number, random: () => number, samples: number) => (index: number) => number,
): Noise {
  return (samples, seed) => {
    const random = seededRandom(seed * 7919 + 1);
    const at = make(() => normalFrom(random), random, samples);
    return Array.from({ length: samples }, (_, index) => at(index));
  };
}

/** By Box and Muller. */
function normalFrom(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Each sample is 0.95 of the one before, and news. */
const resembling = (share: number): Noise =>
  series((normal) => {
    let value = normal();
    return () => {
      value = share * value + Math.sqrt(1 - share ** 2) * normal();
      return LEVEL + 6 * value;
    };
  });

const sawTooth = (period: number): Noise =>
  series((normal, random) => {
    const phase = Math.floor(random() * period);
    return (index) => LEVEL + (28 * ((index + phase) % period)) / period + normal();
  });

export const NOISE: Readonly<Record<string, Noise>> = {
  'white noise': series((normal) => () => LEVEL + 6 * normal()),
  'noise that resembles itself (0.8)': resembling(0.8),
  'noise that resembles itself (0.95)': resembling(0.95),
  'a saw-tooth of one round': sawTooth(12),
  'a saw-tooth beside the rounds': sawTooth(17),
  'collections of garbage now and then': series((normal, random) => {
    let height = random() * 2 * SWING;
    return () => {
      // Sooner or later: what is never collected is a leak.
      height = random() < 0.05 || height > 2 * SWING ? 0 : height + 1.5;
      return LEVEL + height + normal();
    };
  }),
  'one slow swing': series((normal, random, samples) => {
    const period = samples / (2 + 4 * random());
    const phase = 2 * Math.PI * random();
    return (index) => LEVEL + SWING * Math.sin((2 * Math.PI * index) / period + phase) + normal();
  }),
  'levels that hold for a while': series((normal, random) => {
    let level = LEVEL;
    return () => {
      if (random() < 0.05) level = LEVEL + SWING * (2 * random() - 1);
      return level + normal();
    };
  }),
};

/** As the module's heap was measured: within a round 0.4 MB more, a camera's thread anew, now and then a peak. */
export const HEAP: Noise = series((normal, random) => {
  const phase = Math.floor(random() * 12);
  return (index) => 8.8 + 0.4 * Math.sqrt(((index + phase) % 12) / 11) + 0.03 * normal() + (random() < 0.02 ? 0.4 : 0);
});

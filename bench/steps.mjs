// @ts-check

/** Measurements one after another, with a word on where one is and how long it will take. */

/**
 * @typedef {object} Step
 * @property {string} title
 * @property {number} seconds expected on a machine like the one that the bench was written on
 * @property {() => Promise<void>} run
 */

/**
 * @param {readonly Step[]} steps
 * @param {{ progress: (line: string) => void, nowMs?: () => number }} surroundings
 */
export async function runSteps(steps, { progress, nowMs = () => performance.now() }) {
  const startedMs = nowMs();
  for (const [index, step] of steps.entries()) {
    const left = timeLeft(
      steps.map(({ seconds }) => seconds),
      index,
      (nowMs() - startedMs) / 1000,
    );
    progress(`[${index + 1}/${steps.length}] ${step.title} (about ${durationText(left)} left)`);
    await step.run();
  }
  progress(`Done in ${durationText((nowMs() - startedMs) / 1000)}.`);
}

/**
 * What is expected of the steps that are left, corrected by how long the others have taken.
 *
 * @param {readonly number[]} expected seconds of each step
 * @param {number} done how many are over
 * @param {number} elapsed seconds that they took
 * @returns {number} seconds
 */
export function timeLeft(expected, done, elapsed) {
  /** @param {readonly number[]} values */
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  const was = sum(expected.slice(0, done));
  return sum(expected.slice(done)) * (was === 0 ? 1 : elapsed / was);
}

/**
 * @param {number} seconds
 * @returns {string}
 */
export function durationText(seconds) {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

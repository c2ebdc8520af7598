import { afterAll, it } from '@jest/globals';

type Scene = () => Promise<void>;

/** Declares a test. `test`: `it`, or `it.skip` where the test is impossible here. */
export type DeclareScene = (name: string, scene: Scene, test?: typeof it.skip) => void;

/**
 * For tests that mostly wait: while one of them is waited for, those after it are under way already, so many at a time. Each must
 * bring all that it needs, and end it. To be called in a `describe`.
 */
export function sideBySide(atATime: number): DeclareScene {
  const begun: (() => Promise<void>)[] = [];
  const underWay: Promise<void>[] = [];
  afterAll(async () => {
    // Where a test was chosen by its name, those after it have begun too.
    await Promise.allSettled(underWay);
  });

  return (name, scene, test = it) => {
    let outcome: Promise<void> | null = null;
    const begin = (): Promise<void> => {
      if (outcome === null) {
        outcome = scene();
        outcome.catch(() => undefined); // told when its turn comes
        underWay.push(outcome);
      }
      return outcome;
    };
    const place = begun.length;
    if (test !== it.skip) begun.push(begin);
    test(name, async () => {
      for (const each of begun.slice(place, place + atATime)) void each().catch(() => undefined);
      const mine = begin();
      try {
        await mine;
      } finally {
        outcome = null; // a second trial is a new one
      }
    });
  };
}

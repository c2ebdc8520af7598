import type { CameraScene, Scene } from './scene.js';
import type { FamilyHead, Sample } from './text-format.js';

/** A metric: what it is, and its samples of one scene. */
export interface Family extends FamilyHead {
  readonly samples: (scene: Scene) => readonly Sample[];
}

/** A gauge of the whole module. Null: there is no sample, because nothing is known. */
export function ofModule(name: string, help: string, read: (scene: Scene) => number | null): Family {
  const samples = (scene: Scene): readonly Sample[] => sampleOf(read(scene));
  return { name, type: 'gauge', help, labels: [], samples };
}

/** A gauge of each assigned camera. Null: that camera has no sample. */
export function ofCamera(name: string, help: string, read: (camera: CameraScene) => number | null): Family {
  const samples = ({ cameras }: Scene): readonly Sample[] =>
    cameras.flatMap((camera) => sampleOf(read(camera), camera.status.device_id));
  return { name, type: 'gauge', help, labels: ['camera'], samples };
}

/** One sample for each word that something can be: 1 for what it is, 0 for the others. */
export function oneOf(words: readonly string[], is: string, ...labels: readonly string[]): readonly Sample[] {
  return words.map((word) => [word === is ? 1 : 0, ...labels, word]);
}

/** One sample for each count. Those of `known` come with 0 too: `increase()` misses the step of a series that begins with 1. */
export function counted(
  counts: Readonly<Record<string, number>>,
  known: readonly string[],
  ...labels: readonly string[]
): readonly Sample[] {
  const words = new Set([...known, ...Object.keys(counts)]);
  return [...words].map((word) => [counts[word] ?? 0, ...labels, word]);
}

export function fromFlag(flag: boolean | null): number | null {
  return flag === null ? null : Number(flag);
}

export function secondsFromMs(ms: number): number {
  return ms / 1_000;
}

function sampleOf(value: number | null, ...labels: readonly string[]): readonly Sample[] {
  return value === null ? [] : [[value, ...labels]];
}

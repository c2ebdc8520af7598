import { holdings } from './nothing-left.js';

/** The pid of the process that captures for the camera at this index, among the children of `owner` (a pid). */
export function captureProcess(owner: number, index: number): number {
  const found = holdings(owner).children.find((child) => child.includes(`--camera ${index} `));
  if (found === undefined) throw new Error(`Nothing captures at ${index}: ${holdings(owner).children.join('; ')}`);
  return Number.parseInt(found, 10);
}

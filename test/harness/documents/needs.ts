import { spawnSync } from 'node:child_process';
import { FFMPEG, JSONSCHEMA, OPENCV, PANDAS } from '../../../scripts/readers.mjs';

/** What a block may say that it needs: `needs="camera, root"`. */

/** Whether it is here. A block runs where all that it needs is. */
type Look = () => boolean;

const NEVER: Look = () => false;
/** A look starts a program: one is enough. */
const once = (look: Look): Look => {
  let seen: boolean | undefined;
  return () => (seen ??= look());
};
const program = (name: string): Look => once(() => spawnSync('which', [name]).status === 0);

export const NEEDS: Readonly<Record<string, Look>> = {
  // Of the place. No test has them, whatever the machine: none may change it, go beyond it or wait for hours.
  camera: NEVER, // a real one
  root: NEVER,
  network: NEVER,
  display: NEVER,
  hours: NEVER, // or minutes
  checkout: NEVER, // the gate runs it itself, in this project's folder: a test that runs it would run itself
  package: NEVER, // installed from its file into an empty folder: test/process/package.test.ts runs these
  host: NEVER, // a tree of the field host
  systemd: NEVER, // a running one
  poses: NEVER, // what another program made of a video
  // Programs that wait for a person, or for another machine.
  vlc: NEVER,
  mpv: NEVER,
  ffplay: NEVER,
  matlab: NEVER,
  deeplabcut: NEVER,
  tmux: NEVER,
  nc: NEVER,
  // Programs that are run where they are.
  ffmpeg: () => FFMPEG.lacks() === undefined,
  pandas: () => PANDAS.lacks() === undefined,
  opencv: () => OPENCV.lacks() === undefined,
  jsonschema: () => JSONSCHEMA.lacks() === undefined,
  curl: program('curl'),
  jq: program('jq'),
};

/** What is not here of what a block needs. */
export function lacking(needs: readonly string[]): string[] {
  return needs.filter((need) => NEEDS[need]?.() !== true);
}

/** What would run where these programs were installed. */
export function lackingPrograms(needs: readonly string[]): string[] {
  const missing = lacking(needs);
  return missing.some((need) => NEEDS[need] === NEVER) ? [] : missing;
}

import { printable } from '../../core/safe-text.js';
import type { SettingsChange } from '../../module/settings/settings-desk.js';
import { readConfig, type Config } from '../../protocol/config.js';
import { readConfigFile } from '../config-file.js';
import { finishOutput, outputForPeople, sayOnStderr } from '../output.js';
import { findCameras, type CameraToSet, type FoundCameras } from './cameras-to-set.js';
import { fixSettings } from './fix-settings.js';
import { listOf } from './setting-list.js';
import { dataOf, tableOf, titleOf } from './setting-table.js';

export interface SettingsOptions {
  /** `undefined`: all of them; a change needs it where there are several. */
  readonly camera?: number;
  readonly simulate?: boolean;
  readonly captureTool?: string;
  readonly configPath?: string;
  readonly stateDir?: string;
  readonly logDir: string;
  readonly json?: boolean;
  readonly reset?: boolean;
  readonly set?: SettingsChange;
  readonly fix?: boolean;
}

const EXIT = { done: 0, failed: 1, wrongUsage: 2 } as const;
const OUTPUT_LIMIT_MS = 1000;

/** Shows or changes the kept settings of cameras, for a person at a terminal. Resolves with the exit code. */
export async function settings(options: SettingsOptions): Promise<number> {
  const stdout = outputForPeople(1);
  try {
    const outcome = await work(options);
    if (outcome.text !== undefined) stdout.write(outcome.text);
    if (outcome.error !== undefined) sayOnStderr(`error: ${outcome.error}`);
    return outcome.code;
  } finally {
    await finishOutput(stdout, OUTPUT_LIMIT_MS);
  }
}

interface Outcome {
  readonly code: number;
  /** For stdout. */
  readonly text?: string;
  readonly error?: string;
}

async function work(options: SettingsOptions): Promise<Outcome> {
  const { config, problems } = await configOf(options);
  const found = await findCameras(config, options.stateDir);
  for (const message of [...problems, ...found.warnings]) sayOnStderr(`warning: ${message}`);
  const { camera: index } = options;
  const meant = found.cameras.filter((camera) => index === undefined || camera.index === index);
  // A camera that is there hides one that was at the same place before.
  const cameras =
    index !== undefined && meant.some((one) => one.isConnected) ? meant.filter((one) => one.isConnected) : meant;
  if (cameras.length === 0) return { code: EXIT.failed, error: noCamera(index, found) };
  const isChange = options.reset === true || options.set !== undefined || options.fix === true;
  if (!isChange) return { code: EXIT.done, text: show(cameras, options.json === true) };
  const [camera, ...others] = cameras;
  if (camera === undefined || others.length > 0) {
    const error = `There are several cameras. Name one with --camera N: ${cameras.map((one) => titleOf(one)).join('; ')}.`;
    return { code: EXIT.wrongUsage, error };
  }
  return change(options, config, found, camera);
}

async function configOf({ configPath, simulate, captureTool }: SettingsOptions): Promise<{
  readonly config: Config;
  readonly problems: readonly string[];
}> {
  const file = await readConfigFile(configPath);
  const { config, problems } = readConfig(file.config);
  const tool = captureTool ?? config.camera.tool;
  return {
    config: { ...config, simulate: simulate === true || config.simulate, camera: { ...config.camera, tool } },
    problems: [...file.problems, ...problems],
  };
}

function noCamera(index: number | undefined, { cameras }: FoundCameras): string {
  if (index === undefined) return 'No camera is connected, and nothing is kept of one. Check the ribbon cables.';
  const known = cameras.map((camera) => titleOf(camera)).join('; ');
  return `There is no camera ${index}, and nothing is kept of one there.${known === '' ? '' : ` Known: ${known}.`}`;
}

function show(cameras: readonly CameraToSet[], isJson: boolean): string {
  if (isJson)
    return `${JSON.stringify(
      cameras.map((camera) => dataOf(camera)),
      null,
      2,
    )}\n`;
  return cameras.map((camera) => tableOf(camera)).join('\n');
}

/** Carries out what was asked for, in this order: forget, set, fix. */
async function change(
  options: SettingsOptions,
  config: Config,
  { desks }: FoundCameras,
  camera: CameraToSet,
): Promise<Outcome> {
  const said: string[] = [];
  if (options.reset === true) {
    const before = listOf(camera.desk.kept);
    const why = await desks.kept.forget(camera.id);
    if (why !== null) return { code: EXIT.failed, error: why };
    said.push(
      before === '' ? `Nothing was kept for ${titleOf(camera)}.` : `Forgotten for ${titleOf(camera)}: ${before}.`,
    );
  }
  if (options.set !== undefined) {
    camera.desk.identify(camera.id);
    const proposal = await camera.desk.propose(options.set);
    if (!proposal.isAccepted) return { code: EXIT.failed, text: linesOf(said), error: proposal.why };
    const why = await camera.desk.accept(proposal);
    if (why !== null) return { code: EXIT.failed, text: linesOf(said), error: why };
    for (const { why: ignored } of camera.desk.ignored) sayOnStderr(`warning: ${ignored}`);
    const kept = listOf(camera.desk.kept);
    said.push(kept === '' ? `Nothing is kept for ${titleOf(camera)}.` : `Kept for ${titleOf(camera)}: ${kept}.`);
    if (options.fix !== true)
      said.push(`It applies when the camera is opened next. Look at it: ${stillOf(camera, options)}`);
  }
  if (options.fix !== true) return { code: EXIT.done, text: linesOf(said) };
  const { index } = camera;
  if (index === null || !camera.isConnected) {
    return { code: EXIT.failed, text: linesOf(said), error: `${titleOf(camera)} cannot be opened.` };
  }
  const held = options.reset === true ? '' : heldOf(camera);
  if (held !== '') sayOnStderr(`Set already, so not looked for again: ${held}. To find them anew, add --reset.`);
  const fixed = await fixSettings({ config, index, logDir: options.logDir, stateDir: options.stateDir });
  if ('error' in fixed) return { code: EXIT.failed, text: linesOf(said), error: fixed.error };
  said.push(`Fixed and kept for ${titleOf(camera)}: ${listOf(fixed.kept)}.`);
  said.push(`Each still and recording uses that from now on. Is it bright and sharp? ${stillOf(camera, options)}`);
  return { code: EXIT.done, text: linesOf(said) };
}

const linesOf = (said: readonly string[]): string => said.map((line) => `${printable(line)}\n`).join('');

/** Which of those that automatic could find are set. */
function heldOf({ desk }: CameraToSet): string {
  const { exposureTimeUs, gain, colourGains, lensPositionDioptres } = desk.settings;
  const found = { exposureTimeUs, gain, colourGains, lensPositionDioptres };
  return listOf(Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)));
}

/** The command that takes a picture of this camera. */
function stillOf({ index }: CameraToSet, { simulate }: SettingsOptions): string {
  return `csi-cameras still --camera ${index ?? 'N'}${simulate === true ? ' --simulate' : ''}`;
}

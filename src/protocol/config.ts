import * as v from 'valibot';
import { DEFAULT_SETTINGS } from '../core/camera-settings.js';
import { BUFFER_COUNT_RANGE, FPS_RANGE } from '../core/capture-limits.js';
import { CAMERAS_OPTION, readCameraSections, type CameraSections } from './camera-sections.js';
import { zeroOrWords } from './json-words.js';
import { SETTING_ENTRIES } from './setting-schemas.js';

/**
 * The configuration: options, defaults and meanings. Parsing and `docs/configuration.md` use this table, and a test
 * compares them. Every option may be left out.
 */

interface Range {
  readonly min: number;
  readonly max: number;
}

const numberFrom = (min: number, max: number) =>
  v.pipe(
    v.number('must be a number'),
    v.minValue(min, `must be at least ${min}`),
    v.maxValue(max, `must be at most ${max}`),
  );
const wholeFrom = (min: number, max: number) => v.pipe(numberFrom(min, max), v.safeInteger('must be a whole number'));
const wholeIn = ({ min, max }: Range) => wholeFrom(min, max);
/** 0 stands for "not asked for". */
const zeroOr = ({ min, max }: Range, rule: string) =>
  v.pipe(
    v.number('must be a number'),
    v.check((value) => value === 0 || (value >= min && value <= max), rule),
    v.metadata(zeroOrWords({ min, max })),
  );
const branchFps = zeroOr(FPS_RANGE, `must be 0, or from ${FPS_RANGE.min} to ${FPS_RANGE.max}`);
const boolean = v.boolean('must be true or false');
const documented = <S extends v.GenericSchema>(schema: S, description: string) =>
  v.pipe(schema, v.description(description));

const MIB = 1024 * 1024;

/** Options by section. Each option has a schema with its default and a description. */
const SECTIONS = {
  camera: {
    ...SETTING_ENTRIES,
    bufferCount: documented(
      v.optional(wholeIn(BUFFER_COUNT_RANGE), 12),
      'Number of buffers in the camera. When all are full, the camera loses frames.',
    ),
    frameTimeoutMs: documented(
      v.optional(wholeFrom(100, 600_000), 2000),
      'A camera counts as lost after this time without a frame, ms. Never less than five frame times.',
    ),
    firstFrameTimeoutMs: documented(
      v.optional(wholeFrom(100, 600_000), 5000),
      'The same limit for the first frame, ms. Never less than 5 s and ten frame times.',
    ),
    syncTimeoutMs: documented(
      v.optional(wholeFrom(1000, 86_400_000), 60_000),
      'How long a client (camera.sync) waits for its server, ms. Never less than 150 frame times.',
    ),
    tool: documented(
      v.optional(v.string('must be text'), ''),
      'Path of the capture tool. Empty: rpicam-vid on PATH, else libcamera-vid.',
    ),
  },
  recording: {
    fps: documented(v.optional(branchFps, 0), 'Frames a second to record. 0: every frame.'),
    resumeAfterReconnect: documented(
      v.optional(boolean, true),
      'When a lost camera is back, continue the recording in a new take.',
    ),
    frameMetadata: documented(
      v.optional(boolean, false),
      'Also write ..._metadata.csv: one row a frame, one column for each thing the camera tells.',
    ),
    checksums: documented(
      v.optional(boolean, false),
      'Also put a checksum of each 1,000 frames into the info file, so that a changed bit in a picture is found later.',
    ),
    commitIntervalMs: documented(v.optional(wholeFrom(50, 60_000), 400), 'Time between two commits of the files, ms.'),
    minFreeBytes: documented(
      v.optional(wholeFrom(0, Number.MAX_SAFE_INTEGER), 256 * MIB),
      'Bytes to keep free on the disk. With less, no recording starts and a running one ends. 0: no limit.',
    ),
  },
  preview: {
    enabled: documented(v.optional(boolean, true), 'Whether frames go to the preview.'),
    fps: documented(v.optional(branchFps, 5), 'Frames a second to preview. 0: every frame.'),
  },
  buffer: {
    maxFrames: documented(v.optional(wholeFrom(2, 100_000), 600), 'Most frames that may wait for the disk.'),
    maxBytes: documented(v.optional(wholeFrom(MIB, 8192 * MIB), 64 * MIB), 'Most bytes that may wait for the disk.'),
    whenFull: documented(
      v.optional(v.picklist(['dropOldest', 'pauseSource'], 'must be dropOldest or pauseSource'), 'dropOldest'),
      'What happens when the buffer is full. pauseSource is for replays only, because a camera cannot wait.',
    ),
  },
  reconnect: {
    firstDelayMs: documented(
      v.optional(wholeFrom(10, 600_000), 500),
      'Delay before the first attempt to reopen a lost camera, ms.',
    ),
    factor: documented(v.optional(numberFrom(1, 10), 2), 'Each further delay is longer by this factor.'),
    maxDelayMs: documented(v.optional(wholeFrom(10, 3_600_000), 30_000), 'Longest delay, ms.'),
    maxAttempts: documented(
      v.optional(wholeFrom(0, 1_000_000), 0),
      'Attempts before the module gives up. 0: no limit.',
    ),
  },
  monitor: {
    port: documented(
      v.optional(wholeFrom(0, 65_535), 0),
      'Port of the page, the metrics and the pictures. 0: none of them.',
    ),
    host: documented(
      v.optional(v.string('must be text'), '127.0.0.1'),
      'Address to listen on. Any other than loopback needs monitor.tokenFile.',
    ),
    names: documented(
      v.optional(v.string('must be text'), ''),
      "Further host names by which browsers reach the page, with commas between. The machine's own and NAME.local need none.",
    ),
    tokenFile: documented(
      v.optional(v.string('must be text'), ''),
      'File with the token that readers must give. Empty: on loopback, reading needs none.',
    ),
    control: documented(
      v.optional(boolean, false),
      'Whether the page may change settings and take snapshots. It always needs the token.',
    ),
  },
  logs: {
    level: documented(
      v.optional(v.picklist(['debug', 'info', 'warn', 'error'], 'must be debug, info, warn or error'), 'info'),
      'Lowest level that is written to csicameras.log.',
    ),
    gateSkips: documented(
      v.optional(boolean, false),
      'Also write frames that the FPS gate skipped to frame_drops.jsonl.',
    ),
  },
} as const satisfies Record<string, v.ObjectEntries>;

/** The schema of a configuration without `cameras`. */
export const CONFIG = v.object({
  simulate: documented(v.optional(boolean, false), 'Use the virtual camera instead of a real one.'),
  camera: v.optional(v.object(SECTIONS.camera), {}),
  recording: v.optional(v.object(SECTIONS.recording), {}),
  preview: v.optional(v.object(SECTIONS.preview), {}),
  buffer: v.optional(v.object(SECTIONS.buffer), {}),
  reconnect: v.optional(v.object(SECTIONS.reconnect), {}),
  monitor: v.optional(v.object(SECTIONS.monitor), {}),
  logs: v.optional(v.object(SECTIONS.logs), {}),
});

/** `cameras` has the settings of single cameras. Its names come from outside, so it is read apart (`camera-sections.ts`). */
export type Config = v.InferOutput<typeof CONFIG> & { readonly cameras: CameraSections };

export const DEFAULT_CONFIG: Config = { ...v.parse(CONFIG, {}), cameras: {} };

/**
 * The schema of an option by its path (`camera.fps`), or `undefined` if there is no such option. Its default tells the
 * option's type.
 */
export function optionAt(path: string): v.GenericSchema | undefined {
  const [section = '', name = '', ...deeper] = path.split('.');
  if (deeper.length > 0) return undefined;
  if (path === 'simulate') return CONFIG.entries.simulate;
  const entries = Object.hasOwn(SECTIONS, section) ? SECTIONS[section as keyof typeof SECTIONS] : {};
  return Object.hasOwn(entries, name) ? (entries as v.ObjectEntries)[name] : undefined;
}

/** Every option with its default and its description, by path (`camera.fps`). */
export function describeOptions(): readonly OptionDescription[] {
  return [
    ...describeEntries('', { simulate: CONFIG.entries.simulate }),
    ...Object.entries(SECTIONS).flatMap(([name, entries]) => [
      ...describeEntries(`${name}.`, entries),
      ...(name === 'camera' ? [CAMERAS_OPTION] : []),
    ]),
  ];
}

interface OptionDescription {
  readonly path: string;
  readonly default: unknown;
  readonly description: string;
}

function describeEntries(prefix: string, entries: v.ObjectEntries): readonly OptionDescription[] {
  return Object.entries(entries).map(([name, schema]) => ({
    path: `${prefix}${name}`,
    // Settings have their defaults elsewhere, because it must be known whether the configuration says them.
    default: isSetting(schema) ? defaultOf(name) : v.getDefault(schema as v.GenericSchema),
    description: descriptionOf(schema as v.GenericSchema),
  }));
}

function isSetting(schema: v.ObjectEntries[string]): boolean {
  return Object.values(SETTING_ENTRIES).some((entry) => entry === schema);
}

function defaultOf(name: string): unknown {
  return Object.hasOwn(DEFAULT_SETTINGS, name) ? DEFAULT_SETTINGS[name as keyof typeof DEFAULT_SETTINGS] : null;
}

function descriptionOf(schema: v.GenericSchema): string {
  return v.getDescription(schema) ?? ('wrapped' in schema ? descriptionOf(schema.wrapped as v.GenericSchema) : '');
}

interface ReadConfig {
  readonly config: Config;
  readonly problems: readonly string[];
}

/**
 * Reads a partial configuration. Never throws. An option that cannot be used takes its default and is named in
 * `problems`, because a misspelt option must not stop an experiment, but somebody must hear of it.
 */
export function readConfig(value: unknown): ReadConfig {
  try {
    return readOptions(value);
  } catch {
    // A getter or a proxy threw. Only an in-process host can send one.
    return { config: DEFAULT_CONFIG, problems: ['The configuration cannot be read. All defaults are used.'] };
  }
}

function readOptions(value: unknown): ReadConfig {
  if (value === undefined || value === null) return { config: DEFAULT_CONFIG, problems: [] };
  if (typeof value !== 'object' || Array.isArray(value)) {
    return { config: DEFAULT_CONFIG, problems: ['The configuration must be an object. All defaults are used.'] };
  }
  const { cameras: sections, ...rest } = { cameras: undefined, ...value };
  const { value: cameras, problems: ofCameras } = readCameraSections(sections);
  const problems = unknownOptions(rest).map((path) =>
    problem(path, 'is not an option of this module', 'it is ignored'),
  );
  problems.push(...ofCameras);
  const first = v.safeParse(CONFIG, rest);
  if (first.success) return { config: { ...first.output, cameras }, problems };
  const bad = new Set<string>();
  for (const issue of first.issues) {
    const path = pathOf(issue);
    // One problem per option is enough: the first.
    if (!bad.has(path)) problems.push(problem(path, issue.message, 'the default is used'));
    bad.add(path);
  }
  const usable = without(rest, bad);
  return { config: { ...v.parse(CONFIG, usable), cameras }, problems };
}

/** Paths of the options that no schema has. */
function unknownOptions(value: object): readonly string[] {
  const sections: Readonly<Record<string, v.ObjectEntries>> = SECTIONS;
  return entriesOf(value).flatMap(([name, held]) => {
    if (!Object.hasOwn(CONFIG.entries, name)) return [name];
    const section = sections[name];
    if (section === undefined || typeof held !== 'object' || held === null) return [];
    return Object.keys(held)
      .filter((key) => !Object.hasOwn(section, key))
      .map((key) => `${name}.${key}`);
  });
}

/** `simulate`, `camera.fps`, or `camera` if the section is not an object. Never a part of a value. */
function pathOf(issue: v.BaseIssue<unknown>): string {
  return (issue.path ?? [])
    .slice(0, 2)
    .map((item) => String(item.key))
    .join('.');
}

/** The configuration without these options and sections, so that each takes its default. */
function without(value: object, paths: ReadonlySet<string>): object {
  const keep = (held: object, prefix: string): object =>
    Object.fromEntries(entriesOf(held).filter(([key]) => !paths.has(`${prefix}${key}`)));
  return Object.fromEntries(
    entriesOf(keep(value, '')).map(([name, held]) =>
      typeof held === 'object' && held !== null ? [name, keep(held, `${name}.`)] : [name, held],
    ),
  );
}

const entriesOf = (held: object): [string, unknown][] => Object.entries<unknown>({ ...held });

function problem(path: string, why: string, consequence: string): string {
  return `${path.slice(0, 100)} ${why.slice(0, 200)}; ${consequence}.`;
}

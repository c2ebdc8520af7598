import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Programs of others that recordings and the monitor are held against. A reader is present when everything that is needed of it
 * is: the program alone is not enough where an element, a module or a backend of it is used. Needs no package: the gate asks
 * before `npm ci`.
 *
 *   node scripts/readers.mjs               what is there, and what is missing
 *   node scripts/readers.mjs --packages    Debian packages for what is missing, one a line
 *   node scripts/readers.mjs --scripts     scripts that fetch what is missing and comes not as a package, one a line
 *   node scripts/readers.mjs --promtool    where promtool is put where it is not installed
 *   node scripts/readers.mjs --nodes       the folder of other versions of Node
 */

/**
 * @typedef {object} Reader
 * @property {string} name
 * @property {readonly string[]} packages of Debian
 * @property {() => string | undefined} lacks what is missing of it; `undefined`: nothing
 * @property {string} howTo the command that gets it
 */

/** Debian's own Python: its packages are installed for that one. */
export const PYTHON = '/usr/bin/python3';

/** Its standard library alone: what runs the host of the field, and our folder in it. */
export const PYTHON3 = reader('Python', ['python3'], () => lacksProgram(PYTHON, '--version'));

const OPENCV_CHECK = `
import cv2
assert cv2.CAP_FFMPEG in cv2.videoio_registry.getBackends(), 'its ffmpeg backend'
assert cv2.CAP_OPENCV_MJPEG in cv2.videoio_registry.getBackends(), 'its own Motion JPEG backend'
`;
const LIBRARIES_CHECK = `
import ctypes
for name in ('libgstreamer-1.0.so.0', 'libgstapp-1.0.so.0'): ctypes.CDLL(name)
`;

export const FFMPEG = reader(
  'ffmpeg',
  ['ffmpeg'],
  () => lacksProgram('ffmpeg', '-version') ?? lacksProgram('ffprobe', '-version'),
);

export const MEDIAINFO = reader('mediainfo', ['mediainfo'], () => lacksProgram('mediainfo', '--Version'));

export const OPENCV = reader('OpenCV', ['python3-opencv'], () => lacksPython('cv2', OPENCV_CHECK));

/** Reads the CSV files as a scientist does: the example reads with it, and with OpenCV. */
export const PANDAS = reader('pandas', ['python3-pandas'], () => lacksPython('pandas', 'import pandas'));

/** Holds messages against the published schemas, as a host in Python does. */
export const JSONSCHEMA = reader('jsonschema', ['python3-jsonschema'], () =>
  lacksPython('jsonschema', 'import jsonschema'),
);

/** What commands in documents call besides: each is run where it is. */
export const CURL = reader('curl', ['curl'], () => lacksProgram('curl', '--version'));
export const JQ = reader('jq', ['jq'], () => lacksProgram('jq', '--version'));

/** Reads AVI files: by `gst-launch-1.0`. */
export const GSTREAMER = gstreamer('GStreamer', ['filesrc', 'avidemux', 'fakesink'], ['gstreamer1.0-plugins-good']);

/** Reads AVI files: by its libraries, frame for frame. */
export const GSTREAMER_LIBRARY = gstreamer(
  'GStreamer as a library',
  ['filesrc', 'avidemux', 'appsink'],
  ['gstreamer1.0-plugins-good', 'gstreamer1.0-plugins-base', 'libgstreamer-plugins-base1.0-0'],
  () => lacksPython('libgstreamer-1.0 and libgstapp-1.0', LIBRARIES_CHECK),
);

/** Decodes a JPEG. */
export const GSTREAMER_JPEG = gstreamer(
  "GStreamer's JPEG decoder",
  ['filesrc', 'jpegparse', 'jpegdec', 'fakesink'],
  ['gstreamer1.0-plugins-good', 'gstreamer1.0-plugins-bad'],
);

/** Writes AVI files: the peer of the bench. */
export const GSTREAMER_WRITER = gstreamer(
  "GStreamer's AVI writer",
  ['fdsrc', 'jpegparse', 'avimux', 'filesink'],
  ['gstreamer1.0-plugins-good', 'gstreamer1.0-plugins-bad'],
);

const CACHE = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'csi-cameras');
const UNPACK_PROMTOOL = 'scripts/unpack-promtool.sh';
const UNPACKED_PROMTOOL = join(CACHE, 'promtool');

/** The program of Prometheus that checks metrics, rules and configurations: the one on `PATH`, or the one that was unpacked. */
export const promtoolPath = () => (lacksProgram('promtool', '--version') ? UNPACKED_PROMTOOL : 'promtool');

/** Reads metrics, alert rules and the scrape job. Its package is not installed, because that would start a server. */
export const PROMTOOL = {
  ...reader('promtool', [], () => (lacksProgram(promtoolPath(), '--version') ? 'promtool' : undefined)),
  howTo: UNPACK_PROMTOOL,
};

/** Reads units, and passes on what a service says. Nothing of it is run but these two programs: they start nothing. */
export const SYSTEMD = reader(
  'systemd',
  ['systemd'],
  () => lacksProgram('systemd-analyze', '--version') ?? lacksProgram('systemd-notify', '--version'),
);

/** Shows the monitor's page, and is driven by Playwright. */
export const CHROMIUM = reader('Chromium', ['chromium'], () => lacksProgram('chromium', '--version'));

/** The other versions of Node that `engines` promises. The tests run with 20. */
export const OTHER_NODES = [22, 24, 26].map((version) => join(CACHE, `node-${version}`));

/** They run the package. */
export const NODES = {
  ...reader('Node 22, 24 and 26', [], () => OTHER_NODES.find((node) => lacksProgram(node, '--version'))),
  howTo: 'scripts/get-nodes.sh',
};

const ALL = [
  PYTHON3,
  FFMPEG,
  MEDIAINFO,
  OPENCV,
  PANDAS,
  JSONSCHEMA,
  CURL,
  JQ,
  GSTREAMER,
  GSTREAMER_LIBRARY,
  GSTREAMER_JPEG,
  GSTREAMER_WRITER,
  PROMTOOL,
  CHROMIUM,
  SYSTEMD,
  NODES,
];

/**
 * What is missing of a reader and how to get it, in one sentence. `undefined`: nothing is missing.
 *
 * @param {Reader} of
 * @returns {string | undefined}
 */
export function missingText(of) {
  const lacking = of.lacks();
  if (lacking === undefined) return undefined;
  return `${of.name} cannot be used: ${lacking} is missing (${of.howTo}).`;
}

/**
 * @param {string} name
 * @param {readonly string[]} packages
 * @param {() => string | undefined} look
 * @returns {Reader}
 */
function reader(name, packages, look) {
  /** @type {{ lacking: string | undefined } | undefined} */
  let seen;
  // A look starts a program: one is enough.
  const lacks = () => (seen ??= { lacking: look() }).lacking;
  return { name, packages, lacks, howTo: `sudo apt install ${packages.join(' ')}` };
}

/**
 * @param {string} name
 * @param {readonly string[]} elements
 * @param {readonly string[]} packages with those elements
 * @param {() => string | undefined} [lacksMore]
 * @returns {Reader}
 */
function gstreamer(name, elements, packages, lacksMore = () => undefined) {
  return reader(name, ['gstreamer1.0-tools', ...packages], () => {
    const program = lacksProgram('gst-launch-1.0', '--version') ?? lacksProgram('gst-inspect-1.0', '--version');
    if (program !== undefined) return program;
    const element = elements.find((one) => spawnSync('gst-inspect-1.0', ['--exists', one]).status !== 0);
    return element === undefined ? lacksMore() : `the element ${element}`;
  });
}

/** @param {string} program @param {string} option with which it says something and does nothing */
function lacksProgram(program, option) {
  return spawnSync(program, [option]).status === 0 ? undefined : program;
}

/** @param {string} what @param {string} script ends well where it is there; an assertion says what of it is missing */
function lacksPython(what, script) {
  const { status, stderr } = spawnSync(PYTHON, ['-c', script], { encoding: 'utf8' });
  if (status === 0) return undefined;
  const part = /^AssertionError: (.+)$/m.exec(stderr ?? '')?.[1];
  return part === undefined ? `${what} for ${PYTHON}` : part;
}

function main() {
  if (process.argv[2] === '--promtool') {
    process.stdout.write(`${UNPACKED_PROMTOOL}\n`);
    return;
  }
  if (process.argv[2] === '--nodes') {
    process.stdout.write(`${CACHE}\n`);
    return;
  }
  if (process.argv[2] === '--scripts') {
    const fetched = ALL.filter(({ packages, lacks }) => packages.length === 0 && lacks() !== undefined);
    for (const { howTo } of fetched) process.stdout.write(`${howTo}\n`);
    return;
  }
  const missing = ALL.filter((one) => one.lacks() !== undefined);
  if (process.argv[2] === '--packages') {
    for (const name of new Set(missing.flatMap(({ packages }) => packages))) process.stdout.write(`${name}\n`);
    return;
  }
  for (const one of ALL) process.stdout.write(`${missingText(one) ?? `${one.name} is there.`}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();

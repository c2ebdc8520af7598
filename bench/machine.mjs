// @ts-check
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cpus, freemem, release, totalmem, type as systemName } from 'node:os';
import { MB } from './units.mjs';

/** What the figures were measured on. */

/**
 * @typedef {object} Machine
 * @property {string} cpu
 * @property {number} cores
 * @property {number} memoryMb
 * @property {string} kernel
 * @property {string} node
 * @property {string | null} ffmpeg `null`: not installed
 * @property {string | null} gstreamer
 * @property {string} module its version and, from a checkout, the commit (`+`: with changes that are in none)
 */

/**
 * @param {{ ffmpeg: string | undefined, gstreamer: string | undefined, module: string }} programs names or paths; `module`: the
 *   measured build's main script
 * @returns {Machine}
 */
export function describeMachine({ ffmpeg, gstreamer, module }) {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryMb: Math.round(totalmem() / MB),
    kernel: `${systemName()} ${release()}`,
    node: process.version,
    ffmpeg: ffmpeg === undefined ? null : versionOf(ffmpeg, '-version', /^ffmpeg version (\S+)/),
    gstreamer: gstreamer === undefined ? null : versionOf(gstreamer, '--version', /version (\S+)/),
    module: moduleVersion(module),
  };
}

/**
 * @param {string} script the built main script
 * @returns {string}
 */
export function moduleVersion(script) {
  const folder = packageFolder(dirname(script));
  if (folder === undefined) return 'unknown';
  const { version } = /** @type {{ version: string }} */ (
    JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  );
  const commit = git(folder, 'rev-parse', '--short', 'HEAD');
  if (commit === undefined) return version;
  // Results that were just written are no change of what is measured.
  const changes = git(folder, 'status', '--porcelain', '--', 'src', 'package-lock.json');
  return `${version} ${commit}${changes === '' ? '' : '+'}`;
}

/** @param {string} from @returns {string | undefined} */
function packageFolder(from) {
  if (existsSync(join(from, 'package.json'))) return from;
  return dirname(from) === from ? undefined : packageFolder(dirname(from));
}

/** @param {string} folder @param {string[]} args */
function git(folder, ...args) {
  const { status, stdout } = spawnSync('git', ['-C', folder, ...args], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/**
 * The program's first line about itself, or `undefined` where it cannot be run.
 *
 * @param {string} program
 * @param {string} option
 * @returns {string | undefined}
 */
export function firstLineOf(program, option) {
  const { status, stdout } = spawnSync(program, [option], { encoding: 'utf8' });
  return status === 0 ? stdout.split('\n', 1)[0] : undefined;
}

/** @param {string} program @param {string} option @param {RegExp} pattern */
function versionOf(program, option, pattern) {
  const line = firstLineOf(program, option) ?? '';
  return pattern.exec(line)?.[1] ?? line;
}

/**
 * The type of the file system that a folder is in, as the kernel names it (`ext4`, `tmpfs`).
 *
 * @param {string} folder
 * @returns {string}
 */
export function fileSystemOf(folder) {
  return fileSystemIn(readFileSync('/proc/self/mounts', 'utf8'), realpathSync(folder));
}

/**
 * @param {string} mounts `/proc/self/mounts`: device, mount point, type, ...; the last of equal ones is on top
 * @param {string} path absolute
 * @returns {string}
 */
export function fileSystemIn(mounts, path) {
  let best = { point: '', type: 'unknown' };
  for (const line of mounts.split('\n')) {
    const [, escaped = '', type = ''] = line.split(' ');
    const point = escaped.replaceAll('\\040', ' ');
    const isAbove = point === '/' || path === point || path.startsWith(`${point}/`);
    if (point !== '' && isAbove && point.length >= best.point.length) best = { point, type };
  }
  return best.type;
}

/**
 * Bytes that may be written to a folder without harm. A file system in memory takes from all programs: half of what
 * is free there is left to them.
 *
 * @param {string} folder
 * @returns {number}
 */
export function roomIn(folder) {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  return fileSystemOf(folder) === 'tmpfs' ? Math.min(free, availableMemory() / 2) : free;
}

/** Bytes that programs can still have (MemAvailable; the caches give way). */
function availableMemory() {
  const kibibytes = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
  return kibibytes === undefined ? freemem() : Number(kibibytes) * 1024;
}

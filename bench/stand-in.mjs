// @ts-check
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepareFeed } from './feed.mjs';
import { MIB } from './units.mjs';

/** Stand-ins for rpicam-vid, one a camera, and the configuration that makes the module take them. */

const BUFFER_BYTES = 64 * MIB;
const NEVER_MS = 600_000;
const PATIENCE_MS = 60_000;

/**
 * @typedef {object} StandIns
 * @property {readonly import('./feed.mjs').Feed[]} feeds one a camera
 * @property {string} config path of the module's configuration
 */

/**
 * @param {string} folder for what belongs to them
 * @param {number} cameras
 * @param {Omit<Parameters<typeof prepareFeed>[1], 'metadata' | 'trickle'>} what each camera sends
 * @returns {StandIns}
 */
export function prepareStandIns(folder, cameras, what) {
  const feeds = Array.from({ length: cameras }, (_, index) => {
    const own = join(folder, `camera${index}`);
    mkdirSync(own);
    return prepareFeed(own, { ...what, metadata: true, trickle: true });
  });
  const tool = writeCaptureTool(folder, feeds);
  return { feeds, config: writeConfiguration(folder, tool, what) };
}

/**
 * @param {string} folder
 * @param {readonly import('./feed.mjs').Feed[]} feeds
 * @returns {string} path of a program that gives the feed of the camera which `--camera` names
 */
function writeCaptureTool(folder, feeds) {
  const path = join(folder, 'capture-tool');
  const cases = feeds.map(({ command }, index) => `${index}) exec ${command.map(quoted).join(' ')} ;;`);
  const script = [
    '#!/bin/sh',
    'while [ "$#" -gt 1 ] && [ "$1" != --camera ]; do shift; done',
    'case "$2" in',
    ...cases,
    'esac',
    'exit 1',
    '',
  ];
  writeFileSync(path, script.join('\n'), { mode: 0o755 });
  return path;
}

/** @param {string} word */
const quoted = (word) => `'${word.replaceAll("'", String.raw`'\''`)}'`;

/**
 * @param {string} folder
 * @param {string} tool
 * @param {{ fps: number, paced: boolean }} what
 * @returns {string} path of the configuration
 */
function writeConfiguration(folder, tool, { fps, paced }) {
  const path = join(folder, 'config.json');
  const config = {
    camera: { tool, fps, frameTimeoutMs: PATIENCE_MS, firstFrameTimeoutMs: PATIENCE_MS },
    // A replay can wait for the disk, a camera cannot.
    ...(paced ? {} : { buffer: { maxBytes: BUFFER_BYTES, whenFull: 'pauseSource' } }),
    // The stream ends, which is a lost camera: it need not come back.
    reconnect: { firstDelayMs: NEVER_MS, maxDelayMs: NEVER_MS },
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}

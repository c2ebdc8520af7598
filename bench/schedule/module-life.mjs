// @ts-check
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { FPS } from '../frames.mjs';
import { ModuleHost } from '../module-host.mjs';
import { prepareStandIns } from '../stand-in.mjs';
import { supplyMemory } from './memory-supply.mjs';
import { lengthS, watchWindow } from './watch-window.mjs';

/**
 * One life of a built module with one camera: first without the camera, then streaming, then recording, each watched for a window. It takes
 * nothing but the host protocol, so that builds of other revisions can be measured too.
 */

/** @typedef {import('./watch-window.mjs').Timing} Timing */
/** @typedef {import('./window.mjs').WindowCost} WindowCost */

/** @typedef {'idle' | 'streaming' | 'recording'} State */
/** When each state is watched; `null`: not at all. @typedef {{ idle: Timing | null, streaming: Timing | null, recording: Timing }} LifeTimings */

/**
 * @typedef {object} LifeCosts
 * @property {WindowCost | null} idle
 * @property {WindowCost | null} streaming
 * @property {WindowCost} recording
 * @property {number} lost frames that the recording lacks
 */

const ANSWER_LIMIT_MS = 15_000;
/** More than a life needs: the module ends its stand-in. */
const FRAMES = 1_000_000;
const LOSSES = ['dropped', 'skipped', 'source_gaps'];

/**
 * @param {string} folder empty; what lies in it afterwards is the caller's to remove
 * @param {{ module: string, frames: import('../frames.mjs').FrameSet, timings: LifeTimings }} settings `module`: its built main script
 * @returns {Promise<LifeCosts>}
 */
export async function moduleLife(folder, { module, frames, timings }) {
  const { feeds, config } = prepareStandIns(folder, 1, { files: frames.files, frames: FRAMES, fps: FPS, paced: true });
  const session = join(folder, 'session_bench');
  mkdirSync(session);
  const host = new ModuleHost(module, ['--log-dir', join(folder, 'logs'), '--config-path', config]);
  const watchedOrNull = (/** @type {Timing | null} */ timing) =>
    timing === null ? null : watchWindow(host.pid, timing);
  try {
    await host.next('ready', ANSWER_LIMIT_MS);
    const idle = await watchedOrNull(timings.idle);
    host.send('assign_device', { device_id: 'picam:0', session_dir: session });
    await host.next('device_ready', ANSWER_LIMIT_MS);
    for (const feed of feeds) feed.go();
    const streaming = await watchedOrNull(timings.streaming);
    const memory = supplyMemory(frames.meanBytes * FPS, lengthS(timings.recording));
    try {
      host.send('start_recording', { trial_number: 1 });
      await host.next('recording_started', ANSWER_LIMIT_MS);
      const recording = await watchWindow(host.pid, timings.recording);
      host.send('stop_recording');
      const { message } = await host.next('recording_stopped', ANSWER_LIMIT_MS);
      const lost = LOSSES.reduce((sum, name) => sum + Number(message.data[name] ?? 0), 0);
      return { idle, streaming, recording, lost };
    } finally {
      memory.release();
    }
  } finally {
    await host.quit();
  }
}

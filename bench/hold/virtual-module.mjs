// @ts-check
import { mkdirSync, writeFileSync } from 'node:fs';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ModuleHost } from '../module-host.mjs';

/** The module with virtual cameras, as a host in the field loads it. Several share a session directory and nothing else. */

const ANSWER_LIMIT_MS = 30_000;
const LOG_LIMIT_MS = 5_000;
const LOOK_AGAIN_MS = 50;
/** A second and more at 60 frames a second: a process that stands still on a shared machine is not what is judged. */
const SOURCE_BUFFERS = 64;

/**
 * @typedef {object} VirtualSettings
 * @property {string} module its built main script
 * @property {number} fps
 * @property {{ width: number, height: number } | undefined} size `undefined`: the widest view
 * @property {readonly string[]} [args] further flags
 * @property {readonly string[]} [nodeOptions]
 * @property {Readonly<Record<string, string>>} [environment]
 */

export class VirtualModule {
  /**
   * @param {ModuleHost} host
   * @param {string} logs folder
   * @param {readonly string[]} devices
   */
  constructor(host, logs, devices) {
    this.host = host;
    this.logs = logs;
    this.devices = devices;
  }

  /**
   * Launches a module and assigns its cameras, all of which are the first virtual one.
   *
   * @param {string} folder for its logs and its configuration
   * @param {readonly string[]} devices
   * @param {string} sessionDir
   * @param {VirtualSettings} settings
   */
  static async launch(folder, devices, sessionDir, { module, fps, size, args = [], nodeOptions, environment }) {
    mkdirSync(folder, { recursive: true });
    const [config, logs] = [join(folder, 'config.json'), join(folder, 'logs')];
    const camera = { fps, bufferCount: SOURCE_BUFFERS, ...size };
    writeFileSync(config, JSON.stringify({ simulate: true, camera }));
    const host = new ModuleHost(
      module,
      ['--log-dir', logs, '--config-path', config, ...args],
      nodeOptions,
      environment,
    );
    const launched = new VirtualModule(host, logs, devices);
    try {
      await host.next('ready', ANSWER_LIMIT_MS);
      for (const device of devices) {
        host.send('assign_device', { device_id: device, camera_index: 0, session_dir: sessionDir });
        await host.next('device_ready', ANSWER_LIMIT_MS);
      }
    } catch (thrown) {
      await host.quit();
      throw thrown;
    }
    return launched;
  }

  /** @param {number} trial */
  async started(trial) {
    this.host.send('start_recording', { trial_number: trial });
    await this.host.nextOfEach('recording_started', this.devices.length, ANSWER_LIMIT_MS);
  }

  /** @param {string} status @param {string} device @param {number} [count] waits for the so many-th */
  async heardOf(status, device, count = 1) {
    const found = await this.host.find(ANSWER_LIMIT_MS, `${status} of ${device}`, (messages) => {
      const fitting = messages.filter((one) => one.status === status && one.data['device_id'] === device);
      return fitting[count - 1];
    });
    return found.data;
  }

  /** What was told of a camera, heartbeats aside. @param {string} device */
  statusesOf(device) {
    return this.host.heard.filter(({ data }) => data['device_id'] === device);
  }

  /**
   * The process that captures for a camera. The log names it.
   *
   * @param {string} device
   * @returns {Promise<number>} pid
   */
  async capturePid(device) {
    const endMs = performance.now() + LOG_LIMIT_MS;
    for (;;) {
      const started = this.logLines().filter(({ msg }) => msg === 'The capture process started.');
      const pid = started.findLast((line) => line['device'] === device)?.['pid_'];
      if (typeof pid === 'number') return pid;
      if (performance.now() > endMs) throw new Error(`${this.logs} names no capture process of ${device}.`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
  }

  /** @returns {Readonly<Record<string, unknown>>[]} of csicameras.log */
  logLines() {
    const lines = readFileSync(join(this.logs, 'csicameras.log'), 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => /** @type {Record<string, unknown>} */ (JSON.parse(line)));
  }

  /** Frames that are recorded, as the last heartbeat told. */
  framesSoFar() {
    const beat = this.host.heard.findLast(({ status }) => status === 'heartbeat');
    const cameras = /** @type {{ recording: { frames: number } | null }[]} */ (beat?.data['cameras'] ?? []);
    return cameras.reduce((total, { recording }) => total + (recording?.frames ?? 0), 0);
  }
}

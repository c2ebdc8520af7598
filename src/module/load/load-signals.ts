import { join } from 'node:path';
import { realFileSystem, type FileSystem } from '../../core/file-system.js';
import type { LoadFigures } from './load-judgement.js';

/** What the process and the machine say of themselves. */
export type MachineFigures = Pick<LoadFigures, 'eventLoopDelayMs' | 'temperatureC' | 'isUnderVoltage'>;

/** Measures the process and the machine: a seam, so that a test can say how they are. */
export interface LoadSignals {
  /** Begins to measure. */
  open(): void;
  /** What was measured since the last call. At once: what has to be waited for is as old as the last call. */
  read(): MachineFigures;
  /** Ends measuring. Twice is once. */
  close(): void;
}

/** Period of the timer that is watched for being late, ms. */
const TICK_MS = 50;

interface Sensors {
  /** Files in thousandths of a degree Celsius (kernel: Documentation/driver-api/thermal/sysfs-api.rst). */
  readonly temperatures: readonly string[];
  /** Files that say 1 while a Raspberry Pi's supply is too low (kernel: drivers/hwmon/raspberrypi-hwmon.c). */
  readonly alarms: readonly string[];
}

/**
 * The event loop's delay and, where the machine has them, thermal zones and the Raspberry Pi's under-voltage alarm.
 * Nothing here waits: sysfs is read in the background, one reading at a time.
 */
export class SystemLoadSignals implements LoadSignals {
  #ticker: NodeJS.Timeout | null = null;
  #lastTickMs = 0;
  #longestGapMs = 0;
  #sensors: Promise<Sensors> | null = null;
  #isReading = false;
  #machine: Pick<MachineFigures, 'temperatureC' | 'isUnderVoltage'> = { temperatureC: null, isUnderVoltage: null };

  /** `sysPath`: where sysfs is. */
  constructor(
    private readonly sysPath = '/sys',
    private readonly fileSystem: FileSystem = realFileSystem,
  ) {}

  open(): void {
    if (this.#ticker !== null) return;
    this.#lastTickMs = performance.now();
    // Not `monitorEventLoopDelay`: its `reset` forgets the last tick too, and so the stall that begins right after it.
    this.#ticker = setInterval(() => {
      this.#tick();
    }, TICK_MS).unref();
  }

  read(): MachineFigures {
    const eventLoopDelayMs = Math.max(0, this.#longestGapMs - TICK_MS);
    this.#longestGapMs = 0;
    void this.refresh(); // never rejects
    return { eventLoopDelayMs, ...this.#machine };
  }

  close(): void {
    if (this.#ticker !== null) clearInterval(this.#ticker);
    this.#ticker = null;
    this.#longestGapMs = 0;
  }

  #tick(): void {
    const nowMs = performance.now();
    this.#longestGapMs = Math.max(this.#longestGapMs, nowMs - this.#lastTickMs);
    this.#lastTickMs = nowMs;
  }

  /** Reads the sensors for the next `read`. A reading that a stuck disk holds up is not begun again. Never rejects. */
  async refresh(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    this.#sensors ??= this.#findSensors();
    const { temperatures, alarms } = await this.#sensors;
    const [millidegrees, voltages] = await Promise.all([this.#numbersIn(temperatures), this.#numbersIn(alarms)]);
    this.#machine = {
      temperatureC: millidegrees.length === 0 ? null : Math.max(...millidegrees) / 1_000,
      isUnderVoltage: voltages.length === 0 ? null : voltages.includes(1),
    };
    this.#isReading = false;
  }

  async #findSensors(): Promise<Sensors> {
    const zones = await this.#entries('class/thermal', 'thermal_zone');
    const monitors = await this.#entries('class/hwmon', 'hwmon');
    const alarms: string[] = [];
    for (const monitor of monitors) {
      const name = await this.#textOf(join(monitor, 'name'));
      if (name.trim() === 'rpi_volt') alarms.push(join(monitor, 'in0_lcrit_alarm'));
    }
    return { temperatures: zones.map((zone) => join(zone, 'temp')), alarms };
  }

  async #entries(folder: string, prefix: string): Promise<readonly string[]> {
    const path = join(this.sysPath, folder);
    try {
      return (await this.fileSystem.readdir(path))
        .filter((name) => name.startsWith(prefix))
        .map((name) => join(path, name));
    } catch {
      return []; // a machine without such sensors
    }
  }

  async #numbersIn(paths: readonly string[]): Promise<readonly number[]> {
    const texts = await Promise.all(paths.map((path) => this.#textOf(path)));
    return texts
      .filter((text) => text.trim() !== '')
      .map(Number)
      .filter(Number.isFinite);
  }

  /** '' where it cannot be read: a zone that is switched off answers with an error. */
  async #textOf(path: string): Promise<string> {
    try {
      const file = await this.fileSystem.open(path);
      try {
        return await file.readFile('utf8');
      } finally {
        await file.close();
      }
    } catch {
      return '';
    }
  }
}

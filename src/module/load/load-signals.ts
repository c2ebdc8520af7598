import { join } from 'node:path';
import { realFileSystem, type FileSystem } from '../../core/file-system.js';
import type { LoadFigures } from './load-judgement.js';

/** The figures that come from the process and the machine. */
export type MachineFigures = Pick<LoadFigures, 'eventLoopDelayMs' | 'temperatureC' | 'isUnderVoltage'>;

/** Measures the process and the machine. An interface, so that a test can set the figures. */
export interface LoadSignals {
  /** Starts measuring. */
  open(): void;
  /** The figures since the last call. Returns at once, so the sensors were read at the time of the last call. */
  read(): MachineFigures;
  /** Stops measuring. May be called twice. */
  close(): void;
}

/**
 * Period of the timer whose lateness is measured, ms. Each tick wakes a process that has nothing else to do. Of a stall in which the
 * process did not run at all (stopped, or too little CPU) up to a period is not seen.
 */
const TICK_MS = 100;
/** Timers are this late without anything that held them up, ms. */
const ORDINARY_LATENESS_MS = 10;

interface Sensors {
  /** Files with thousandths of a degree Celsius (kernel: Documentation/driver-api/thermal/sysfs-api.rst). */
  readonly temperatures: readonly string[];
  /** Files with a 1 while a Raspberry Pi's supply voltage is too low (kernel: drivers/hwmon/raspberrypi-hwmon.c). */
  readonly alarms: readonly string[];
}

/**
 * Measures the event loop's delay and, if the machine has them, the thermal zones and the Raspberry Pi's under-voltage
 * alarm. `read` never waits: sysfs is read in the background, one reading at a time.
 */
export class SystemLoadSignals implements LoadSignals {
  #ticker: NodeJS.Timeout | null = null;
  #lastTickMs = 0;
  #usedAtLastTick = performance.eventLoopUtilization();
  #longestDelayMs = 0;
  #sensors: Promise<Sensors> | null = null;
  #isReading = false;
  #machine: Pick<MachineFigures, 'temperatureC' | 'isUnderVoltage'> = { temperatureC: null, isUnderVoltage: null };

  /** `sysPath`: the mount point of sysfs. */
  constructor(
    private readonly sysPath = '/sys',
    private readonly fileSystem: FileSystem = realFileSystem,
  ) {}

  open(): void {
    if (this.#ticker !== null) return;
    this.#beginTick();
    // `monitorEventLoopDelay` is not used: its `reset` forgets the last tick, so it misses a stall that starts then.
    this.#ticker = setInterval(() => {
      this.#tick();
    }, TICK_MS).unref();
  }

  read(): MachineFigures {
    const eventLoopDelayMs = this.#longestDelayMs;
    this.#longestDelayMs = 0;
    void this.refresh(); // never rejects
    return { eventLoopDelayMs, ...this.#machine };
  }

  close(): void {
    if (this.#ticker !== null) clearInterval(this.#ticker);
    this.#ticker = null;
    this.#longestDelayMs = 0;
  }

  /**
   * What held up a late tick may have begun before it was due. It was not longer than the loop was busy since the tick before.
   */
  #tick(): void {
    const lateMs = performance.now() - this.#lastTickMs - TICK_MS;
    const { active: busyMs } = performance.eventLoopUtilization(this.#usedAtLastTick);
    this.#beginTick();
    if (lateMs < ORDINARY_LATENESS_MS) return;
    const delayMs = Math.max(lateMs, Math.min(busyMs, lateMs + TICK_MS));
    this.#longestDelayMs = Math.max(this.#longestDelayMs, delayMs);
  }

  #beginTick(): void {
    this.#lastTickMs = performance.now();
    this.#usedAtLastTick = performance.eventLoopUtilization();
  }

  /** Reads the sensors for the next `read`. Does nothing while an earlier reading is still stuck. Never rejects. */
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

  /** Returns '' if the file cannot be read. A thermal zone that is switched off returns an error. */
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

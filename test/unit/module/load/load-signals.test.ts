import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SystemLoadSignals } from '../../../../src/module/load/load-signals.js';
import { temporaryFolder } from '../../../harness/temporary-folder.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let signals: SystemLoadSignals;

beforeEach(async () => {
  folder = await temporaryFolder();
  signals = new SystemLoadSignals(folder.path);
});

afterEach(async () => {
  signals.close();
  signals.close();
  await folder.remove();
});

async function sensor(path: string, files: Readonly<Record<string, string>>): Promise<string> {
  const directory = join(folder.path, 'class', path);
  await mkdir(directory, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  return directory;
}

describe('the machine’s sensors', () => {
  it('are not there on a machine without them', async () => {
    await signals.refresh();
    expect(signals.read()).toEqual({ eventLoopDelayMs: 0, temperatureC: null, isUnderVoltage: null });
  });

  it('give the hottest zone in degrees and the supply’s alarm', async () => {
    await sensor('thermal/thermal_zone0', { temp: '61347\n' });
    const hottest = await sensor('thermal/thermal_zone1', { temp: '82500\n' });
    await sensor('thermal/cooling_device0', { temp: '99999\n' });
    await sensor('hwmon/hwmon0', { name: 'cpu_thermal\n', in0_lcrit_alarm: '0\n' });
    const supply = await sensor('hwmon/hwmon1', { name: 'rpi_volt\n', in0_lcrit_alarm: '1\n' });
    await signals.refresh();
    expect(signals.read()).toMatchObject({ temperatureC: 82.5, isUnderVoltage: true });
    await writeFile(join(hottest, 'temp'), '50000\n');
    await writeFile(join(supply, 'in0_lcrit_alarm'), '0\n');
    await signals.refresh();
    await signals.refresh();
    expect(signals.read()).toMatchObject({ temperatureC: 61.347, isUnderVoltage: false });
  });

  it('are left out one by one when they cannot be read', async () => {
    await sensor('thermal/thermal_zone0', { temp: '40000\n' });
    const broken = await sensor('thermal/thermal_zone1', { temp: 'no number\n' });
    await sensor('hwmon/hwmon0', {});
    await signals.refresh();
    expect(signals.read()).toMatchObject({ temperatureC: 40, isUnderVoltage: null });
    await rm(broken, { recursive: true });
    await signals.refresh();
    expect(signals.read()).toMatchObject({ temperatureC: 40 });
  });
});

describe('the event loop’s delay', () => {
  /** Holds up the loop. */
  function hold(ms: number): void {
    const until = performance.now() + ms;
    while (performance.now() < until);
  }

  it('is how long the loop was held up since the last reading', async () => {
    signals.open();
    signals.open();
    expect(signals.read().eventLoopDelayMs).toBe(0);
    hold(300);
    await sleep(20);
    expect(signals.read().eventLoopDelayMs).toBeGreaterThan(290);
    expect(signals.read().eventLoopDelayMs).toBe(0);
  });

  it('counts all of a stall that began before the timer was due', async () => {
    signals.open();
    await sleep(50);
    hold(150); // the timer is 100 ms late
    await sleep(20);
    expect(signals.read().eventLoopDelayMs).toBeGreaterThan(140);
  });

  it('does not count the time in which the loop waited', async () => {
    signals.open();
    await sleep(160);
    const beganMs = performance.now();
    hold(60); // the timer is 20 ms late
    await sleep(20);
    const { eventLoopDelayMs } = signals.read();
    expect(eventLoopDelayMs).toBeLessThan(performance.now() - beganMs + 10);
  });
});

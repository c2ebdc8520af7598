import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { SystemLoadSignals, type LoadSignals } from '../../../../src/module/load/load-signals.js';
import type { MockHost } from '../../../harness/mock-host.js';
import { waitForFrames } from '../../../harness/whole-recording.js';
import type { FaultRow, Theme } from '../fault-row.js';
import { readLogs } from '../read-logs.js';
import type { Rig } from '../rig.js';
import { assign, record, recordingChild, stop, until } from '../steps.js';

/** Twice a second for six seconds the process stands still for this long: two fifths of the CPU are gone. */
const STALL_MS = 300;

async function loadOf(
  host: MockHost,
): Promise<{ readonly level: string; readonly temperature: number | null; readonly isUnderVoltage: boolean | null }> {
  const { data } = await host.expect('status_report', { command: 'get_status' });
  return { level: data.load_level, temperature: data.load.temperature_c, isUnderVoltage: data.load.under_voltage };
}

/** A sysfs of the row's own, as a Raspberry Pi's kernel lays it out. */
async function sysfs(
  rig: Rig,
): Promise<{ readonly path: string; readonly write: (name: string, text: string) => Promise<void> }> {
  const path = join(rig.folder, 'sys');
  const write = async (name: string, text: string): Promise<void> => {
    await mkdir(join(path, name, '..'), { recursive: true });
    await writeFile(join(path, name), text);
  };
  await write('class/thermal/thermal_zone0/temp', '52000\n');
  await write('class/hwmon/hwmon0/name', 'rpi_volt\n');
  await write('class/hwmon/hwmon0/in0_lcrit_alarm', '0\n');
  return { path, write };
}

/** The sensors alone: this process runs other rows too, and is late for reasons of its own. */
function sensorsIn(path: string): LoadSignals {
  const signals = new SystemLoadSignals(path);
  return {
    open: () => {
      signals.open();
    },
    read: () => ({ ...signals.read(), eventLoopDelayMs: 0 }),
    close: () => {
      signals.close();
    },
  };
}

/** Above this the disk's delay keeps the level up (`load-level.ts`), ms. */
const WRITE_DELAY_MS = 150;

/** Whether the level is normal again. False, after a while, where the disk of this machine is what keeps it up. */
async function comesBack(host: MockHost): Promise<boolean> {
  let isDiskLate = false;
  try {
    await until('the normal level', async () => {
      const { data } = await host.expect('status_report', { command: 'get_status' });
      isDiskLate ||= data.load.write_delay_ms > WRITE_DELAY_MS;
      return data.load_level === 'normal';
    });
    return true;
  } catch (thrown) {
    if (isDiskLate) return false;
    throw thrown;
  }
}

interface Sensor {
  readonly fault: string;
  readonly injected: string;
  readonly file: string;
  readonly bad: string;
  readonly good: string;
  readonly isSeen: (load: Awaited<ReturnType<typeof loadOf>>) => boolean;
}

const sensor = ({ fault, injected, file, bad, good, isSeen }: Sensor): FaultRow => ({
  fault,
  injected: `${injected} (no such hardware here: in process, at the kernel's own sysfs files under another path)`,
  expected:
    'load level previewThinned, in the status and once in the log with the figure; taken back when it is over; no frame lost',
  isLong: true,
  async run(rig) {
    const { path, write } = await sysfs(rig);
    const host = await rig.inProcess({ dependencies: { loadSignals: sensorsIn(path) } });
    await assign(host);
    await record(host, rig.session());
    await write(file, bad);
    const at = Date.now();
    await until('the load level', async () => {
      const load = await loadOf(host);
      return load.level !== 'normal' && isSeen(load);
    });
    const detectMs = Date.now() - at;
    await write(file, good);
    const overAt = Date.now();
    const isNormal = await comesBack(host);
    const recoverMs = Date.now() - overAt;
    const stopped = await stop(host);
    assert.deepEqual([stopped.reason, stopped.dropped], ['command', 0]);
    const then = isNormal ? 'normal' : 'kept up by the load of this machine';
    return {
      seen: `previewThinned, then ${then}; ${stopped.frames} frames`,
      detectMs,
      ...(isNormal ? { recoverMs } : {}),
    };
  },
});

const rows: readonly FaultRow[] = [
  sensor({
    fault: 'thermal throttling',
    injected: 'the thermal zone says 85 °C while recording, then 60 °C',
    file: 'class/thermal/thermal_zone0/temp',
    bad: '85000\n',
    good: '60000\n',
    isSeen: ({ temperature }) => temperature === 85,
  }),
  sensor({
    fault: 'under-voltage',
    injected: "the supply's monitor (rpi_volt) raises its alarm while recording, then lowers it",
    file: 'class/hwmon/hwmon0/in0_lcrit_alarm',
    bad: '1\n',
    good: '0\n',
    isSeen: ({ isUnderVoltage }) => isUnderVoltage === true,
  }),
  {
    fault: 'too little CPU',
    injected: `SIGSTOP to the module for ${STALL_MS} ms twice in a second and a half, for eight seconds, while recording`,
    expected:
      'the load level rises above normal, logged with its figures; nothing of the recording is dropped by us, no device_error',
    isLong: true,
    async run(rig) {
      const host = await recordingChild(rig);
      for (const endAt = Date.now() + 8000; Date.now() < endAt;) {
        host.process.kill('SIGSTOP');
        await pause(STALL_MS);
        host.process.kill('SIGCONT');
        await pause(450);
      }
      const { level } = await loadOf(host);
      assert.notEqual(level, 'normal');
      await waitForFrames(host, 20);
      const stopped = await stop(host);
      assert.deepEqual([stopped.reason, stopped.dropped], ['command', 0]);
      assert.equal(host.log.named('device_error').length, 0);
      const { application } = await readLogs(host.logDir);
      const changes = application.filter(({ msg }) => msg === 'Load level changed.');
      assert(changes.length > 0, 'a line for each change');
      return { seen: `${level}; ${changes.length} lines in the log; ${stopped.frames} frames` };
    },
  },
];

export const load: Theme = { title: 'Load', rows };

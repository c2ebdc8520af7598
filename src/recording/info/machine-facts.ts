import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { errnoOf } from '../../core/errors.js';
import type { FileSystem } from '../../core/file-system.js';
import { bootId } from '../../core/process-identity.js';

/** systemd-timesyncd makes it when the clock was set from a server since the boot. */
const SYNCHRONISED = '/run/systemd/timesync/synchronized';

/** What the info file tells of the machine's clock. */
export interface MachineFacts {
  /** The first 16 hexadecimal digits of the sha256 of the boot id; `null` where there is none. */
  readonly boot: string | null;
  /** `null`: unknown. Only systemd-timesyncd tells it in a file. */
  readonly synchronised: boolean | null;
}

/** Asks the running system, no disk. Never rejects. */
export async function readMachine(fileSystem: Pick<FileSystem, 'stat'>): Promise<MachineFacts> {
  const [boot, synchronised] = await Promise.all([hashBoot(), readSynchronised(fileSystem)]);
  return { boot, synchronised };
}

async function hashBoot(): Promise<string | null> {
  const id = (await bootId()).trim();
  return id === '' ? null : createHash('sha256').update(id).digest('hex').slice(0, 16);
}

async function readSynchronised(fileSystem: Pick<FileSystem, 'stat'>): Promise<boolean | null> {
  const isThere = async (path: string): Promise<boolean> => {
    try {
      await fileSystem.stat(path);
      return true;
    } catch (failure) {
      if (errnoOf(failure) === 'ENOENT') return false;
      throw failure;
    }
  };
  try {
    if (await isThere(SYNCHRONISED)) return true;
    return (await isThere(dirname(SYNCHRONISED))) ? false : null;
  } catch {
    return null;
  }
}

const THERMAL = '/sys/class/thermal';

/** The hottest thermal zone of the machine, degrees Celsius. `null`: it has none that tells. Never rejects. */
export async function readTemperature(fileSystem: Pick<FileSystem, 'open' | 'readdir'>): Promise<number | null> {
  try {
    const zones = (await fileSystem.readdir(THERMAL)).filter((name) => name.startsWith('thermal_zone'));
    const told = await Promise.all(zones.map((zone) => readNumber(fileSystem, join(THERMAL, zone, 'temp'))));
    const thousandths = told.filter((value) => value !== null);
    return thousandths.length === 0 ? null : Math.max(...thousandths) / 1_000;
  } catch {
    return null; // a machine without such sensors
  }
}

/** `null`: a zone that is switched off. */
async function readNumber(fileSystem: Pick<FileSystem, 'open'>, path: string): Promise<number | null> {
  try {
    const file = await fileSystem.open(path, 'r');
    try {
      const text = (await file.readFile('utf8')).trim();
      return text === '' || !Number.isFinite(Number(text)) ? null : Number(text);
    } finally {
      await file.close();
    }
  } catch {
    return null;
  }
}

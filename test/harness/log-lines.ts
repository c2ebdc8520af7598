import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export type LogLine = Readonly<Record<string, unknown>>;

interface LogLines {
  /** Of `csicameras.log`. */
  readonly application: readonly LogLine[];
  /** Of `frame_drops.jsonl`. */
  readonly drops: readonly LogLine[];
}

/** Messages about the module as a whole, or about all of its cameras at once. */
const OF_THE_MODULE = new Set(['Module started.', 'Shutting down.', 'Shutdown complete.', 'Load level changed.']);

export async function linesOf(logDir: string): Promise<LogLines> {
  const read = async (name: string): Promise<readonly LogLine[]> => {
    const text = await readFile(join(logDir, name), 'utf8').catch(() => ''); // nothing was dropped
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as LogLine);
  };
  return { application: await read('csicameras.log'), drops: await read('frame_drops.jsonl') };
}

/** Fails unless each line that is about a camera names one of these devices. */
export function expectProperLogs({ application, drops }: LogLines, devices: readonly string[]): void {
  const isNamed = (device: unknown): boolean => devices.some((known) => known === device);
  const nameless = application.filter(({ msg, device }) => !OF_THE_MODULE.has(String(msg)) && !isNamed(device));
  assert.deepEqual(nameless, [], 'lines that name no camera');
  assert.deepEqual(
    drops.filter(({ device_id: device }) => !isNamed(device)),
    [],
    'drops that name no camera',
  );
}

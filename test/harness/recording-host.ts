import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StatusData } from '../../src/protocol/statuses.js';
import { inProcessHost, type InProcessHost, type InProcessOptions } from './in-process-host.js';
import type { StatusOf } from './mock-host.js';

/** A host in process with the virtual camera streaming, ready to record. */
export async function recordingHost(options: InProcessOptions): Promise<InProcessHost> {
  const host = await inProcessHost({
    ...options,
    config: { camera: { width: 640, height: 480, fps: 60 }, recording: { minFreeBytes: 0 }, ...options.config },
  });
  await host.expect('device_ready', { command: 'assign_device', device_id: 'picam:0' });
  return host;
}

/** How a recording ended that nobody stopped: its one error, then its end. `from`: an index into what the host heard. */
export async function endByItself(
  host: InProcessHost,
  from = 0,
): Promise<{
  readonly error: StatusData<'recording_error'>;
  readonly stopped: StatusData<'recording_stopped'>;
  /** Every status from the error on. */
  readonly names: readonly string[];
}> {
  const stopped = await host.log.wait('recording_stopped', () => true, from);
  // Settled once the camera streams on and answers: then nothing more is to come.
  await host.expect('status_report', { command: 'get_status' });
  const heard = host.log.all.slice(from).filter(({ status }) => status !== 'heartbeat' && status !== 'status_report');
  const errors = heard.filter((status): status is StatusOf<'recording_error'> => status.status === 'recording_error');
  const [error] = errors;
  if (error === undefined || errors.length > 1) throw new Error(`${errors.length} errors: ${host.log.summary()}`);
  return {
    error: error.data,
    stopped: stopped.data,
    names: heard.slice(heard.indexOf(error)).map(({ status }) => status),
  };
}

/** The lines of one of the logs so far. Ends the host: only then everything is written. */
export async function loggedLines(host: InProcessHost, name: string): Promise<Record<string, unknown>[]> {
  await host.end();
  const text = await readFile(join(host.logDir, name), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

import type { LogLosses, LogSink } from '../logging/log-sink.js';
import type { Report } from '../protocol/statuses.js';

/**
 * Tells the host once that the logs cannot be written, and once that lines of them are being lost; `status()` goes on
 * counting those. Returns what is to be called now and then. Only lines lost from now on count.
 */
export function logWarnings(logs: Pick<LogSink, 'losses' | 'failure'>, report: (report: Report) => void): () => void {
  const lostBefore = total(logs.losses());
  const said = new Set<string>();
  const warn = (code: string, message: string): void => {
    if (said.has(code)) return;
    said.add(code);
    report({ status: 'warning', data: { code, message } });
  };
  return () => {
    const failure = logs.failure?.() ?? null;
    if (failure !== null) warn('logs_waiting', `The logs cannot be written, their lines wait in memory: ${failure}`);
    const lost = total(logs.losses()) - lostBefore;
    if (lost === 0) return;
    const why = 'the log directory is full, gone or not writable.';
    warn('logs_lost', `${lost} lines of the logs are lost so far: ${why}`);
  };
}

function total({ application, commands, drops }: LogLosses): number {
  return application + commands + drops;
}

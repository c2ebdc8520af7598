import type { LogLosses, LogSink } from '../logging/log-sink.js';
import type { Report } from '../protocol/statuses.js';
import type { WarningCode } from '../protocol/warnings.js';

/**
 * Warns the host once that the logs cannot be written, and once that log lines are lost. `status()` counts lost
 * lines all the time. Call the returned function regularly. Only lines lost after this call count.
 */
export function logWarnings(logs: Pick<LogSink, 'losses' | 'failure'>, report: (report: Report) => void): () => void {
  const lostBefore = total(logs.losses());
  const said = new Set<WarningCode>();
  const warn = (code: WarningCode, message: string): void => {
    if (said.has(code)) return;
    said.add(code);
    report({ status: 'warning', data: { code, message } });
  };
  return () => {
    const failure = logs.failure?.() ?? null;
    if (failure !== null) warn('logs_waiting', `The logs cannot be written and their lines wait in memory: ${failure}`);
    const lost = total(logs.losses()) - lostBefore;
    if (lost === 0) return;
    const why = 'The log directory is full, missing or not writable.';
    warn('logs_lost', `${lost} log lines are lost so far. ${why}`);
  };
}

function total({ application, commands, drops }: LogLosses): number {
  return application + commands + drops;
}

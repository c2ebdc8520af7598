import type { LogLosses, LogSink } from '../logging/log-sink.js';
import type { Report } from '../protocol/statuses.js';

/**
 * Tells the host once that lines of the logs are being lost; `status()` goes on counting them. Returns what is to be
 * called now and then. Only lines lost from now on count.
 */
export function lostLinesWarning(logs: Pick<LogSink, 'losses'>, report: (report: Report) => void): () => void {
  const lostBefore = total(logs.losses());
  let isSaid = false;
  return () => {
    if (isSaid) return;
    const lost = total(logs.losses()) - lostBefore;
    if (lost === 0) return;
    isSaid = true;
    const message = `${lost} lines of the logs are lost so far: the log directory is full, gone or not writable.`;
    report({ status: 'warning', data: { code: 'logs_lost', message } });
  };
}

function total({ application, commands, drops }: LogLosses): number {
  return application + commands + drops;
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/**
 * `error`: data was lost or a promise was broken. `warn`: that will happen if nobody acts. `info`: a step of the life
 * cycle.
 */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Writes a line to the application log. It never throws and never waits for the disk. */
export type Log = (level: LogLevel, message: string, context?: Readonly<Record<string, unknown>>) => void;

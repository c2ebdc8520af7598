export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** `error`: data was lost or a promise broken; `warn`: will be if nobody acts; `info`: a step of the life cycle. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Takes a line of the application log. Never throws, and never waits for the disk. */
export type Log = (level: LogLevel, message: string, context?: Readonly<Record<string, unknown>>) => void;

import { withResolve } from '../core/within.js';

/** The end that a person or the system asks for, of a command that owns a camera. */
export interface StopSignal {
  readonly promise: Promise<undefined>;
  /** What ended the work, for the log: the signal, else `stop`. */
  readonly reason: () => string;
  readonly isBySignal: () => boolean;
  /** Resolves `promise` without a signal. */
  readonly stop: () => void;
  readonly cancel: () => void;
}

/** Its promise resolves at the first Ctrl-C, SIGTERM or SIGHUP. */
export function stopSignal(): StopSignal {
  let reason = 'stop';
  const { promise, resolve: stop } = withResolve<undefined>();
  const onSignal = (signal: NodeJS.Signals): void => {
    reason = signal;
    stop(undefined);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return {
    promise,
    reason: () => reason,
    isBySignal: () => reason !== 'stop',
    stop: () => {
      stop(undefined);
    },
    cancel: () => {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}

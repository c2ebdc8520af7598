import { CsiCamerasError, ERROR_ADVICE, type ErrorContext } from '../../core/errors.js';

/** `capture_failed` with advice for a still. The usual advice names a log, which a still does not write. */
export function stillError(whatHappened: string, context: ErrorContext = {}): CsiCamerasError {
  return new CsiCamerasError('capture_failed', `${whatHappened} ${ADVICE}`, context);
}

/** The same error with that advice. */
export function withStillAdvice(error: CsiCamerasError): CsiCamerasError {
  if (error.code !== 'capture_failed') return error;
  const message = error.message.replace(ERROR_ADVICE.capture_failed, ADVICE);
  return new CsiCamerasError(error.code, message, error.context, { cause: error });
}

const ADVICE = 'Try again; a reboot frees a camera that is stuck.';

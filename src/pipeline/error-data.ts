import { CsiCamerasError, messageOf } from '../core/errors.js';
import type { ErrorCode, ErrorData } from '../core/errors.js';

/** Anything that was thrown, as data: an error of ours keeps its code, another gets `otherwise`. */
export function errorDataOf(thrown: unknown, otherwise: ErrorCode): ErrorData {
  if (thrown instanceof CsiCamerasError) return thrown.toData();
  return { code: otherwise, message: messageOf(thrown), context: {} };
}

import { errorWithAdvice, type CsiCamerasError } from '../../core/errors.js';
import { isSameCamera } from '../../core/camera-id.js';
import type { LocatedCamera } from './camera-lookup.js';

/** What it means that the tool opened this camera. */
export type SensorCheck =
  | { readonly kind: 'expected' }
  /** The request names another one, by its id or its model. */
  | { readonly kind: 'wrong'; readonly error: CsiCamerasError }
  /** Only the index was asked for, so it is right; but the listing is of another one. */
  | { readonly kind: 'unlisted' };

/** Compares the id that the tool told with the camera that was looked up. Indices may have moved since it was listed. */
export function checkSensor({ index, requiredId, listed }: LocatedCamera, sensorId: string): SensorCheck {
  const expectedId = requiredId || (listed?.id ?? sensorId);
  if (isSameCamera(sensorId, expectedId)) return { kind: 'expected' };
  if (requiredId === '') return { kind: 'unlisted' };
  const what = `Camera ${index} is now ${sensorId}; expected ${requiredId}.`;
  return {
    kind: 'wrong',
    error: errorWithAdvice('camera_not_found', what, { wanted: requiredId, opened: sensorId }),
  };
}

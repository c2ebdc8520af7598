/**
 * A small picture, as most tests do not care about the view: the widest one of the virtual camera takes ten times as long
 * to draw. And a camera that can wait for a machine that stands still, as machines with many tenants do: 64 buffers are a second at 60
 * frames a second, the default of 12 a fifth of one. Frames that are lost at the source are for the tests that are about them.
 */
const PATIENT_CAMERA = { bufferCount: 64, width: 640, height: 480 };

/** The configuration with a patient camera and a small picture, unless it says otherwise. */
export function withPatientCamera(config: object): object {
  return { ...config, camera: { ...PATIENT_CAMERA, ...Reflect.get(config, 'camera') } };
}

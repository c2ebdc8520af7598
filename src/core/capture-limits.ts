/**
 * What a camera can be asked for. The configuration, the command line with its help, and the capture tool's arguments use
 * these ranges, so they cannot differ.
 */

/** Frames a second. The slowest rate is one frame in 200 s, for exposures of minutes. */
export const FPS_RANGE = { min: 0.005, max: 1000 } as const;

/** Width and height, pixels. Sensors and encoders end far below the largest. */
export const SIDE_RANGE = { min: 16, max: 16_384 } as const;

/** JPEG quality. */
export const QUALITY_RANGE = { min: 1, max: 100 } as const;

/** Buffers in the camera. */
export const BUFFER_COUNT_RANGE = { min: 2, max: 64 } as const;

/** Index of a camera in the list of the capture tool. */
export const CAMERA_INDEX_RANGE = { min: 0, max: 63 } as const;

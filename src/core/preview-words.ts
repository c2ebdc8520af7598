/**
 * The words on the port between a camera's preview and one reader of it. The reader may live in any thread. It sends
 * `want`; the camera's thread answers with the next frame that is due. At most one `want` is outstanding: further ones are
 * ignored. A reader that wants nothing costs nothing. A port that closes means: the pipeline or its thread is gone.
 * The first `want` follows the first `state`. Node does not tell a port that waits for its camera that the other end was
 * closed while an unread word lies in it.
 */
export interface PreviewWant {
  readonly type: 'want';
  /** The buffer of the last frame, transferred back. It is used again if the next frame fits. */
  readonly buffer?: ArrayBuffer;
}

/**
 * Why frames come or not. `live`: they come. `off`: the preview is turned off (`toggle_preview`, `preview.enabled`).
 * `paused`: given up under load. `none`: the camera delivers no frames: it is being opened, or closed. `lost`: the camera was
 * lost. The first that holds is told, in the order off, paused, lost or none.
 */
export type PreviewState = 'live' | 'off' | 'paused' | 'none' | 'lost';

export type PreviewAnswer =
  /** Sent once at the beginning and after each change. A `want` stays outstanding meanwhile. */
  { readonly type: 'state'; readonly state: PreviewState } | PreviewPicture;

/** One JPEG of the stream, copied. */
export interface PreviewPicture {
  readonly type: 'frame';
  /** Transferred. The JPEG is its first `byteLength` bytes; the rest is left from earlier frames. */
  readonly buffer: ArrayBuffer;
  readonly byteLength: number;
  /** Position since the camera was opened, from 1. */
  readonly frameNumber: number;
  /** Start of the sensor's readout, monotonic clock, nanoseconds; 0n if the camera gave none. */
  readonly sensorTimestampNs: bigint;
  /** When the frame's last byte was read, monotonic clock (`process.hrtime.bigint()` in any thread), nanoseconds. */
  readonly arrivedMonotonicNs: bigint;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

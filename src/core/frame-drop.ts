/** A line of `frame_drops.jsonl`; `ts` is added by the sink. */
export interface FrameDrop {
  readonly reason: 'buffer_full' | 'timeout' | 'corrupt' | 'write_error' | 'source_gap' | 'gate_skip';
  /** Monotonic clock, nanoseconds. */
  readonly monoNs: bigint;
  /** Number of the frame since the camera was opened, from 1. */
  readonly frameNumber: number;
  readonly deviceId: string;
  /** `null` while not recording. */
  readonly trial: number | null;
  /** How many frames the line stands for, where it is not one. */
  readonly count?: number;
}

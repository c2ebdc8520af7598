export type DropReason = 'buffer_full' | 'timeout' | 'corrupt' | 'write_error' | 'source_gap' | 'gate_skip';

/** A line of `frame_drops.jsonl`; `ts` is added by the sink. */
export interface FrameDrop {
  readonly reason: DropReason;
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

export function noDrops(): Record<DropReason, number> {
  return { buffer_full: 0, timeout: 0, corrupt: 0, write_error: 0, source_gap: 0, gate_skip: 0 };
}

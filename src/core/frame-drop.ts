/** Why a frame is not in the video. `docs/logs.md` says when each comes. */
export type DropReason = 'buffer_full' | 'timeout' | 'corrupt' | 'write_error' | 'source_gap' | 'gate_skip';

/** One line of `frame_drops.jsonl`. The sink adds `ts`. */
export interface FrameDrop {
  readonly reason: DropReason;
  /** Monotonic clock, nanoseconds. */
  readonly monoNs: bigint;
  /** Number of the frame since the camera was opened, from 1. */
  readonly frameNumber: number;
  readonly deviceId: string;
  /** `null` while not recording. */
  readonly trial: number | null;
  /** Number of frames that the line stands for; absent means one. */
  readonly count?: number;
}

export function noDrops(): Record<DropReason, number> {
  return { buffer_full: 0, timeout: 0, corrupt: 0, write_error: 0, source_gap: 0, gate_skip: 0 };
}

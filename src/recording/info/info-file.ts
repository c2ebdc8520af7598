/**
 * The words of the info file `<stem>_info.json` beside each recording: what it holds, and who reads it may rely on. Written
 * once, at the end of a take. The top level is a sidecar in the terms of BIDS (video extension BEP047, draft of 2026-11); all
 * else is in `csi_cameras`. Integers of 64 bits (times, nanoseconds since boot) are decimal text, because JSON readers round
 * above 2^53. No path is ever in it, only names. What is not known is `null`.
 */
export const INFO_SCHEMA = 1;

/** At most so many gaps are listed; `gaps_total` counts all. */
export const MAX_INFO_GAPS = 1000;

/** Frames of which one checksum is the sum. */
export const CHECKSUM_BLOCK_FRAMES = 1000;

export interface InfoFile {
  /** Seconds of sensor time: frames / mean rate, as the video's header has it. */
  readonly RecordingDuration: number;
  readonly VideoCodec: 'mjpeg';
  /** Hz, the mean rate of the video's header. */
  readonly VideoFrameRate: number;
  readonly VideoFrameCount: number;
  /** Pixels. */
  readonly ImageWidth: number;
  readonly ImageHeight: number;
  /** As ffmpeg names it, by the sampling of the first frame: `yuvj420p`, `yuvj422p`, `yuvj444p`, `gray`. */
  readonly ImagePixelFormat: string | null;
  readonly ImageBitDepth: 8;
  /** The sensor, for example `imx296`. */
  readonly ManufacturersModelName: string | null;
  /** For example `csi-cameras 0.1.0, rpicam-apps v1.5.1`. */
  readonly SoftwareVersions: string;
  readonly csi_cameras: InfoFacts;
}

export interface InfoFacts {
  readonly schema: typeof INFO_SCHEMA;
  readonly device_id: string;
  readonly camera_label: string;
  /** Name of the session directory, without its path. */
  readonly session: string;
  readonly trial: number;
  readonly trial_label: string;
  readonly take: number;
  /** `number`: 1 for the first video of a recording; `null` where only its dead process knew. `continues_take`: the take before. */
  readonly part: {
    readonly number: number | null;
    readonly continues_take: number | null;
    readonly is_continued: boolean;
  };
  readonly files: {
    readonly video: { readonly name: string; readonly bytes: number; readonly frames: number };
    readonly timing: InfoRowFile;
    readonly metadata: InfoRowFile | null;
  };
  /** The three times of the first and the last row, as the timing file has them. */
  readonly first: InfoTimes;
  readonly last: InfoTimes;
  readonly clock: InfoClock;
  readonly rate: {
    /** Hz, what the camera was asked for. */
    readonly asked_fps: number | null;
    /** Steps of sensor time from row to row. The median is exact to 1 %. */
    readonly period_least_ns: number | null;
    readonly period_median_ns: number | null;
    readonly period_most_ns: number | null;
  };
  /** `null`: its process died and counted no more. */
  readonly account: InfoAccount | null;
  /** In order. At most `MAX_INFO_GAPS`. */
  readonly gaps: readonly InfoGap[];
  /** Gaps in all; `null` where there is no account. */
  readonly gaps_total: number | null;
  readonly settings: {
    /** All settings that were asked for, by their names in commands; `null` where it is not known. */
    readonly asked: Readonly<Record<string, unknown>> | null;
    /** Least and most of what the recorded frames told; by the names of `recording_stopped`'s `given`. */
    readonly given: Readonly<Record<string, readonly [least: number, most: number] | null>> | null;
  };
  /** The capture tool. */
  readonly tool: {
    readonly name: string | null;
    readonly version: string | null;
    readonly arguments: readonly string[];
  } | null;
  readonly end: {
    /**
     * `stopped`: asked for. `failed`: it ended with an error or before it was asked. `continued`: its video could hold no more.
     * `recovered`: its process or thread died, and the take was closed later. `clip`: cut out of another recording.
     */
    readonly kind: 'stopped' | 'failed' | 'continued' | 'recovered' | 'clip';
    /** The reason of `recording_stopped`, or why the part ended. */
    readonly reason: string | null;
    /** Code of `protocol/errors`, where there was an error. */
    readonly error: string | null;
  };
  readonly health: { readonly start: InfoHealth | null; readonly end: InfoHealth | null };
  readonly checksums: InfoChecksums | null;
  /** Of a clip. */
  readonly source: InfoSource | null;
}

export interface InfoRowFile {
  readonly name: string;
  readonly bytes: number;
  readonly rows: number;
  /** Of the whole file, hexadecimal. */
  readonly sha256: string;
}

/** As text, digit by digit what the row has. */
export interface InfoTimes {
  readonly sensor_timestamp_ns: string;
  readonly record_time_mono: string;
  readonly record_time_unix: string;
}

export interface InfoClock {
  /** What the sensor time counts: nanoseconds since the boot of this machine, or nothing where the camera gave none. */
  readonly sensor: 'boottime' | 'none';
  /** Tells boots and machines apart without naming them: the first 16 hexadecimal digits of the sha256 of the boot id. */
  readonly boot: string | null;
  /** Wall clock minus monotonic clock, ns, as text. */
  readonly wall_minus_mono_start_ns: string | null;
  readonly wall_minus_mono_end_ns: string | null;
  /** Whether the system's clock was synchronised at the end. */
  readonly synchronised: boolean | null;
}

/** delivered = recorded + dropped + skipped; dropped = the sum of `dropped_by`. */
export interface InfoAccount {
  readonly delivered: number;
  readonly recorded: number;
  readonly dropped: number;
  readonly dropped_by: { readonly buffer_full: number; readonly timeout: number; readonly write_error: number };
  /** On purpose, by the FPS gate. */
  readonly skipped: number;
  /** Lost by the camera before they came to us. */
  readonly source_gaps: number;
  /** Timestamps that were out of order. */
  readonly disordered: number;
}

/** Frames missing behind a frame of the video. */
export interface InfoGap {
  /** Behind this frame (from 1); 0: before the first. */
  readonly after_frame: number;
  readonly frames: number;
  readonly reason: 'buffer_full' | 'timeout' | 'write_error' | 'skipped' | 'source_gap';
}

/** What is known of the machine for nothing. */
export interface InfoHealth {
  readonly temperature_c: number | null;
  readonly free_bytes: number | null;
  readonly load: string | null;
}

/** `blocks`: for each 1,000 frames in order the crc32 (8 hexadecimal digits) over the bytes of their JPEGs. */
export interface InfoChecksums {
  readonly algorithm: 'crc32';
  readonly frames_per_block: typeof CHECKSUM_BLOCK_FRAMES;
  readonly blocks: readonly string[];
}

export interface InfoSource {
  readonly video: string;
  readonly trial: number;
  readonly take: number;
  /** The first and the last frame there, from 1. */
  readonly first_frame: number;
  readonly last_frame: number;
}

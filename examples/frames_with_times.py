#!/usr/bin/env python3
"""Reads recordings of csi-cameras with pandas and OpenCV.

    python3 examples/frames_with_times.py SESSION
        Of each recording: the first, the middle and the last frame with their three times.

    python3 examples/frames_with_times.py SESSION ALIGN_FILE [OUT_DIR]
        Frames of two cameras that belong together, by a file that `csi-cameras align SESSION` made.
        With OUT_DIR they are written side by side, as pictures.

Debian and Raspberry Pi OS: sudo apt install python3-pandas python3-opencv
"""

import sys
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

# Never let pandas guess: nanoseconds as a double lose their last digits after 104 days of uptime, and a wall clock
# time with microseconds has 16 digits. These columns are whole numbers or text.
EXACT = {
    "sensor_timestamp_ns": "int64",  # start of the frame's readout, nanoseconds since the machine was started; 0: none
    "record_time_mono": str,  # when the frame had arrived, same clock, seconds with 9 digits
    "record_time_unix": str,  # wall clock of the frame, seconds since 1970 with 6 digits
    "label": str,
}


def read_times(timing_path):
    """One row for each frame of the video: row k is frame k, both from 1."""
    times = pd.read_csv(timing_path, dtype=EXACT, keep_default_na=False)
    return times.set_index("frame_index")


def timing_of(video_path):
    return video_path.with_name(video_path.stem + "_timing.csv")


class Video:
    """Frames by their number, from 1."""

    def __init__(self, path):
        # OpenCV's own reader of Motion JPEG finds each frame by the video's index. Others may guess from times.
        self.capture = cv2.VideoCapture(str(path), cv2.CAP_OPENCV_MJPEG)
        if not self.capture.isOpened():
            raise SystemExit(f"{path} cannot be opened.")
        self.frames = int(self.capture.get(cv2.CAP_PROP_FRAME_COUNT))
        self.next = 1

    def frame(self, number):
        if number != self.next:
            self.capture.set(cv2.CAP_PROP_POS_FRAMES, number - 1)
        found, picture = self.capture.read()
        if not found:
            raise SystemExit(f"Frame {number} cannot be read.")
        self.next = number + 1
        return picture


def show_times(session):
    for video_path in sorted(session.glob("CSICameras/*/*.avi")):
        times = read_times(timing_of(video_path))
        video = Video(video_path)
        # If these differ, the recording is not whole: csi-cameras verify says why.
        print(f"{video_path.name}: {video.frames} frames, {len(times)} rows")
        for k in sorted({1, (len(times) + 1) // 2, len(times)}):
            row = times.loc[k]
            height, width = video.frame(k).shape[:2]
            print(
                f"  frame {k}: {width}x{height}, sensor {row.sensor_timestamp_ns} ns, "
                f"arrived {row.record_time_mono} s, wall clock {row.record_time_unix} s"
            )


def video_of(session, camera, take, frame, sensor_ns):
    """The video whose frame has that time. `camera`: as in the align file's columns, such as picam_0."""
    for timing_path in sorted(session.glob("CSICameras/*/*_timing.csv")):
        stem = timing_path.name[: -len("_timing.csv")]
        if (f"_take{take}" if take > 1 else "") not in stem:
            continue
        times = read_times(timing_path)
        if times.device_id.iloc[0].replace(":", "_") != camera or frame not in times.index:
            continue
        if times.sensor_timestamp_ns.loc[frame] == sensor_ns:
            return timing_path.with_name(stem + ".avi")
    raise SystemExit(f"No video of {camera} belongs to the align file.")


def side_by_side(session, align_path, out_dir):
    # Every cell is a number: 0 in frame and sensor_timestamp_ns means "no frame", so pandas reads whole numbers.
    tuples = pd.read_csv(align_path)
    cameras = [name[: -len("_frame")] for name in tuples.columns if name.endswith("_frame")][:2]
    first, second = cameras
    both = tuples[(tuples[f"{first}_frame"] > 0) & (tuples[f"{second}_frame"] > 0)]
    print(f"{len(both)} of {len(tuples)} tuples have a frame of {first} and of {second}.")

    videos = {}
    for at, row in enumerate(both.head(5).itertuples(index=False)):
        pictures = []
        for camera in cameras:
            take, frame = getattr(row, f"{camera}_take"), getattr(row, f"{camera}_frame")
            sensor_ns = getattr(row, f"{camera}_sensor_timestamp_ns")
            if (camera, take) not in videos:
                videos[camera, take] = Video(video_of(session, camera, take, frame, sensor_ns))
            pictures.append(videos[camera, take].frame(frame))
        numbers = " and ".join(f"{camera} frame {getattr(row, f'{camera}_frame')}" for camera in cameras)
        print(f"  tuple {row.tuple}: {numbers}, {getattr(row, f'{second}_offset_us'):.3f} us apart")
        if out_dir is not None:
            height = min(picture.shape[0] for picture in pictures)
            out_dir.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(out_dir / f"tuple_{row.tuple}.png"), np.hstack([p[:height] for p in pictures]))


def main():
    if not 2 <= len(sys.argv) <= 4:
        raise SystemExit(__doc__)
    session = Path(sys.argv[1])
    if len(sys.argv) == 2:
        show_times(session)
    else:
        side_by_side(session, sys.argv[2], Path(sys.argv[3]) if len(sys.argv) == 4 else None)


if __name__ == "__main__":
    main()

"""Reads AVI files with OpenCV's ffmpeg backend; prints one JSON line for each file.

Arguments: files. Each line: frames (decoded), told (by the header), width, height, durationS; all 0 where it cannot open the file.
"""

import json
import os
import sys

os.dup2(os.open(os.devnull, os.O_WRONLY), 2)

import cv2  # noqa: E402 (what it says goes nowhere)

for path in sys.argv[1:]:
    video = cv2.VideoCapture(path, cv2.CAP_FFMPEG)
    told, fps = int(video.get(cv2.CAP_PROP_FRAME_COUNT)), video.get(cv2.CAP_PROP_FPS)
    width, height = int(video.get(cv2.CAP_PROP_FRAME_WIDTH)), int(video.get(cv2.CAP_PROP_FRAME_HEIGHT))
    frames = 0
    while video.read()[0]:
        frames += 1
    video.release()
    duration = told / fps if fps else 0
    print(json.dumps({"frames": frames, "told": told, "width": width, "height": height, "durationS": duration}))

"""Reads AVI files with OpenCV's ffmpeg backend; prints one JSON line for each file.

Arguments: files. Each line: frames (decoded), told (by the header), durationS, seeks ([asked frame, whether the picture
read there is the one that stands there]), messages.
"""

import ctypes
import json
import os
import re
import sys
import tempfile

# Lets ffmpeg speak, on stdout, each message with its level.
os.environ["OPENCV_FFMPEG_DEBUG"] = "1"

import cv2  # noqa: E402 (its environment first)


def read(path):
    video = cv2.VideoCapture(path, cv2.CAP_FFMPEG)
    told = int(video.get(cv2.CAP_PROP_FRAME_COUNT))
    fps = video.get(cv2.CAP_PROP_FPS)
    pictures = []
    while True:
        is_there, picture = video.read()
        if not is_there:
            break
        pictures.append(hash(picture.tobytes()))
    seeks = []
    # OpenCV cannot seek in a file of one frame, of anybody's.
    for frame in sorted({0, len(pictures) // 2, len(pictures) - 1}) if len(pictures) > 1 else []:
        video.set(cv2.CAP_PROP_POS_FRAMES, frame)
        is_there, picture = video.read()
        is_right = is_there and hash(picture.tobytes()) == pictures[frame]
        seeks.append([frame, is_right and round(video.get(cv2.CAP_PROP_POS_FRAMES)) == frame + 1])
    video.release()
    return {"frames": len(pictures), "told": told, "durationS": told / fps if fps else 0, "seeks": seeks}


AV_LOG_WARNING = 24
# Said of every JPEG, whatever the file: OpenCV converts its pixels in a way that ffmpeg gave up.
SAID_OF_ANY_JPEG = "deprecated pixel format used"


def is_complaint(line):
    if SAID_OF_ANY_JPEG in line:
        return False
    level = re.match(r"\[OPENCV:FFMPEG:(\d+)\]", line)
    return line.strip() != "" and (level is None or int(level[1]) <= AV_LOG_WARNING)


answers = os.fdopen(os.dup(1), "w")
libc = ctypes.CDLL(None)
with tempfile.TemporaryFile() as said:
    os.dup2(said.fileno(), 1)
    os.dup2(said.fileno(), 2)
    for video in sys.argv[1:]:
        os.ftruncate(said.fileno(), 0)
        os.lseek(said.fileno(), 0, os.SEEK_SET)
        finding = read(video)
        libc.fflush(None)
        os.lseek(said.fileno(), 0, os.SEEK_SET)
        lines = said.read().decode(errors="replace").split("\n")
        finding["messages"] = "\n".join(filter(is_complaint, lines))
        print(json.dumps(finding), file=answers, flush=True)

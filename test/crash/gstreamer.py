"""Reads AVI files with GStreamer through ctypes (no Python bindings needed); prints one JSON line for each file.

Arguments: files. Each line: frames, durationS, hashes (MD5 of each packet), seeks ([asked frame, MD5]), messages.
Or: --jump FRAMES FILE [FRAMES BEFORE THIS FILE], for a file too long to be read whole: how long opening it took and three jumps, and where they came to.
"""

import ctypes
import hashlib
import json
import os
import re
import sys
import tempfile
import time

gst = ctypes.CDLL("libgstreamer-1.0.so.0")
app = ctypes.CDLL("libgstapp-1.0.so.0")
pointer, integer, clock = ctypes.c_void_p, ctypes.c_int, ctypes.c_uint64

for library, name, result, arguments in [
    (gst, "gst_init", None, [pointer, pointer]),
    (gst, "gst_parse_launch", pointer, [ctypes.c_char_p, pointer]),
    (gst, "gst_bin_get_by_name", pointer, [pointer, ctypes.c_char_p]),
    (gst, "gst_element_set_state", integer, [pointer, integer]),
    (gst, "gst_element_get_state", integer, [pointer, pointer, pointer, clock]),
    (gst, "gst_element_query_duration", integer, [pointer, integer, pointer]),
    (gst, "gst_element_seek_simple", integer, [pointer, integer, integer, ctypes.c_int64]),
    (gst, "gst_element_get_bus", pointer, [pointer]),
    (gst, "gst_bus_pop_filtered", pointer, [pointer, integer]),
    (gst, "gst_message_get_structure", pointer, [pointer]),
    (gst, "gst_structure_to_string", ctypes.c_char_p, [pointer]),
    (gst, "gst_sample_get_buffer", pointer, [pointer]),
    (gst, "gst_buffer_get_size", ctypes.c_size_t, [pointer]),
    (gst, "gst_buffer_extract", ctypes.c_size_t, [pointer, ctypes.c_size_t, pointer, ctypes.c_size_t]),
    (gst, "gst_mini_object_unref", None, [pointer]),
    (gst, "gst_object_unref", None, [pointer]),
    (app, "gst_app_sink_try_pull_sample", pointer, [pointer, clock]),
]:
    function = getattr(library, name)
    function.restype, function.argtypes = result, arguments

NULL, PAUSED, PLAYING = 1, 3, 4
TIME = 3
FLUSH_AND_ACCURATE = 3
ERROR_OR_WARNING = 2 | 4
PATIENCE_NS = 20 * 10**9


def pull_bytes(sink):
    sample = app.gst_app_sink_try_pull_sample(sink, PATIENCE_NS)
    if not sample:
        return None
    buffer = gst.gst_sample_get_buffer(sample)
    size = gst.gst_buffer_get_size(buffer)
    data = ctypes.create_string_buffer(size)
    gst.gst_buffer_extract(buffer, 0, data, size)
    gst.gst_mini_object_unref(sample)
    return data.raw


def pull(sink):
    data = pull_bytes(sink)
    return None if data is None else hashlib.md5(data).hexdigest()


def start(path):
    pipeline = gst.gst_parse_launch(
        f'filesrc location="{path}" ! avidemux ! image/jpeg ! appsink name=sink sync=false'.encode(), None
    )
    sink = gst.gst_bin_get_by_name(pipeline, b"sink")
    gst.gst_element_set_state(pipeline, PLAYING)
    gst.gst_element_get_state(pipeline, None, None, PATIENCE_NS)
    duration = ctypes.c_int64(0)
    gst.gst_element_query_duration(pipeline, TIME, ctypes.byref(duration))
    return pipeline, sink, duration


def jump(path, frames, before):
    """Frames carry their numbers, from 1, in a comment."""
    since = time.time()
    pipeline, sink, duration = start(path)
    is_good = pull_bytes(sink) is not None
    opened = time.time()
    for frame in (frames // 4, frames // 2, frames - 2):
        at = int((frame + 0.5) * duration.value / frames)
        gst.gst_element_seek_simple(pipeline, TIME, FLUSH_AND_ACCURATE, at)
        found = re.search(rb"frame=(\d+)", (pull_bytes(sink) or b"")[:100])
        is_good = is_good and found is not None and int(found[1]) == before + frame + 1
    print(
        f"{duration.value / 1e9:.3f} s long, open {opened - since:.3f} s, 3 seeks {time.time() - opened:.3f} s,",
        "good" if is_good else "BAD",
    )
    gst.gst_element_set_state(pipeline, NULL)


def read(path):
    pipeline, sink, duration = start(path)
    hashes = []
    while (found := pull(sink)) is not None:
        hashes.append(found)
    seeks = []
    for frame in sorted({0, len(hashes) // 2, max(0, len(hashes) - 1)}):
        at = int((frame + 0.5) * duration.value / max(1, len(hashes)))
        if gst.gst_element_seek_simple(pipeline, TIME, FLUSH_AND_ACCURATE, at):
            seeks.append([frame, pull(sink)])
    messages = []
    bus = gst.gst_element_get_bus(pipeline)
    while message := gst.gst_bus_pop_filtered(bus, ERROR_OR_WARNING):
        messages.append(gst.gst_structure_to_string(gst.gst_message_get_structure(message)).decode())
    gst.gst_element_set_state(pipeline, NULL)
    for owned in (bus, sink, pipeline):
        gst.gst_object_unref(owned)
    return {
        "frames": len(hashes),
        "durationS": duration.value / 1e9,
        "hashes": hashes,
        "seeks": seeks,
        "messages": "\n".join(messages),
    }


gst.gst_init(None, None)
if sys.argv[1:2] == ["--jump"]:
    jump(sys.argv[3], int(sys.argv[2]), int((sys.argv[4:] or [0])[0]))
    sys.exit()
with tempfile.TemporaryFile() as said:
    os.dup2(said.fileno(), 2)
    for video in sys.argv[1:]:
        os.ftruncate(said.fileno(), 0)
        os.lseek(said.fileno(), 0, os.SEEK_SET)
        finding = read(video)
        os.lseek(said.fileno(), 0, os.SEEK_SET)
        finding["messages"] += said.read().decode(errors="replace")
        print(json.dumps(finding), flush=True)

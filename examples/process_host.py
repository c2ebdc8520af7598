#!/usr/bin/env python3
"""A host in one file, with Python's standard library: it drives the module as a child process, and records two trials
with two cameras. How to run it: README.md beside it.

--simulate takes the virtual camera. DIR gets the session and the logs. PROGRAM is the path of csi-cameras. Ctrl-C ends
it at any moment, and what was recorded until then is whole.
"""

import argparse
import asyncio
import itertools
import json
import pathlib
import shutil
import signal
import sys
import time

# A command causes several statuses. The first of these, or a command_nack, is its answer: all else comes by the way.
ANSWERS = {
    "assign_device": ("device_ready", "device_error"),  # with the first frame
    "start_session": ("command_ack",),
    "start_recording": ("recording_started", "recording_error"),  # with the first frame that is in the file
    "stop_recording": ("recording_stopped", "recording_error"),
    "quit": ("shutdown_complete",),  # the last status
}
FACTS = ("device_id", "trial_number", "take", "frames", "video_path", "code", "error", "message")


class Module:
    def __init__(self, child):
        self.child, self.numbers, self.waiting, self.failures = child, itertools.count(1), {}, 0
        self.reading = asyncio.create_task(self.read())

    async def read(self):
        """Reads to the end, whatever the host does meanwhile."""
        async for line in self.child.stdout:
            status = json.loads(line)
            name, data = status["status"], status["data"]
            if name == "heartbeat":  # the state of everything, every 2 s: for what a host shows
                continue
            print(status["timestamp"][11:23], name, *(data[key] for key in FACTS if data.get(key)), flush=True)
            # A device_error with retry_in_ms: the module tries again by itself, and a lost take goes on in a new one.
            self.failures += name in ("device_error", "recording_error", "command_nack")
            if name in (*self.waiting.get(status.get("in_reply_to"), ((), None))[0], "command_nack"):
                self.waiting.pop(status["in_reply_to"])[1].set_result(status)

    async def ask(self, command, **parameters):
        """Sends a command and waits for its answer, or for the end of the module. No command waits for ever."""
        command_id, answer = f"{command}_{next(self.numbers)}", asyncio.get_running_loop().create_future()
        self.waiting[command_id] = (ANSWERS[command], answer)
        line = json.dumps({"command": command, "command_id": command_id, **parameters})
        self.child.stdin.write(line.encode() + b"\n")
        await asyncio.wait((answer, self.reading), return_when=asyncio.FIRST_COMPLETED)
        return answer.result() if answer.done() else {"status": "ended"}


async def record(module):
    asked = [module.ask("assign_device", device_id=f"picam:{index}") for index in (0, 1)]
    # A camera that is missing does not keep the others from recording.
    devices = [one["data"]["device_id"] for one in await asyncio.gather(*asked) if one["status"] == "device_ready"]
    await module.ask("start_session", session_dir=time.strftime("session_%Y%m%d_%H%M%S"))
    for trial in (1, 2) if devices else ():
        # One instant for all, a moment ahead. Each camera is asked by itself, so that each has its own answer.
        start = {"trial_number": trial, "trial_label": "example", "start_mono_ns": str(time.monotonic_ns() + 10**8)}
        await asyncio.gather(*(module.ask("start_recording", device_id=device, **start) for device in devices))
        await asyncio.sleep(2)
        await asyncio.gather(*(module.ask("stop_recording", device_id=device) for device in devices))


async def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulate", action="store_true")
    parser.add_argument("--out", metavar="DIR", type=pathlib.Path, default="host-data")
    parser.add_argument("program", metavar="PROGRAM", nargs="?", default="node_modules/.bin/csi-cameras")
    options = parser.parse_args()
    if shutil.which(options.program) is None:
        parser.error(f"{options.program} cannot be run: npm install csi-cameras here, or give its path")
    out = options.out.resolve()
    flags = ["--output-dir", out, "--log-dir", out / "logs", *(["--simulate"] if options.simulate else [])]
    # A session of its own, so that Ctrl-C reaches this host alone. Should the host die, the module ends with its stdin.
    pipes = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE, "limit": 2**24}
    module = Module(await asyncio.create_subprocess_exec(options.program, *flags, **pipes, start_new_session=True))
    for one in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(one, asyncio.current_task().cancel)
    try:
        await record(module)
    except asyncio.CancelledError:
        return 130
    finally:
        await module.ask("quit")
        await module.reading
        await module.child.wait()
    return 1 if module.failures or module.child.returncode else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))

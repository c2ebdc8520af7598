#!/usr/bin/env python3
"""A host in one file, with Python's standard library: it drives the module as a child process and records two trials
with two cameras. Ctrl-C ends it at any moment, and what was recorded is whole. How to run it: README.md beside it."""

import argparse, asyncio, json, pathlib, signal, sys, time

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
        self.child, self.commands, self.waiting, self.failures = child, 0, {}, 0
        self.reading = asyncio.create_task(self.read())

    async def read(self):
        async for line in self.child.stdout:  # to the end, whatever the host does meanwhile
            status = json.loads(line)
            name, data, asked = status["status"], status["data"], status.get("in_reply_to")
            if name != "heartbeat":  # the state of everything, every 2 s: for what a host shows
                print(status["timestamp"][11:23], name, *(data[key] for key in FACTS if data.get(key)), flush=True)
            # A device_error with retry_in_ms: the module tries again by itself, and a lost take goes on in a new one.
            self.failures += name in ("device_error", "recording_error", "command_nack")
            if asked in self.waiting and name in (*self.waiting[asked][0], "command_nack"):
                self.waiting.pop(asked)[1].set_result(status)

    async def ask(self, command, **parameters):
        """Sends a command and waits for its answer, or for the end of the module. No command waits for ever."""
        self.commands += 1
        command_id, answer = f"{command}_{self.commands}", asyncio.get_running_loop().create_future()
        self.waiting[command_id] = (ANSWERS[command], answer)
        line = {"command": command, "command_id": command_id, **parameters}
        self.child.stdin.write(json.dumps(line).encode() + b"\n")
        await asyncio.wait((answer, self.reading), return_when=asyncio.FIRST_COMPLETED)
        return answer.result() if answer.done() else {"status": "ended"}

    async def record(self):
        answers = await asyncio.gather(*(self.ask("assign_device", device_id=f"picam:{index}") for index in (0, 1)))
        # A camera that is missing does not keep the others from recording.
        devices = [one["data"]["device_id"] for one in answers if one["status"] == "device_ready"]
        await self.ask("start_session", session_dir=time.strftime("session_%Y%m%d_%H%M%S"))
        for trial in (1, 2) if devices else ():
            # One instant for all, a moment ahead. Each camera is asked by itself, so that each has its own answer.
            start = {"trial_number": trial, "trial_label": "example", "start_mono_ns": str(time.monotonic_ns() + 10**8)}
            await asyncio.gather(*(self.ask("start_recording", device_id=device, **start) for device in devices))
            await asyncio.sleep(2)
            await asyncio.gather(*(self.ask("stop_recording", device_id=device) for device in devices))

async def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulate", action="store_true", help="take the virtual camera")
    parser.add_argument("--out", metavar="DIR", type=pathlib.Path, default="host-data", help="for session and logs")
    parser.add_argument("program", nargs="?", default="node_modules/.bin/csi-cameras", help="the path of csi-cameras")
    options = parser.parse_args()
    flags = ["--output-dir", options.out.resolve(), "--log-dir", options.out.resolve() / "logs"]
    command = [options.program, *flags, *(["--simulate"] if options.simulate else [])]
    pipes = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE, "limit": 2**24}
    try:  # A session of its own: Ctrl-C reaches this host alone. Should that die, the module ends with its stdin.
        module = Module(await asyncio.create_subprocess_exec(*command, **pipes, start_new_session=True))
    except OSError as error:
        parser.error(f"{options.program} cannot be run ({error.strerror}): npm install csi-cameras, or give its path")
    for one in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(one, asyncio.current_task().cancel)
    try:
        await module.record()
    except asyncio.CancelledError:
        return 130
    finally:
        await module.ask("quit")
        await asyncio.gather(module.reading, module.child.wait())
    return 1 if module.failures or module.child.returncode else 0

sys.exit(asyncio.run(main()))

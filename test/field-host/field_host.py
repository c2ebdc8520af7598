"""
Behaves as the host in the field does with its CSI cameras, and as nothing else would: no step here is kinder than the real
one. Lines in quotes are facts of that host. A test gives it orders as JSON lines on stdin, each answered by one line on
stdout; what the modules say is passed on in between. Python's standard library alone.

    python3 field_host.py TREE WORK     TREE: the folder with rpi_logger in it. WORK: where sessions and copies go.
"""

import asyncio
import importlib
import itertools
import json
import os
import shutil
import signal
import sys
import tempfile
import time
import zipfile
from datetime import datetime, timezone
from pathlib import Path

TREE, WORK = Path(sys.argv[1]), Path(sys.argv[2])
MODULES = TREE / "rpi_logger" / "modules"
# "~/.local/state/rpi_logger", and what its export collects below.
MODULE_LOGS = Path.home() / ".local" / "state" / "rpi_logger" / "logs" / "modules"

# "device_ready must come within 30 s"
READY_LIMIT_S = 30.0
# "unassign (900)": then it goes on without an answer.
UNASSIGN_LIMIT_S = 0.9
# "exit within 2 s of quit", and its own patience is longer.
QUIT_LIMIT_S = 10.0
TERMINATE_LIMIT_S = 2.0
MOST_BYTES_A_LINE = 1 << 20


def say(**line):
    print(json.dumps(line), flush=True)


class Instance:
    """One process for one camera: "One process a camera"."""

    numbers = itertools.count(1)

    def __init__(self, device):
        self.device = device
        self.process = None
        self.state = "stopped"
        self.warnings = []
        self.tasks = []
        self.heard = asyncio.Condition()
        self.statuses = []

    async def start(self, entry, as_frozen):
        index = self.device.device_id.split(":")[1]
        # "--config-path names a COPY of config.txt for that camera: key = value text, never JSON"
        config = WORK / f"config_{index}.txt"
        if not config.exists():
            shutil.copyfile(entry.parent / "config.txt", config)
        output = WORK / "output"
        output.mkdir(exist_ok=True)
        # "One process a camera, with the flags of 2-host-protocol.md; --instance-id CAMERAS_CSI:picam:0"
        flags = ["--output-dir", str(output), "--session-prefix", "session", "--log-level", "info", "--no-console"]
        flags += ["--enable-commands", "--window-geometry", "320x200+0+0", "--instance-id", f"CAMERAS_CSI:{self.device.device_id}"]
        flags += ["--config-path", str(config), "--platform", "linux", "--architecture", "aarch64", "--is-raspberry-pi"]
        # "CSI cameras get NO assign_device: the process is started with --camera-index N": by the spec's extra_cli_args.
        flags += ["--camera-index", index]
        command = [sys.executable, str(entry), *flags]
        if as_frozen:
            # "A frozen host calls asyncio.run(main()) without arguments"
            call = f"import asyncio; from rpi_logger.modules.{entry.parent.name}.{entry.stem} import main; asyncio.run(main())"
            command = [sys.executable, "-c", call, *flags]
        pipe = asyncio.subprocess.PIPE
        environment = {**os.environ, "PYTHONPATH": str(TREE)}
        self.state = "starting"
        self.process = await asyncio.create_subprocess_exec(
            *command, stdin=pipe, stdout=pipe, stderr=pipe, env=environment, limit=MOST_BYTES_A_LINE
        )
        self.tasks = [asyncio.ensure_future(task) for task in (self._read_stdout(), self._read_stderr())]

    async def _read_stdout(self):
        async for line in self.process.stdout:
            try:
                message = json.loads(line)
            except ValueError:
                # What is no status is shown to nobody there. A test must see it.
                say(noise=line.decode("utf-8", "replace"), device=self.device.device_id)
                continue
            status = message["status"]
            # What the user sees of it: "the host logs it and goes on showing recording"
            if status == "recording_started":
                self.state = "recording"
            elif status in ("ready", "recording_stopped"):
                self.state = "idle"
            elif status == "error":
                # "Of the statuses only {"status":"error"} counts as an error there, and it blocks further recording"
                self.state = "error"
            say(heard=self.device.device_id, message=message)
            async with self.heard:
                self.statuses.append(message)
                self.heard.notify_all()

    async def _read_stderr(self):
        # "Every line on stderr appears in the host's log as a warning, which its user reads."
        async for line in self.process.stderr:
            self.warnings.append(line.decode("utf-8", "replace").rstrip("\n"))

    async def wait_for(self, name, limit_s, since=0):
        """The first status of that name from number `since` on. None: the limit has passed, or the process has ended."""

        async def come():
            async with self.heard:
                while True:
                    found = next((one for one in self.statuses[since:] if one["status"] == name), None)
                    if found is not None:
                        return found
                    await self.heard.wait()

        try:
            return await asyncio.wait_for(come(), limit_s)
        except asyncio.TimeoutError:
            return None

    async def send(self, command, **fields):
        now = datetime.now(timezone.utc)
        # "Commands carry command_id (readable, {action}_{timestamp}_{sequence}) and often a timestamp"
        number = f"{next(self.numbers):03}"
        line = {"command": command, "command_id": f"{command}_{now:%Y%m%d_%H%M%S}_{number}", "timestamp": now.isoformat(), **fields}
        self.process.stdin.write(json.dumps(line).encode() + b"\n")
        await self.process.stdin.drain()
        return line["command_id"]

    async def ended(self):
        code = await self.process.wait()
        await asyncio.gather(*self.tasks)
        self.process.stdin.close()
        self.state = "stopped"
        return code


class FieldHost:
    def __init__(self):
        self.instances = {}
        self.entry = None
        self.scanner = None
        self.devices = {}
        self.lost = []

    async def discover(self):
        """What it does when it starts."""
        found = {}
        for entry in sorted(MODULES.glob("*/main_*.py")):
            # "is a module when its text holds the words asyncio and async def main (it is not run to find out)"
            text = entry.read_text(encoding="utf-8")
            if "asyncio" not in text or "async def main" not in text:
                continue
            config = {}
            # "Beside it config.txt, lines of key = value. Keys the host reads: display_name, visible, internal, platforms"
            for line in (entry.parent / "config.txt").read_text(encoding="utf-8").splitlines():
                if "=" in line and not line.strip().startswith("#"):
                    key, value = line.split("=", 1)
                    config[key.strip()] = value.strip()
            if config.get("visible", "true").lower() == "false":
                continue
            # "The id comes from the file name: main_cameras_csi.py in the folder Cameras_CSI"
            found[entry.stem[len("main_") :]] = {"folder": entry.parent.name, "config": config}
            if entry.name == "main_cameras_csi.py":
                self.entry = entry
        # "both names are fixed in the host's core, which also imports modules.Cameras_CSI.discovery.scanner by path"
        sys.path.insert(0, str(TREE))
        core = importlib.import_module("rpi_logger.modules.Cameras_CSI.discovery.scanner")
        loaded = importlib.import_module("rpi_logger.modules.Cameras_CSI.discovery")
        names = ("Cameras_CSIDiscovery", "CAMERAS_CSIDiscovery", "Discovery", "ModuleDiscovery")
        discovery = next(getattr(loaded, name) for name in names if hasattr(loaded, name))()
        spec = discovery.spec

        async def on_found(camera):
            self.devices[camera.device_id] = camera

        async def on_lost(device_id):
            self.lost.append(device_id)

        # "It runs rpicam-hello --list-cameras once at start and yields picam:N, stable id N (a bare number), a name, the model"
        self.scanner = discovery.create_scanner(on_found, on_lost)
        await self.scanner.start()
        return {
            "modules": found,
            "can_have_cameras": core.PICAMERA2_AVAILABLE,
            "spec": {
                "module_id": spec.module_id,
                "family": spec.family.value,
                "multi_instance": spec.multi_instance,
                "device_id_prefix": getattr(spec, "device_id_prefix", None),
                "extra_cli_args": getattr(spec, "extra_cli_args", None),
            },
            "devices": [[one.device_id, one.stable_id, one.friendly_name, one.hw_model] for one in self.devices.values()],
        }

    async def launch(self, device, as_frozen=False):
        """The user turns a camera on."""
        instance = self.instances[device] = Instance(self.devices[device])
        began = time.monotonic()
        await instance.start(self.entry, as_frozen)
        # "device_ready must come within 30 s. A device_error in that time is not read, and nobody tries again"
        ready = await instance.wait_for("device_ready", READY_LIMIT_S)
        seconds = time.monotonic() - began
        return {"pid": instance.process.pid, "is_ready": ready is not None, "seconds": seconds, "warnings": instance.warnings}

    async def tell_all(self, command, **fields):
        """To every process, as the host does with its session and its trials. The answers are heard."""
        ids = [await one.send(command, **fields) for one in self.instances.values() if one.state != "stopped"]
        return {"ids": ids}

    async def start_session(self, session_dir):
        """ "Then start_session (session_dir), record / pause per trial, stop_session" """
        return await self.tell_all("start_session", session_dir=session_dir)

    async def record(self, trial, label, session_dir):
        """ "trial_label is free text from an entry field" """
        return await self.tell_all("record", session_dir=session_dir, trial_number=trial, trial_label=label)

    async def pause(self):
        return await self.tell_all("pause")

    async def stop_session(self):
        return await self.tell_all("stop_session")

    async def preview(self, device, is_enabled):
        """ "toggle_preview carries camera_id as a number" """
        number = int(device.split(":")[1])
        return {"ids": [await self.instances[device].send("toggle_preview", camera_id=number, enabled=is_enabled)]}

    async def show_window(self, device):
        return {"ids": [await self.instances[device].send("show_window")]}

    async def states(self):
        return {"states": {device: one.state for device, one in self.instances.items()}}

    async def stop(self, device):
        """ "unassign_all_devices, quit". A process that stays is terminated, then killed. """
        instance = self.instances[device]
        since = len(instance.statuses)
        began = time.monotonic()
        await instance.send("unassign_all_devices")
        unassigned = await instance.wait_for("device_unassigned", UNASSIGN_LIMIT_S, since)
        unassign_s = time.monotonic() - began
        began = time.monotonic()
        await instance.send("quit")
        had_to = None
        for name, limit_s in (("terminate", QUIT_LIMIT_S), ("kill", TERMINATE_LIMIT_S)):
            try:
                await asyncio.wait_for(asyncio.shield(instance.process.wait()), limit_s)
                break
            except asyncio.TimeoutError:
                had_to = name
                getattr(instance.process, name)()
        code = await instance.ended()
        quit_s = time.monotonic() - began
        answer = {"code": code, "had_to": had_to, "unassigned_in_time": unassigned is not None}
        return {**answer, "unassign_s": unassign_s, "quit_s": quit_s, "warnings": instance.warnings}

    async def kill(self, device):
        """ "The host ends the pid that it started: an entry script has to exec ours, not to start it as a child." """
        instance = self.instances[device]
        os.kill(instance.process.pid, signal.SIGKILL)
        return {"code": await instance.ended()}

    async def export_logs(self, zip_path):
        """
        "The host's log export collects ~/.local/state/rpi_logger/logs/modules/NAME/". Its rule: of each folder there, the
        files in it by the pattern *.log*; not what lies deeper.
        """
        with tempfile.TemporaryDirectory() as temporary:
            for folder in MODULE_LOGS.iterdir():
                if not folder.is_dir():
                    continue
                copies = Path(temporary) / "modules" / folder.name
                copies.mkdir(parents=True)
                for log in folder.glob("*.log*"):
                    shutil.copy2(log, copies / log.name)
            with zipfile.ZipFile(zip_path, "w", zipfile.ZIP_DEFLATED) as archive:
                for path in Path(temporary).rglob("*"):
                    if path.is_file():
                        archive.write(path, path.relative_to(temporary))
        with zipfile.ZipFile(zip_path) as archive:
            return {"files": {name: archive.getinfo(name).file_size for name in archive.namelist()}}

    async def end(self):
        """The host's own end."""
        for instance in self.instances.values():
            if instance.process is not None and instance.process.returncode is None:
                instance.process.kill()
                await instance.ended()
        if self.scanner is not None:
            await self.scanner.stop()
        return {"lost": self.lost}


async def serve():
    host = FieldHost()
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)

    async def carry_out(number, name, fields):
        try:
            say(answer=number, facts=await getattr(host, name)(**fields))
        except Exception as error:  # the test shall see it
            say(answer=number, failed=f"{name}: {error!r}")

    running = set()
    async for line in orders:
        order = json.loads(line)
        # At the same time: two cameras are launched at once.
        task = asyncio.ensure_future(carry_out(order["number"], order["do"], order.get("with", {})))
        running.add(task)
        task.add_done_callback(running.discard)
    await asyncio.gather(*running)
    await host.end()


if __name__ == "__main__":
    asyncio.run(serve())

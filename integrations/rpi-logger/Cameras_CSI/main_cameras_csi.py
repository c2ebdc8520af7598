"""
The entry of the module Cameras-CSI. It becomes csi-cameras, by exec: the process that the host started, with its id, stdin,
stdout and stderr, is the one that records. The host ends the process that it started, so a child would be left behind.

What it adds to the flags of the host: where the logs go, and the monitor. Python 3.9 or later, standard library alone.
"""

import asyncio
import json
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Dict, List, NoReturn, Optional

HERE = Path(__file__).resolve().parent
MODULE = "Cameras_CSI"
# Written by `csi-cameras integrate`: which program it is.
RECORD = HERE / "program.json"
PROGRAM = "csi-cameras"
HOW_TO_INSTALL = (
    "Install Node.js 20 or later and csi-cameras (npm install --global csi-cameras), "
    "then run: csi-cameras integrate rpi-logger DIR, with the folder of this host as DIR."
)
OFF_WORDS = ("false", "no", "off", "0")


def tell(sentence: str) -> None:
    """One line for the user: the host shows every line of stderr as a warning."""
    print(f"{PROGRAM}: {sentence}", file=sys.stderr, flush=True)


def recorded_program() -> Optional[List[str]]:
    """Node.js and the program, as they were when the folder was installed. None: nothing usable is recorded."""
    try:
        recorded = json.loads(RECORD.read_text(encoding="utf-8"))["program"]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        tell(f"{RECORD} cannot be read ({error}).")
        return None
    is_command = isinstance(recorded, list) and len(recorded) == 2 and all(isinstance(part, str) for part in recorded)
    if is_command and os.access(recorded[0], os.X_OK) and os.path.isfile(recorded[1]):
        return recorded
    tell(f"The program that {RECORD.name} names is not there any more. Run csi-cameras integrate once more.")
    return None


def program() -> Optional[List[str]]:
    found = recorded_program()
    if found is not None:
        return found
    on_path = shutil.which(PROGRAM)
    return None if on_path is None else [on_path]


def value_of(flag: str, flags: List[str]) -> Optional[str]:
    """The value of a flag, of several the last one: --flag value, or --flag=value."""
    value = None
    for index, part in enumerate(flags):
        if part.startswith(f"{flag}="):
            value = part[len(flag) + 1 :]
        elif part == flag and index + 1 < len(flags):
            value = flags[index + 1]
    return value


def without(flag: str, flags: List[str]) -> List[str]:
    """The flags without this one and its value."""
    kept: List[str] = []
    rest = iter(flags)
    for part in rest:
        if part == flag:
            next(rest, None)
        elif not part.startswith(f"{flag}="):
            kept.append(part)
    return kept


def monitor_settings(path: str) -> Dict[str, str]:
    """The lines of the configuration that begin with "monitor.". A file that cannot be read is the program's to tell."""
    try:
        lines = Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    pairs = (line.split("=", 1) for line in lines if "=" in line)
    found = {key.strip(): value.split(" #")[0].strip().strip("\"'") for key, value in pairs}
    return {key: value for key, value in found.items() if key.startswith("monitor.")}


def log_folder(has_instance: bool) -> Optional[Path]:
    """
    Where the export of the host looks for logs: files in a folder of "logs/modules". With an instance id the program makes
    a folder of that name itself. None: a user without a home; the program then says where its logs go.
    """
    named = os.environ.get("RPI_LOGGER_STATE_DIR")
    try:
        state = Path(named).expanduser() if named else Path.home() / ".local" / "state" / "rpi_logger"
    except RuntimeError:
        return None
    modules = state / "logs" / "modules"
    return modules if has_instance else modules / MODULE


def flags_for(host_flags: List[str]) -> List[str]:
    # Older hosts say in which way a module should show itself.
    flags = without("--mode", host_flags)
    config = value_of("--config-path", flags)
    if config is None:
        config = str(HERE / "config.txt")
        flags += ["--config-path", config]
    if value_of("--log-dir", flags) is None:
        folder = log_folder(value_of("--instance-id", flags) is not None)
        if folder is not None:
            flags += ["--log-dir", str(folder)]
    monitor = monitor_settings(config)
    if monitor.get("monitor.port") != "0":
        flags.append("--monitor")
        if monitor.get("monitor.control", "").lower() not in OFF_WORDS:
            flags.append("--monitor-control")
    return flags


def environment() -> Dict[str, str]:
    """A host that is packed into one file has other libraries for its own use: its program for others is the one before."""
    own = dict(os.environ)
    if getattr(sys, "frozen", False):
        before = own.pop("LD_LIBRARY_PATH_ORIG", None)
        own.pop("LD_LIBRARY_PATH", None)
        if before is not None:
            own["LD_LIBRARY_PATH"] = before
    return own


def as_a_new_process() -> None:
    """Python ignores SIGPIPE, and its event loop catches others: both would be inherited."""
    for number in signal.valid_signals():
        try:
            signal.signal(number, signal.SIG_DFL)
        except (OSError, ValueError):
            pass  # SIGKILL and SIGSTOP are never anybody's
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for stream in (0, 1, 2):
        try:
            os.set_inheritable(stream, True)
        except OSError:
            pass  # it was closed by whoever started this process


def hand_over(host_flags: List[str]) -> NoReturn:
    command = program()
    if command is None:
        tell(f"The program is not installed. {HOW_TO_INSTALL}")
        sys.exit(1)
    sys.stdout.flush()
    sys.stderr.flush()
    flags = flags_for(host_flags)
    as_a_new_process()
    try:
        os.execve(command[0], command + flags, environment())
    except OSError as error:
        tell(f"{command[0]} cannot be started ({error.strerror}). {HOW_TO_INSTALL}")
        sys.exit(1)


async def main() -> None:
    """Called by the host without arguments, when it does not start this file itself."""
    hand_over(sys.argv[1:])


if __name__ == "__main__":
    asyncio.run(main())

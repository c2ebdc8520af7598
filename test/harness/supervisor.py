"""Runs the service of a unit as systemd would: starts it, waits for READY=1, watches its watchdog, restarts it, stops it.

    supervisor.py UNIT

What happens comes to stdout, one JSON object a line. Commands come on stdin, one a line: the name of a signal goes to the main
process, `stop` stops the service. It ends when the service is stopped. It reads the text of the unit as systemd.syntax(7) and
systemd.service(5) say, and knows nothing of how the unit was made. Only what the unit of the product says is understood.
"""

import array
import json
import os
import re
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time

UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1, "min": 60, "h": 3600, "": 1}


def tell(event, **data):
    print(json.dumps({"event": event, **data}), flush=True)


def settings_of(path):
    """The lines of the unit: a setting that stands more than once is an error, since this unit has no such."""
    settings = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            line = line.rstrip("\n")
            if line == "" or line[0] in "#;[":
                continue
            name, value = line.split("=", 1)
            if name in settings:
                raise ValueError(f"{name} stands twice")
            settings[name] = value
    return settings


def seconds(text):
    number, unit = re.fullmatch(r"([\d.]+)\s*([a-z]*)", text).groups()
    return float(number) * UNITS[unit]


def words_of(line, knows_variables=True):
    """Words with quotes and escapes undone (systemd.syntax(7)), then specifiers and variables."""
    words, word, quote, at = [], None, None, 0
    while at < len(line):
        char = line[at]
        at += 1
        if char == "\\":
            word = (word or "") + {"n": "\n", "t": "\t", "s": " "}.get(line[at], line[at])
            at += 1
        elif quote is not None:
            if char == quote:
                quote = None
            else:
                word += char
        elif char in "\"'" and word is None:
            quote, word = char, ""
        elif char == " ":
            if word is not None:
                words.append(word)
            word = None
        else:
            word = (word or "") + char
    if word is not None:
        words.append(word)
    return [undone(word, knows_variables and at > 0) for at, word in enumerate(words)]


def undone(word, knows_variables):
    """`%%` and `$$` stand for themselves; another specifier or a variable is not expected here."""
    if re.search(r"%(?!%)", word.replace("%%", "")):
        raise ValueError(f"a specifier in {word}")
    word = word.replace("%%", "%")
    if not knows_variables:
        return word
    if "$" in word.replace("$$", ""):
        raise ValueError(f"a variable in {word}")
    return word.replace("$$", "$")


class Supervisor:
    def __init__(self, unit):
        self.unit = settings_of(unit)
        if (self.unit["Type"], self.unit["NotifyAccess"], self.unit["KillMode"]) != ("notify", "all", "mixed"):
            raise ValueError("a unit of another kind")
        self.command = words_of(self.unit["ExecStart"])
        self.folder = tempfile.mkdtemp(prefix="csi-cameras-notify-")
        self.address = os.path.join(self.folder, "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.address)
        self.events = selectors.DefaultSelector()
        self.events.register(self.socket, selectors.EVENT_READ, self.hear)
        self.events.register(sys.stdin, selectors.EVENT_READ, self.obey)
        self.process, self.pidfd = None, None
        self.deadline, self.doom = None, None
        self.is_stopping = False
        self.heard_input = b""

    def run(self):
        self.start()
        while self.process is not None:
            left = None if self.deadline is None else max(0, self.deadline - time.monotonic())
            ready = self.events.select(left)
            for key, _ in ready:
                key.data()
            if self.process is not None and self.deadline is not None and time.monotonic() >= self.deadline:
                self.overdue()
        self.socket.close()
        os.unlink(self.address)
        os.rmdir(self.folder)

    def start(self):
        env = {
            "PATH": os.environ["PATH"],
            "HOME": os.environ["HOME"],
            "NOTIFY_SOCKET": self.address,
            "WATCHDOG_USEC": str(round(seconds(self.unit["WatchdogSec"]) * 1e6)),
            "LANG": "C.UTF-8",
        }
        # A process of this test: its state goes where the test says.
        for name in ("XDG_STATE_HOME", "CSI_VIRTUAL_CAMERA"):
            if name in os.environ:
                env[name] = os.environ[name]
        cwd = os.environ["HOME"] if self.unit["WorkingDirectory"] == "~" else self.unit["WorkingDirectory"]
        out = subprocess.PIPE
        # A group of its own stands for the control group.
        self.process = subprocess.Popen(
            self.command, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.pidfd = os.pidfd_open(self.process.pid)
        self.events.register(self.pidfd, selectors.EVENT_READ, self.ended)
        self.events.register(self.process.stdout, selectors.EVENT_READ, self.read)
        self.expect("start", 90)
        tell("started", pid=self.process.pid)

    def expect(self, doom, within_s):
        self.doom, self.deadline = doom, time.monotonic() + within_s

    def hear(self):
        """One message. Descriptors that come with it (BARRIER=1) are closed, for which the sender waits."""
        descriptors = array.array("i")
        data, ancillary, _, _ = self.socket.recvmsg(8192, socket.CMSG_SPACE(16 * descriptors.itemsize))
        for level, kind, content in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                descriptors.frombytes(content[: len(content) - len(content) % descriptors.itemsize])
        for descriptor in descriptors:
            os.close(descriptor)
        told = dict(line.split("=", 1) for line in data.decode().splitlines() if "=" in line)
        told.pop("BARRIER", None)
        if told:
            tell("told", **told)
        if self.process is None or self.doom == "stop":
            return
        if "STOPPING" in told:
            self.expect("stop", seconds(self.unit["TimeoutStopSec"]))
        elif "READY" in told or ("WATCHDOG" in told and self.doom == "watchdog"):
            self.expect("watchdog", seconds(self.unit["WatchdogSec"]))

    def obey(self):
        chunk = os.read(sys.stdin.fileno(), 4096)
        if chunk == b"":
            # The test has ended: nothing may be left.
            self.events.unregister(sys.stdin)
            self.is_stopping = True
            self.kill_group()
            return
        self.heard_input += chunk
        *lines, self.heard_input = self.heard_input.split(b"\n")
        for line in lines:
            if line == b"stop":
                self.is_stopping = True
                self.expect("stop", seconds(self.unit["TimeoutStopSec"]))
                os.kill(self.process.pid, getattr(signal, self.unit["KillSignal"]))
            else:
                os.kill(self.process.pid, getattr(signal, line.decode()))

    def overdue(self):
        tell("overdue", of=self.doom)
        name = self.unit["WatchdogSignal"] if self.doom == "watchdog" else "SIGKILL"
        # A process that does not end by this is killed after TimeoutStopSec, as systemd does.
        self.expect("stop", seconds(self.unit["TimeoutStopSec"]))
        os.kill(self.process.pid, getattr(signal, name))

    def read(self):
        chunk = os.read(self.process.stdout.fileno(), 65536)
        if chunk == b"":
            self.events.unregister(self.process.stdout)
            return
        tell("said", text=chunk.decode(errors="replace"))

    def kill_group(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # nothing was left

    def ended(self):
        self.events.unregister(self.pidfd)
        os.close(self.pidfd)
        code = self.process.wait()
        self.kill_group()  # KillMode=mixed: what is left of the group goes with the main process
        if self.process.stdout in [key.fileobj for key in self.events.get_map().values()]:
            self.events.unregister(self.process.stdout)
        rest = self.process.stdout.read()
        self.process.stdout.close()
        if rest:
            tell("said", text=rest.decode(errors="replace"))
        tell("ended", code=code)
        self.process, self.deadline = None, None
        prevented = [int(word) for word in self.unit.get("RestartPreventExitStatus", "").split()]
        if self.is_stopping or self.unit["Restart"] != "always" or code in prevented:
            return
        time.sleep(seconds(self.unit["RestartSec"]))
        self.start()


if __name__ == "__main__":
    Supervisor(sys.argv[1]).run()

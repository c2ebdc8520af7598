"""
Holds the drop-in's Python against what a host needs of it, without a module behind it. Prints a line of JSON for each check;
an assertion that fails ends it.

    python3 check_drop_in.py TREE WORK     TREE: a host's folder with the drop-in in it. WORK: an empty folder.
"""

import ast
import asyncio
import json
import os
import sys
import time
from pathlib import Path

TREE, WORK = Path(sys.argv[1]), Path(sys.argv[2])
MODULE = TREE / "rpi_logger" / "modules" / "Cameras_CSI"
LIST = """Available cameras
-----------------
0 : imx296 [1456x1088 10-bit MONO] (/base/axi/pcie@120000/rp1/i2c@88000/imx296@1a)
    Modes: 'R10_CSI2P' : 1456x1088 [60.38 fps - (0, 0)/1456x1088 crop]

1 : HD Webcam [1920x1080] (/base/axi/pcie@120000/rp1/usb@200000-1:1.0-046d:0825)
2 : imx219 [3280x2464 10-bit RGGB] (/base/axi/pcie@120000/rp1/i2c@80000/imx219@10)
3 : imx708
"""


def tool(script):
    """What stands on PATH as rpicam-hello from now on. None: nothing."""
    path = WORK / "rpicam-hello"
    if script is None:
        path.unlink()
        return
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def check_sources():
    for path in MODULE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path), feature_version=(3, 9))
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module]
            for name in names:
                top = name.split(".")[0]
                # Python 3.9 has no such list.
                known = getattr(sys, "stdlib_module_names", [top])
                assert top == "rpi_logger" or top in known, f"{path} imports {name}"


async def check_scanner():
    from rpi_logger.modules.Cameras_CSI.discovery import Discovery, scanner

    heard = []

    async def on_found(camera):
        heard.append(("found", camera.device_id))
        raise RuntimeError("a host that fails there")

    async def on_lost(device_id):
        heard.append(("lost", device_id))

    def told():
        said = list(heard)
        heard.clear()
        return said

    tool(f"[ \"$1\" = --list-cameras ] || exit 9\ncat >&2 <<'END'\n{LIST}END")
    one = Discovery().create_scanner(on_found, on_lost)
    assert not one.is_running and one.devices == {}
    await one.start()
    await one.start()
    assert one.is_running
    assert told() == [("found", "picam:0"), ("found", "picam:2"), ("found", "picam:3")], heard
    first = one.get_device("picam:0")
    assert (first.stable_id, first.friendly_name, first.hw_model) == ("0", "RPi:Cam0", "imx296"), first
    assert first.location_hint == "/base/axi/pcie@120000/rp1/i2c@88000/imx296@1a", first
    assert one.get_device("picam:1") is None
    await one.force_scan()
    assert told() == []
    await one.reannounce_devices()
    assert len(told()) == 3
    # A tool that fails says nothing about cameras: what records goes on.
    for script in ("echo boom; exit 1", None):
        tool(script)
        await one.force_scan()
        assert told() == [] and len(one.devices) == 3
    tool("echo 'No cameras available!'")
    await one.force_scan()
    assert told() == [("lost", "picam:0"), ("lost", "picam:2"), ("lost", "picam:3")]
    # One that is silent: the scan ends by itself, and a stop does not wait for it.
    tool("exec sleep 60")
    scanner.TOOL_LIMIT_S = 0.2
    await one.force_scan()
    assert told() == []
    scanner.TOOL_LIMIT_S = 60
    scan = asyncio.ensure_future(one.force_scan())
    while one._listing.done():
        await asyncio.sleep(0)
    began = time.monotonic()
    await one.stop()
    await scan
    assert time.monotonic() - began < 30 and not one.is_running
    # Nothing to scan with.
    tool(None)
    other = Discovery().create_scanner(on_found, on_lost)
    await other.start()
    await other.stop()
    assert told() == []


def check_spec():
    from rpi_logger.modules.Cameras_CSI.discovery.spec import DISCOVERY_SPEC as spec

    assert (spec.module_id, spec.platforms, spec.has_custom_scanner) == ("cameras_csi", ["raspberry_pi"], True)
    is_old = "OLD_FIELD_HOST" in os.environ
    assert is_old or (spec.device_id_prefix, spec.extra_cli_args) == ("picam:", {"camera_index": "--camera-index"})
    assert is_old != hasattr(spec, "device_id_prefix")


def check_flags():
    """What the entry makes of the host's flags, as lists of what it adds."""
    from rpi_logger.modules.Cameras_CSI import main_cameras_csi as entry

    os.environ["HOME"] = "/home/pi"
    os.environ.pop("RPI_LOGGER_STATE_DIR", None)
    logs = "/home/pi/.local/state/rpi_logger/logs/modules"
    config = WORK / "config.txt"
    given = ["--config-path", str(config), "--instance-id", "CAMERAS_CSI:picam:0"]
    for text, monitor in (
        ("", ["--monitor", "--monitor-control"]),
        ("monitor.port = 9000\n", ["--monitor", "--monitor-control"]),
        ("# monitor.port = 0\nmonitor.control = False # nobody\n", ["--monitor"]),
        ("monitor.port=0\n", []),
    ):
        config.write_text(text)
        assert entry.flags_for(list(given)) == [*given, "--log-dir", logs, *monitor], (text, entry.flags_for(list(given)))
    assert entry.flags_for(["--mode", "gui", "--camera-index", "0"])[:4] == [
        "--camera-index",
        "0",
        "--config-path",
        str(MODULE / "config.txt"),
    ]
    assert f"{logs}/Cameras_CSI" in entry.flags_for([])
    assert "--log-dir" not in entry.flags_for([*given, "--log-dir=/logs"])[4:]
    os.environ["RPI_LOGGER_STATE_DIR"] = "~/state"
    assert "/home/pi/state/logs/modules" in entry.flags_for(list(given))
    # Of a host that is packed into one file.
    os.environ.update(LD_LIBRARY_PATH="/tmp/_MEI1", LD_LIBRARY_PATH_ORIG="/usr/lib/mine")
    assert entry.environment()["LD_LIBRARY_PATH"] == "/tmp/_MEI1"
    sys.frozen = True
    assert entry.environment()["LD_LIBRARY_PATH"] == "/usr/lib/mine"
    assert "LD_LIBRARY_PATH_ORIG" not in entry.environment()
    del os.environ["LD_LIBRARY_PATH_ORIG"]
    assert "LD_LIBRARY_PATH" not in entry.environment()


sys.path.insert(0, str(TREE))
os.environ["PATH"] = f"{WORK}:/usr/bin:/bin"
for check in (check_sources, check_spec, lambda: asyncio.run(check_scanner()), check_flags):
    check()
print(json.dumps("all good"))

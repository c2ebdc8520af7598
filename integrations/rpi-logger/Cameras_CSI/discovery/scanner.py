"""
Finds the CSI cameras: by the list that rpicam-apps prints. It opens no camera, so it disturbs no recording, and it needs no
Python package.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from dataclasses import dataclass
from typing import Awaitable, Callable, Dict, List, Optional

from rpi_logger.core.logging_utils import get_module_logger

logger = get_module_logger("CSIScanner")

TOOLS = ("rpicam-hello", "libcamera-hello")
TOOL_LIMIT_S = 10.0

LIBCAMERA_AVAILABLE = any(shutil.which(tool) is not None for tool in TOOLS)
# The host asks by this name whether there can be cameras. picamera2 itself is not used.
PICAMERA2_AVAILABLE = LIBCAMERA_AVAILABLE

# "0 : imx296 [1456x1088 10-bit MONO] (/base/axi/pcie@120000/rp1/i2c@88000/imx296@1a)"
CAMERA_LINE = re.compile(r"^\s*(?P<index>\d+)\s*:\s*(?P<model>\S+)(?:\s*\[[^\]]*\])?(?:\s*\((?P<location>[^)]*)\))?\s*$")


@dataclass
class DiscoveredCSICamera:
    # "picam:0"
    device_id: str
    # "0": the index. It is a port of the board, not a camera.
    stable_id: str
    friendly_name: str
    hw_model: Optional[str] = None
    location_hint: Optional[str] = None


CSICameraFoundCallback = Callable[[DiscoveredCSICamera], Awaitable[None]]
CSICameraLostCallback = Callable[[str], Awaitable[None]]


def cameras_in(text: str) -> List[DiscoveredCSICamera]:
    """The cameras of a list, without those on USB, which are another module's."""
    found = []
    for line in text.splitlines():
        match = CAMERA_LINE.match(line)
        if match is None:
            continue
        location = match["location"]
        if location is not None and "usb" in location.lower():
            continue
        index = match["index"]
        found.append(DiscoveredCSICamera(f"picam:{index}", index, f"RPi:Cam{index}", match["model"], location))
    return found


async def listed_cameras() -> Optional[List[DiscoveredCSICamera]]:
    """The cameras of this machine. None: nobody knows, because the tool is missing, fails or is silent."""
    tool = next((path for path in map(shutil.which, TOOLS) if path is not None), None)
    if tool is None:
        logger.warning("Neither rpicam-hello nor libcamera-hello is installed (package rpicam-apps): no CSI cameras.")
        return None
    try:
        process = await asyncio.create_subprocess_exec(
            tool,
            "--list-cameras",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            # Some versions print the list there.
            stderr=asyncio.subprocess.STDOUT,
        )
    except OSError as error:
        logger.warning("%s cannot be started: %s", tool, error)
        return None
    try:
        output, _ = await asyncio.wait_for(process.communicate(), TOOL_LIMIT_S)
    except asyncio.TimeoutError:
        logger.warning("%s --list-cameras gave no answer within %.0f s.", tool, TOOL_LIMIT_S)
        return None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    text = output.decode("utf-8", "replace")
    if process.returncode != 0:
        logger.warning("%s --list-cameras failed (%s): %s", tool, process.returncode, text.strip()[-300:])
        return None
    return cameras_in(text)


class CSIScanner:
    """Scans once at its start, and when it is told to: CSI cameras are not plugged in while the machine runs."""

    DEFAULT_SCAN_INTERVAL = 2.0

    def __init__(
        self,
        scan_interval: float = DEFAULT_SCAN_INTERVAL,
        on_device_found: Optional[CSICameraFoundCallback] = None,
        on_device_lost: Optional[CSICameraLostCallback] = None,
    ) -> None:
        """`scan_interval` is taken because other scanners have it."""
        self._scan_interval = scan_interval
        self._on_found = on_device_found
        self._on_lost = on_device_lost
        self._devices: Dict[str, DiscoveredCSICamera] = {}
        self._is_running = False
        # Made when it is needed: up to Python 3.9 a lock belongs to the loop of its making.
        self._turn: Optional[asyncio.Lock] = None
        self._listing: Optional[asyncio.Future[Optional[List[DiscoveredCSICamera]]]] = None

    @property
    def devices(self) -> Dict[str, DiscoveredCSICamera]:
        return dict(self._devices)

    @property
    def is_running(self) -> bool:
        return self._is_running

    def get_device(self, device_id: str) -> Optional[DiscoveredCSICamera]:
        return self._devices.get(device_id)

    async def start(self) -> None:
        if self._is_running:
            return
        self._is_running = True
        await self.force_scan()

    async def stop(self) -> None:
        if not self._is_running:
            return
        self._is_running = False
        if self._listing is not None:
            self._listing.cancel()
        async with self._in_turn():
            await self._replace_with([])

    async def force_scan(self) -> None:
        async with self._in_turn():
            self._listing = asyncio.ensure_future(listed_cameras())
            try:
                await asyncio.wait([self._listing])
                listed = None if self._listing.cancelled() else self._listing.result()
            finally:
                self._listing.cancel()
            # A tool that fails is no sign that a camera which records has gone.
            if listed is not None and self._is_running:
                await self._replace_with(listed)

    async def reannounce_devices(self) -> None:
        for camera in list(self._devices.values()):
            await self._announce(camera)

    def _in_turn(self) -> asyncio.Lock:
        self._turn = self._turn or asyncio.Lock()
        return self._turn

    async def _replace_with(self, cameras: List[DiscoveredCSICamera]) -> None:
        now = {camera.device_id: camera for camera in cameras}
        before, self._devices = self._devices, now
        for device_id, camera in before.items():
            if now.get(device_id) != camera:
                await self._call(self._on_lost, device_id)
        for device_id, camera in now.items():
            if before.get(device_id) != camera:
                await self._announce(camera)

    async def _announce(self, camera: DiscoveredCSICamera) -> None:
        logger.info("Found %s (%s)", camera.device_id, camera.hw_model)
        await self._call(self._on_found, camera)

    async def _call(self, callback: Optional[Callable[..., Awaitable[None]]], about: object) -> None:
        if callback is None:
            return
        try:
            await callback(about)
        except Exception:  # whatever the host does there, the other cameras are still to be told
            logger.exception("The host failed when it was told about %s", about)

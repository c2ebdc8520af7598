"""What the host imports to find CSI cameras."""

from rpi_logger.core.devices.discovery_protocol import BaseModuleDiscovery

from .scanner import CSIScanner
from .spec import DISCOVERY_SPEC

__all__ = ["DISCOVERY_SPEC", "CSIScanner", "Discovery"]


class Discovery(BaseModuleDiscovery):
    """The host looks for a class of this name."""

    spec = DISCOVERY_SPEC

    def create_scanner(self, on_found, on_lost):
        return CSIScanner(on_device_found=on_found, on_device_lost=on_lost)

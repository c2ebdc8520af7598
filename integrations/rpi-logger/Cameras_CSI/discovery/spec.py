"""What kind of devices the module stands for."""

from dataclasses import fields

from rpi_logger.core.devices.discovery_protocol import ModuleDiscoverySpec
from rpi_logger.core.devices.types import DeviceFamily, InterfaceType

# Older hosts do not know all of these.
_KNOWN = {field.name for field in fields(ModuleDiscoverySpec)}
_SAID = {
    "module_id": "cameras_csi",
    "display_name": "Cameras-CSI",
    "family": DeviceFamily.CAMERA_CSI,
    "interfaces": [InterfaceType.CSI],
    "has_custom_scanner": True,
    # One process a camera.
    "multi_instance": True,
    "platforms": ["raspberry_pi"],
    "device_id_prefix": "picam:",
    "extra_cli_args": {"camera_index": "--camera-index"},
}

DISCOVERY_SPEC = ModuleDiscoverySpec(**{name: value for name, value in _SAID.items() if name in _KNOWN})

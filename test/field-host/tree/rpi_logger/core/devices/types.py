from enum import Enum


class DeviceFamily(Enum):
    CAMERA_CSI = "camera_csi"
    INTERNAL = "internal"


class InterfaceType(Enum):
    CSI = "csi"
    INTERNAL = "internal"

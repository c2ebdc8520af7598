"""Without the two fields that older hosts do not have, where the environment says so."""

import os
from dataclasses import dataclass, field
from typing import Dict, List, Optional


@dataclass
class OldModuleDiscoverySpec:
    module_id: str
    display_name: str
    family: object
    interfaces: List[object]
    has_custom_scanner: bool = False
    multi_instance: bool = False
    is_internal: bool = False
    platforms: List[str] = field(default_factory=lambda: ["*"])


@dataclass
class NewModuleDiscoverySpec(OldModuleDiscoverySpec):
    device_id_prefix: Optional[str] = None
    extra_cli_args: Dict[str, str] = field(default_factory=dict)


ModuleDiscoverySpec = OldModuleDiscoverySpec if os.environ.get("OLD_FIELD_HOST") else NewModuleDiscoverySpec


class BaseModuleDiscovery:
    spec: ModuleDiscoverySpec

    def create_scanner(self, on_found, on_lost):
        raise NotImplementedError

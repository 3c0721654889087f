"""States and plans of Terraform as files: each holds every value in plain text, whatever a root marks as sensitive.

Source: Terraform's documentation, "Manage sensitive data in your configuration": state and plan files hold the values of
all resources and outputs, so they are to be treated as secrets and never committed.
"""

from __future__ import annotations

import json
import re
from typing import Any

_STATE = re.compile(r"(?i)\.tfstate(?:\.(?:\d+\.)?backup)?$")
_PLAN = re.compile(r"(?i)(?:\.|(?:^|/))tfplan$")
_ARCHIVE = b"PK\x03\x04"
"""How a plan begins: it is a ZIP archive with the state in it."""

STATE = "it is a state of Terraform, which holds every value in plain text"
PLAN = "it is a plan of Terraform, which holds every value in plain text"


def state_held(path: str, content: bytes) -> str | None:
    """Say that a file is a state or a plan with values in it; None where it is none, is encrypted, or has nothing in it."""
    if _PLAN.search(path):
        return PLAN if content.startswith(_ARCHIVE) or _has_values(_json(content), "planned_values") else None
    if _STATE.search(path):
        # Before version 0.12 resources and outputs stood in modules.
        return STATE if _has_values(_json(content), "resources", "outputs", "modules") else None
    return None


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _has_values(data: Any, *keys: str) -> bool:
    """Whether one of the keys holds something; SOPS writes beside what it has encrypted that it has."""
    if not isinstance(data, dict) or "sops" in data:
        return False
    modules = data.get("modules")
    for module in modules if isinstance(modules, list) else ():
        if isinstance(module, dict) and (module.get("resources") or module.get("outputs")):
            return True
    return any(bool(data.get(key)) for key in keys if key != "modules")

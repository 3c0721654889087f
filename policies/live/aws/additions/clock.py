"""A clock that can be moved: queues and alarms keep the seconds that they declare, and nobody waits for them."""

from __future__ import annotations

import time
from types import ModuleType
from typing import Any


class MovedTime:
    """The module `time`, for a service that shall take the moved clock for the real one."""

    def __init__(self) -> None:
        self.offset = 0.0

    def time(self) -> float:
        """Give the seconds of the moved clock."""
        return time.time() + self.offset

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)


CLOCK = MovedTime()
"""The one clock of queues, metrics and alarms."""


def install(*services: ModuleType) -> None:
    """Make services read the moved clock."""
    for service in services:
        service.time = CLOCK  # type: ignore[attr-defined]

"""A file that may hold a secret, as a subject: what its kinds share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from policies.evidence import PLATFORM, Evidence, Place, lines_of


@dataclass(frozen=True, eq=False)
class HoldingFile:
    """A file; `held` are the lines with a secret, each with what it is."""

    noun: ClassVar[str] = "file"
    only_in_files: ClassVar[bool] = True

    path: str
    held: tuple[tuple[int, str], ...]
    place: Place = PLATFORM

    @property
    def id(self) -> str:
        """Its path."""
        return self.path

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the lines that hold a secret as the places."""
        return Evidence(message.format(*values), lines_of(self.path, self.held))

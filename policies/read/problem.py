"""What is wrong with a file that can be read all the same."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a file that its readers disagree on or refuse, but that can be read past.

    `repair` says how it was read past where kustomize refuses it; it is empty where kustomize takes the file as it is.
    """

    line: int
    text: str
    repair: str = ""

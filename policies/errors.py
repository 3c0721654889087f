"""Every error of Turnstile: one tree, each a sentence with the file, the place, the value and the way out.

Two branches. A `UsageError` is about what the user asked for (an option, `platform.toml`, `waivers.toml`) and ends the
run before anything is judged. A `SourceError` is about a file of the platform, and is itself a verdict: the file is
reported, and the rest is still judged.
"""

from __future__ import annotations


class TurnstileError(Exception):
    """The root: something that a person has to put right."""


class UsageError(TurnstileError):
    """What was asked for cannot be done; nothing was judged."""


class StatementError(UsageError):
    """A file in which owners state something (`platform.toml`, `waivers.toml`) does not say what it must."""

    def __init__(self, file: str, line: int | None, key: str, problem: str) -> None:
        self.file, self.line, self.key, self.problem = file, line, key, problem
        place = file if line is None else f"{file}:{line}"
        super().__init__(f"{place}: {key}: {problem}" if key else f"{place}: {problem}")


class SourceError(TurnstileError):
    """A file of the platform that cannot be read, or that must not be."""

    def __init__(self, file: str, problem: str, line: int | None = None) -> None:
        self.file, self.line, self.problem = file, line, problem
        super().__init__(f"{file if line is None else f'{file}:{line}'}: {problem}")


class OutsidePlatformError(SourceError):
    """A path that leads out of the platform, through `..` or a link."""


class MissingSourceError(SourceError):
    """A file that is named and is not there."""


class RemoteSourceError(SourceError):
    """A source that would have to be fetched; nothing is."""


class ToolError(TurnstileError):
    """A program that Turnstile runs (kubectl, git) is missing, failed in a way that is not the platform's, or took too long."""

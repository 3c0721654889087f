"""What of a run runs a platform's code, and is judged beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial

import pytest

from policies.catalogue import catalogue
from policies.errors import ToolError
from policies.platform import Platform
from policies.requirement import FILES, Requirement, Subject
from policies.session.aside import Asides, beside
from policies.session.options import Options
from policies.verdict import Case, Collected, cases


class Driven:
    """The processes beside a run; that of `FILES` begins with it. `is_beside` says that this is one of them."""

    def __init__(self, config: pytest.Config, options: Options) -> None:
        self.asides = Asides()
        self.is_beside = False
        self._is_whole = judges_all(config, options)
        if self._is_whole:
            self.asides.start(FILES, partial(self._cases_of_files, options))

    def begin(
        self, platform: Platform, requirements: tuple[Requirement, ...], collected: dict[type[Subject], Collected]
    ) -> None:
        """Begin the others, when all is read that they need."""
        if not self._is_whole:
            return
        with suppress(ToolError):  # Whoever needs Terraform's roots says it.
            _ = platform.terraform.answers
        for name in dict.fromkeys(map(beside, requirements)):
            if name not in ("", FILES):
                self.asides.start(name, partial(self._cases, name, requirements, platform, collected))

    def _cases(
        self,
        name: str,
        requirements: Iterable[Requirement],
        platform: Platform,
        collected: dict[type[Subject], Collected],
    ) -> Iterator[Case]:
        self.is_beside = True
        for requirement in requirements:
            if beside(requirement) == name:
                yield from cases(requirement, platform, collected)

    def _cases_of_files(self, options: Options) -> Iterator[Case]:
        """Yield the cases of ours that need a platform's files alone; a team's own requirements are loaded once, and judged in the run."""
        platform = Platform.open(options.platform, today=options.today)
        yield from self._cases(FILES, catalogue(*options.folders[:1]), platform, {})


def judges_all(config: pytest.Config, options: Options) -> bool:
    """Whether a run judges all cases, and in this process: else what is judged beside it might not be wanted."""
    option = config.option
    chosen = option.keyword or option.markexpr or option.deselect or option.maxfail or getattr(option, "lf", False)
    elsewhere = hasattr(config, "workerinput") or getattr(option, "numprocesses", None) or options.suite != "static"
    looked_at = option.help or option.collectonly or option.usepdb or option.trace
    return not (chosen or elsewhere or looked_at or any("::" in argument for argument in config.args))

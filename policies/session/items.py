"""A case as an item of pytest: one that asks for nothing but its subject needs no parameters, no fixtures, no setup."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from policies.requirement import NotJudged
from policies.verdict import Case, run


class CaseItem(pytest.Item):
    """One case of a requirement, judged by calling its function; to the user it looks like the function with a parameter."""

    def __init__(self, *, case: Case, place: tuple[str, int | None], **rest: Any) -> None:
        super().__init__(**rest)
        self.case = case
        self.location = (*place, self.name)  # Told to it: pytest would work it out for every case.

    @property
    def function(self) -> Any:
        """The requirement's function, by whose attributes `-k` selects too."""
        return self.case.requirement.function

    def runtest(self) -> None:
        """Judge."""
        run(self.case)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """Give file, line and name."""
        return (self.path, *self.location[1:])

    def __repr__(self) -> str:
        return f"<Function {self.name}>"


def items(function: pytest.Function, made: tuple[Case, ...]) -> Iterator[CaseItem] | None:
    """Give an item for each case of a requirement's function, or None where that asks for more than its subject, or has marks."""
    spelled = [as_parameter(case.id) for case in made]
    if len(function.fixturenames) != 1 or any(function.iter_markers()) or len(set(spelled)) < len(spelled):
        return None
    assert function.parent is not None  # noqa: S101 (a function stands in a module)
    place = function.location[:2]
    return (
        # Its id is given: of a name alone pytest would not know which part of it is the parameter, as `--lf` must.
        CaseItem.from_parent(
            function.parent,
            name=f"{function.name}[{text}]",
            nodeid=f"{function.nodeid}[{text}]",
            case=case,
            place=place,
        )
        for text, case in zip(spelled, made, strict=True)
    )


def case_of(item: pytest.Item) -> Case | None:
    """Give the case that an item stands for, or None."""
    if isinstance(item, CaseItem):
        return item.case
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    return next((value for value in parameters.values() if isinstance(value, Case)), None)


def as_parameter(id: str) -> str:
    """Spell a case's id as pytest spells a parameter's."""
    return in_ascii(id).encode("unicode_escape").decode()


def in_ascii(text: str) -> str:
    """Spell out what is not ASCII."""
    return text.encode("ascii", "backslashreplace").decode()


def call(case: Case) -> BaseException | None:
    """Call a case's function on its subject, and give what it raised."""
    try:
        run(case)
    except (KeyboardInterrupt, SystemExit, pytest.exit.Exception):
        raise
    except BaseException as error:  # noqa: BLE001 (whatever it is becomes a verdict; pytest.skip is no Exception)
        return as_meant(error)
    return None


def as_meant(error: BaseException | None) -> BaseException | None:
    """Give what a function raised; pytest's own way to skip is our way not to judge."""
    return NotJudged(str(error)) if isinstance(error, pytest.skip.Exception) else error

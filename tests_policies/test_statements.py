"""What owners state: `platform.toml` and `waivers.toml`, their lines and their days."""

from __future__ import annotations

import datetime
from pathlib import Path

import msgspec
import pytest
from commands import ROOT

from policies.errors import StatementError
from policies.evidence import Location
from policies.intent.intent import Intent, read_intent
from policies.intent.places import Base, External, Kafka, PlaceIntent, Redis, Services
from policies.intent.statement import convert, line_of_key
from policies.requirement import Severity
from policies.verdict import Outcome, Verdict
from policies.waivers import Waivers, overdue, read_waivers, unused

TODAY = datetime.date(2026, 6, 1)

STATEMENT = """\
# comment
kubernetes = "1.34"

[services]
backend = [
  "a",   # one
  "b",
]

[overlays.kind]
path = "k8s/kind"
stage = "development"
exposed = ["a"]

[overlays."my prod"]
path = "k8s/prod"
stage = "release"
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (["kubernetes"], 2),
        (["services"], 4),
        (["services", "backend"], 5),
        (["services", "backend", 1], 5),
        (["overlays", "kind", "stage"], 12),
        (["overlays", "my prod", "stage"], 17),
        (["overlays", "my prod", "nothing"], 15),
        (["nothing"], None),
    ],
)
def test_line_of_a_key_is_where_its_value_begins(path: list[str | int], line: int | None) -> None:
    """A key's line is found whatever comments, tables and lists stand before it; a missing key's is its table's."""
    assert line_of_key(STATEMENT, path) == line


@pytest.mark.parametrize(
    ("change", "line", "key", "said"),
    [
        (('"1.34"', "1.34"), 2, "kubernetes", "it is 1.34"),
        (('"1.34"', '"v1.34"'), 2, "kubernetes", "it is 'v1.34'"),
        (('stage = "development"', 'stage = "dev"'), 12, "overlays.kind.stage", "it is 'dev'"),
        (('exposed = ["a"]', "exposed = [1]"), 13, "overlays.kind.exposed.0", "it is 1"),
        (('path = "k8s/prod"', 'path = "/k8s"'), 16, "overlays.my prod.path", "it is '/k8s'"),
        (('path = "k8s/prod"\n', ""), 15, "overlays.my prod", "lacks the key 'path'"),
        (("[services]", "[service]"), 4, "service", "did you mean 'services'?"),
        (("[services]", "services = 3\n[s]"), 4, "services", "it is 3"),
    ],
)
def test_statement_error_names_key_line_and_value(change: tuple[str, str], line: int, key: str, said: str) -> None:
    """Each way not to fit the schema is said with the key, its line, and the value that was seen."""
    assert change[0] in STATEMENT
    with pytest.raises(StatementError) as caught:
        convert(STATEMENT.replace(*change), "platform.toml", Intent)
    assert (caught.value.line, caught.value.key) == (line, key)
    assert said in caught.value.problem


@pytest.mark.parametrize("name", ["platform.toml", "waivers.toml"])
def test_statement_is_a_plain_file_of_the_platform(name: str, tmp_path: Path) -> None:
    """A statement that is a link out of the platform, a folder or no UTF-8 is refused, and not taken for none."""
    root = tmp_path / "platform"
    root.mkdir()
    (tmp_path / "outside.toml").write_text("", encoding="utf-8")
    (root / name).symlink_to(tmp_path / "outside.toml")

    def read() -> object:
        return read_intent(root) if name == "platform.toml" else read_waivers(root, TODAY, frozenset())

    with pytest.raises(StatementError, match="leads out of the platform"):
        read()
    (root / name).unlink()
    (root / name).mkdir()
    with pytest.raises(StatementError, match="not a plain file"):
        read()
    (root / name).rmdir()
    (root / name).write_bytes(b'a = "\xff"')
    with pytest.raises(StatementError, match="is not UTF-8"):
        read()


def waivers(tmp_path: Path, *stated: str) -> Waivers:
    """Read waivers of A-1; each is given as its subject and its end."""
    entry = '[[waiver]]\nrequirement = "A-1"\nreason = "r"\nowner = "o"\n{}\n'
    (tmp_path / "waivers.toml").write_text("\n".join(entry.format(text) for text in stated), encoding="utf-8")
    return read_waivers(tmp_path, TODAY, frozenset({"A-1"}))


def failure(subject: str, requirement: str = "A-1", outcome: Outcome = Outcome.FAILED) -> Verdict:
    """Give a verdict on a subject."""
    return Verdict(requirement, subject, "prod", outcome, Severity.HIGH, "t", "w", "r", ("+",), "it broke")


def test_waiver_holds_through_its_last_day(tmp_path: Path) -> None:
    """On its last day a waiver holds; on the day after it does not, and the failure says so."""
    last, over = (f'subject = "x"\nexpires = {day}' for day in ("2026-06-01", "2026-05-31"))
    assert waivers(tmp_path, last).apply(failure("x")).outcome is Outcome.WAIVED
    read = waivers(tmp_path, over)
    told = read.apply(failure("x"))
    assert told.outcome is Outcome.FAILED
    assert told.message == "it broke (its waiver, waivers.toml:1, expired on 2026-05-31)"
    assert [found.requirement for found in overdue(read)] == ["WAIVER-01"]
    assert overdue(waivers(tmp_path, last)) == ()


@pytest.mark.parametrize(
    ("pattern", "subject", "covered"),
    [
        ("prod:*/web", "prod:shop/Deployment/web", True),
        ("prod:*/web", "kind:shop/Deployment/web", False),
        ("x[1]", "x[1]", True),
        ("x[1]*", "x[1]y", True),
        ("x[1]", "x1", False),
        ("x?", "xy", False),
        ("X", "x", False),
    ],
)
def test_waiver_covers_what_it_names(pattern: str, subject: str, covered: bool, tmp_path: Path) -> None:
    """Only the star has a meaning: brackets and question marks are themselves, and case counts."""
    read = waivers(tmp_path, f'subject = "{pattern}"\npermanent = true')
    assert (read.apply(failure(subject)).outcome is Outcome.WAIVED) == covered


def test_waiver_lets_only_failures_pass(tmp_path: Path) -> None:
    """An unreadable source cannot be waived, nor another requirement's failure."""
    read = waivers(tmp_path, 'subject = "*"\npermanent = true')
    assert read.apply(failure("x", outcome=Outcome.ERROR)).outcome is Outcome.ERROR
    assert read.apply(failure("x", requirement="A-2")).outcome is Outcome.FAILED


def test_unused_waiver_is_told_with_its_line(tmp_path: Path) -> None:
    """A waiver that covered no failure is a failure at its line, when all cases of its requirement are known."""
    read = waivers(tmp_path, 'subject = "x"\npermanent = true', 'subject = "y"\npermanent = true')
    seen = [read.apply(failure("x")), failure("y", outcome=Outcome.PASSED)]
    (found,) = unused(read, seen, frozenset({"A-1"}))
    assert (found.requirement, found.subject, found.locations) == ("WAIVER-02", "A-1 y", (Location("waivers.toml", 8),))
    assert unused(read, seen, frozenset()) == ()


def test_every_key_is_documented() -> None:
    """docs/platform.md names each key of the schema, so that nobody has to read the code to state something."""
    page = (ROOT / "docs" / "platform.md").read_text(encoding="utf-8")
    tables = (Services, Base, Kafka, Redis, PlaceIntent, External, Intent)
    keys = {field.encode_name for table in tables for field in msgspec.structs.fields(table)}
    assert [key for key in sorted(keys) if key not in page] == []

"""What holds of all requirements: their ids, their words, and the rules of others that they say they cover."""

from __future__ import annotations

from pathlib import Path

from policies.catalogue import CHAPTERS, OWN, catalogue

EVERY = catalogue(OWN)


def test_well_known_rules_are_named_as_they_are_published() -> None:
    """A mapping whose title is not the published one, word for word, sends its reader to a rule that is not there."""
    lines = (Path(__file__).parent / "cases" / "published_titles.txt").read_text(encoding="utf-8").splitlines()
    published = {line for line in lines if line and not line.startswith("#")}
    named = {title for item in EVERY for title in item.maps}
    assert named
    assert named - published == set()


def test_every_requirement_says_why_and_what_to_do() -> None:
    """A reason and a remedy are sentences, and both end as such."""
    unfinished = [item.id for item in EVERY if not item.why.endswith(".") or not item.remedy.endswith((".", "..."))]
    assert unfinished == []


def test_every_requirement_stands_in_a_chapter_of_the_specification() -> None:
    """The chapter of an id is one that reports can name."""
    assert {item.chapter for item in EVERY} <= set(CHAPTERS)

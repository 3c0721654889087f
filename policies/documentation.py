"""The page of all requirements, made from the requirements themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policies.catalogue import Chapter
from policies.requirement import Requirement

_HEAD = """\
# Requirements

<!-- Made by 'turnstile docs' from the requirements themselves; edit those. -->

Each is one demand, judged on each subject of its kind. A clause is one of the platform's specification; `+` goes beyond it.
"""


def requirements_page(every: Iterable[Chapter]) -> str:
    """Give the page as Markdown: a section a chapter, and the table of clauses at the end."""
    listed = tuple(every)
    body = (line for chapter in listed for line in _chapter(chapter))
    return "\n".join([_HEAD, *body, *_clauses(listed), *_well_known(listed)])


def _chapter(chapter: Chapter) -> Iterator[str]:
    yield f"## {chapter.requirements[0].chapter} · {chapter.title}\n"
    for item in chapter.requirements:
        yield f"### {item.id} · {item.title}\n"
        yield f"{item.why}\n"
        yield (
            f"- **severity** {_severity(item)}; **clause** {', '.join(item.clauses)}; **judged on** each {item.subject.noun}"
            + (", in files only" if item.subject.only_in_files else "")
        )
        yield f"- **remedy** {item.remedy}\n"


def _severity(item: Requirement) -> str:
    where = item.severity_in_development
    return item.severity.name.lower() + (f" ({where.name.lower()} in development)" if where else "")


def _clauses(every: tuple[Chapter, ...]) -> Iterator[str]:
    proven: dict[str, list[str]] = {}
    for chapter in every:
        for item in chapter.requirements:
            for clause in item.clauses:
                proven.setdefault(clause, []).append(item.id)
    yield "## Clauses\n"
    yield "| clause | proven by |"
    yield "|---|---|"
    for clause in sorted(
        proven,
        key=lambda text: (
            text == "+",
            [int(part) if part.isdigit() else 0 for part in text.rstrip("abcdefgh").split(".")],
            text,
        ),
    ):
        yield f"| {clause} | {', '.join(proven[clause])} |"
    yield ""


def _well_known(every: tuple[Chapter, ...]) -> Iterator[str]:
    """Give the rules of others that requirements cover, by their published titles."""
    covered: dict[str, list[str]] = {}
    for chapter in every:
        for item in chapter.requirements:
            for title in item.maps:
                covered.setdefault(title, []).append(item.id)
    if not covered:
        return
    yield "## Well-known rules\n"
    yield "| rule | covered by |"
    yield "|---|---|"
    yield from (f"| {title} | {', '.join(ids)} |" for title, ids in sorted(covered.items()))
    yield ""

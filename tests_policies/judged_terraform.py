"""Terraform in a text, judged: what a requirement says of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from policies.catalogue import OWN, catalogue
from policies.platform import Platform
from policies.verdict import Verdict, cases, judge

_EVERY = {item.id: item for item in catalogue(OWN)}


def verdicts(folder: Path, text: str | Mapping[str, str], *ids: str, statement: str = "") -> tuple[Verdict, ...]:
    """Write a root (`main.tf`, or files by path) and what is stated of it, and judge it by requirements."""
    files = {"main.tf": text} if isinstance(text, str) else text
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content, encoding="utf-8")
    if statement:
        (folder / "platform.toml").write_text(statement, encoding="utf-8")
    platform = Platform.open(folder)
    return tuple(judge(case) for id in ids for case in cases(_EVERY[id], platform))


def told(folder: Path, text: str | Mapping[str, str], *ids: str, statement: str = "") -> dict[str, list[str]]:
    """Give the outcomes of each requirement, sorted."""
    found: dict[str, list[str]] = {id: [] for id in ids}
    for verdict in verdicts(folder, text, *ids, statement=statement):
        found[verdict.requirement].append(verdict.outcome.value)
    return {id: sorted(outcomes) for id, outcomes in found.items()}


def block(type: str, body: str, name: str = "it") -> str:
    """Write a resource."""
    return f'resource "{type}" "{name}" {{\n{body}\n}}\n'

"""Credentials that are written in a pipeline: workflows, actions, and what else stands in the hidden folders of CI services."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.errors import SourceError
from policies.model.secrets.credential_names import names_credential, words_of
from policies.model.secrets.credential_values import literals_in
from policies.model.secrets.credentials_in_code import credential_in
from policies.model.secrets.placeholders import is_placeholder
from policies.read import yaml
from policies.read.pipelines import OTHERS
from policies.read.tree import Tree

_FOLDERS = (".github", ".gitlab", ".circleci", ".buildkite", ".woodpecker")
_ENDINGS = (".yml", ".yaml")

_EXPRESSION = "${{"
"""What a service fills in as it runs: `${{ secrets.PASSWORD }}`."""

_SAID_OF_ALL = {"id-token": frozenset({"write", "read", "none"}), "secrets": frozenset({"inherit"})}
"""GitHub's own words: a right to ask for a token, and secrets that are handed on (Workflow syntax: `permissions`, `jobs.<job_id>.secrets.inherit`)."""

_OF_TESTS = frozenset({"test", "tests", "testing", "ci"})
"""Words in the value of what a test makes up for itself, which opens nothing."""

_BY_NAME = ("a literal of", "the default of")
_BY_FORM = "a key or a token, by its form"


def hidden_pipelines(tree: Tree) -> Iterator[str]:
    """Yield the pipelines' files in folders that are not searched otherwise, for they are hidden."""
    found = {path for path in OTHERS if path.startswith(".") and path.endswith(_ENDINGS) and tree.is_file(path)}
    for folder in _FOLDERS:
        if tree.is_directory(folder):
            inside = Tree(tree.root / folder).files
            found.update(f"{folder}/{path}" for path in inside if path.endswith(_ENDINGS))
    yield from sorted(found)


def held_in_pipeline(path: str, text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of a pipeline that hold a credential by their key's name or by its form, each with what it is; never the credential."""
    lines = text.splitlines()
    own = _of_services(path, text)
    for number, name, literal in literals_in(text):
        value = (lines[number].partition(":")[2] or lines[number].partition("=")[2]).strip().strip("\"'")
        if literal == _BY_FORM:
            yield number + 1, literal
        elif _EXPRESSION in value or is_placeholder(value) or not literal.startswith(_BY_NAME):
            continue
        elif names_credential(name) and not _is_harmless(name, value, own):
            yield number + 1, f"{name} is {literal}"
    for number, line in enumerate(lines, start=1):
        # What stands for a secret that is not set: `${{ secrets.PASSWORD || 'literal' }}`.
        told = credential_in(line, "", is_test=False, is_shell=False) if _EXPRESSION in line else None
        if told is not None and told != _BY_FORM:
            yield number, told


def _is_harmless(name: str, value: str, own: frozenset[str]) -> bool:
    said = value in _SAID_OF_ALL.get(name.lower(), ())
    return said or value in own or not _OF_TESTS.isdisjoint(words_of(value))


def _of_services(path: str, text: str) -> frozenset[str]:
    """Give what is written for containers that live as long as a job: a database for tests is made with this password, and ends with it."""
    try:
        documents = yaml.parse(text.encode(), path)
    except SourceError:
        return frozenset()
    return frozenset(value for document in documents for value in _scalars(document.data, inside=False))


def _scalars(data: Any, *, inside: bool) -> Iterator[str]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _scalars(value, inside=inside or key == "services")
    elif isinstance(data, list):
        for value in data:
            yield from _scalars(value, inside=inside)
    elif inside and data is not None:
        yield str(data)

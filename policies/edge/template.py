"""A template of Terraform beside a handler: the example of the JSON that a release renders from it (`templatefile`).

developer.hashicorp.com/terraform/language/functions/templatefile
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

from policies.errors import ToolError
from policies.model.cloud.packed import contents
from policies.platform import Platform
from policies.read.terraform_texts import FileRead, file_read

ENDINGS = (".tftpl", ".tpl", ".tmpl")
Names = Mapping[str, Mapping[str, str | None]]
"""What the names in templates stand for, by the template's path."""

_TOKEN = re.compile(r'"(?:[^"\\$%]|\\.|\$(?!\{)|%(?!\{)|\$\{\s*[\w-]+\s*\})*"|\$\{[^{}]*\}')
_NAME = re.compile(r"\$\{\s*([A-Za-z_][\w-]*)\s*\}")
_BARE = re.compile(r"\$\{\s*(?:jsonencode\(\s*([A-Za-z_][\w-]*)\s*\)|([A-Za-z_][\w-]*))\s*\}")
_MARK = re.compile(r"⟦([\w-]+)⟧")


def templates_of(name: str) -> tuple[str, ...]:
    """Give what the template of a file is called."""
    stems = (name, posixpath.splitext(name)[0])
    return tuple(f"{stem}{ending}" for stem in stems for ending in ENDINGS)


def names_in_templates(platform: Platform, folder: str) -> dict[str, Mapping[str, str | None]]:
    """Give what Terraform says that the names in a folder's templates stand for; None for what is not known, or not one everywhere."""
    below = "" if folder == "." else f"{folder}/"
    if not any(path.startswith(below) and path.endswith(ENDINGS) for path in platform.tree.files):
        return {}
    found: dict[str, dict[str, str | None]] = {}
    for read in _reads(platform):
        for name, value in (read.names or {}).items():
            of_file = found.setdefault(read.path, {})
            of_file[name] = value if of_file.get(name, value) == value else None
    return dict(found)


def _reads(platform: Platform) -> Iterator[FileRead]:
    try:
        roots = platform.terraform.roots
    except ToolError:
        return  # whoever judges Terraform tells it
    for root in roots:
        for archive in root.data("archive_file"):
            yield from (one.read for one in contents(archive) if one.read is not None)
        for file in root.resources("local_file"):
            if (read := file_read(file, "content")) is not None:
                yield read


def example_of(template: bytes, names: Mapping[str, str | None]) -> tuple[dict[str, Any], frozenset[str]] | None:
    """Give the object that a template comes to, and its keys of which nothing is known; None where it is not JSON."""
    try:
        data = json.loads(_TOKEN.sub(_marked, template.decode()))
    except ValueError:
        return None
    if not isinstance(data, dict):
        return None
    known = {key: _filled(value, names) for key, value in data.items()}
    found = {key: value for key, value in known.items() if value is not None or data[key] is None}
    return found, frozenset(data) - frozenset(found)


def _marked(token: re.Match[str]) -> str:
    if token[0].startswith('"'):
        return _NAME.sub(r"⟦\1⟧", token[0])
    bare = _BARE.fullmatch(token[0])
    return f'"⟦{bare[1] or bare[2]}⟧"' if bare is not None else token[0]


def _filled(value: Any, names: Mapping[str, str | None]) -> Any:
    """Put in what names stand for; None where one is not known."""
    if isinstance(value, str):
        told = {name: names.get(name) for name in _MARK.findall(value)}
        return None if None in told.values() else _MARK.sub(lambda found: str(told[found[1]]), value)
    if not isinstance(value, (dict, list)):
        return value
    known = [_filled(one, names) for one in (value.values() if isinstance(value, dict) else value)]
    if None in known:
        return None
    return dict(zip(value, known, strict=True)) if isinstance(value, dict) else known

"""Functions that behaviours run at viewer request: which version, and of which code."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from policies.model.cloud.packed import Content, archives, contents, stated_paths
from policies.model.cloud.resources import known
from policies.model.delivery.resources import BehaviourBlock
from policies.read.terraform import Block, Unknown

_VIEWER_REQUEST = "viewer-request"
_NUMBERED = re.compile(r":function:[^:]+:\d+\Z")


@dataclass(frozen=True, eq=False)
class Association:
    """A function that a behaviour runs at viewer request: where it is associated, and the function, where it is of the same root."""

    path: tuple[str | int, ...]
    arn: Any
    function: Block | None
    is_lambda: bool = True

    @property
    def version(self) -> str | None:
        """What names its version: `published`, `latest`, `alias`, or None where that cannot be told. Raises NotJudged where it is not known."""
        text = self.arn if isinstance(self.arn, str) else self.arn.text if isinstance(self.arn, Unknown) else ""
        attribute = re.search(r"\$\{([^{}]*?)\.([a-z_]+)\}(.*)\Z", text)
        if attribute is None:
            number = _NUMBERED.search(text) is not None
            plain = text.startswith("arn:")
            return "published" if number else "latest" if plain and text.count(":") == 6 else "alias" if plain else None
        holder, name, rest = attribute.groups()
        if "aws_lambda_alias." in holder:
            return "alias"
        if re.fullmatch(r":\d+", rest) or name in ("qualified_arn", "version") or ".version}" in text:
            return "published"
        return "latest" if name in ("arn", "invoke_arn") and not rest else None


def associations(found: BehaviourBlock) -> Iterator[Association]:
    """Yield the functions that a behaviour runs at viewer request. Raises NotJudged where an event is not known."""
    for kind, name in (("lambda_function_association", "lambda_arn"), ("function_association", "function_arn")):
        for index, block in enumerate(found.block.blocks(kind)):
            if known(block.get("event_type")) == _VIEWER_REQUEST:
                path = (*found.path, kind, index, name)
                types = ("aws_lambda_function", "aws_cloudfront_function", "aws_lambda_alias")
                made = (one for one in found.distribution.refers_to(*path) if one.type in types)
                yield Association((kind, index, name), block.get(name), next(made, None), kind.startswith("lambda"))


def is_from(function: Block, folder: str) -> bool | None:
    """Whether a function's package is made of a folder's code; None where nothing says what it is made of."""
    paths = stated_paths(function, "source_path")
    packed = archives(function)
    for archive in packed:
        paths += stated_paths(archive, "source_dir", "source_file")
        paths += [one.read.path if one.read is not None else None for one in _code(function, archive)]
    if not packed:
        paths += stated_paths(function, "filename")
    if any(_is_of(path, folder) for path in paths if path is not None):
        return True
    return False if paths and None not in paths else None


def _code(function: Block, archive: Block) -> list[Content]:
    """Give the content that holds the handler, where it can be told which, else all of them."""
    every = list(contents(archive))
    module = str(function.get("handler")).rpartition(".")[0]
    return [one for one in every if one.name is not None and posixpath.splitext(one.name)[0] == module] or every


def _is_of(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder + "/") or posixpath.dirname(path) == folder

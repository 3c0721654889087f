"""A function's code as it is uploaded: the package that Terraform names, or, where no release has built it, the folder that it is built from."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Mapping

from policies.errors import SourceError
from policies.live.aws.resolving import UnresolvedError
from policies.model.cloud.packed import Content, archives, contents
from policies.read.terraform import Block
from policies.read.tree import MAXIMUM_BYTES, Tree, is_below

LARGEST = 50 * 1024 * 1024
"""Bytes of a package that is uploaded at once (AWS Lambda, "Lambda quotas")."""

ENDINGS = (".js", ".mjs", ".cjs", ".py")
_LEFT_OUT = re.compile(
    r"(?:^|/)(?:tests?|__tests__|dist|build)/|(?:^|/)\.|\.zip$|\.(?:test|spec)\.|(?:^|/)config\.json$"
)


def package_of(tree: Tree, function: Block, beside: Mapping[str, bytes]) -> bytes:
    """Give a function's package as a zip file; `beside` are files that a release would bring, by their paths.

    Raises UnresolvedError where its code is not found in the platform.
    """
    for archive in archives(function):
        made = list(contents(archive))
        if made:
            return _packed(tree, made, beside)
    for stated in _stated(function):
        path = posixpath.normpath(posixpath.join(function.root.folder, stated))
        if tree.is_file(path) and path.endswith(".zip"):
            return tree.read(path, LARGEST)
        folder = _folder(tree, path, str(function.get("handler") or ""))
        if folder is not None:
            return _zipped(tree, folder, beside)
    raise UnresolvedError(f"the code of {function.address} is neither a package nor a folder of the platform")


def _stated(function: Block) -> list[str]:
    found = [function.get("filename")]
    for archive in function.refers_to("filename"):
        found += [archive.get("source_dir"), archive.get("source_file")]
    return [one for one in found if isinstance(one, str) and "${" not in one]


def _packed(tree: Tree, made: list[Content], beside: Mapping[str, bytes]) -> bytes:
    """Pack contents one by one; what a template comes to only in a release is `beside`, by its name in the template's folder."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in made:
            if one.name is None:
                raise UnresolvedError("the name of a file in a function's package is not known")
            archive.writestr(one.name, _content(tree, one, beside))
    return held.getvalue()


def _content(tree: Tree, one: Content, beside: Mapping[str, bytes]) -> bytes:
    brought = posixpath.join(posixpath.dirname(one.read.path), posixpath.basename(one.name or "")) if one.read else ""
    if brought in beside:
        return beside[brought]
    if one.text is not None:
        return one.text.encode()
    if one.read is None or one.read.names is not None:
        raise UnresolvedError(f"what {one.name} holds in a function's package is known only when it is applied")
    try:
        return tree.read(one.read.path, MAXIMUM_BYTES)
    except SourceError as error:
        raise UnresolvedError(str(error)) from None


def _folder(tree: Tree, path: str, handler: str) -> str | None:
    """Give the nearest folder at or above a path that holds the handler's file."""
    file = handler.rpartition(".")[0]
    folder = path if tree.is_directory(path) else posixpath.dirname(path)
    while folder not in ("", "..") and not folder.startswith("../"):
        if any(tree.is_file(posixpath.join(folder, file + ending)) for ending in ENDINGS):
            return folder
        folder = posixpath.dirname(folder)
    return None


def _zipped(tree: Tree, folder: str, beside: Mapping[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in tree.files:
            name = posixpath.relpath(path, folder)
            if not is_below(path, folder) or _LEFT_OUT.search(name):
                continue
            try:
                archive.writestr(name, tree.read(path, MAXIMUM_BYTES))
            except SourceError as error:
                raise UnresolvedError(str(error)) from None
        for path, content in beside.items():
            if is_below(path, folder):
                archive.writestr(posixpath.relpath(path, folder), content)
    return held.getvalue()

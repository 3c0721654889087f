"""Where a worker's code is: the file of the function that an event source mapping of a queue invokes, or the one that is stated."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from policies.errors import SourceError
from policies.model.cloud.functions import Worker
from policies.platform import Platform
from policies.read.tree import Tree
from policies.requirement import NotJudged

Value = TypeVar("Value")

CODE = (".js", ".mjs", ".cjs")


@dataclass(frozen=True)
class Found:
    """A function that takes a queue's messages, and the file and the name of its handler; `missing` is why there is no file."""

    function: Worker
    file: str
    export: str
    missing: str = ""


def find(platform: Platform) -> Iterator[Found]:
    """Yield the functions that take a queue's messages, each with its code where that is in the platform."""
    for worker in Worker.collect(platform):
        if isinstance(worker, Worker):
            yield _locate(platform.tree, worker)


def _locate(tree: Tree, worker: Worker) -> Found:
    runtime, handler = worker.block.get("runtime"), worker.block.get("handler")
    if isinstance(runtime, str) and not runtime.startswith("nodejs"):
        return Found(worker, "", "", f"{worker.label} runs on {runtime}, and JavaScript alone is driven")
    if not isinstance(handler, str) or "." not in handler:
        return Found(worker, "", "", f"the handler of {worker.label} is not known; state it: [worker] handler")
    module, _, export = handler.rpartition(".")
    for folder in _folders(tree, worker):
        for suffix in CODE:
            file = posixpath.normpath(posixpath.join(folder, module + suffix))
            if tree.is_file(file):
                return Found(worker, file, export)
    return Found(worker, "", "", f"the code of {worker.label} ({handler}) was not found; state it: [worker] handler")


def _folders(tree: Tree, worker: Worker) -> Iterator[str]:
    """Yield the folders that its package may be made of: what an archive is made from, and those above the package."""
    block, root = worker.block, worker.block.root.folder
    for archive in block.refers_to("filename"):
        if archive.type == "archive_file":
            for name in ("source_dir", "source_file"):
                told = archive.get(name)
                if isinstance(told, str):
                    yield from _inside(tree, root, told if name == "source_dir" else posixpath.dirname(told))
    package = block.get("filename")
    if isinstance(package, str):
        for folder in _inside(tree, root, posixpath.dirname(package)):
            while folder not in ("", "."):
                yield folder
                folder = posixpath.dirname(folder)


def _inside(tree: Tree, root: str, path: str) -> Iterator[str]:
    if re.search(r"\$\{", path):
        return
    try:
        yield tree.resolve(path, seen_from=root)
    except SourceError:
        return


@dataclass(frozen=True)
class Deployed:
    """What Terraform says of a worker's queue, mapping and time; None where it does not, for the reason that `why` has of each."""

    fifo: bool | None = None
    partial: bool | None = None
    batch: int | None = None
    seconds: int | None = None
    why: tuple[str, ...] = ()


UNMAPPED = "no function of Terraform that a queue's mapping invokes has this code (WORKER-01a)"


def deployed(function: Worker | None) -> Deployed:
    """Say what is known of how a function is invoked."""
    if function is None:
        return Deployed(why=(UNMAPPED,))
    why: list[str] = []

    def known(read: Callable[[], Value]) -> Value | None:
        try:
            return read()
        except NotJudged as reason:
            why.append(str(reason))
            return None

    mapping = function.mappings[0]
    return Deployed(
        known(lambda: mapping.reads_fifo),
        known(lambda: mapping.reports_failures),
        known(lambda: mapping.batch_size),
        known(lambda: function.timeout),
        tuple(why),
    )

"""From what tfparse answers to a root's blocks: what is there, where it is written, and the blocks in it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from policies.evidence import Location
from policies.read.hcl import Declaration
from policies.read.terraform import Block, Root, Unknown
from policies.read.terraform_copy import FILE, OWN_ID, PROBE, RENAMED, Folder
from policies.read.terraform_evaluate import Answer
from policies.read.terraform_names import Names
from policies.read.terraform_presence import Presence
from policies.read.terraform_references import is_cut, locate, provider_of, refers_to
from policies.read.terraform_scope import Scope
from policies.read.terraform_unknown import Analysis
from policies.read.terraform_values import Place, Values


class Attributes(Mapping[str, Any]):
    """A block's values, made when they are first asked for."""

    def __init__(self, make: Any) -> None:
        self.make = make

    @cached_property
    def data(self) -> dict[str, Any]:
        """All of them."""
        made: dict[str, Any] = self.make()
        return made

    def __getitem__(self, name: str) -> Any:
        return self.data[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.data)

    def __len__(self) -> int:
        return len(self.data)


class Reader:
    """What is known of one root's answer."""

    def __init__(
        self,
        root: Root,
        scope: Scope,
        folders: Mapping[str, Folder],
        analysis: Analysis,
        answer: Answer,
        culprits: frozenset[tuple[str, int]],
    ) -> None:
        self.root, self.folders, self.analysis, self.answer = root, folders, analysis, answer
        self.scopes = {inner.path: inner for inner in scope.below()}
        self.names = Names(answer.blocks)
        self.values = Values(self.names, analysis)
        self.presence = Presence(self.scopes, folders, self.names, analysis, culprits)
        self.raw: dict[Block, tuple[dict[str, Any], Place]] = {}

    @cached_property
    def by_address(self) -> dict[str, Block]:
        """Its blocks by address."""
        return {block.address: block for block in self.root.blocks}

    @cached_property
    def by_source(self) -> dict[str, tuple[Block, ...]]:
        """Its blocks by address without keys."""
        found: dict[str, list[Block]] = {}
        for block in self.root.blocks:
            found.setdefault(Names.without_keys(block.address), []).append(block)
        return {address: tuple(blocks) for address, blocks in found.items()}

    def locate(self, block: Block, path: tuple[str | int, ...]) -> Location:
        """Give the line of a value."""
        return locate(self.analysis, block, path)

    def refers_to(self, block: Block, path: tuple[str | int, ...]) -> tuple[Block, ...]:
        """Give the blocks that a value refers to."""
        return refers_to(self, block, path)

    def is_cut(self, block: Block, path: tuple[str | int, ...]) -> bool:
        """Whether a function may have made another text of what a value shows."""
        return is_cut(self, block, path)

    def provider_of(self, block: Block) -> Block | None:
        """Give the provider that makes a block."""
        return provider_of(self, block)

    def blocks(self) -> Iterator[Block]:
        """Make every block, and one of which nothing is known for each that may be there and of which tfparse tells nothing."""
        for type, raw in self.names.every:
            block = self._block(type, raw)
            if block is not None:
                yield block
        seen = {(place.module, block.declaration) for block, (_, place) in self.raw.items()}
        for module, address, declaration, unknown in self.presence.left_out(seen):
            yield Block(
                self.root, declaration.type, declaration.labels[0], declaration.labels[-1], self._shown(address), self._shown(module),
                declaration.file, declaration.line, declaration.last_line, Attributes(dict), unknown, declaration,
            )  # fmt: skip

    def _block(self, type: str, raw: dict[str, Any]) -> Block | None:
        meta = raw["__tfmeta"]
        module, own = self.names.split(str(meta.get("path") or type))
        kind = str(meta.get("type") or type)
        file = posixpath.normpath(posixpath.join(self.root.folder, str(meta.get("filename", ""))))
        if re.search(r"\[[1-9]\]⟧", str(meta.get("path"))):
            return None  # how many there are is made up: one stands for all of them
        if posixpath.basename(file) == FILE or (type == "locals" and not _plain(raw)):
            return None
        scope = self.scopes.get(self.names.without_keys(module))
        if scope is None:
            return None
        line = self._line(file, int(meta.get("line_start", 1)))
        name = re.sub(r"\[.*\Z", "", own.removeprefix("data.")).partition(".")[2] if kind in _NAMED else ""
        address = str(meta.get("path") or type)
        if kind == "output" and name.startswith(RENAMED):
            name, address = name.removeprefix(RENAMED), address.replace(RENAMED, "")
        declaration = _declaration(scope, kind, type, name, file, line)
        if kind == "provider":
            type = str(meta.get("label") or name)
        elif kind not in ("resource", "data"):
            type = name if kind == "module" else ""
        chain = (declaration,) if declaration else ()
        place = Place(scope, module, file, chain)
        last = declaration.last_line if declaration else line
        line = declaration.line if declaration else line
        shown = self._shown(address)
        unknown = self.presence.of(scope, kind, declaration, raw, address, module)
        block = Block(
            self.root, kind, type, name, shown, self._shown(module), file, line, last,
            Attributes(lambda: self._attributes(raw, place, shown)), unknown, declaration,
        )  # fmt: skip
        self.raw[block] = (raw, place)
        return block

    def _shown(self, address: str) -> str:
        """Give an address without stand-ins in its keys."""
        return self.names.show(address)[0] if "⟦" in address else address

    def _line(self, file: str, line: int) -> int:
        folder = self.folders.get(posixpath.dirname(file) or ".")
        lines = folder.lines.get(file, []) if folder else []
        return lines[min(line, len(lines) - 1)] if lines else line

    # Values

    def _attributes(self, raw: Mapping[str, Any], place: Place, address: str) -> dict[str, Any]:
        declaration = place.chain[-1] if place.chain else None
        folder = self.folders.get(place.scope.folder)
        added = folder.added.get(declaration, frozenset()) if folder and declaration else frozenset()
        attributes: dict[str, Any] = {}
        for name, value in raw.items():
            if name == OWN_ID:
                name = "id"
            elif name in ("__tfmeta", "id") or name.startswith((PROBE, RENAMED)) or name in added:
                continue
            listed = value if isinstance(value, list) else [value]
            if listed and all(isinstance(item, dict) and "__tfmeta" in item for item in listed):
                attributes[name] = tuple(
                    self._nested(name, item, place, f"{address}.{name}[{number}]") for number, item in enumerate(listed)
                )
            else:
                attributes[name] = self.values.value(value, name, place)
        if declaration is not None and declaration.type == "variable" and "type" in declaration.attributes:
            attributes["type"] = " ".join(declaration.attributes["type"].text.split())
        dynamic = {inner.labels[0]: inner for inner in declaration.of("dynamic") if inner.labels} if declaration else {}
        for name, inner in dynamic.items():
            assert declaration is not None  # noqa: S101 (the blocks are in it)
            unknown = self.presence.blocks_of(name, declaration, raw, place.scope, place.chain)
            if unknown is not None:
                known = attributes.get(name, ())
                made = self._unknown_block(inner, place, address, unknown)
                attributes[name] = (*known, made) if isinstance(known, tuple) else (made,)
        return attributes

    def _nested(self, name: str, raw: Mapping[str, Any], place: Place, address: str) -> Block:
        meta = raw["__tfmeta"]
        line = self._line(place.file, int(meta.get("line_start", 1)))
        chain = place.chain
        for block in chain[-1].blocks if chain else ():
            contents = block.of("content") if block.type == "dynamic" and block.labels[:1] == (name,) else ()
            if contents and contents[0].line == line:
                chain = (*chain, block, contents[0])
                break
            if block.type == name and block.line == line:
                chain = (*chain, block)
                break
        else:
            chain = ()
        last = chain[-1].last_line if chain else line
        inner = Place(place.scope, place.module, place.file, chain)
        label = str(meta.get("label") or "")
        made = Block(
            self.root, "block", label or name, label, address, self._shown(place.module), place.file, line, last,
            Attributes(lambda: self._attributes(raw, inner, address)), None, chain[-1] if chain else None,
        )  # fmt: skip
        self.raw[made] = (dict(raw), inner)
        return made

    def _unknown_block(self, dynamic: Declaration, place: Place, address: str, unknown: Unknown) -> Block:
        name = dynamic.labels[0]
        return Block(
            self.root, "block", name, "", f"{address}.{name}[?]", self._shown(place.module), place.file, dynamic.line,
            dynamic.last_line, Attributes(dict), unknown, dynamic,
        )  # fmt: skip


_NAMED = frozenset({"resource", "data", "variable", "output", "module", "provider"})


def _plain(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in raw.items() if name not in ("__tfmeta", "id") and not name.startswith(PROBE)}


def _declaration(scope: Scope, kind: str, type: str, name: str, file: str, line: int) -> Declaration | None:
    if kind in ("resource", "data"):
        return scope.resources.get(f"{type}.{name}" if kind == "resource" else f"data.{type}.{name}")
    if kind in ("variable", "output", "module"):
        return {"variable": scope.variables, "output": scope.outputs, "module": scope.calls}[kind].get(name)
    return next(
        (block for block in scope.others if block.type == kind and block.file == file and block.line == line), None
    )

"""Proxies before databases, with those that are written and that nothing switches on: a module's optional proxy is judged by what is written of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from policies.evidence import Gap
from policies.model.cloud.databases import DatabaseProxy
from policies.model.cloud.roots import roots
from policies.platform import Platform
from policies.read.terraform import NOTHING, Block, Root, Unknown
from policies.read.terraform_scope import Scope

_TYPE = "aws_db_proxy"


class WrittenProxy(DatabaseProxy):
    """A proxy before databases, whether it is switched on or off."""

    noun: ClassVar[str] = "database proxy"

    @property
    def requires_tls(self) -> bool:
        """Whether it refuses whoever comes without TLS; of one that is off, what is written in full says so."""
        declaration = self.block.declaration
        if self.block.unknown is None or declaration is None:
            return super().requires_tls
        written = declaration.attributes.get("require_tls")
        text = "false" if written is None else written.text.strip().strip('"')
        return text == "true" if text in ("true", "false") else super().requires_tls

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[WrittenProxy | Gap]:
        """Yield the proxies of every root, and those that are written there and made by nothing that is stated."""
        for one in super().collect(platform):
            if isinstance(one, (cls, Gap)):
                yield one
        for deployed in roots(platform):
            if (
                deployed.root is None
                or deployed.in_account
                or deployed.root.folder not in platform.configuration.scopes
            ):
                continue
            scope = platform.configuration.scopes[deployed.root.folder][0]
            yield from (cls(deployed, block) for block in _switched_off(deployed.root, scope))


def _switched_off(root: Root, scope: Scope) -> Iterator[Block]:
    made = {id(block.declaration) for block in root.resources(_TYPE)}
    for inner in scope.below():
        for address, declaration in inner.resources.items():
            if declaration.type != "resource" or declaration.labels[:1] != (_TYPE,) or id(declaration) in made:
                continue
            made.add(id(declaration))
            shown = f"{inner.path}.{address}" if inner.path else address
            count = declaration.attributes.get("count") or declaration.attributes.get("for_each")
            said = f" ({' '.join(count.text.split())})" if count is not None else ""
            yield Block(
                root, "resource", _TYPE, declaration.labels[-1], shown, inner.path, declaration.file, declaration.line,
                declaration.last_line, NOTHING, Unknown(f"{shown} is off by default{said}"), declaration,
            )  # fmt: skip

"""What tfparse's inner identities and our stand-ins mean: addresses of a root, as people write them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from policies.read.terraform_copy import HERE, PROBE, STAND_IN

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_MODULE = re.compile(r'module\.[^.\["]+(?:\[(?:"[^"]*"|[^\]]*)\])?')
_LAST_KEY = re.compile(r'\[(?:"[^"]*"|[^\]"]*)\]\Z')
_KEY = re.compile(r'\[(?:"[^"]*"|[^\]]*)\]')


class Names:
    """The addresses of a root by identity, its instances of modules, and what its probes found there."""

    def __init__(self, blocks: Mapping[str, list[dict[str, Any]]]) -> None:
        self.every = [(type, raw) for type, items in blocks.items() for raw in items if "__tfmeta" in raw]
        self.addresses: dict[str, str] = {}
        self.kinds: dict[str, str] = {}
        self.modules: dict[str, str] = {}
        self.here: dict[str, str] = {}
        self.probes: dict[str, dict[str, Any]] = defaultdict(dict)
        self.calls: dict[str, dict[str, Any]] = {}
        self.instances: Counter[str] = Counter()
        for type, raw in self.every:
            address, identity = str(raw["__tfmeta"].get("path") or type), str(raw.get("id"))
            kind = str(raw["__tfmeta"].get("type") or type)
            module = self.split(address)[0]
            if type == HERE:
                self.here[identity] = module
                self.modules[module] = identity
                continue
            self.addresses[identity] = address
            self.instances[self.without_last_key(address)] += 1
            self.kinds[identity] = f"data {type}" if kind == "data" else kind
            if type == "locals":
                self.probes[module].update((name, value) for name, value in raw.items() if name.startswith(PROBE))
            elif type == "module":
                self.calls[address] = raw

    @staticmethod
    def steps(address: str) -> list[str]:
        """Give the module calls that an address begins with."""
        found, at = [], 0
        while step := _MODULE.match(address, at):
            found.append(step[0])
            at = step.end() + 1
        return found

    @classmethod
    def split(cls, address: str) -> tuple[str, str]:
        """Split an address into that of its module and the rest; a module call stands in the module above it."""
        steps = cls.steps(address)
        module = ".".join(steps)
        if len(module) >= len(address) and steps:
            return ".".join(steps[:-1]), steps[-1]
        return module, address[len(module) + 1 if module else 0 :]

    @staticmethod
    def without_keys(address: str) -> str:
        """Give an address without the keys of its instances."""
        return _KEY.sub("", address)

    @staticmethod
    def without_last_key(address: str) -> str:
        """Give an address without the key of the block itself."""
        return _LAST_KEY.sub("", address)

    def address_of(self, raw: Mapping[str, Any]) -> str | None:
        """Give the address of a whole resource or module that stands as a value."""
        identity = raw.get("id")
        return self.addresses.get(identity) if isinstance(identity, str) and "__tfmeta" not in raw else None

    def show(self, text: str) -> tuple[str, str]:
        """Give a text as people read it, and why it is not known; a reference to a resource counts as known."""
        if "⟦" not in text and "⟧" not in text and "-" not in text:
            return text, ""
        why: list[str] = []

        def stand_in(found: re.Match[str]) -> str:
            module, address = self.here.get(found[1].lower(), ""), _quoted(found[2])
            full = f"{module}.{address}" if module else address
            name = f"{full}.{found[3]}" if found[3] and not address.startswith("var.") else f"{full}{found[3]}"
            lowered = address.lower()
            if lowered.startswith("var."):
                why.append(f"{address} has no value")
            elif lowered.startswith("module."):
                why.append(f"{name} comes from a module that is not here")
            elif lowered.startswith("terraform."):
                why.append("terraform.workspace is known only when it is applied")
            elif lowered.startswith("data.") and not lowered.startswith("data.aws_iam_policy_document."):
                why.append(f"{name} is known only when it is applied")
            return "${" + name + "}"

        def identity(found: re.Match[str]) -> str:
            key = found[0].lower()
            address = self.addresses.get(key)
            if address is None:
                return found[0]
            kind = self.kinds[key]
            if kind == "module" or (kind.startswith("data ") and kind != "data aws_iam_policy_document"):
                why.append(f"{address} is known only when it is applied")
            return "${" + address + "}"

        shown = UUID.sub(identity, STAND_IN.sub(stand_in, text))
        if "⟦" in shown or "⟧" in shown:
            return "", why[0] if why else "it is made from a part of what is not known"
        return shown, why[0] if why else ""

    def made_up(self, loop: Any) -> bool:
        """Whether how long a list or an object is, or what its keys are, comes from a stand-in."""
        if isinstance(loop, dict):
            return any("⟦" in key for key in loop) or any(self._made_up(value) for value in loop.values())
        if isinstance(loop, list):
            return any(self._made_up(value) for value in loop)
        return isinstance(loop, str)

    @staticmethod
    def _made_up(value: Any) -> bool:
        return any("[" in found[3] or "*" in found[3] for text in strings(value) for found in STAND_IN.finditer(text))

    def targets(self, raw: Any) -> Iterator[str]:
        """Yield the identities, and the addresses, that a value names."""
        for text in strings(raw):
            for found in STAND_IN.finditer(text):
                module, address = self.here.get(found[1].lower(), ""), _quoted(found[2])
                yield f"{module}.{address}" if module else address
            for found in UUID.finditer(STAND_IN.sub("", text)):
                if (named := self.addresses.get(found[0].lower())) is not None:
                    yield named


def _quoted(address: str) -> str:
    """Write the key of an instance as tfparse does: `[0]`, `["a"]`."""
    return re.sub(r"\[([^\]\"]*[^\]\"0-9][^\]\"]*)\]\Z", r'["\1"]', address)


def strings(data: Any) -> Iterator[str]:
    """Yield every string in JSON data, keys included; of a whole resource only its identity."""
    pending = [data]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, list):
            pending += item
        elif isinstance(item, dict):
            identity = item.get("id")
            if isinstance(identity, str) and UUID.fullmatch(identity) and "__tfmeta" not in item:
                yield identity
            else:
                pending += [value for key, value in item.items() if key not in ("__tfmeta", "id")]
                pending += [key for key in item if "⟦" in key]

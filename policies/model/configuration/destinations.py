"""Where configuration leads: each address in a value, and what has that name in its place.

What is no address, by its key: CORS origins, issuers, audiences, redirects, public URLs, schemas, links of documents
(`keynames.is_of_browsers`). A pair `name:8080` without a scheme counts where its key says address or where a Service has the name.
In a text (a file inside a ConfigMap) a host outside counts only where its key says address, and a name without dots may be of any namespace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from policies.evidence import Evidence, Gap, Place
from policies.model.configuration.addresses import Address, in_setting
from policies.model.configuration.environments import environments_of
from policies.model.configuration.keynames import is_of_addresses, is_of_browsers, pairs
from policies.model.configuration.services import Directory, Meaning, Target, directory, services
from policies.model.configuration.settings import Setting, settings_of
from policies.model.configuration.shell import filled
from policies.model.configuration.shell_runs import followed, given_in
from policies.model.configuration.texts import is_of_scripts, is_script, options_in
from policies.model.kept import kept
from policies.model.workloads.pods import not_looked_at
from policies.platform import Platform

_NAMES = re.compile(r"\$\{?([A-Za-z_]\w*)")


@dataclass(frozen=True)
class Destination:
    """An address in a value of a place, and what it leads to. `stated` says whether `platform.toml` states any host outside."""

    noun: ClassVar[str] = "address in a value"
    only_in_files: ClassVar[bool] = False

    setting: Setting
    address: Address
    target: Target
    stated: bool

    @property
    def place(self) -> Place:
        """Where it is written."""
        return self.setting.place

    @property
    def id(self) -> str:
        """The setting and the address, never its credentials."""
        return f"{self.setting.id}={self.address}"

    @property
    def is_inside(self) -> bool:
        """Whether it is a name inside the cluster, or would be."""
        return self.target.meaning in (Meaning.SERVICE, Meaning.POD, Meaning.ABSENT, Meaning.UNKNOWN)

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the value's line as the place."""
        return self.setting.evidence(message, *values)

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Destination | Gap]:
        """Yield every address of every place, but for those that lead to the pod itself."""
        for item in platform.deployed:
            yield from not_looked_at(item)
        yield from destinations_of(platform)


class Inside(Destination):
    """An address inside the cluster."""

    noun: ClassVar[str] = "address inside the cluster"

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Destination | Gap]:
        """Yield the addresses that are of Services, or would be."""
        yield from (one for one in Destination.collect(platform) if isinstance(one, Gap) or one.is_inside)


class Outside(Destination):
    """An address outside the cluster."""

    noun: ClassVar[str] = "address outside the cluster"

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Destination | Gap]:
        """Yield the addresses that are of no Service's form."""
        yield from (one for one in Destination.collect(platform) if isinstance(one, Gap) or not one.is_inside)


@kept
def destinations_of(platform: Platform) -> tuple[Destination, ...]:
    """Give every address of every place, but for those that lead to the pod itself."""
    found: list[Destination] = []
    for item in platform.deployed:
        names, known = directory(platform, item), environments_of(item)
        together: dict[tuple[int, str], dict[str, str]] = {}
        hosts: dict[int, set[str]] = {}
        for setting in settings_of(item):
            if setting.taken is None:
                together.setdefault((id(setting.document), setting.holder), {})[setting.name] = setting.value
        for setting in settings_of(item):
            beside = {**together[id(setting.document), setting.holder]} if setting.taken is None else {}
            for reader in setting.readers if setting.document.kind != "ConfigMap" or setting.taken is not None else ():
                beside = {**known[reader.id].known, **beside}
            environments = [known[reader.id].known for reader in setting.readers]
            for address, target in _led(names, setting, beside, environments):
                # What a ConfigMap's key leads to, a variable that has its value leads to as well: that is told once.
                if address.host not in hosts.get(id(setting.taken), ()):
                    hosts.setdefault(id(setting), set()).add(address.host)
                    found.append(Destination(setting, address, target, bool(platform.intent.external)))
    return tuple(found)


def _led(
    names: Directory, setting: Setting, beside: Mapping[str, str], environments: list[dict[str, str]]
) -> Iterator[tuple[Address, Target]]:
    """Yield what a setting leads to; of a script's line what each run of it does, but for what the script works out itself."""
    script = str(setting.document.get(*setting.path) or "") if "$" in setting.value else ""
    is_of_script = is_of_scripts(setting.holder) if setting.document.kind == "ConfigMap" else is_script(script)
    own = given_in(script).intersection(_NAMES.findall(setting.value)) if is_of_script else frozenset()
    found = [
        one
        for value in (_runs(setting, script, environments) if own else ()) or (setting.value,)
        for one in reachable(names, setting.document.namespace, setting.name, value, beside, _is_text(setting))
        if one[0].unknown not in own
    ]
    yield from {str(address): (address, target) for address, target in found}.values() if own else found


def _runs(setting: Setting, script: str, environments: list[dict[str, str]]) -> tuple[str, ...]:
    """Give the values that a script's line has, each time that it runs; `environments` are those of who may run it."""
    first = environments[0] if environments else {}
    given = {name: value for name, value in first.items() if all(one.get(name) == value for one in environments)}
    return tuple(
        filled(setting.value, known)
        for command, known in followed(script, given)
        if (setting.name, setting.value) in set(options_in(command))
    )


def _is_text(setting: Setting) -> bool:
    return setting.document.kind == "ConfigMap" and bool(setting.holder)


def reachable(
    names: Directory, namespace: str, name: str, value: str, beside: Mapping[str, str], is_text: bool = False
) -> Iterator[tuple[Address, Target]]:
    """Yield the addresses in a value that a program would call, with what they lead to; `beside` are the settings that stand with it."""
    if is_of_browsers(name):
        return
    plain = re.sub(r"(?:\.\d+)+\Z", "", name)  # `targets.0` of a list is one of `targets`.
    for found in in_setting(plain, value):
        port = beside.get(pairs(beside).get(name, "")) if found.port is None else None
        address = replace(found, port=int(port)) if port is not None else found
        target = (
            Target(Meaning.UNKNOWN, reason=f"the value of {address.unknown} is not known") if address.unknown else None
        )
        target = target or names.look_up(address.host, namespace)
        if is_text and target.meaning is Meaning.ABSENT and "." not in address.host:
            target = _anywhere(names, address.host) or target
        evident = bool(address.scheme) or is_of_addresses(plain) or ".svc" in address.host
        known = target.meaning in (Meaning.SERVICE, Meaning.POD, Meaning.EXTERNAL)
        if target.meaning is Meaning.ITSELF or not (known or evident):
            continue
        if is_text and target.meaning is Meaning.OUTSIDE and not is_of_addresses(plain):
            continue
        yield address, target


def _anywhere(names: Directory, name: str) -> Target | None:
    """What a text names may be looked up by somebody in another namespace: a prober, a rule of a mesh."""
    for item in (names.item, *names.neighbours):
        for service in services(item):
            if service.name == name:
                return names.look_up(f"{name}.{service.namespace}.svc", service.namespace)
    return None

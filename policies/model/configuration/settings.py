"""Settings: every value that a place's configuration gives a name, wherever it is written, with those who can read it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from policies.deployed import Deployed
from policies.evidence import Evidence, Location, Place
from policies.model.configuration.environments import Taken, environments_of, expand_arguments, taken_in
from policies.model.configuration.keynames import canonical
from policies.model.configuration.texts import arguments_in, is_script, options_in, settings_in
from policies.model.kept import kept
from policies.model.workloads.workload import Container, containers_of, identify
from policies.read.documents import Document
from policies.read.yaml import FieldPath


@dataclass(frozen=True)
class Setting:
    """A name with a value: a variable or an argument of a container, a key of a ConfigMap, a line of a text in one.

    `holder` is the container, or the ConfigMap's key that is a text; `offset` its line in a text, from 0. `readers` are the containers
    that get it: of a ConfigMap that nobody takes, none. `taken` is the ConfigMap's key whose value a variable of another name has.
    """

    place: Place
    document: Document
    path: FieldPath
    holder: str
    name: str
    value: str
    offset: int | None = None
    readers: tuple[Container, ...] = field(default=(), repr=False, compare=False)
    taken: Setting | None = field(default=None, repr=False, compare=False)

    @property
    def id(self) -> str:
        """Place, object, what holds it, its name."""
        holder = self.holder if self.taken is None else self.taken.name
        return f"{identify(self.place, self.document)}{f'/{holder}' if holder else ''}:{self.name}"

    @cached_property
    def canonical(self) -> str:
        """Its name as relaxed readers see it: `a.b-c` and `A_B_C` are one."""
        return canonical(self.name)

    @property
    def location(self) -> Location:
        """The line of the value."""
        location = self.document.origin.locate(self.path)
        if self.offset is None or location.line is None:
            return location
        # A block scalar begins on the line below its key, the content of a generator's file on the file's first.
        line = location.line + self.offset + (location.via != "generator")
        return Location(location.source, line, location.field, location.via)

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the value's line as the place."""
        return Evidence(message.format(*values), (self.location,))


@kept
def settings_of(item: Deployed) -> tuple[Setting, ...]:
    """Give every setting of a place."""
    held = tuple(_of_config_maps(item))
    return (*held, *_of_variables(item, held), *_of_containers(item))


def called(settings: Iterable[Setting], wanted: Callable[[Setting], bool]) -> Iterator[Setting]:
    """Yield the settings that are wanted by their names: where a ConfigMap's key is, not the variable of another name too."""
    for one in settings:
        if wanted(one) and (one.taken is None or not wanted(one.taken)):
            yield one


def read_by(settings: tuple[Setting, ...], workload: Document) -> tuple[Setting, ...]:
    """Give the settings that the containers of a workload get."""
    return tuple(one for one in settings if any(reader.document is workload for reader in one.readers))


def readers_of(item: Deployed, document: Document, key: str) -> tuple[Container, ...]:
    """Give the containers that get a key of a ConfigMap or a Secret."""
    uses = _takers(item).get((document.kind, document.name, document.namespace), ())
    return tuple(use.container for use in uses if use.key in (None, key))


@kept
def _takers(item: Deployed) -> Mapping[tuple[str, str, str], list[Taken]]:
    found: dict[tuple[str, str, str], list[Taken]] = {}
    for use in taken_in(item):
        found.setdefault((use.kind, use.name, use.container.document.namespace), []).append(use)
    return found


def _of_config_maps(item: Deployed) -> Iterator[Setting]:
    for document in item.documents:
        data = document.get("data") if document.kind == "ConfigMap" else None
        for key, value in data.items() if isinstance(data, dict) else ():
            text, readers = str(value if value is not None else ""), readers_of(item, document, key)
            if "\n" not in text.strip() and not key.endswith((".yaml", ".yml", ".json")):
                yield Setting(item.place, document, ("data", key), "", key, text.strip("\n"), None, readers)
                continue
            for offset, name, inner in settings_in(key, text):
                yield Setting(item.place, document, ("data", key), key, name, inner, offset, readers)


def _of_variables(item: Deployed, held: tuple[Setting, ...]) -> Iterator[Setting]:
    """Yield the variables that have the value of a ConfigMap's key under another name (`configMapKeyRef`, a prefix), once for all that do."""
    keys = {(id(one.document), str(one.path[-1])): one for one in held if not one.holder}
    found: dict[tuple[int, str, str], list[Container]] = {}
    environments = environments_of(item)
    for container in containers_of(item):
        for variable in environments[container.id].variables.values():
            taken = keys.get((id(variable.document), str(variable.path[-1])))
            if taken is not None and canonical(variable.name) != taken.canonical:
                found.setdefault((id(taken.document), taken.name, variable.name), []).append(container)
    for (document, key, name), readers in found.items():
        taken = keys[document, key]
        yield replace(taken, name=name, readers=tuple(readers), taken=taken)


def _of_containers(item: Deployed) -> Iterator[Setting]:
    environments = environments_of(item)
    for container in containers_of(item):
        environment = environments[container.id]
        for variable in environment.variables.values():
            if variable.document is container.document and variable.path[-1] == "value":
                yield Setting(
                    item.place, container.document, variable.path, container.name, variable.name, variable.value or "", None, (container,)
                )  # fmt: skip
        for name in ("command", "args"):
            listed = container.body.get(name)
            arguments = (
                [expand_arguments(str(one), environment.known) for one in listed] if isinstance(listed, list) else []
            )
            for index, option, value in arguments_in(arguments):
                yield Setting(
                    item.place,
                    container.document,
                    (*container.path, name, index),
                    container.name,
                    option,
                    value,
                    None,
                    (container,),
                )
            for index, argument in enumerate(arguments):
                yield from (
                    _of_script(item, container, (*container.path, name, index), argument) if is_script(argument) else ()
                )


def _of_script(item: Deployed, container: Container, path: FieldPath, text: str) -> Iterator[Setting]:
    several = "\n" in text.strip()
    for number, line in enumerate(text.splitlines()):
        if not line.lstrip().startswith("#"):
            for name, value in options_in(line):
                yield Setting(
                    item.place,
                    container.document,
                    path,
                    container.name,
                    name,
                    value,
                    number if several else None,
                    (container,),
                )

"""Whether objects are valid for a version of Kubernetes: its published schemas, as the wheel `kubernetes-validate` brings them."""

from __future__ import annotations

import difflib
import importlib.util
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from policies.errors import ToolError
from policies.evidence import PLATFORM, Evidence, Gap, Place
from policies.model.assumed import version_of
from policies.model.objects.api_limits import add_limits
from policies.model.objects.api_versions import UNSTATED, removal
from policies.model.objects.refusals import beyond_schema, explain, formats
from policies.model.workloads.pods import Fault, blame, not_looked_at
from policies.model.workloads.workload import identify
from policies.platform import Platform
from policies.read.documents import Document

if TYPE_CHECKING:
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator

_LIBRARY = "kubernetes_validate"


@dataclass(frozen=True)
class ValidatedObject:
    """An object of a place, and what the schema of its kind refuses of it."""

    noun: ClassVar[str] = "object of Kubernetes' own kinds"
    only_in_files: ClassVar[bool] = False

    place: Place
    document: Document
    version: str
    faults: tuple[Fault, ...]

    @property
    def id(self) -> str:
        """Place, kind and name."""
        return identify(self.place, self.document)

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give its first line as the place."""
        return Evidence(message.format(*values), (self.document.origin.locate(),))

    def blame(self) -> Evidence:
        """Give every fault with its line."""
        return blame(self.document, self.faults)

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[ValidatedObject | Gap]:
        """Yield every object whose schema is known; of those of other kinds, each kind of each place once, as not judged."""
        known = version_of(platform)
        if known is None:
            if platform.deployed:
                yield Gap("no version", UNSTATED, PLATFORM)
            return
        version = known[0]
        schemas = schemas_of(version)
        if isinstance(schemas, str):
            yield Gap(version, schemas, PLATFORM)
            return
        for item in platform.deployed:
            yield from not_looked_at(item)
            told = set()
            for document in item.documents:
                reason = schemas.unknown(document)
                if reason is None:
                    yield cls(item.place, document, version, schemas.faults(document))
                elif (document.api_version, document.kind) not in told:
                    told.add((document.api_version, document.kind))
                    yield Gap(f"{item.place.name}:{document.api_version}/{document.kind}", reason, item.place)


class Schemas:
    """The schemas of one version of Kubernetes."""

    def __init__(self, version: str, file: Path) -> None:
        import msgspec
        from referencing import Registry, Resource

        self.version = version
        contents = msgspec.json.decode(file.read_bytes())
        self.definitions: dict[str, Any] = contents["$defs"]
        add_limits(self.definitions)
        self.names: dict[tuple[str, str], str] = {}
        for name, definition in self.definitions.items():
            for one in definition.get("x-kubernetes-group-version-kind", ()):
                api_version = f"{one['group']}/{one['version']}" if one["group"] else one["version"]
                self.names[api_version, one["kind"]] = name
        self.groups = {api_version.rpartition("/")[0] for api_version, _ in self.names}
        self.registry = Resource.from_contents(contents) @ Registry()
        self.uri = contents["$id"]
        self.validators: dict[str, Validator] = {}
        self.known: dict[str, tuple[Fault, ...]] = {}

    def unknown(self, document: Document) -> str | None:
        """Say why an object cannot be judged by these schemas, or give None."""
        if removal(document.api_version, document.kind, self.version):
            return f"Kubernetes {self.version} does not serve {document.api_version} {document.kind} (BUILD-02b)"
        if (document.api_version, document.kind) in self.names or document.api_version.rpartition("/")[
            0
        ] in self.groups:
            return None
        return f"{document.api_version} {document.kind} is no kind of Kubernetes itself, so its schema is not known"

    def faults(self, document: Document) -> tuple[Fault, ...]:
        """Give all that the schema of an object's kind refuses of it."""
        # The same object is rendered by several overlays.
        content = json.dumps(document.body, sort_keys=True, default=str)
        if content not in self.known:
            # Of several missing fields the schema tells each as often as there are.
            self.known[content] = tuple(dict.fromkeys(self._faults(document)))
        return self.known[content]

    def _faults(self, document: Document) -> Iterator[Fault]:
        name = self.names.get((document.api_version, document.kind))
        if name is None:
            kinds = sorted(kind for api_version, kind in self.names if api_version == document.api_version)
            close = difflib.get_close_matches(document.kind, kinds, 1)
            hint = f"; did you mean {close[0]}?" if close else ""
            yield Fault(("kind",), f"Kubernetes {self.version} has no {document.api_version} {document.kind}{hint}")
            return
        for error in self._validator(name).iter_errors(document.body):
            yield from explain(error)
        yield from beyond_schema(document)

    def _validator(self, name: str) -> Validator:
        if name not in self.validators:
            schema = {"$ref": f"{self.uri}#/$defs/{name}"}
            self.validators[name] = self._class(schema, registry=self.registry, format_checker=formats())
        return self.validators[name]

    @cached_property
    def _class(self) -> type[Validator]:
        """The draft's validator, which looks at equal parts of objects once: containers, probes and resources are much the same."""
        from jsonschema import Draft202012Validator, validators

        follow, valid = Draft202012Validator.VALIDATORS["$ref"], set[tuple[str, str]]()

        def once(validator: Any, reference: str, instance: Any, schema: Any) -> Iterator[ValidationError]:
            part = (reference, repr(instance))
            if part not in valid:
                errors = tuple(follow(validator, reference, instance, schema))
                if not errors:
                    valid.add(part)
                yield from errors

        made: type[Validator] = validators.extend(Draft202012Validator, {"$ref": once})  # type: ignore[no-untyped-call]
        return made


@lru_cache
def schemas_of(version: str) -> Schemas | str:
    """Give the schemas of a version of Kubernetes, or why there are none. Raises ToolError where the wheel is missing."""
    found = importlib.util.find_spec(_LIBRARY)
    if found is None or not found.submodule_search_locations:
        raise ToolError("the schemas of Kubernetes are not there; install the wheel kubernetes-validate")
    folder = Path(found.submodule_search_locations[0]) / "kubernetes-json-schema"
    for file in folder.glob(f"v{version}.*-local-strict/_definitions.json"):
        return Schemas(version, file)
    known = sorted(int(path.name.split(".")[1]) for path in folder.glob("v1.*-local-strict"))
    return f"the schemas of Kubernetes {version} are not known; kubernetes-validate has 1.{known[0]} to 1.{known[-1]}"

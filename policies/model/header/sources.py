"""Where Java takes headers of a request and settings from: the calls and the annotations that mean so."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tree_sitter import Node

from policies.evidence import Location
from policies.read.java import Annotation, Type, Variable
from policies.read.java_nodes import short_text, string, text_of
from policies.read.java_projects import Project

_READS = frozenset(["getHeader", "getHeaders", "getHeaderString", "firstHeader", "header", "getRequestHeader"])
_OF_HEADERS = frozenset(
    ["getFirst", "get", "getOrEmpty", "getOrDefault", "getValuesAsList", "firstValue", "allValues", "header"]
)
_HOLDERS = re.compile(r"(?i)headers(\(\))?\s*\Z")
_PROPERTY_READS = frozenset(
    ["getProperty", "getRequiredProperty", "resolvePlaceholders", "resolveRequiredPlaceholders"]
)


@dataclass(frozen=True)
class Origin:
    """What a value comes from: a `header` of the request that is read at `location`, or a `setting`, whose `text` has its placeholders.

    `fallback` is the text that a setting has where nobody sets it. `direct` says that the value was handed on as it is.
    """

    kind: str
    text: str
    location: Location
    fallback: str | None = None
    direct: bool = True


def header_read(node: Node, receiver: str) -> Node | None:
    """Give the expression of the header's name where a call reads a header of the request; `receiver` is the type that it is called on."""
    arguments = node.child_by_field_name("arguments")
    holder = node.child_by_field_name("object")
    name = text_of(node.child_by_field_name("name"))
    given = arguments.named_children if arguments is not None else []
    if holder is None or not given or short_text(holder) in ("response", "res", "this"):
        return None
    of_headers = receiver in ("HttpHeaders", "Headers") or _HOLDERS.search(short_text(holder)) is not None
    if name in _OF_HEADERS and of_headers and len(given) <= 2:
        return given[0]
    return given[0] if name in _READS and len(given) == 1 and "esponse" not in short_text(holder) + receiver else None


def setting_read(node: Node, owner: Type, project: Project) -> Origin | None:
    """Give the setting that a call reads: an environment variable or a property by its name."""
    arguments = node.child_by_field_name("arguments")
    given = arguments.named_children if arguments is not None else []
    name = text_of(node.child_by_field_name("name"))
    holder = short_text(node.child_by_field_name("object"))
    is_map = name in ("get", "getOrDefault") and holder.replace(" ", "") == "System.getenv()"
    if not given or not (is_map or name in ("getenv", *_PROPERTY_READS)):
        return None
    stated = project.constant(given[0], owner)
    if stated is None:
        return None
    default = project.constant(given[1], owner) if len(given) > 1 else None
    if "resolve" in name:
        text = stated.text
    elif name == "getenv" or is_map:
        text = "${env:" + stated.text + "}"
    else:
        text = "${" + stated.text + "}"
    return Origin("setting", text, owner.locate(node), default.text if default is not None else None)


def annotated_origins(owner: Type, parameter: Variable) -> tuple[frozenset[Origin], Node | None]:
    """Give what a parameter holds by its annotations, `@Value` or a header of the request, and the expression of that header's name."""
    location = Location(owner.file, parameter.line)
    header = parameter.annotation("RequestHeader", "HeaderParam")
    if header is not None:
        return frozenset({Origin("header", "", location)}), header.values.get("value") or header.values.get("name")
    return _of_value(parameter.annotation("Value"), location), None


def _of_value(annotation: Annotation | None, location: Location) -> frozenset[Origin]:
    text = string(annotation.values.get("value")) if annotation is not None else None
    if text is None:
        return frozenset()
    variable = re.search(r"systemEnvironment\s*(?:\[\s*'([^']+)'\s*\]|\.(\w+))", text)
    if variable is not None:
        return frozenset({Origin("setting", "${env:" + (variable[1] or variable[2]) + "}", location)})
    inner = re.search(r"\$\{.*\}", text, re.DOTALL)
    return frozenset({Origin("setting", inner[0] if inner is not None else text, location)})


def property_origins(project: Project, owner: Type, variable: Variable) -> frozenset[Origin]:
    """Give what a field holds by its annotations: `@Value`, or its type's `@ConfigurationProperties`, those around it included."""
    location = Location(owner.file, variable.line)
    found = _of_value(variable.annotation("Value"), location)
    if found or variable.type in project.by_name:
        return found
    default = variable.annotation("DefaultValue")
    fallback = string(default.values.get("value")) if default is not None else None
    stated = project.constant(variable.value, owner) if variable.value is not None and owner.kind == "class" else None
    texts = ("${" + f"{prefix}.{_dashed(variable.name)}" + "}" for prefix in _prefixes(project, owner))
    return frozenset(
        Origin("setting", text, location, stated.text if stated is not None else fallback) for text in texts
    )


def _prefixes(project: Project, owner: Type) -> tuple[str, ...]:
    """Give the properties' prefixes of a type: its own, or those of the types that have a field of it."""
    found: list[str] = []
    pending: list[tuple[Type, str, int]] = [(owner, "", 0)]
    while pending:
        type, below, depth = pending.pop()
        annotation = type.annotation("ConfigurationProperties")
        if annotation is not None:
            node = annotation.values.get("value") or annotation.values.get("prefix")
            prefix = project.constant(node, type)
            found.append(".".join(part for part in (prefix.text if prefix is not None else "", below) if part))
        elif depth < 5:
            for other in project.types:
                for one in other.fields:
                    if one.type == type.name and other is not type:
                        inner = ".".join(part for part in (_dashed(one.name), below) if part)
                        pending.append((other, inner, depth + 1))
    return tuple(found)


def _dashed(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda found: "-" + found[1].lower(), name)

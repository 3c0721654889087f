"""From an object of `networking.k8s.io/v1` to a `Policy`: what the API server would refuse is refused here, with file, line and value.

Sources: the API's types (`k8s.io/api/networking/v1/types.go`), its defaults (`pkg/apis/networking/v1/defaults.go`) and its
validation (`pkg/apis/networking/validation/validation.go`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Literal

import msgspec

from policies.errors import SourceError
from policies.model.network.address_ranges import Network, parse_network
from policies.model.network.labels import DOES_NOT_EXIST, EXISTS, IN, NOT_IN, Expression, Selector
from policies.model.network.policies import VALID_PORTS, AddressBlock, Direction, PeerClause, Policy, PortClause, Rule
from policies.read.documents import Document, spell, value_at
from policies.read.yaml import FieldPath

_PORT_NAME = re.compile(r"(?=[a-z0-9-]{1,15}\Z)(?=.*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*\Z")
"""IANA_SVC_NAME (RFC 6335, 5.1): at most 15 small letters, digits and single dashes, a letter among them."""

_LABEL = re.compile(r"(?=.{1,63}\Z)[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?\Z")
_PREFIX = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*\Z")
"""What labels may be called and be (`IsQualifiedName`, `IsValidLabelValue` and `IsDNS1123Subdomain` of apimachinery)."""


class _Object(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """An object of the API: a field that it does not know is a mistake that would pass in silence."""


class _Requirement(_Object, frozen=True):
    key: str
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist"]
    values: list[str] | None = None


class _Selector(_Object, frozen=True):
    match_labels: dict[str, str] | None = None
    match_expressions: list[_Requirement] | None = None


class _Block(_Object, frozen=True):
    cidr: str
    except_: list[str] | None = msgspec.field(name="except", default=None)


class _Peer(_Object, frozen=True):
    pod_selector: _Selector | None = None
    namespace_selector: _Selector | None = None
    ip_block: _Block | None = None


class _Port(_Object, frozen=True):
    protocol: Literal["TCP", "UDP", "SCTP"] | None = None
    port: int | str | None = None
    end_port: int | None = None


class _Ingress(_Object, frozen=True):
    from_: list[_Peer] | None = msgspec.field(name="from", default=None)
    ports: list[_Port] | None = None


class _Egress(_Object, frozen=True):
    to: list[_Peer] | None = None
    ports: list[_Port] | None = None


class _Spec(_Object, frozen=True):
    pod_selector: _Selector | None = None
    policy_types: list[Literal["Ingress", "Egress"]] | None = None
    ingress: list[_Ingress] | None = None
    egress: list[_Egress] | None = None


class PolicyError(SourceError):
    """A NetworkPolicy that the API server would refuse: it is not in force, whatever it says."""

    def __init__(self, document: Document, path: FieldPath, problem: str) -> None:
        location = document.origin.locate(path)
        self.document, self.path, self.location = document, path, location
        where = spell(path) or "spec"
        super().__init__(location.source, f"{document} {where}: {problem}", location.line)


def read_policy(document: Document) -> Policy:
    """Read a NetworkPolicy. Raises PolicyError for what the API server would refuse."""
    spec = document.get("spec")
    try:
        read = msgspec.convert({} if spec is None else spec, _Spec, strict=True)
    except msgspec.ValidationError as error:
        raise _refused(document, str(error)) from None
    rules = [
        _rule(document, Direction.INGRESS, index, rule.from_, rule.ports)
        for index, rule in enumerate(read.ingress or ())
    ]
    rules += [
        _rule(document, Direction.EGRESS, index, rule.to, rule.ports) for index, rule in enumerate(read.egress or ())
    ]
    # Source: SetDefaults_NetworkPolicy. Egress is meant only where there is a rule of it.
    directions = frozenset(map(Direction, read.policy_types or ())) or frozenset(
        {Direction.INGRESS, Direction.EGRESS} if read.egress else {Direction.INGRESS}
    )
    return Policy(
        document.namespace or "default", document.name, _selector(document, ("spec", "podSelector"), read.pod_selector),
        directions, tuple(rules), document,
    )  # fmt: skip


def _refused(document: Document, message: str) -> PolicyError:
    """Turn msgspec's message into the path of the field and a sentence with the value seen."""
    problem, _, where = message.partition(" - at ")
    path: list[str | int] = ["spec"]
    for name, index in re.findall(r"\.([^.\[`]+)|\[(\d+)\]", where):
        path.append(name or int(index))
    unknown = re.match(r"Object contains unknown field `(.+)`", problem)
    if unknown:
        return PolicyError(document, (*path, unknown[1]), "is no field of it, and the API server refuses it")
    problem = re.sub("`([a-z| ]+)`", lambda match: " or ".join(_spell_types(match[1])), problem)
    seen = value_at(document.body, tuple(path))
    shown = "" if isinstance(seen, (dict, list)) or "missing required" in problem else f"; it is {seen!r}"
    return PolicyError(document, tuple(path), f"{problem[:1].lower()}{problem[1:]}{shown}")


_TYPES = {
    "object": "a mapping",
    "array": "a list",
    "str": "a text",
    "int": "a number",
    "bool": "a truth value",
    "float": "a fraction",
}


def _spell_types(names: str) -> Iterator[str]:
    yield from (_TYPES.get(name, f"`{name}`") for name in names.split(" | ") if names == "null" or name != "null")


def _selector(document: Document, path: FieldPath, read: _Selector | None) -> Selector:
    if read is None:
        return Selector()
    found = []
    for key, value in (read.match_labels or {}).items():
        _check(document, (*path, "matchLabels", key), key, (value,))
        found.append(Expression(key, IN, frozenset({value})))
    for index, one in enumerate(read.match_expressions or ()):
        where = (*path, "matchExpressions", index)
        _check(document, where, one.key, one.values or ())
        if one.operator in (IN, NOT_IN) and not one.values:
            raise PolicyError(document, where, f"the operator {one.operator} needs values, and has none")
        if one.operator in (EXISTS, DOES_NOT_EXIST) and one.values:
            raise PolicyError(document, where, f"the operator {one.operator} takes no values; it has {one.values}")
        found.append(Expression(one.key, one.operator, frozenset(one.values or ())))
    return Selector(tuple(found))


def _check(document: Document, path: FieldPath, key: str, values: Iterable[str]) -> None:
    """Refuse what no label can be called, or have for a value."""
    prefix, slash, name = key.rpartition("/")
    if not _LABEL.match(name) or (slash and not (len(prefix) <= 253 and _PREFIX.match(prefix))):
        raise PolicyError(document, path, f"{key!r} is no label's key")
    for value in values:
        if value and not _LABEL.match(value):
            raise PolicyError(
                document, path, f"{value!r} is no label's value: at most 63 letters, digits, '-', '_' and '.'"
            )


def _rule(
    document: Document, direction: Direction, index: int, peers: list[_Peer] | None, listed: list[_Port] | None
) -> Rule:
    rule = Rule(direction, index)
    return Rule(
        direction,
        index,
        tuple(_peer(document, rule.peer_path(number), peer) for number, peer in enumerate(peers or ())) or None,
        tuple(_port(document, rule.port_path(number), port) for number, port in enumerate(listed or ())) or None,
    )


def _peer(document: Document, path: FieldPath, read: _Peer) -> PeerClause:
    if read.ip_block is not None:
        if read.pod_selector is not None or read.namespace_selector is not None:
            raise PolicyError(
                document, path, "ipBlock stands beside a selector, and the API server takes one or the other"
            )
        return PeerClause(block=_block(document, (*path, "ipBlock"), read.ip_block))
    if read.pod_selector is None and read.namespace_selector is None:
        raise PolicyError(
            document, path, "is empty; state podSelector, namespaceSelector or ipBlock (podSelector: {} for every pod)"
        )
    namespaces = read.namespace_selector
    return PeerClause(
        _selector(document, (*path, "podSelector"), read.pod_selector),
        None if namespaces is None else _selector(document, (*path, "namespaceSelector"), namespaces),
    )


def _block(document: Document, path: FieldPath, read: _Block) -> AddressBlock:
    cidr = _network(document, (*path, "cidr"), read.cidr)
    excepts = []
    for index, text in enumerate(read.except_ or ()):
        where = (*path, "except", index)
        one = _network(document, where, text)
        if one.version != cidr.version or one.prefixlen <= cidr.prefixlen or not one.subnet_of(cidr):  # type: ignore[arg-type]
            raise PolicyError(document, where, f"{text} is not strictly within {read.cidr}")
        excepts.append(one)
    return AddressBlock(cidr, tuple(excepts))


def _network(document: Document, path: FieldPath, text: str) -> Network:
    try:
        if "/" not in text:
            raise ValueError
        return parse_network(text)
    except ValueError:
        raise PolicyError(document, path, f"{text!r} is no network; write one as 10.0.0.0/8 or fd00::/8") from None


def _port(document: Document, path: FieldPath, read: _Port) -> PortClause:
    port: Any = read.port
    if isinstance(port, str) and not _PORT_NAME.match(port):
        hint = "; a number stands without quotes" if port.isdigit() else ""
        raise PolicyError(document, (*path, "port"), f"{port!r} is no name of a port (RFC 6335){hint}")
    if isinstance(port, int) and port not in VALID_PORTS:
        raise PolicyError(document, (*path, "port"), f"{port} is no port; ports are from 1 to {VALID_PORTS.stop - 1}")
    if read.end_port is not None:
        where = (*path, "endPort")
        if not isinstance(port, int):
            raise PolicyError(document, where, f"stands without a number as port, which is {port!r}")
        if read.end_port not in range(port, VALID_PORTS.stop):
            raise PolicyError(document, where, f"{read.end_port} is not from port ({port}) to {VALID_PORTS.stop - 1}")
    return PortClause(read.protocol or "TCP", port, read.end_port)

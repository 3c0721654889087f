"""The variables from which a gateway's Java makes keys for tokens: what reaches the calls by which libraries take such a key."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from policies.errors import SourceError
from policies.evidence import Location
from policies.model.header.flow import Flow
from policies.model.header.gateways import Gateway
from policies.model.header.names import Scope, arguments_of
from policies.model.kept import kept
from policies.read.java_nodes import text_of

_MADE = frozenset({"SecretKeySpec", "MACVerifier", "OctetSequenceKey"})
"""Classes of the JDK and of Nimbus JOSE that are made of a key."""

_TAKING = frozenset({"hmacShaKeyFor", "HMAC256", "setSigningKey", "verifyWith", "withSecretKey"})
"""Methods of JJWT, of Auth0's java-jwt and of Spring Security that take one."""


@kept
def keyed(gateway: Gateway) -> tuple[str, ...]:
    """Give the variables of the environment that reach a key; none where its Java cannot be followed."""
    try:
        flow = next((one.comparison.flow for one in gateway.checks), None) or Flow(gateway.project)
        origins = {origin for node, scope in _taken(flow) for origin in flow.origins(node, scope)}
        found = (leaf for one in origins if one.kind == "setting" for leaf in gateway.reader.leaves(one))
        return tuple(sorted({leaf.variable for leaf in found if leaf.variable}))
    except SourceError:
        return ()


@kept
def key_places(gateway: Gateway) -> tuple[Location, ...]:
    """Give the lines on which keys are taken: there tokens are verified. None where its Java cannot be followed."""
    try:
        flow = next((one.comparison.flow for one in gateway.checks), None) or Flow(gateway.project)
        return tuple(dict.fromkeys(scope.owner.locate(node) for node, scope in _taken(flow)))
    except SourceError:
        return ()


def _taken(flow: Flow) -> Iterator[tuple[Node, Scope]]:
    """Yield what such calls are handed."""
    for scope, node in flow.steps:
        given = arguments_of(node)
        if node.type == "object_creation_expression":
            takes = text_of(node.child_by_field_name("type")).rpartition(".")[2] in _MADE
        else:
            takes = node.type == "method_invocation" and text_of(node.child_by_field_name("name")) in _TAKING
        if takes and given and not _is_of_another_kind(flow, given[1:], scope):
            yield given[0], scope


def _is_of_another_kind(flow: Flow, more: tuple[Node, ...], scope: Scope) -> bool:
    """Whether the key is said to be for something else than HMAC: `AES`."""
    stated = (flow.project.constant(one, scope.owner) for one in more)
    return any(one is not None and not one.text.lower().startswith("hmac") for one in stated)

"""What nobody stated of a validator's contract, found by asking the handler itself."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from policies.edge.answers import Kind
from policies.edge.asking import EVENT, ask, plain_request
from policies.edge.learning import learn_token
from policies.intent.entry import EdgeClaims

if TYPE_CHECKING:
    from policies.edge.running import Running

_PATH = re.compile(r"""['"`](/[A-Za-z0-9._~-]+(?:/[A-Za-z0-9._~-]+)*)/?['"`]""")


def complete(running: Running) -> None:
    """Find what is not stated, and note of what was neither why it is not known."""
    stated, unknown = running.stated, running.unknown
    contract, found = running.contract, set()
    if stated.protected is None:
        refused, open_ = _sort_paths(running, _paths(running))
        contract = replace(contract, protected=refused, bypass=open_ if stated.bypass is None else contract.bypass)
        found |= {"protected"} if refused else set()
        found |= {"bypass"} if open_ and stated.bypass is None else set()
    if not contract.protected:
        unknown["protected"] = "no path was found that it refuses without a token"
    if not contract.bypass:
        unknown["bypass"] = "no path is known that never asks for a token"
    if contract.queue is None and contract.protected:
        answer = ask(running, [plain_request(f"{contract.protected[0]}/{EVENT}")])[0]
        where = answer.header("location") if not answer.is_hollow else []
        contract = replace(contract, queue=re.split(r"[?#]", where[0])[0] if where else None)
        found |= {"queue"} if where else set()
    if contract.queue is None:
        unknown["queue"] = "it sends nobody anywhere"
    if contract.protected and stated.cookie is None and stated.header is None:
        learnt = learn_token(running, contract)
        if learnt is not None:
            found |= {"cookie"} if learnt.cookie else set()
            found |= {"header"} if learnt.header else set()
            contract = learnt
    elif contract.protected and stated.claims == EdgeClaims():
        contract = learn_token(running, contract) or contract
    running.contract = replace(contract, found=frozenset(found))
    _note_what_is_missing(running)


def _note_what_is_missing(running: Running) -> None:
    contract, unknown, stated = running.contract, running.unknown, running.stated
    either = stated.cookie is not None or stated.header is not None
    for name in ("cookie", "header"):
        if getattr(contract, name) is None:
            unknown[name] = (
                f"its token comes in no {name}" if either else f"no {name} was found in which it takes a token"
            )
    if not contract.carriers:
        unknown["carrier"] = "no cookie and no header was found in which it takes a token"
    if not contract.removes:
        unknown["removes"] = "nobody says which headers are the platform's own"
    rules = contract.claims
    for key, value in (
        ("audience", rules.audience),
        ("issuer", rules.issuer),
        ("event", rules.event),
        ("not-before", rules.not_before),
    ):
        if not value:
            unknown[f"claims.{key}"] = f"nobody says that a token has {'an' if key[0] in 'aie' else 'a'} {key}"
    if stated.protected is None:
        unknown["protected stated"] = "nobody says which paths are protected"


def _paths(running: Running) -> list[str]:
    return list(
        dict.fromkeys(match[1] for source in running.package.sources.values() for match in _PATH.finditer(source))
    )


def _sort_paths(running: Running, paths: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the paths that are refused without a token, and those that are not; what lies below another of its kind is said already."""
    own = ask(running, [plain_request(path) for path in paths])
    below = ask(running, [plain_request(f"{path}/{EVENT}") for path in paths])
    refused = [path for path, one, two in zip(paths, own, below, strict=True) if one.kind is two.kind is Kind.REFUSED]
    through = [path for path, one, two in zip(paths, own, below, strict=True) if one.through and two.through]
    return _outermost(refused), _outermost(through)


def _outermost(paths: list[str]) -> tuple[str, ...]:
    return tuple(path for path in paths if not any(path.startswith(f"{other}/") for other in paths))

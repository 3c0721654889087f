"""What edge and gateway are tried with: which requests, by which way, and what would be wrong with what becomes of one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from policies.edge.attack import Attack
from policies.gateway import attacks
from policies.gateway.chain import Crossing
from policies.gateway.found import FILLER, ORIGIN_SECRET

if TYPE_CHECKING:
    from policies.gateway.agreement import Agreement

REFUSED = frozenset({400, 401, 403, 407})


@dataclass(frozen=True)
class Trial:
    """`attacks` are sent `through` the edge and CloudFront (with `secret` as its header's value), or else straight to the gateway.

    `wrong` says what is wrong with what became of a request, or nothing; `carrier` is in what tokens come.
    """

    name: str
    attacks: tuple[Attack, ...]
    wrong: Callable[[Agreement, Crossing], str]
    through: bool = False
    secret: str = ORIGIN_SECRET
    carrier: str = ""
    examples: int = 3


def _refuses(agreement: Agreement, crossing: Crossing) -> str:
    answer = crossing.answer
    if answer is None or answer.through or (crossing.edge is not None and not crossing.edge.through):
        return ""
    refused = {*REFUSED, agreement.program.stated.refusal}
    return (
        "the gateway refuses what the edge let in"
        if answer.problem or answer.status in refused or answer.status > 499
        else ""
    )


def _does_not_let_in(_: Agreement, crossing: Crossing) -> str:
    return "" if crossing.answer is None or crossing.arrived else "the gateway does not let it in"


def _arrives(agreement: Agreement, crossing: Crossing) -> str:
    where = agreement.behind.protected(crossing)
    return f"it reaches {where}, and nobody has checked it" if where else ""


def _lets_in(agreement: Agreement, crossing: Crossing) -> str:
    where = agreement.behind.protected(crossing)
    return f"the gateway lets it in: it reaches {where}" if where else ""


def _form(agreement: Agreement, crossing: Crossing) -> str:
    answer, due = crossing.answer, agreement.program.stated.refusal
    if answer is None or answer.through:
        return ""
    if answer.status != due:
        return f"the gateway answers {answer.problem or answer.status}, not {due}"
    kinds, is_head = answer.values("content-type"), crossing.variant.request["method"] == "HEAD"
    if not answer.body and not (is_head and kinds):
        return ""  # Nothing is no page that an app could take for JSON: it has the status.
    try:
        json.loads(answer.body or "{}")
    except ValueError:
        return "what the gateway answers is no JSON"
    return (
        ""
        if len(kinds) == 1 and "json" in kinds[0]
        else f"the answer is called {', '.join(kinds) or 'nothing'}, not JSON"
    )


def _trusts_a_viewer(agreement: Agreement, crossing: Crossing) -> str:
    if not crossing.arrived or agreement.arrives_without(crossing):
        return ""
    return "the gateway trusts the viewer's own header"


def let_in() -> Trial:
    """All that the edge lets in, the gateway lets in."""
    return Trial(
        "let_in", attacks.of_edge("valid.valid_cookie", "valid.valid_header", "valid.passing"), _refuses, through=True
    )


def unchecked() -> Trial:
    """Whatever is protected, through CloudFront, without a token that holds."""
    return Trial(
        "unchecked", (attacks.plainly, attacks.in_passing, *attacks.of_edge(*attacks.PATHS)), _arrives, through=True
    )


def spelled_otherwise() -> Trial:
    """The same, straight to the gateway."""
    made = (*attacks.of_edge(*attacks.PATHS), attacks.absolute_form)
    return Trial("spelled_otherwise", made, _arrives, examples=2)


def token_straight() -> Trial:
    """A token that holds, straight to the gateway."""
    return Trial("token_straight", attacks.of_edge("valid.valid_header"), _does_not_let_in, carrier="header")


def token_through() -> Trial:
    """A token that holds, in the header, while CloudFront's own header does not hold."""
    made = attacks.of_edge("valid.valid_header")
    return Trial("token_through", made, _does_not_let_in, through=True, secret=FILLER, carrier="header")


def no_pass(names: tuple[str, ...], sent: tuple[str, ...]) -> Trial:
    """Neither the header nor a token that holds, straight to the gateway."""
    made = (attacks.refusals(names, sent), attacks.cookie_alone)
    return Trial("no_pass", made, _lets_in)


def bad_tokens() -> Trial:
    """Tokens that do not hold, in the header, straight to the gateway."""
    return Trial("bad_tokens", attacks.of_edge(*attacks.TOKENS), _lets_in, carrier="header", examples=1)


def form(names: tuple[str, ...], sent: tuple[str, ...]) -> Trial:
    """What a refusal looks like."""
    return Trial("form", (attacks.refusals(names, sent), attacks.cookie_alone), _form, examples=1)


def repeated(names: tuple[str, ...]) -> Trial:
    """CloudFront's header twice."""
    return Trial("repeated", (attacks.repeated(names),), _lets_in)


def own_header(names: tuple[str, ...]) -> Trial:
    """A viewer's own header of CloudFront's name, through the edge and a distribution that sends another value."""
    return Trial(
        "own_header", (attacks.own_header(names),), _trusts_a_viewer, through=True, secret=FILLER, carrier="cookie"
    )


def by_name(name: str, agreement: Agreement) -> Trial | None:
    """Give a trial by its name."""
    names, sent = agreement.program.header_names, agreement.sent_names
    straight = (
        token_straight(),
        spelled_otherwise(),
        no_pass(names, sent),
        form(names, sent),
        bad_tokens(),
        repeated(names),
    )
    every = (let_in(), unchecked(), token_through(), own_header(names), *straight)
    return next((one for one in every if one.name == name), None)

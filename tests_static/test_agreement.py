"""Edge and gateway together, each run for real, and CloudFront between them (clauses 7d, 8c). PYTEST_DONT_REWRITE: the message of an assertion is its evidence.

Each requirement is a property: generated requests go through the real function at viewer request, then, as CloudFront sends them by the distribution as
Terraform resolves it, to the real gateway on a loopback of its own; what arrives behind that decides.
"""

from policies import CRITICAL, HIGH, LOW, MEDIUM, not_judged, requirement
from policies.gateway.agreement import Agreement


@requirement(
    "EDGE-07a",
    Agreement,
    clause="7d, 8c",
    severity=CRITICAL,
    remedy="Send the header that the gateway reads (custom_header of the origin), by the one contract of both.",
)
def test_gateway_lets_in_what_the_edge_lets_in(agreement):
    """Whoever has waited and comes with a token in a cookie is refused at the last door, for the gateway knows CloudFront by another header."""
    from policies.gateway.trials import let_in

    agreement.require()
    breach = agreement.breach(let_in())
    assert breach is None, breach


@requirement(
    "EDGE-07b",
    Agreement,
    clause="5b, 8c",
    severity=CRITICAL,
    remedy="Run the check on every behaviour, and read a path at the edge in every way in which somebody behind it does.",
)
def test_nothing_unchecked_reaches_what_is_protected(agreement):
    """The gateway believes CloudFront that its requests were checked: one path that the edge reads otherwise goes by both."""
    from policies.gateway.trials import unchecked

    agreement.require()
    breach = agreement.breach(unchecked())
    assert breach is None, breach


@requirement(
    "EDGE-07c",
    Agreement,
    clause="8c",
    severity=HIGH,
    remedy="Verify the token of the token header where CloudFront's header is not there: same key, same claims as at the edge.",
)
def test_gateway_itself_lets_in_a_valid_token(agreement):
    """Who comes by another way than CloudFront, or while its header's value is changed, has the token header alone."""
    from policies.gateway.trials import token_straight

    agreement.require("header")
    agreement.require_shared()
    breach = agreement.breach(token_straight())
    assert breach is None, breach


@requirement(
    "EDGE-07d",
    Agreement,
    clause="+",
    severity=MEDIUM,
    remedy="Protect the same paths and methods at both, or state why the gateway protects others.",
)
def test_edge_and_gateway_protect_the_same(agreement):
    """What only the edge protects is open to who goes round it; what only the gateway does refuses viewers whom the edge never sent to the queue."""
    from policies.gateway.differences import blame, differences

    agreement.require()
    found = differences(agreement)
    assert not found, blame(agreement, found)


@requirement(
    "EDGE-07e",
    Agreement,
    clause="+",
    severity=CRITICAL,
    remedy="Refuse every path that is not canonical, before it is matched; match what is routed, not another reading of it.",
)
def test_gateway_itself_protects_every_spelling(agreement):
    """A filter that reads a path otherwise than the routes behind it protects nothing from who spells it so."""
    from policies.gateway.trials import spelled_otherwise

    agreement.require()
    agreement.require_shared()
    breach = agreement.breach(spelled_otherwise())
    assert breach is None, breach


@requirement(
    "EDGE-07f",
    Agreement,
    clause="8c",
    severity=MEDIUM,
    remedy="Forward the token header to the origin (origin request policy), on every behaviour of what is protected.",
)
def test_token_header_reaches_the_gateway(agreement):
    """While the header's value is changed, CloudFront's is not the gateway's: only the viewer's token carries him over."""
    from policies.gateway.trials import token_through

    agreement.require("header")
    agreement.require_shared()
    breach = agreement.breach(token_through())
    assert breach is None, breach


@requirement(
    "EDGE-07g",
    Agreement,
    clause="8c",
    severity=CRITICAL,
    remedy="Let in by the header's exact value alone, or by a valid token in the token header: never by its presence, never by a cookie.",
)
def test_gateway_itself_refuses_whoever_has_neither_header_nor_token(agreement):
    """Whoever finds the load balancer's address would be in without a place in the queue."""
    from policies.gateway.trials import no_pass

    agreement.require("names")
    agreement.require_shared()
    breach = agreement.breach(no_pass(agreement.program.header_names, agreement.sent_names))
    assert breach is None, breach


@requirement(
    "EDGE-07h",
    Agreement,
    clause="8c",
    severity=MEDIUM,
    remedy="Answer 403 with a body of JSON, called application/json, or with none.",
)
def test_gateway_refuses_in_json(agreement):
    """An app that gets a page of HTML, a redirect or a 500 in the place of 403 in JSON cannot send its user to the queue."""
    from policies.gateway.trials import form

    agreement.require("names")
    agreement.require_shared()
    breach = agreement.breach(form(agreement.program.header_names, agreement.sent_names))
    assert breach is None, breach


@requirement(
    "EDGE-07i",
    Agreement,
    clause="+",
    severity=LOW,
    remedy="Refuse a request in which CloudFront's header comes twice.",
)
def test_repeated_header_lets_nobody_in(agreement):
    """CloudFront puts its header in the place of a viewer's: a request with two did not come through it, and servers differ in which they read."""
    from policies.gateway.trials import repeated

    agreement.require("names")
    agreement.require_shared()
    breach = agreement.breach(repeated(agreement.program.header_names))
    assert breach is None, breach


@requirement(
    "EDGE-07j",
    Agreement,
    clause="8c",
    severity=CRITICAL,
    remedy="Verify at the gateway as the edge does: HS256 alone, canonical base64url, and every claim that the edge asks for.",
)
def test_gateway_itself_refuses_tokens_that_the_edge_refuses(agreement):
    """A token that only one of the two takes is a way round the other."""
    from policies.gateway.trials import bad_tokens

    agreement.require("header")
    agreement.require_shared()
    breach = agreement.breach(bad_tokens())
    assert breach is None, breach


@requirement(
    "HDR-05d",
    Agreement,
    clause="7d, 8c",
    severity=HIGH,
    remedy="Let CloudFront override the header at the origin, and take a viewer's own off at the edge.",
)
def test_header_of_a_viewer_is_never_trusted(agreement):
    """A viewer's own header that comes as far as the gateway makes the secret all that there is: it was CloudFront's word that counted."""
    from policies.gateway.trials import own_header

    agreement.require("names", "cookie")
    agreement.require_shared()
    if agreement.contract.cookie is None:
        not_judged("no token in the cookie is let through (EDGE-01a)")
    breach = agreement.breach(own_header(agreement.program.header_names))
    assert breach is None, breach

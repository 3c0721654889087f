"""The way in, by real requests (clauses 5a, 7d, 8c). PYTEST_DONT_REWRITE: the message of an assertion is its evidence."""

from policies import CRITICAL, HIGH, not_judged, requirement
from policies.live.aws import knocking
from policies.live.aws.front_doors import TriedDoor

_REMEDY = "Let CloudFront send the header by the name that the gateway reads, with the value that it compares with."


@requirement("LIVE-HDRa", TriedDoor, clause="5a, 7d, 8c", severity=CRITICAL, remedy=_REMEDY)
def test_viewer_with_a_valid_token_comes_in(door):
    """Who has waited is let through by the edge, and by the gateway as well, which knows CloudFront by its header: a browser has its token in a cookie."""
    wrong = door.wrong(knocking.COOKIE, knocking.HEADER)
    assert not wrong, door.blame(wrong)


@requirement(
    "LIVE-HDRb", TriedDoor, clause="5a", severity=CRITICAL,
    remedy="Associate the function with every behaviour that a protected path meets.",
)  # fmt: skip
def test_viewer_without_a_token_is_sent_to_the_queue(door):
    """One behaviour without the function is a way in for everybody, with CloudFront's own header on the request."""
    wrong = door.wrong(knocking.NOTHING)
    assert not wrong, door.blame(wrong)


@requirement("LIVE-HDRc", TriedDoor, clause="8c", severity=HIGH, remedy=_REMEDY)
def test_gateway_lets_in_who_has_the_right_header(door):
    """What CloudFront sends is what opens: by another name or value nobody comes in who has only a cookie."""
    wrong = door.wrong(knocking.RIGHT)
    assert not wrong, door.blame(wrong)


@requirement(
    "LIVE-HDRd", TriedDoor, clause="8c", severity=HIGH,
    remedy="Verify the token of the token header where CloudFront's header is not there.",
)  # fmt: skip
def test_gateway_lets_in_who_has_a_valid_token(door):
    """While the header's value is changed, the token is all that a viewer has."""
    wrong = door.wrong(knocking.TOKEN_STRAIGHT)
    assert not wrong, door.blame(wrong)


@requirement(
    "LIVE-HDRe", TriedDoor, clause="8c", severity=CRITICAL,
    remedy="Refuse with 403 whatever has neither the header's exact value nor a valid token in the token header.",
)  # fmt: skip
def test_gateway_refuses_everybody_else(door):
    """Whoever finds the load balancer's address goes round the queue."""
    wrong = door.wrong(knocking.BARE, knocking.WRONG, knocking.COOKIE_STRAIGHT, knocking.EXPIRED)
    assert not wrong, door.blame(wrong)


@requirement(
    "LIVE-HDRf", TriedDoor, clause="8c", severity=HIGH,
    remedy="Let CloudFront put its own header in the place of a viewer's, and let nobody in at the edge by it.",
)  # fmt: skip
def test_header_of_a_viewer_makes_no_difference(door):
    """Where a viewer's own header came as far as the gateway, a guess would be a try at the secret, and keep out who has a token."""
    if door.wrong(knocking.NOTHING):
        not_judged("who has no token comes in anyway (LIVE-HDRb)")
    if door.wrong(knocking.COOKIE):
        not_judged("who has a valid token does not come in anyway (LIVE-HDRa)")
    wrong = door.wrong(knocking.OWN_HEADER, knocking.OWN_HEADER_BESIDE)
    assert not wrong, door.blame(wrong)

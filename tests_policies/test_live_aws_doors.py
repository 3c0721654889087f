"""Ways in that are not as they should be: requests that go the whole way show each, by the live requirement that is named for it."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

pytest.importorskip("ministack")

import built_gateway
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from mutation import Mutant, load

from policies.catalogue import OWN, catalogue
from policies.edge import running
from policies.intent.environments import Environment
from policies.live.aws.access import Account, Asked, reached
from policies.live.aws.entering import files_beside, knocked
from policies.live.aws.expected import stated_account
from policies.live.aws.front_doors import DoorNotTried, DoorSeen, TriedDoor
from policies.live.aws.knocking import Due, Reply
from policies.live.aws.provision import Provision
from policies.live.aws.rows import ROWS
from policies.live.aws.visiting import knocked_at
from policies.model.cloud.roots import roots
from policies.platform import Platform
from policies.verdict import Case, Outcome, Verdict, judge

HERE = Path(__file__).resolve().parent
REFERENCE = OWN.parent / "reference"
PARTS = ("terraform", "contracts", "lambda", built_gateway.GATEWAY)
REQUIREMENTS = tuple(item for item in catalogue(OWN.parent / "tests_live") if item.subject is TriedDoor)
OF_THE_GATEWAY = {
    "CloudFront sends another header than the gateway reads": ("LIVE-HDRa",),
    "gateway reads another header than CloudFront sends": ("LIVE-HDRa",),
    "API is served without the check": ("LIVE-HDRb",),
    "gateway takes no token": ("LIVE-HDRd",),
    "gateway takes any header that is not empty": ("LIVE-HDRe",),
    "gateway takes a token from the cookie": ("LIVE-HDRe",),
    "gateway takes expired tokens": ("LIVE-HDRe",),
}
"""Mutants of edge and gateway, and what they break here."""

BORROWED = {mutant.name: mutant for mutant in load(HERE / "gateway_mutants")}
MUTANTS = [
    *((mutant, tuple(mutant.breaks)) for mutant in load(HERE / "door_mutants")),
    *((BORROWED[name], breaks) for name, breaks in OF_THE_GATEWAY.items()),
]


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    """Start an embedded AWS for all of them."""
    deployed = next(one for one in roots(Platform.open(REFERENCE)) if one.place.released and one.is_applied)
    with reached(Asked(), {}, *stated_account(deployed)) as there:
        yield there


def attempt(mutant: Mutant | None, folder: Path, account: Account) -> list[Verdict]:
    """Make a mutant, fill the embedded AWS with it, knock, and judge."""
    root = folder / "platform"
    for part in PARTS:
        ignored = shutil.ignore_patterns("node_modules", "target", ".terraform")
        shutil.copytree(REFERENCE / part, root / part, symlinks=True, ignore=ignored)
    statement = (REFERENCE / "platform.toml").read_text(encoding="utf-8")
    protected = 'protected = ["/api/tickets", "/api/reservations", "/api/payments", "/booking"]'
    assert protected in statement
    # One path shows as much as four, in a quarter of the time.
    (root / "platform.toml").write_text(statement.replace(protected, 'protected = ["/api/tickets"]'), encoding="utf-8")
    for change in mutant.change if mutant is not None else ():
        change.apply(root)
    built_gateway.build(root, [file for change in (mutant.change if mutant else ()) for file in change.files])
    platform = Platform.open(root)
    deployed = next(one for one in roots(platform) if one.place.released and one.is_applied)
    assert account.stand_in is not None
    assert deployed.root is not None
    account.stand_in.reset()
    made = Provision(account, deployed.root, platform.tree, ROWS, beside=files_beside(platform, deployed))
    made.everything(lambda block: "cloudfront" in block.address)
    try:
        seen = list(knocked(platform, deployed, account, made, lambda _: None))
    finally:
        while running._running:
            running._running.popitem()[1].close()
    doors = [TriedDoor(one) for one in seen if isinstance(one, DoorSeen)]
    assert doors, seen
    return [judge(Case(item, door, door.id, door.id)) for door in doors for item in REQUIREMENTS]


def test_as_it_should_be_nothing_fails(tmp_path: Path, account: Account) -> None:
    """Every requirement is judged, and kept."""
    found = {one.requirement: (one.outcome, one.message) for one in attempt(None, tmp_path, account)}
    assert found == {item.id: (Outcome.PASSED, "") for item in REQUIREMENTS}


@pytest.mark.parametrize(("mutant", "breaks"), [pytest.param(*one, id=one[0].name) for one in MUTANTS])
def test_mutant_is_caught(mutant: Mutant, breaks: tuple[str, ...], tmp_path: Path, account: Account) -> None:
    """Exactly the requirements that it breaks fail, and each says where."""
    found = attempt(mutant, tmp_path, account)
    failed = {one.requirement: one.message for one in found if one.outcome in (Outcome.FAILED, Outcome.ERROR)}
    assert tuple(sorted(failed)) == breaks, failed
    assert all(one.locations for one in found if one.outcome is Outcome.FAILED)


def test_every_requirement_is_held_to_a_mutant() -> None:
    """A requirement that no mutant breaks proves nothing."""
    assert {id for _, breaks in MUTANTS for id in breaks} == {item.id for item in REQUIREMENTS}


REPLIES = [
    (Reply(200), Due.IN, True),
    (Reply(404), Due.IN, True),
    (Reply(403), Due.IN, False),
    (Reply(502), Due.IN, False),
    (Reply(302, "/queue?event=a"), Due.IN, False),
    (Reply(302, "/queue?event=a"), Due.QUEUE, True),
    (Reply(302, "https://elsewhere.internal/"), Due.QUEUE, False),
    (Reply(200), Due.QUEUE, False),
    (Reply(403), Due.REFUSED, True),
    (Reply(200), Due.REFUSED, False),
    (Reply(0, problem="refused"), Due.REFUSED, False),
]


@pytest.mark.parametrize(("reply", "due", "kept"), REPLIES)
def test_reply_is_what_is_due_or_not(reply: Reply, due: Due, kept: bool) -> None:
    """No answer is never what is due; what CloudFront says for a function that failed is not being let in."""
    assert reply.is_due(due, "/queue") is kept


KEY, VALUE = "an-environments-own-key-0123456789-abcdef", "an-environments-own-header-0123456789-abcd"


class Edge(BaseHTTPRequestHandler):
    """Lets in who has anything like a token, and sends the others to the queue."""

    def do_GET(self) -> None:
        """Answer."""
        token = self.headers.get("x-queue-entry-token") or self.headers.get("cookie") or ""
        self.send_response(200 if token.count(".") == 2 else 302)
        self.send_header("location", "/queue?event=event-1")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Gateway(Edge):
    """Lets in who has the header's value, or a token of the key that has not expired."""

    lenient = False

    def do_GET(self) -> None:
        """Answer."""
        token = self.headers.get("x-queue-entry-token") or (
            self.headers.get("cookie", "").partition("=")[2] if self.lenient else ""
        )
        known = self.headers.get("x-ticketing-origin-verify") == VALUE
        try:
            claims = jwt.decode(token, OctKey.import_key(KEY), algorithms=["HS256"]).claims if token else {"exp": 0}
        except JoseError:
            claims = {"exp": 0}
        self.send_response(200 if known or claims["exp"] > time.time() else 403)
        self.end_headers()


class LenientGateway(Gateway):
    """Takes a token from the cookie as well."""

    lenient = True


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Serve on loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("gateway", "key", "failed"), [(Gateway, KEY, set()), (LenientGateway, KEY, {"LIVE-HDRe"}), (Gateway, None, set())]
)
def test_environments_urls_are_knocked_at(
    gateway: type[Gateway], key: str | None, failed: set[str], tmp_path: Path, account: Account
) -> None:
    """Black box: what an environment answers is judged as the embedded one's is; without the key, what needs a token is not judged."""
    (tmp_path / "key").write_text(KEY, encoding="utf-8")
    (tmp_path / "value").write_text(VALUE, encoding="utf-8")
    asked = Asked("town", token_key=str(tmp_path / "key") if key else None, header_value=str(tmp_path / "value"))
    platform = Platform.open(REFERENCE)
    deployed = next(one for one in roots(platform) if one.place.released and one.is_applied)
    with serving(Edge) as edge_url, serving(gateway) as gateway_url:
        stated = Environment(edge_url=edge_url, gateway_url=gateway_url)
        seen = list(knocked_at(platform, deployed, account, stated, asked, lambda _: None))
    (door,) = (TriedDoor(one) for one in seen if isinstance(one, DoorSeen))
    verdicts = [judge(Case(item, door, door.id, door.id)) for item in REQUIREMENTS]
    assert {one.requirement for one in verdicts if one.outcome is Outcome.FAILED} == failed, verdicts
    unjudged = {one.requirement for one in verdicts if one.outcome is Outcome.NOT_JUDGED}
    assert unjudged == (set() if key else {"LIVE-HDRa", "LIVE-HDRd", "LIVE-HDRf"})
    assert not any(secret in repr(verdicts) for secret in (KEY, VALUE))


def test_environment_without_urls_says_so(account: Account) -> None:
    """Nothing is knocked at, and that is said."""
    platform = Platform.open(REFERENCE)
    deployed = next(one for one in roots(platform) if one.place.released and one.is_applied)
    (seen,) = knocked_at(platform, deployed, account, Environment(), Asked("town"), lambda _: None)
    assert isinstance(seen, DoorNotTried)
    assert seen.reason == "[environments.town] states no edge-url and gateway-url"

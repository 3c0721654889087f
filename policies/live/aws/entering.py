"""Knocks at the way in of a platform in an embedded AWS: at its own distribution, before the real gateway on loopback."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

from policies.errors import SourceError, ToolError
from policies.gateway.agreement import Agreement
from policies.gateway.running import Gateway, NotStartedError, UnsealedError
from policies.gateway.session import opened
from policies.live.aws.access import Account
from policies.live.aws.embedded import Embedded
from policies.live.aws.front_doors import DoorNotTried, DoorSeen
from policies.live.aws.knocking import Knock, Reply, knocks
from policies.live.aws.provision import Provision
from policies.live.aws.sending import OWN, Send, at_url
from policies.live.aws.stand_in import listened
from policies.model.cloud.roots import DeployedRoot
from policies.model.delivery import cloudfront as delivery
from policies.platform import Platform
from policies.requirement import NotJudged

Progress = Callable[[str], None]


def doors(platform: Platform, deployed: DeployedRoot) -> Iterator[Agreement]:
    """Yield the ways in of a root: each validator with each distribution and gateway that stand behind it."""
    for one in Agreement.collect(platform):
        if isinstance(one, Agreement) and one.front.deployed is deployed:
            yield one


def files_beside(platform: Platform, deployed: DeployedRoot) -> dict[str, bytes]:
    """Give the files that a release would bring into a validator's package, with a key of the tests', by their paths in the platform."""
    found = {}
    for one in doors(platform, deployed):
        package, keyless = one.validator.running.package, dict(one.validator.running.keyless.files)
        for name, content in package.files:
            if keyless.get(name) != content:
                found[name if package.folder == "." else f"{package.folder}/{name}"] = content
    return found


def knocked(
    platform: Platform, deployed: DeployedRoot, account: Account, provision: Provision, progress: Progress
) -> Iterator[DoorSeen | DoorNotTried]:
    """Yield what became of requests to each way in of a root that was provisioned in an embedded AWS."""
    assert account.stand_in is not None  # noqa: S101 (asked before)
    for agreement in doors(platform, deployed):
        began = time.monotonic()
        try:
            yield _embedded(agreement, account, account.stand_in, provision, began, progress)
        except (NotJudged, NotStartedError, UnsealedError, ToolError, SourceError) as error:
            yield DoorNotTried(agreement.place, agreement.id, str(error))


def _embedded(
    agreement: Agreement, account: Account, stand_in: Embedded, provision: Provision, began: float, progress: Progress
) -> DoorSeen:
    validator, program = agreement.validator, agreement.program
    validator.require_door()
    if validator.running.package.secrets:
        raise NotJudged("its key comes from Secrets Manager, whose value here is random")
    made = provision.created.get(agreement.front.distribution.address)
    if made is None:
        reason = provision.missing.get(agreement.front.distribution.address, "it was not created")
        raise NotJudged(f"the distribution is not provisioned: {reason}")
    origins = account.aws.of("cloudfront").get_distribution_config(Id=made["id"])["DistributionConfig"]["Origins"]
    sent = [header for origin in origins["Items"] for header in origin["CustomHeaders"].get("Items") or ()]
    if not sent:
        raise NotJudged("no origin is sent a header of its own (HDR-02)")
    value = str(sent[0]["HeaderValue"])
    names = (*program.header_names, *(str(one["HeaderName"]) for one in sent))
    with _gateway(agreement, value) as gateway, _before(gateway, stand_in) as port:
        for origin in origins["Items"]:
            stand_in.lead(str(origin["DomainName"]), port)
        through = at_url(stand_in.endpoint, str(made["domain_name"]), stand_in.certificate)
        replies = ask(tuple(knocks(agreement.contract, names, value)), through, _straight(gateway))
    taken = time.monotonic() - began
    progress(
        f"{agreement.place.name}: {len(replies)} requests to {made['domain_name']} and its gateway ({taken:.1f} s)"
    )
    return DoorSeen(agreement, f"{account.name} {account.id}", agreement.contract.queue, replies, taken)


def ask(asked: Sequence[Knock], through: Send, straight: Send) -> tuple[tuple[Knock, Reply], ...]:
    """Send requests one after the other, each by its way."""
    return tuple((one, (straight if one.straight else through)(one.request)) for one in asked)


@contextmanager
def _gateway(agreement: Agreement, value: str) -> Iterator[Gateway]:
    """Start the gateway, which takes this value of CloudFront's header."""
    program = agreement.program
    if not program.origin_secrets:
        raise NotJudged("nobody says in which variable the gateway gets the header's value: [header] variable")
    gateway = opened(program, dict.fromkeys(program.origin_secrets, value))
    if isinstance(gateway, str):
        raise NotJudged(gateway)
    try:
        yield gateway
    finally:
        gateway.close()


def _straight(gateway: Gateway) -> Send:
    def send(request: delivery.Request) -> Reply:
        (answer,) = gateway.exchange([request])
        return Reply(answer.status, "".join(answer.values("location")[:1]), answer.problem)

    return send


@contextmanager
def _before(gateway: Gateway, stand_in: Embedded) -> Iterator[int]:
    """Serve a listener in the network of the embedded AWS: what comes there goes on to the gateway, and its answer back."""
    port, listening = stand_in.listener()
    one_by_one = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            self.close_connection = True
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                return
            self.rfile.read(int(self.headers.get("content-length") or 0))
            path, _, query = self.path.partition("?")
            request = delivery.Request(path, self.command, query, tuple(self.headers.items()))
            with one_by_one:
                (answer,) = gateway.exchange([request])
            self.send_response(answer.status or 502)
            for name, text in answer.headers:
                if name.lower() not in OWN:
                    self.send_header(name, text)
            body = answer.body.encode("utf-8", "replace")
            self.send_header("content-length", str(len(body)))
            self.send_header("connection", "close")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with listened(listening, Handler):
        yield port

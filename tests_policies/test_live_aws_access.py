"""Which account is looked at, what reading it needs, and what can go wrong: each by a name of its own, and never a pass."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest

pytest.importorskip("ministack")

from botocore.awsrequest import AWSResponse
from live_accounts import Filled, filled, load, opened, requirements

from policies.errors import UsageError
from policies.intent.environments import Environment
from policies.live.aws import errors
from policies.live.aws.access import Asked, reached
from policies.live.aws.api import Aws, signed
from policies.live.aws.deployed.held import Held
from policies.live.aws.front_doors import DoorNotTried, DoorSeen
from policies.live.aws.observing import observe
from policies.live.aws.provision import Provision
from policies.live.aws.queues import TriedQueue
from policies.live.aws.seen import CloudNotTried, QueueSeen
from policies.model.cloud.roots import DeployedRoot
from policies.platform import Platform
from policies.verdict import Case, Outcome, judge

NAME, ACCOUNT, REGION = "shop", "482915630718", "ap-northeast-2"
ASKED = Asked(environment=NAME, production=True)


def platform_with(**stated: Any) -> Platform:
    """Give the reference platform with one environment."""
    platform, _ = opened()
    environments = {NAME: Environment(**{"terraform": "prod", "account": ACCOUNT, "region": REGION, **stated})}
    return replace(platform, intent=msgspec.structs.replace(platform.intent, environments=environments))


@pytest.fixture(scope="module")
def account() -> Iterator[Filled]:
    """Start an account that is not ours to drive."""
    with filled() as found:
        yield found


@pytest.fixture
def there(account: Filled, monkeypatch: pytest.MonkeyPatch) -> Provision:
    """Fill it as Terraform has it, with somebody who listens, and make AWS' own variables lead there."""
    server = account.account.stand_in
    assert server is not None
    for name, value in (
        ("AWS_ENDPOINT_URL", server.endpoint), ("AWS_CA_BUNDLE", str(server.certificate)), ("AWS_ACCESS_KEY_ID", ACCOUNT),
        ("AWS_SECRET_ACCESS_KEY", server.secret), ("AWS_CONFIG_FILE", "/dev/null"), ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    platform, deployed = opened()
    made = account.provision(platform, deployed)
    aws = account.account.aws
    url = aws.of("sqs").create_queue(QueueName="on-call")["QueueUrl"]
    arn = aws.of("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    aws.of("sns").subscribe(TopicArn=made.created["aws_sns_topic.alarms"]["arn"], Protocol="sqs", Endpoint=arn)
    return made


def look(asked: Asked = ASKED, **stated: Any) -> list[Any]:
    """Look at the environment, whose ways in are test_live_aws_doors.py's, and what is deployed there test_live_aws_drift.py's."""
    seen = observe(platform_with(**stated), asked, lambda _: None)
    others = (DoorSeen, DoorNotTried, DeployedRoot, Held)
    return [one for one in seen if not isinstance(one, others)]


def verdicts(seen: list[Any]) -> dict[str, Any]:
    """Judge the queue that was seen."""
    (queue,) = [TriedQueue(one) for one in seen if isinstance(one, QueueSeen)]
    return {one.id: judge(Case(one, queue, queue.id, queue.id)) for one in requirements()}


# What is read


@pytest.mark.usefixtures("there")
def test_every_link_of_an_environment_is_read_and_holds() -> None:
    """The same requirements, by reading: nothing is sent."""
    found = verdicts(look())
    assert {id: (one.outcome, one.message) for id, one in found.items()} == dict.fromkeys(found, (Outcome.PASSED, ""))


BY_READING = {
    "redrive off": "LIVE-SQSa",
    "a message is dead after two deliveries": "LIVE-SQSa",
    "dead letters go to a queue that nobody watches": "LIVE-SQSa",
    "an id means a message of the whole queue": "LIVE-SQSc",
    "the queue's policy lets everybody in": "LIVE-SQSd",
    "the queue takes messages without TLS": "LIVE-SQSe",
    "the mapping takes no partial failures": "LIVE-SQSf",
    "the mapping is off": "LIVE-SQSg",
    "the mapping is gone": "LIVE-SQSg",
    "the mapping's function is gone": "LIVE-SQSg",
    "the alarm watches the main queue": "LIVE-SQSh",
    "the alarm watches no queue": "LIVE-SQSh",
    "the alarm reads another metric": "LIVE-SQSh",
    "the alarm waits for a second dead letter": "LIVE-SQSh",
    "the alarm fires when there is no dead letter": "LIVE-SQSh",
    "the alarm is gone": "LIVE-SQSh",
    "the alarm has no action": "LIVE-SQSi",
    "the alarm's actions are switched off": "LIVE-SQSi",
    "the alarm calls a topic that is not there": "LIVE-SQSi",
}
"""What reading alone finds of the mutants of an account, and by which requirement."""


@pytest.mark.parametrize("name", BY_READING)
def test_mutant_is_caught_by_reading(name: str, there: Provision) -> None:
    """On an account that nothing may be sent to, the broken link is found where it is."""
    next(one for one in load() if one.name == name).plant(there)
    found = verdicts(look())
    assert found[BY_READING[name]].outcome is Outcome.FAILED, found
    assert not any(one.outcome is Outcome.ERROR for one in found.values())


@pytest.mark.usefixtures("there")
def test_where_it_may_be_written_a_copy_of_the_queue_is_driven_and_removed() -> None:
    """Messages go through a queue of our own with the same attributes; nothing of it is left, and the platform's own is not touched."""
    aws = Aws(signed(ACCOUNT, _secret(), REGION), REGION)
    before = sorted(aws.of("sqs").every("list_queues", "QueueUrls"))
    seen = look(replace(ASKED, writes=True))
    assert {one.outcome for one in verdicts(seen).values()} == {Outcome.PASSED}
    assert all(one.driven for one in seen)
    assert sorted(aws.of("sqs").every("list_queues", "QueueUrls")) == before


def _secret() -> str:
    import os

    return os.environ["AWS_SECRET_ACCESS_KEY"]


def test_queue_that_is_not_there_fails(there: Provision) -> None:
    """A queue that Terraform has and the account has not is no queue without defects."""
    aws = there.account.aws
    aws.of("sqs").delete_queue(QueueUrl=there.created["module.sqs.aws_sqs_queue.this"]["url"])
    (gap,) = look()
    assert isinstance(gap, CloudNotTried)
    assert gap.promised


# What ends a run before anything is touched


@pytest.mark.usefixtures("there")
def test_another_account_than_the_named_one_is_not_touched() -> None:
    """Credentials of another account end the run, with both numbers."""
    with pytest.raises(errors.WrongAccountError, match=f"111122223333.*{ACCOUNT}"):
        look(account="111122223333")


def test_environment_that_is_not_stated_ends_the_run() -> None:
    """A name that nobody stated is none."""
    with pytest.raises(UsageError, match="nowhere"):
        look(Asked(environment="nowhere", production=True))


def test_environment_without_an_account_is_not_looked_at() -> None:
    """An account must be named; without one nothing in AWS is read."""
    (gap,) = look(account=None)
    assert isinstance(gap, CloudNotTried)
    assert "states no account" in gap.reason


def test_production_must_be_meant() -> None:
    """A release is not looked at by mistake."""
    with pytest.raises(UsageError, match="--allow-production"):
        look(Asked(environment=NAME))


def test_two_accounts_at_once_are_none() -> None:
    """Either an environment, or an emulator."""
    with pytest.raises(UsageError, match="one of the two"):
        look(Asked(environment=NAME, endpoint="http://127.0.0.1:1", production=True))


@pytest.mark.parametrize("url", ["sqs.eu-west-1.amazonaws.com", "https://sqs.eu-west-1.amazonaws.com", "file:///etc"])
def test_aws_itself_is_no_emulator(url: str) -> None:
    """What is AWS is named by an environment, with its account."""
    with pytest.raises(UsageError), reached(Asked(endpoint=url), {}, None, None):
        pass


@pytest.mark.parametrize(("region", "told"), [("moon-west-1", "no region 'moon-west-1'")])
@pytest.mark.usefixtures("there")
def test_region_that_is_not_there_is_an_error(region: str, told: str) -> None:
    """It would look like an account without queues."""
    with pytest.raises(errors.RegionError, match=told):
        look(region=region)


@pytest.mark.usefixtures("there")
def test_no_region_is_an_error() -> None:
    """Neither the environment nor a profile states one."""
    with pytest.raises(errors.RegionError, match="no region is known"):
        look(region=None)


@pytest.mark.usefixtures("there")
def test_no_credentials_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody signed in."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(errors.NoCredentialsError):
        look()


@pytest.mark.usefixtures("there")
def test_profile_that_is_not_there_is_an_error() -> None:
    """The profile of an environment is on another machine."""
    with pytest.raises(errors.NoCredentialsError, match="nobody"):
        look(profile="nobody")


# What AWS answers


def answering(monkeypatch: pytest.MonkeyPatch, operation: str, status: int, code: str) -> list[str]:
    """Make AWS answer one operation with an error; give each time that it was asked."""
    asked: list[str] = []
    opened_by = Aws.of

    def of(self: Aws, service: str, region: str | None = None) -> Any:
        found = opened_by(self, service, region)
        if not getattr(found, "broken", False):
            found.broken = True  # type: ignore[attr-defined]
            found.client.meta.events.register(f"before-send.*.{operation}", answer)
        return found

    def answer(request: Any, **_: Any) -> AWSResponse:
        asked.append(request.url)
        body = json.dumps({"__type": code, "message": "told by the test"}).encode()
        headers = {
            "x-amzn-errortype": code,
            "x-amzn-query-error": f"{code};Sender",
            "content-type": "application/x-amz-json-1.0",
        }
        return AWSResponse(request.url, status, headers, _Raw(body))

    monkeypatch.setattr(Aws, "of", of)
    return asked


class _Raw:
    def __init__(self, body: bytes) -> None:
        self.body = body

    def stream(self, **_: Any) -> Iterator[bytes]:
        """Give the body."""
        yield self.body


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("AccessDenied", 403, errors.AccessDeniedError),
        ("ExpiredToken", 403, errors.ExpiredTokenError),
        ("OptInRequired", 403, errors.RegionError),
    ],
)
@pytest.mark.parametrize("operation", ["GetQueueUrl", "GetQueueAttributes"])
@pytest.mark.usefixtures("there")
def test_refusal_is_an_error_by_name(
    operation: str, code: str, status: int, kind: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no missing queue, and no pass."""
    answering(monkeypatch, operation, status, code)
    with pytest.raises(kind, match=f"{code}.*told by the test"):
        look()


@pytest.mark.usefixtures("there")
def test_throttle_is_repeated_and_then_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """With growing pauses; and what stays throttled is told as that."""
    monkeypatch.setattr("botocore.retries.standard.RetryHandler._get_sleep", lambda *_: 0, raising=False)
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr("policies.live.aws.api.ATTEMPTS", 4)
    asked = answering(monkeypatch, "GetQueueUrl", 400, "RequestThrottled")
    with pytest.raises(errors.ThrottledError):
        look()
    assert len(asked) == 4


@pytest.mark.usefixtures("there")
def test_nobody_at_the_endpoint_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong address is no empty account."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://127.0.0.1:9")
    monkeypatch.setattr("policies.live.aws.api.ATTEMPTS", 1)
    with pytest.raises(errors.UnreachableError):
        look()


# A second implementation of the API


def test_another_emulator_is_filled_and_read_by_the_same_rows_and_requirements(monkeypatch: pytest.MonkeyPatch) -> None:
    """Moto is no relative of ministack: what both take and give back is AWS' API, not the habit of one of them."""
    server = pytest.importorskip("moto.server")
    monkeypatch.setenv("MOTO_ACCOUNT_ID", ACCOUNT)
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    try:
        host, port = running.get_host_and_port()
        platform = platform_with()
        seen = list(observe(platform, Asked(endpoint=f"http://{host}:{port}", writes=True), lambda _: None))
        found = verdicts(seen)
    finally:
        running.stop()
    failed = {id: one.message for id, one in found.items() if one.outcome is not Outcome.PASSED}
    assert failed == {}

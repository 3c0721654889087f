"""An account that somebody else filled, held against Terraform: each change by hand is caught by the requirement that is named for it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

pytest.importorskip("ministack")

from drifted_account import DRIFT, OF_A_VPC, Drift, Drifted, as_text, copy_of_reference, drifts, fill, granted, held_in
from live_accounts import FOLDER, filled
from managed_account import PASSWORD

from policies.intent.environments import Environment
from policies.live.aws.access import Account, Asked
from policies.live.aws.api import Aws, Service, signed
from policies.live.aws.deployed.held import Held
from policies.live.aws.deployed.looking import pages
from policies.live.aws.deployed.policy_documents import differing
from policies.live.aws.errors import AwsError
from policies.live.aws.observing import observe
from policies.live.aws.provision import Provision
from policies.live.aws.rows import ROWS
from policies.model.cloud.roots import DeployedRoot
from policies.platform import Platform
from policies.verdict import Outcome


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drifted]:
    """Fill one for all of them."""
    with filled() as found:
        yield fill(found, tmp_path_factory.mktemp("drift") / "platform")


def bad(verdicts: list[Any]) -> dict[str, str]:
    """Give what failed, and what is a fault of ours."""
    return {one.requirement: one.message for one in verdicts if one.outcome in (Outcome.FAILED, Outcome.ERROR)}


def test_account_as_terraform_has_it_has_no_drift(account: Drifted) -> None:
    """Nothing is told that is not so, each requirement is judged, and what is not judged says why."""
    verdicts = account.verdicts()
    assert bad(verdicts) == {}
    assert {one.requirement for one in verdicts if one.outcome is Outcome.PASSED} == {one.id for one in DRIFT}
    unjudged = {one.subject: one.message for one in verdicts if one.outcome is Outcome.NOT_JUDGED}
    assert set(unjudged) == {
        "staging:module.cloudfront.aws_s3_bucket_acl.access_logs",
        "staging:module.cloudfront.aws_wafv2_web_acl_logging_configuration.this",
    }, unjudged


@pytest.mark.parametrize("drift", drifts(), ids=lambda drift: drift.name.replace(" ", "-"))
def test_drift_is_caught_by_the_requirement_named_for_it(drift: Drift, account: Drifted) -> None:
    """No other fails, what it says is what was changed, and it says where."""
    with drift.planted(account):
        verdicts = account.verdicts()
    failed = bad(verdicts)
    assert tuple(failed) == drift.breaks, failed
    assert drift.told in failed[drift.breaks[0]]
    assert not any(one.outcome is Outcome.ERROR for one in verdicts)
    found = next(one for one in verdicts if one.outcome is Outcome.FAILED)
    assert len(found.locations) > 1
    assert any(one.source.endswith(".tf") and one.line for one in found.locations)
    assert any("staging 482915630718" in one.source for one in found.locations)
    assert "canary" not in as_text(verdicts)


def test_every_requirement_of_drift_is_held_to_a_change() -> None:
    """A requirement that no change breaks proves nothing."""
    assert {id for drift in drifts() for id in drift.breaks} == {one.id for one in DRIFT}


def test_after_all_of_them_the_account_is_as_before(account: Drifted) -> None:
    """Each change was undone: none of the above was caught by another's."""
    assert bad(account.verdicts()) == {}


def test_what_is_deployed_is_judged_by_the_requirements_on_terraform(account: Drifted) -> None:
    """The same requirements as on files, on what the account has; what fails is what the account lacks in fact."""
    verdicts = account.judged()
    assert {(one.requirement, one.subject) for one in verdicts if one.outcome in (Outcome.FAILED, Outcome.ERROR)} == {
        ("VAULT-01a", name) for name in ("database", "redis", "jwt", "queue-entry-token")
    }
    passed = Counter(one.chapter for one in verdicts if one.outcome is Outcome.PASSED)
    assert passed["SQS"] >= 28
    assert passed["CDN"] > 60
    assert passed["WORKER"] > 35
    assert (passed["EKS"], passed["RDS"], passed["CACHE"]) == (9, 13, 13)


@pytest.mark.parametrize(
    ("requirement", "name"),
    [
        ("SQS-03e", "the queue's policy lets everybody in"),
        ("SQS-02f", "the alarm calls nobody"),
        ("WORKER-01d", "the mapping takes no partial failures"),
        ("CDN-02a", "a behaviour has lost its function"),
        ("RDS-01g", "the database may be deleted"),
        ("EKS-01e", "an add-on is gone"),
    ],
)
def test_what_is_broken_in_the_account_fails_by_the_requirement_on_terraform(
    requirement: str, name: str, account: Drifted
) -> None:
    """With the resource's ARN and the field as the place."""
    drift = next(one for one in drifts() if one.name == name)
    with drift.planted(account):
        found = [one for one in account.judged(requirement) if one.outcome is Outcome.FAILED]
    assert found, requirement
    assert all(location.source.startswith("staging 482915630718 ") for one in found for location in one.locations)
    assert any("arn:aws:" in location.source for one in found for location in one.locations)


def test_no_secret_is_kept(account: Drifted) -> None:
    """Neither a secret's value, nor a header's, nor a password: what is not kept is in no report."""
    search = held_in(account.observed()).search
    kept = json.dumps({address: dict(one.attributes) for address, one in search.found.items()}, default=str)
    assert "X-Ticketing-Origin-Verify" in kept
    assert len(account.provision.secrets) > 1
    for secret in (*account.provision.secrets, PASSWORD):
        assert secret not in kept


# An environment, as a user names it


@pytest.fixture
def environment(account: Drifted, monkeypatch: pytest.MonkeyPatch) -> Platform:
    """Make AWS' own variables lead to the account, and give the platform with an environment that is it."""
    assert account.filled is not None
    server = account.filled.account.stand_in
    assert server is not None
    for name, value in (
        ("AWS_ENDPOINT_URL", server.endpoint), ("AWS_CA_BUNDLE", str(server.certificate)), ("AWS_ACCESS_KEY_ID", server.account),
        ("AWS_SECRET_ACCESS_KEY", server.secret), ("AWS_CONFIG_FILE", "/dev/null"), ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    stated = {"shop": Environment(terraform="prod", account=server.account, region=server.region)}
    return replace(account.platform, intent=msgspec.structs.replace(account.platform.intent, environments=stated))


ASKED = Asked(environment="shop", production=True)


def test_environment_is_held_against_terraform(environment: Platform) -> None:
    """Its place is called by its own name."""
    seen = tuple(observe(environment, ASKED, lambda _: None))
    (held,) = [one for one in seen if isinstance(one, Held)]
    (root,) = [one for one in seen if isinstance(one, DeployedRoot)]
    assert held.place.name == root.place.name == "shop"
    assert root.beyond is None


IAM = {
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
}
"""Operations that IAM has another name for (Service Authorization Reference)."""


def test_reading_needs_exactly_what_the_shipped_policy_grants(
    environment: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever grants it grants nothing that is not used, and nothing that is used is missing."""
    recorded: list[Aws] = []
    opened_by = Aws.of

    def noting(self: Aws, service: str, region: str | None = None) -> Any:
        recorded.append(self)
        return opened_by(self, service, region)

    monkeypatch.setattr(Aws, "of", noting)
    tuple(observe(environment, ASKED, lambda _: None))
    called = {f"{service}:{operation}" for aws in recorded for service, operation in aws.calls}
    asked = {IAM.get(one, one).replace("monitoring:", "cloudwatch:") for one in called}
    assert asked == granted() - OF_A_VPC
    assert all(action.partition(":")[2].startswith(("Get", "List", "Describe")) for action in granted())
    assert "secretsmanager:GetSecretValue" not in granted()


def test_emulator_that_somebody_else_filled_is_held_against_terraform(
    account: Drifted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an endpoint and no leave to write, nothing is filled by us, so drift is judged."""
    assert account.filled is not None
    server = account.filled.account.stand_in
    assert server is not None
    own = signed(server.account, server.secret, server.region)
    monkeypatch.setattr("policies.live.aws.access.signed", lambda *_: own)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(server.certificate))
    seen = tuple(observe(account.platform, Asked(endpoint=server.endpoint), lambda _: None))
    (held,) = [one for one in seen if isinstance(one, Held)]
    assert held.place.name == "prod"
    assert held.search.found


# Pages


def test_everything_is_found_however_small_its_pages_are(account: Drifted, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is on the second page is there too."""
    whole = held_in(account.observed()).search
    pages_of: Counter[str] = Counter()
    at_once = Service.every

    def every(self: Service, operation: str, key: str, **arguments: Any) -> list[Any]:
        before, size = len(self.aws.calls), {"PageSize": 5 if self.name == "ec2" else 1}
        try:
            found = at_once(self, operation, key, PaginationConfig=size, **arguments)
        except AwsError:
            found = at_once(self, operation, key, **arguments)
        pages_of[operation] = max(pages_of[operation], len(self.aws.calls) - before)
        return found

    monkeypatch.setattr(Service, "every", every)
    paged = held_in(account.observed()).search
    assert {address: one.id for address, one in paged.found.items()} == {
        address: one.id for address, one in whole.found.items()
    }
    assert paged.gone == whole.gone == []
    assert pages_of["describe_alarms"] >= 5
    assert pages_of["list_versions_by_function"] == 2


def test_lists_by_markers_are_read_to_their_end() -> None:
    """CloudFront's policies and WAF's ACLs come by markers that boto3 does not follow."""
    asked: list[dict[str, Any]] = []

    class Listing:
        def list_cache_policies(self, **arguments: Any) -> dict[str, Any]:
            asked.append(arguments)
            number = int(arguments.get("Marker", 0))
            following = {"NextMarker": str(number + 1)} if number < 2 else {}
            return {"CachePolicyList": {"Items": [number], **following}}

        def list_web_acls(self, **arguments: Any) -> dict[str, Any]:
            number = int(arguments.get("NextMarker", 0))
            return {"WebACLs": [number], **({"NextMarker": str(number + 1)} if number < 2 else {})}

    listing: Any = Listing()
    assert pages(listing, "list_cache_policies", "CachePolicyList", "Items", Type="custom") == [0, 1, 2]
    assert pages(listing, "list_web_acls", "", "WebACLs", Scope="CLOUDFRONT") == [0, 1, 2]
    assert all(one["Type"] == "custom" for one in asked)


# Policies by what they mean


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"Action": "sqs:*"}, {"Action": ["SQS:*"]}),
        ({"Action": ["a:b", "a:c"]}, {"Action": ["a:c", "a:b", "a:b"]}),
        ({"Principal": "*"}, {"Principal": {"AWS": ["*"]}}),
        ({"Principal": {"AWS": "482915630718"}}, {"Principal": {"AWS": "arn:aws:iam::482915630718:root"}}),
        (
            {"Condition": {"Bool": {"aws:SecureTransport": False}}},
            {"Condition": {"Bool": {"aws:securetransport": ["false"]}}},
        ),
        ({"Sid": "One"}, {"Sid": "Other"}),
    ],
)
def test_policies_that_mean_the_same_do_not_differ(one: dict[str, Any], other: dict[str, Any]) -> None:
    """AWS gives back another order, one for a list of one, a number for a root."""
    declared, there = (json.dumps({"Statement": [{"Effect": "Allow", **each}]}) for each in (one, other))
    assert not list(differing(declared, there, str))
    alone = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", **other}})
    assert not list(differing(declared, alone, str))


@pytest.mark.parametrize(
    "other",
    [
        {"Action": "sqs:*"}, {"Effect": "Deny"}, {"Resource": ["arn:q", "arn:r"]}, {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
        {"Principal": {"AWS": "999999999999"}}, {"NotAction": "sqs:SendMessage", "Action": None},
    ],
)  # fmt: skip
def test_policies_that_mean_something_else_differ(other: dict[str, Any]) -> None:
    """One element that says more is told, from both sides."""
    statement = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:q", "Principal": "*"}
    changed = {key: value for key, value in {**statement, **other}.items() if value is not None}
    found = list(differing(json.dumps({"Statement": [statement]}), json.dumps({"Statement": [changed]}), str))
    assert len(found) == 2


# A second implementation of the API

NOT_IN_MOTO = frozenset(
    ("module.sqs.aws_sqs_queue_policy.dead_letter", "module.sqs.aws_sqs_queue_redrive_allow_policy.dead_letter")
)
"""What moto forgets of a queue."""


def test_another_emulator_is_read_by_the_same_rows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Moto is no relative of ministack: what both give back is AWS' API. It has no policies of CloudFront, and no composite alarms."""
    server = pytest.importorskip("moto.server")
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "482915630718")
    platform, deployed = copy_of_reference(tmp_path / "platform", (FOLDER / "beside.tf").read_text(encoding="utf-8"))
    assert deployed.root is not None
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    try:
        host, port = running.get_host_and_port()
        aws = Aws(signed("482915630718", "test", "ap-northeast-2"), "ap-northeast-2", f"http://{host}:{port}")
        there = Account("moto", "482915630718", aws, writable=True)
        made = Provision(there, deployed.root, platform.tree, ROWS)
        made.everything(lambda block: "cloudfront" not in block.address and "composite" not in block.type)
        found = Drifted(None, platform, deployed, made)
        found.make_state()
        found.make_lock()
        before = found.verdicts()
        deployed_verdicts = found.judged()
        cloudwatch = found.of("cloudwatch")
        cloudwatch.disable_alarm_actions(AlarmNames=["ticketing-prod-purchases-dlq.fifo-messages"])
        lambdas = found.of("lambda")
        lambdas.update_function_configuration(FunctionName="ticketing-prod-ticket-worker", Timeout=3)
        after = bad(found.verdicts())
    finally:
        running.stop()
    missing = {
        one.subject.partition(":")[2]
        for one in before
        if one.requirement == "LIVE-AWSa" and one.outcome is Outcome.FAILED
    }
    expected = {address for address in missing if "cloudfront" in address or "composite" in address}
    assert missing - expected == NOT_IN_MOTO
    assert set(bad(before)) == {"LIVE-AWSa"}
    assert {"LIVE-AWSd", "LIVE-AWSe"} == set(after) - {"LIVE-AWSa"}
    judged = [one for one in deployed_verdicts if one.chapter in ("SQS", "WORKER")]
    assert set(bad(judged)) == {"SQS-03d"}  # of the queue whose policy moto forgot
    assert sum(one.outcome is Outcome.PASSED for one in judged) > 55

"""An embedded AWS filled from Terraform: what is created, what is refused, and what a changed Terraform comes to by behaviour."""

from __future__ import annotations

import io
import json
import shutil
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("ministack")

from live_accounts import FOLDER, REFERENCE, REPOSITORY, Filled, filled, opened

from policies.catalogue import catalogue
from policies.live.aws.documents import document
from policies.live.aws.observing import looked_at
from policies.live.aws.packages import package_of
from policies.live.aws.provision import Provision
from policies.live.aws.queues import TriedQueue
from policies.live.aws.resolving import Resolver, UnresolvedError
from policies.live.aws.resources import CreatedResource
from policies.live.aws.rows import ROWS
from policies.platform import Platform
from policies.verdict import Outcome, cases, judge


@pytest.fixture(scope="module")
def account() -> Iterator[Filled]:
    """Start an embedded AWS for all of them."""
    with filled() as found:
        yield found


@dataclass(frozen=True)
class Change:
    """A line of Terraform, or of the worker, that is changed, and the ids that must then fail, by resource where that matters."""

    name: str
    file: str
    old: str
    new: str
    breaks: tuple[str, ...]


def load() -> list[Change]:
    """Read every change."""
    data = tomllib.loads((FOLDER / "terraform.toml").read_text(encoding="utf-8"))["change"]
    return [Change(one["name"], one["file"], one["old"], one["new"], tuple(one["breaks"])) for one in data]


@pytest.mark.parametrize("change", load(), ids=lambda change: change.name.replace(" ", "-"))
def test_changed_terraform_fails_by_behaviour(change: Change, account: Filled, tmp_path: Path) -> None:
    """What it comes to when it is applied is what fails."""
    copy = tmp_path / "platform"
    for folder in ("terraform", "lambda", "contracts"):
        shutil.copytree(REFERENCE / folder, copy / folder, ignore=shutil.ignore_patterns("examples"))
    shutil.copy(REFERENCE / "platform.toml", copy)
    text = (copy / change.file).read_text()
    assert text.count(change.old) == 1, text.count(change.old)
    (copy / change.file).write_text(text.replace(change.old, change.new))
    platform, deployed = opened(copy)
    provision = account.provision(platform, deployed)
    seen = tuple(
        looked_at(deployed, account.account, provision, account.service, platform.intent.worker, lambda _: None)
    )
    found: Any = SimpleNamespace(observations=seen, only_clusters=False)
    known: dict[Any, Any] = {}
    verdicts = [
        judge(case)
        for one in catalogue(REPOSITORY / "tests_live")
        if one.subject in (TriedQueue, CreatedResource)
        for case in cases(one, found, known)
    ]
    failed = {one.requirement: one.message for one in verdicts if one.outcome in (Outcome.FAILED, Outcome.ERROR)}
    assert tuple(sorted(failed)) == change.breaks, failed


def test_whole_root_is_created_in_the_order_of_its_references(account: Filled) -> None:
    """Also where a value is known and shows no more where it came from: a bucket before its policy."""
    platform, deployed = opened()
    assert account.account.stand_in is not None
    assert deployed.root is not None
    account.account.stand_in.reset()
    made = Provision(account.account, deployed.root, platform.tree, ROWS, lambda _: account.service.url)
    made.everything()
    assert made.refused == {}
    assert set(made.missing) == {"module.cloudfront.aws_wafv2_web_acl_logging_configuration.this"}
    assert "cannot make it" in next(iter(made.missing.values()))
    cloudfront = account.account.aws.of("cloudfront")
    (one,) = cloudfront.list_distributions()["DistributionList"]["Items"]
    config = cloudfront.get_distribution_config(Id=one["Id"])["DistributionConfig"]
    behaviours = [config["DefaultCacheBehavior"], *config["CacheBehaviors"]["Items"]]
    checks = {
        each["LambdaFunctionARN"] for every in behaviours for each in every["LambdaFunctionAssociations"]["Items"]
    }
    assert checks == {made.created["module.cloudfront.aws_lambda_function.queue_check"]["qualified_arn"]}
    assert len(behaviours) == 3


def test_type_without_a_row_is_not_provisioned_by_name(account: Filled) -> None:
    """What needs it says so too; the rest is there."""
    platform, deployed = opened()
    assert account.account.stand_in is not None
    assert deployed.root is not None
    account.account.stand_in.reset()
    rows = {name: row for name, row in ROWS.items() if name != "aws_kms_key"}
    made = Provision(account.account, deployed.root, platform.tree, rows, lambda _: None)
    made.everything(lambda block: "cloudfront" not in block.address)
    assert made.missing["module.sqs.aws_kms_key.this"] == "there is no row for aws_kms_key"
    assert "module.sqs.aws_kms_key.this is not provisioned" in made.missing["module.sqs.aws_sqs_queue.this"]
    assert "module.lambda_worker.aws_iam_role.this" in made.created


def test_reference_that_means_nothing_is_not_resolved() -> None:
    """Unknown stays unknown."""
    _, deployed = opened()
    assert deployed.root is not None
    resolver = Resolver(deployed.root, lambda _: {"id": "i", "arn": "a"})
    assert resolver.plain("x-${module.sqs.aws_sqs_queue.this.arn}-${module.sqs.aws_sqs_queue.this}") == "x-a-i"
    assert resolver.plain({"a": ["${module.sqs.aws_sqs_queue.this.arn}", 1, None]}) == {"a": ["a", 1, None]}
    for text in ("${nothing.here}", "${module.sqs.aws_sqs_queue.this.nothing}"):
        with pytest.raises(UnresolvedError):
            resolver.plain(text)


def test_policy_document_is_written_as_iam_takes_it() -> None:
    """Statements of sources come first, and a statement that is overridden is replaced."""
    source = json.dumps({"Statement": {"Sid": "A", "Effect": "Allow", "Action": "s3:*", "Resource": "*"}})
    over = json.dumps({"Statement": [{"Sid": "A", "Effect": "Deny", "Action": "s3:*", "Resource": "*"}]})
    principal = [{"type": "AWS", "identifiers": ["*"]}, {"type": "Service", "identifiers": ["sns.amazonaws.com"]}]
    condition = [{"test": "Bool", "variable": "aws:SecureTransport", "values": ["false"]}]
    stated = {"sid": "B", "actions": ["sqs:*"], "resources": ["*"], "principals": principal, "condition": condition}
    made = document({"source_policy_documents": [source], "override_policy_documents": [over], "statement": [stated]})
    assert json.loads(made)["Statement"] == [
        {
            "Effect": "Allow", "Sid": "B", "Action": ["sqs:*"], "Resource": ["*"],
            "Principal": {"AWS": ["*"], "Service": ["sns.amazonaws.com"]},
            "Condition": {"Bool": {"aws:SecureTransport": ["false"]}},
        },
        {"Sid": "A", "Effect": "Deny", "Action": "s3:*", "Resource": "*"},
    ]  # fmt: skip


def test_platform_of_another_kind_is_tried_without_being_known() -> None:
    """Its queues, by its own Terraform; what has no row is told by name."""
    from policies.live.aws.access import Asked
    from policies.live.aws.observing import observe
    from policies.live.aws.seen import QueueSeen

    platform = Platform.open(REPOSITORY / "tests_policies" / "platforms" / "harbour")
    said: list[str] = []
    seen: Any = SimpleNamespace(observations=tuple(observe(platform, Asked(), said.append)), only_clusters=False)
    assert sum(isinstance(one, QueueSeen) for one in seen.observations) == 2
    known: dict[Any, Any] = {}
    every = [one for one in catalogue(REPOSITORY / "tests_live") if one.subject is TriedQueue]
    verdicts = [judge(case) for one in every for case in cases(one, seen, known)]
    assert {one.outcome for one in verdicts} == {Outcome.PASSED, Outcome.NOT_JUDGED}
    assert {one.requirement for one in verdicts if one.outcome is Outcome.NOT_JUDGED} == {
        "LIVE-SQSf",
        "LIVE-SQSg",
        "LIVE-SQSj",
    }


def test_queue_of_which_something_is_not_known_ends_no_run() -> None:
    """It is told by name, and the others are tried."""
    from policies.live.aws.looking import driven
    from policies.live.aws.seen import CloudNotTried
    from policies.requirement import NotJudged

    class Unsure:
        place, id = SimpleNamespace(name="prod"), "prod:aws_sqs_queue.some"

        @property
        def is_fifo(self) -> bool:
            raise NotJudged("var.fifo has no value")

    nothing: Any = None
    found = driven(Unsure(), nothing, "", None, nothing, nothing, None)  # type: ignore[arg-type]
    assert isinstance(found, CloudNotTried)
    assert found.reason == "var.fifo has no value"


def test_package_of_contents_that_are_stated_one_by_one(tmp_path: Path) -> None:
    """A file is packed as it is, a template as a release would bring it; without that its function has no package."""
    (tmp_path / "check").mkdir()
    (tmp_path / "check" / "index.mjs").write_text("export const handler = 1;", encoding="utf-8")
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "main.tf").write_text(
        'variable "key" {\n  type = string\n}\nlocals {\n  code = "${path.module}/../check"\n}\n'
        'data "archive_file" "check" {\n  type = "zip"\n  output_path = "check.zip"\n'
        '  source {\n    filename = "index.mjs"\n    content = file("${local.code}/index.mjs")\n  }\n'
        '  source {\n    filename = "settings.json"\n    content = templatefile("${local.code}/settings.tftpl", { key = var.key })\n'
        '  }\n}\nresource "aws_lambda_function" "check" {\n  function_name = "check"\n  handler = "index.handler"\n'
        '  runtime = "nodejs22.x"\n  role = "arn:aws:iam::482915630718:role/check"\n'
        "  filename = data.archive_file.check.output_path\n}\n",
        encoding="utf-8",
    )
    platform = Platform.open(tmp_path)
    (function,) = platform.terraform.roots[0].resources("aws_lambda_function")
    code = package_of(platform.tree, function, {"check/settings.json": b"{}"})
    with zipfile.ZipFile(io.BytesIO(code)) as packed:
        assert {name: packed.read(name) for name in packed.namelist()} == {
            "index.mjs": b"export const handler = 1;",
            "settings.json": b"{}",
        }
    with pytest.raises(UnresolvedError, match=r"settings\.json"):
        package_of(platform.tree, function, {})

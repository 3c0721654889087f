"""An embedded AWS that somebody else filled, changes of it by hand, and what requirements say of it."""

from __future__ import annotations

import copy
import io
import json
import shutil
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import managed_account
from live_accounts import FOLDER, REFERENCE, REPOSITORY, Filled, opened

from policies.catalogue import OWN, catalogue
from policies.live.aws import api
from policies.live.aws.api import Aws
from policies.live.aws.deployed.held import Held
from policies.live.aws.deployed.reading import deployed_in
from policies.live.aws.provision import Provision
from policies.live.aws.rows import ROWS
from policies.model.cloud.roots import DeployedRoot
from policies.platform import Platform
from policies.requirement import Subject
from policies.verdict import Collected, Verdict, cases, judge

POLICY = Path(api.__file__).with_name("read-only-policy.json")
OF_A_VPC = frozenset(
    f"ec2:Describe{name}" for name in ("FlowLogs", "InternetGateways", "NatGateways", "RouteTables", "Subnets", "Vpcs")
)
"""What is asked where a root has a VPC (test_live_aws_network.py)."""

STATE, LOCK = "ticketing-terraform-state-482915630718", "ticketing-terraform-lock"
DRIFT = tuple(one for one in catalogue(REPOSITORY / "tests_live") if one.id.startswith("LIVE-AWS"))


def copy_of_reference(folder: Path, beside: str = "") -> tuple[Platform, DeployedRoot]:
    """Give a copy of the reference platform, with Terraform of a text beside its root's."""
    for name in ("terraform", "lambda", "contracts"):
        shutil.copytree(REFERENCE / name, folder / name, ignore=shutil.ignore_patterns("examples"))
    shutil.copy(REFERENCE / "platform.toml", folder)
    if beside:
        (folder / "terraform/environments/prod/beside.tf").write_text(beside, encoding="utf-8")
    return opened(folder)


@dataclass(eq=False)
class Drifted:
    """An account that was filled once, and the root that it was filled from."""

    filled: Filled | None
    platform: Platform
    deployed: DeployedRoot
    provision: Provision

    def of(self, service: str, region: str | None = None) -> Any:
        """Give a service."""
        return self.provision.account.aws.of(service, region)

    def observed(self, *stated: str) -> Platform:
        """Look at it as at an environment, and give the platform with what was seen."""
        made = self.provision.account
        aws = Aws(made.aws.session, made.aws.region, made.aws.endpoint, made.aws.certificate)
        account = replace(made, aws=aws, stand_in=None, name="staging", is_environment=True)
        seen = tuple(deployed_in(self.deployed, account, stated, lambda _: None, filled=False))
        return replace(self.platform, only_clusters=True, observations=seen)

    def verdicts(self) -> list[Verdict]:
        """Hold it against Terraform."""
        platform = self.observed()
        known: dict[type[Subject], Collected] = {}
        return [judge(case) for one in DRIFT for case in cases(one, platform, known)]

    def judged(self, *ids: str) -> list[Verdict]:
        """Judge what is there by requirements on Terraform."""
        platform = self.observed()
        known: dict[type[Subject], Collected] = {}
        every = [one for one in catalogue(OWN) if one.id in ids or not ids]
        return [
            judge(case)
            for one in every
            if not getattr(one.subject, "is_driven", False)
            for case in cases(one, platform, known)
        ]

    def make_state(self) -> None:
        """Make the bucket and the table of Terraform's state, which no root of it makes."""
        s3 = self.of("s3")
        s3.create_bucket(Bucket=STATE, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-2"})
        s3.put_bucket_versioning(Bucket=STATE, VersioningConfiguration={"Status": "Enabled"})
        key = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
        s3.put_bucket_encryption(Bucket=STATE, ServerSideEncryptionConfiguration={"Rules": [key]})
        names = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
        s3.put_public_access_block(Bucket=STATE, PublicAccessBlockConfiguration=dict.fromkeys(names, True))

    def make_lock(self) -> None:
        """Make the table."""
        self.of("dynamodb").create_table(
            TableName=LOCK, KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
        )  # fmt: skip

    @contextmanager
    def second_reader(self) -> Iterator[None]:
        """Let another function read the queue."""
        lambdas = self.of("lambda")
        found = lambdas.get_function(FunctionName="ticketing-prod-ticket-worker")["Configuration"]
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("index.js", "exports.handler = async () => ({})")
        lambdas.create_function(
            FunctionName="ticketing-prod-second", Role=found["Role"], Runtime=found["Runtime"], Handler="index.handler",
            Code={"ZipFile": code.getvalue()},
        )  # fmt: skip
        arn = self.provision.created["module.sqs.aws_sqs_queue.this"]["arn"]
        made = lambdas.create_event_source_mapping(EventSourceArn=arn, FunctionName="ticketing-prod-second")
        yield
        lambdas.delete_event_source_mapping(UUID=made["UUID"])
        lambdas.delete_function(FunctionName="ticketing-prod-second")


def fill(filled: Filled, folder: Path) -> Drifted:
    """Fill an account from a copy of the reference platform, and from what stands beside it."""
    beside = "\n".join((FOLDER / name).read_text(encoding="utf-8") for name in ("beside.tf", "managed.tf"))
    platform, deployed = copy_of_reference(folder, beside)
    assert filled.account.stand_in is not None
    assert deployed.root is not None
    filled.account.stand_in.reset()
    made = Provision(filled.account, deployed.root, platform.tree, ROWS)
    made.everything()
    found = Drifted(filled, platform, deployed, made)
    found.make_state()
    found.make_lock()
    names = ("aws_iam_role.queue_service", "aws_kms_key.alarms", "aws_secretsmanager_secret.partner")
    managed_account.make(found.of, *(made.created[name]["arn"] for name in names))
    return found


@dataclass(frozen=True)
class Drift:
    """A change of an account by hand, the requirements that must then fail, and what they must say."""

    name: str
    breaks: tuple[str, ...]
    told: str
    call: dict[str, Any] | None
    undo: dict[str, Any] | None
    config: dict[str, Any] | None
    keep: str

    @contextmanager
    def planted(self, account: Drifted) -> Iterator[None]:
        """Change the account, and change it back."""
        if self.keep == "reader":
            with account.second_reader():
                yield
            return
        restore = self._configured(account) if self.config is not None else lambda: None
        self._do(account, self.call)
        try:
            yield
        finally:
            restore()
            self._do(account, self.undo)
            {"state": account.make_state, "lock": account.make_lock}.get(self.keep, lambda: None)()

    def _do(self, account: Drifted, call: dict[str, Any] | None) -> None:
        if call is not None:
            service = account.of(call["service"], call.get("region"))
            getattr(service, call["operation"])(**account.provision.resolver.plain(call["arguments"]))

    def _configured(self, account: Drifted) -> Callable[[], object]:
        assert self.config is not None
        service, config = account.of(self.config["service"]), self.config
        if "alarm" in config:
            found = service.describe_alarms(AlarmNames=[config["alarm"]])["MetricAlarms"][0]
            left = ("State", "AlarmArn", "AlarmConfiguration", "Evaluation", "ResponseMetadata")
            kept = {key: value for key, value in found.items() if not key.startswith(left) and value is not None}
            kept["EvaluationPeriods"] = found["EvaluationPeriods"]
            if config["set"]:
                service.put_metric_alarm(**{**kept, **config["set"]})
            else:
                service.delete_alarms(AlarmNames=[config["alarm"]])
            return lambda: service.put_metric_alarm(**kept)
        if "function" in config:
            before = service.get_function_configuration(FunctionName=config["function"])["Environment"]
            after = {"Variables": {**before["Variables"], **config["set"]}}
            service.update_function_configuration(FunctionName=config["function"], Environment=after)
            back = {"Variables": before["Variables"]}
            return lambda: service.update_function_configuration(FunctionName=config["function"], Environment=back)
        id = account.provision.resolver.plain(config["of"])
        told = getattr(service, config["get"])(Id=id)
        changed = copy.deepcopy(told[config["key"]])
        holder = changed
        for step in config["path"][:-1]:
            holder = holder[step]
        holder[config["path"][-1]] = config["value"]
        update = getattr(service, config["update"])
        update(Id=id, IfMatch=told["ETag"], **{config["key"]: changed})
        back = told[config["key"]]
        return lambda: update(Id=id, IfMatch=getattr(service, config["get"])(Id=id)["ETag"], **{config["key"]: back})


def drifts() -> list[Drift]:
    """Read every one."""
    data = tomllib.loads((FOLDER / "drift.toml").read_text(encoding="utf-8"))["drift"]
    return [
        Drift(
            one["name"],
            tuple(one["breaks"]),
            one["told"],
            one.get("call"),
            one.get("undo"),
            one.get("config"),
            one.get("keep", ""),
        )
        for one in data
    ]


def granted() -> set[str]:
    """Give the actions that the shipped policy grants."""
    statements = json.loads(POLICY.read_text(encoding="utf-8"))["Statement"]
    return {action for one in statements for action in one["Action"]}


def held_in(platform: Platform) -> Held:
    """Give what was held against Terraform."""
    return next(one for one in platform.observations if isinstance(one, Held))


def as_text(verdicts: list[Verdict]) -> str:
    """Give everything that verdicts say."""
    return json.dumps([one.to_plain() for one in verdicts])

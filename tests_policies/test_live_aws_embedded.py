"""The embedded AWS, each addition against ministack as it is: a new version of it shows at once what it changed."""

from __future__ import annotations

import io
import json
import socket
import ssl
import time
import urllib.error
import urllib.request
import uuid
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytest.importorskip("ministack")

from policies.live.aws.api import Aws, signed
from policies.live.aws.embedded import Embedded, embedded
from policies.live.aws.errors import AwsError, EmbeddedError
from policies.live.aws.listening import listening
from policies.live.aws.stand_in import serving

ACCOUNT, REGION = "482915630718", "us-east-1"
VISIBLE = "ApproximateNumberOfMessagesVisible"
ALARM = {
    "Namespace": "Tests", "MetricName": "Things", "Statistic": "Maximum", "Period": 60, "EvaluationPeriods": 1,
    "Threshold": 0.0, "ComparisonOperator": "GreaterThanThreshold",
}  # fmt: skip


class Running:
    """An embedded AWS and its API."""

    def __init__(self, server: Embedded) -> None:
        self.server = server
        session = signed(server.account, server.secret, server.region)
        self.aws = Aws(session, server.region, server.endpoint, str(server.certificate))

    def __getattr__(self, service: str) -> Any:
        return self.aws.of(service.rstrip("_"))

    def queue(self, name: str, **attributes: str) -> str:
        """Make a queue; give its URL."""
        fifo = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
        return str(self.sqs.create_queue(QueueName=name, Attributes={**fifo, **attributes})["QueueUrl"])

    def arn(self, url: str) -> str:
        """Give a queue's ARN."""
        found = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return str(found["Attributes"]["QueueArn"])

    def function(self, code: str, **more: Any) -> str:
        """Make a function; give its ARN."""
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as archive:
            archive.writestr("index.js", code)
        trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        name = f"f{uuid.uuid4().hex[:8]}"
        role = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))
        settings = {"Runtime": "nodejs22.x", "Handler": "index.handler", "Role": role["Role"]["Arn"], **more}
        return str(
            self.lambda_.create_function(FunctionName=name, Code={"ZipFile": held.getvalue()}, **settings)[
                "FunctionArn"
            ]
        )

    def state(self, name: str) -> str:
        """Give an alarm's state."""
        return str(self.cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["StateValue"])


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Running, Running]]:
    """Start ministack as it is, and with the additions."""
    with embedded(ACCOUNT, REGION, plain=True) as plain, embedded(ACCOUNT, REGION) as ours:
        yield Running(plain), Running(ours)


@pytest.fixture
def plain(servers: tuple[Running, Running]) -> Running:
    """Ministack as it is."""
    servers[0].server.reset()
    return servers[0]


@pytest.fixture
def ours(servers: tuple[Running, Running]) -> Running:
    """With the additions."""
    servers[1].server.reset()
    return servers[1]


def refused(ask: Callable[[], object]) -> str | None:
    """Give the code with which something is refused; None where it is taken."""
    try:
        ask()
    except AwsError as error:
        return error.code
    return None


# Metrics and alarms


def metrics_of_queues(running: Running) -> set[str]:
    """Give the queues that have metrics."""
    running.queue("quiet")
    running.sqs.send_message(QueueUrl=running.queue("busy"), MessageBody="hello")
    move(running, 60)
    found = running.cloudwatch.every("list_metrics", "Metrics", Namespace="AWS/SQS", MetricName=VISIBLE)
    return {dimension["Value"] for one in found for dimension in one["Dimensions"]}


def move(running: Running, seconds: float) -> float:
    """Move the clock; give by how much it is ahead."""
    return float(running.server._post(f"/_turnstile/clock?seconds={seconds}")["offset"])


def test_clock_can_be_moved(plain: Running, ours: Running) -> None:
    """A message that was taken comes again when its time is over, and nobody waits for it."""
    assert move(ours, 1) == 1
    with pytest.raises(EmbeddedError):
        move(plain, 1)
    url = ours.queue("some")
    ours.sqs.send_message(QueueUrl=url, MessageBody="hello")
    assert ours.sqs.receive_message(QueueUrl=url, VisibilityTimeout=3600).get("Messages")
    assert not ours.sqs.receive_message(QueueUrl=url).get("Messages")
    ours.server.move_clock(3601)
    assert ours.sqs.receive_message(QueueUrl=url).get("Messages")
    ours.server.reset()
    assert move(ours, 0) == 0


def test_every_queue_sends_metrics(plain: Running, ours: Running) -> None:
    """An alarm on a queue has nothing to read otherwise."""
    assert metrics_of_queues(ours) == {"quiet", "busy"}
    plain.sqs.send_message(QueueUrl=plain.queue("busy"), MessageBody="hello")
    assert not plain.cloudwatch.every("list_metrics", "Metrics", Namespace="AWS/SQS", MetricName=VISIBLE)


def trips_on_another_dimension(running: Running) -> bool:
    """Whether an alarm on one queue goes off for another."""
    mine, other = ([{"Name": "QueueName", "Value": value}] for value in ("mine", "other"))
    running.cloudwatch.put_metric_alarm(AlarmName="a", Dimensions=mine, TreatMissingData="notBreaching", **ALARM)
    datum = {"MetricName": "Things", "Dimensions": other, "Value": 5.0}
    running.cloudwatch.put_metric_data(Namespace="Tests", MetricData=[datum])
    return running.state("a") == "ALARM"


def test_alarm_reads_its_own_dimension(plain: Running, ours: Running) -> None:
    """Another queue's messages must not trip it: alarm tests would pass falsely."""
    assert (trips_on_another_dimension(plain), trips_on_another_dimension(ours)) == (True, False)


@pytest.mark.parametrize(
    ("missing", "state"),
    [("breaching", "ALARM"), ("notBreaching", "OK"), ("missing", "INSUFFICIENT_DATA"), ("ignore", "INSUFFICIENT_DATA")],
)
def test_alarm_treats_missing_data_as_it_says(missing: str, state: str, plain: Running, ours: Running) -> None:
    """Ministack leaves an alarm without data alone, whatever it says."""
    for running, expected in ((ours, state), (plain, "INSUFFICIENT_DATA")):
        running.cloudwatch.put_metric_alarm(AlarmName="a", TreatMissingData=missing, **ALARM)
        assert running.state("a") == expected


def test_alarm_counts_its_periods_one_by_one(plain: Running, ours: Running) -> None:
    """One bad period of three is none where two are asked for; ministack takes the three together."""
    for running, expected in ((ours, "OK"), (plain, "ALARM")):
        definition = {**ALARM, "EvaluationPeriods": 3, "DatapointsToAlarm": 2}
        running.cloudwatch.put_metric_alarm(AlarmName="a", TreatMissingData="notBreaching", **definition)
        now = time.time()
        data = [
            {"MetricName": "Things", "Value": value, "Timestamp": now - ago}
            for ago, value in ((130, 0.0), (70, 5.0), (1, 0.0))
        ]
        running.cloudwatch.put_metric_data(Namespace="Tests", MetricData=data)
        assert running.state("a") == expected
    data = [{"MetricName": "Things", "Value": 7.0, "Timestamp": time.time() - 130}]
    ours.cloudwatch.put_metric_data(Namespace="Tests", MetricData=data)
    assert ours.state("a") == "ALARM"


@pytest.mark.parametrize(
    ("comparison", "value", "fires"),
    [
        ("GreaterThanThreshold", 2.0, False),
        ("GreaterThanOrEqualToThreshold", 2.0, True),
        ("LessThanThreshold", 1.0, True),
        ("LessThanOrEqualToThreshold", 2.5, False),
    ],
)
def test_alarm_compares_as_it_says(comparison: str, value: float, fires: bool, ours: Running) -> None:
    """The threshold itself is high enough for some comparisons and not for others."""
    definition = {**ALARM, "Threshold": 2.0, "ComparisonOperator": comparison}
    ours.cloudwatch.put_metric_alarm(AlarmName="a", TreatMissingData="notBreaching", **definition)
    ours.cloudwatch.put_metric_data(Namespace="Tests", MetricData=[{"MetricName": "Things", "Value": value}])
    assert (ours.state("a") == "ALARM") is fires


def test_alarm_whose_query_is_one_metric_reads_it(plain: Running, ours: Running) -> None:
    """Terraform writes it as metric_query; ministack drops that."""
    for running, expected in ((ours, "ALARM"), (plain, "INSUFFICIENT_DATA")):
        metric = {"Namespace": "Tests", "MetricName": "Things", "Dimensions": []}
        query = {"Id": "m", "ReturnData": True, "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Maximum"}}
        definition = {key: ALARM[key] for key in ("EvaluationPeriods", "Threshold", "ComparisonOperator")}
        running.cloudwatch.put_metric_alarm(AlarmName="a", Metrics=[query], **definition)
        running.cloudwatch.put_metric_data(Namespace="Tests", MetricData=[{"MetricName": "Things", "Value": 5.0}])
        assert running.state("a") == expected


def is_heard(running: Running, topic: str) -> bool:
    """Whether a topic's subscriber hears of an alarm."""
    with listening(running.aws, [topic]) as ear:
        running.cloudwatch.put_metric_alarm(AlarmName="a", AlarmActions=[topic], **ALARM)
        running.cloudwatch.set_alarm_state(AlarmName="a", StateValue="OK", StateReason="-")
        running.cloudwatch.set_alarm_state(AlarmName="a", StateValue="ALARM", StateReason="-")
        return ear.heard() == {"a"}


def test_alarm_calls_no_topic_that_shuts_it_out(plain: Running, ours: Running) -> None:
    """By its own policy, or by its key's; ministack asks neither."""
    for running, expected in ((plain, [True, True, True, True]), (ours, [True, False, False, True])):
        topic = running.sns.create_topic(Name="t")["TopicArn"]
        heard = [is_heard(running, topic)]
        allowed = {"Effect": "Allow", "Action": "sns:Publish", "Resource": "*"}
        nobody = {**allowed, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/deployer"}}
        cloudwatch = {**allowed, "Principal": {"Service": "cloudwatch.amazonaws.com"}}
        for statement in (nobody, cloudwatch):
            policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
            running.sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
            if statement is nobody:
                heard.append(is_heard(running, topic))
        key = running.kms.create_key()["KeyMetadata"]["Arn"]
        running.sns.set_topic_attributes(TopicArn=topic, AttributeName="KmsMasterKeyId", AttributeValue=key)
        heard.append(is_heard(running, topic))
        statement = {
            "Effect": "Allow",
            "Action": "kms:*",
            "Resource": "*",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        running.kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy)
        heard.append(is_heard(running, topic))
        assert heard == expected


# What AWS refuses


def _dead_letter_queue_of_another_type(running: Running) -> None:
    policy = {"deadLetterTargetArn": running.arn(running.queue("plain")), "maxReceiveCount": 3}
    running.queue("some.fifo", RedrivePolicy=json.dumps(policy))


def _another_type(running: Running) -> None:
    running.sqs.set_queue_attributes(QueueUrl=running.queue("some.fifo"), Attributes={"FifoQueue": "false"})


def _throughput_without_scope(running: Running) -> None:
    running.queue("some.fifo", FifoThroughputLimit="perMessageGroupId", DeduplicationScope="queue")


def _dead_letter_queue_that_is_another_s(running: Running) -> None:
    url = running.queue("dead")
    allowed = {"redrivePermission": "byQueue", "sourceQueueArns": [running.arn(running.queue("other"))]}
    running.sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedriveAllowPolicy": json.dumps(allowed)})
    policy = json.dumps({"deadLetterTargetArn": running.arn(url), "maxReceiveCount": 3})
    running.sqs.set_queue_attributes(QueueUrl=running.queue("some"), Attributes={"RedrivePolicy": policy})


def _mapping(queue: str, **settings: Any) -> Callable[[Running], None]:
    def ask(running: Running) -> None:
        arn = running.arn(running.queue(queue, VisibilityTimeout="30"))
        function = running.function("exports.handler = async () => ({})", Timeout=settings.pop("Timeout", 3))
        running.lambda_.create_event_source_mapping(EventSourceArn=arn, FunctionName=function, **settings)

    return ask


def _mapping_of_no_queue(running: Running) -> None:
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:nowhere"
    function = running.function("exports.handler = async () => ({})")
    running.lambda_.create_event_source_mapping(EventSourceArn=arn, FunctionName=function)


def _changed_mapping(running: Running) -> None:
    arn = running.arn(running.queue("some.fifo"))
    function = running.function("exports.handler = async () => ({})")
    made = running.lambda_.create_event_source_mapping(EventSourceArn=arn, FunctionName=function, Enabled=False)
    running.lambda_.update_event_source_mapping(UUID=made["UUID"], MaximumBatchingWindowInSeconds=5)


CODE = "exports.handler = async (event) => ({ status: '302', headers: { location: [{ key: 'Location', value: '/queue' }] } })"


def distribution(running: Running, origin: int = 8080, **behaviour: Any) -> str:
    """Make a distribution; give its domain."""
    nothing = {"Quantity": 0}
    policy = running.cloudfront.create_cache_policy(
        CachePolicyConfig={"Name": uuid.uuid4().hex, "MinTTL": 0, "DefaultTTL": 0, "MaxTTL": 0}
    )["CachePolicy"]["Id"]
    own = {"Id": "one", "DomainName": "127.0.0.1", "CustomHeaders": {"Quantity": 1, "Items": [{"HeaderName": "X-Origin", "HeaderValue": "ours"}]},
           "CustomOriginConfig": {"HTTPPort": origin, "HTTPSPort": 443, "OriginProtocolPolicy": "http-only"}}  # fmt: skip
    default = {"TargetOriginId": "one", "ViewerProtocolPolicy": "allow-all", "CachePolicyId": policy, **behaviour}
    config = {
        "CallerReference": uuid.uuid4().hex, "Comment": "", "Enabled": True, "Origins": {"Quantity": 1, "Items": [own]},
        "DefaultCacheBehavior": default, "Aliases": nothing,
    }  # fmt: skip
    return str(running.cloudfront.create_distribution(DistributionConfig=config)["Distribution"]["DomainName"])


def at_edge(*arns: str) -> dict[str, Any]:
    """Give an association at viewer request."""
    items = [{"EventType": "viewer-request", "LambdaFunctionARN": arn} for arn in arns]
    return {"Quantity": len(items), "Items": items}


def _behaviour(**settings: Any) -> Callable[[Running], None]:
    def ask(running: Running) -> None:
        distribution(running, **settings)

    return ask


def _unversioned(running: Running) -> None:
    distribution(running, LambdaFunctionAssociations=at_edge(running.function(CODE)))


def _another_region(running: Running) -> None:
    arn = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:check:1"
    distribution(running, LambdaFunctionAssociations=at_edge(arn))


def _unversioned_later(running: Running) -> None:
    distribution(running)
    (one,) = running.cloudfront.list_distributions()["DistributionList"]["Items"]
    held = running.cloudfront.get_distribution_config(Id=one["Id"])
    config = held["DistributionConfig"]
    config["DefaultCacheBehavior"]["LambdaFunctionAssociations"] = at_edge(running.function(CODE))
    running.cloudfront.update_distribution(Id=one["Id"], IfMatch=held["ETag"], DistributionConfig=config)


def _both_kinds(running: Running) -> None:
    version = running.function(CODE, Publish=True)
    small = running.cloudfront.create_function(
        Name="small", FunctionConfig={"Comment": "", "Runtime": "cloudfront-js-2.0"}, FunctionCode=b"function handler(e) { return e.request; }",
    )  # fmt: skip
    arn = small["FunctionSummary"]["FunctionMetadata"]["FunctionARN"]
    running.cloudfront.publish_function(Name="small", IfMatch=small["ETag"])
    also = {"Quantity": 1, "Items": [{"EventType": "viewer-request", "FunctionARN": arn}]}
    distribution(
        running,
        LambdaFunctionAssociations=at_edge(f"{version}:1" if not version.endswith(":1") else version),
        FunctionAssociations=also,
    )


REFUSALS: dict[str, tuple[Callable[[Running], None], str]] = {
    "a dead-letter queue of another type": (_dead_letter_queue_of_another_type, "InvalidParameterValue"),
    "a queue that becomes one of another type": (_another_type, "InvalidAttributeValue"),
    "throughput by group without its scope": (_throughput_without_scope, "InvalidAttributeValue"),
    "a dead-letter queue that is another's": (_dead_letter_queue_that_is_another_s, "InvalidParameterValue"),
    "a mapping of a FIFO queue with a window": (
        _mapping("some.fifo", MaximumBatchingWindowInSeconds=5), "InvalidParameterValueException",
    ),
    "a mapping of a FIFO queue with a batch of 11": (_mapping("some.fifo", BatchSize=11), "InvalidParameterValueException"),
    "a batch of 11 without a window": (_mapping("some", BatchSize=11), "InvalidParameterValueException"),
    "a mapping of a queue that is not there": (_mapping_of_no_queue, "InvalidParameterValueException"),
    "a mapping that gets a window": (_changed_mapping, "InvalidParameterValueException"),
    "messages hidden for less than the function's timeout": (
        _mapping("some", Timeout=60), "InvalidParameterValueException",
    ),
    "a function of another region at the edge": (_another_region, "InvalidLambdaFunctionAssociation"),
    "a function without a version that comes to the edge": (_unversioned_later, "InvalidLambdaFunctionAssociation"),
    "a function without a version at the edge": (_unversioned, "InvalidLambdaFunctionAssociation"),
    "both kinds of function on one event": (_both_kinds, "InvalidFunctionAssociation"),
    "a behaviour without an origin": (
        _behaviour(TargetOriginId="two"), "NoSuchOrigin",
    ),
    "a behaviour without a cache policy": (
        _behaviour(CachePolicyId=str(uuid.uuid4())), "NoSuchCachePolicy",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_what_aws_refuses_is_refused(name: str, plain: Running, ours: Running) -> None:
    """Ministack takes it."""
    ask, code = REFUSALS[name]
    assert refused(lambda: ask(ours)) == code
    assert refused(lambda: ask(plain)) is None


def test_what_aws_takes_is_taken(ours: Running) -> None:
    """A refusal that is too eager would be as wrong."""
    for ask in (_mapping("one.fifo", BatchSize=10), _mapping("two", BatchSize=100, MaximumBatchingWindowInSeconds=1)):
        assert refused(lambda ask=ask: ask(ours)) is None  # type: ignore[misc]
    policy = {"deadLetterTargetArn": ours.arn(ours.queue("dead.fifo")), "maxReceiveCount": 3}
    assert refused(lambda: ours.queue("three.fifo", RedrivePolicy=json.dumps(policy))) is None


# Functions


def ask_edge(running: Running, domain: str, path: str = "/", headers: dict[str, str] | None = None) -> tuple[int, str]:
    """Ask a distribution; give the status, and where it leads or what it says."""
    context = ssl.create_default_context(cafile=str(running.server.certificate))
    context.check_hostname = False
    url = f"{running.server.endpoint}{path}"
    request = urllib.request.Request(url, headers={"Host": domain, **(headers or {})})  # noqa: S310 (to ourselves)
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context), _Staying)
    try:
        with opener.open(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers.get("location", "")


class _Staying(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follow nothing."""


def test_function_at_the_edge_runs(plain: Running, ours: Running) -> None:
    """At viewer request, before the origin is asked; ministack does not run it."""
    for running, expected in ((ours, (302, "/queue")), (plain, (200, "{}"))):
        port, socket_ = running.server.listener()
        with serving(port, socket_) as origin:
            version = running.function(CODE, Publish=True)
            arn = version if version.rpartition(":")[2].isdigit() else f"{version}:1"
            domain = distribution(running, port, LambdaFunctionAssociations=at_edge(arn))
            assert ask_edge(running, domain, "/booking") == expected
            assert bool(origin.calls) is (running is plain)


def test_function_at_the_edge_sees_the_request_and_lets_it_on(ours: Running) -> None:
    """What it takes away does not reach the origin, and what it leaves does."""
    code = """exports.handler = async ({ Records: [{ cf: { config, request } }] }) => {
      if (config.eventType !== 'viewer-request' || !request.clientIp) throw new Error('no event of the edge');
      if (request.headers.cookie?.[0].value !== 'a=1; b=2') return { status: '400' };
      request.uri = `/seen${request.uri}?${request.querystring}`.split('?')[0];
      return request;
    };"""
    port, socket_ = ours.server.listener()
    with serving(port, socket_) as origin:
        version = ours.function(code, Publish=True)
        arn = version if version.rpartition(":")[2].isdigit() else f"{version}:1"
        domain = distribution(ours, port, LambdaFunctionAssociations=at_edge(arn))
        assert ask_edge(ours, domain, "/booking?x=1", {"Cookie": "a=1; b=2"})[0] == 200
        assert [call.path.partition("?")[0] for call in origin.calls] == ["/seen/booking"]
        assert ask_edge(ours, domain, "/booking", {"Cookie": "a=1"})[0] == 400


def test_handler_stands_behind_walls(ours: Running) -> None:
    """It reads its own code and no other file, reaches nothing outside, and finds no environment but its function's."""
    code = """const fs = require('node:fs'); const net = require('node:net'); const { execSync } = require('node:child_process');
    const reach = (port, host) => new Promise((done) => { const s = net.connect({ port, host, timeout: 1000 });
      s.on('connect', () => done('reached')); s.on('timeout', () => done('timeout')); s.on('error', (e) => done(e.code)); });
    const attempt = (what) => { try { what(); return 'done'; } catch (e) { return e.code ?? e.name; } };
    exports.handler = async ({ port }) => ({
      own: attempt(() => fs.readFileSync(__filename)), passwd: attempt(() => fs.readFileSync('/etc/passwd')),
      write: attempt(() => fs.writeFileSync(`${__dirname}/x`, 'x')), run: attempt(() => execSync('true')),
      loopback: await reach(port, '127.0.0.1'), outside: await reach(53, '192.0.2.1'), names: Object.keys(process.env) });"""
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        port = somebody.getsockname()[1]
        answer = ours.lambda_.invoke(FunctionName=ours.function(code, Timeout=20), Payload=json.dumps({"port": port}))
    said = json.loads(answer["Payload"].read())
    names = said.pop("names")
    assert said == {
        "own": "done", "passwd": "ERR_ACCESS_DENIED", "write": "ERR_ACCESS_DENIED", "run": "ERR_ACCESS_DENIED",
        "loopback": "ECONNREFUSED", "outside": "ENETUNREACH",
    }  # fmt: skip
    assert not {name for name in names if name.startswith(("TURNSTILE", "PYTEST", "GITHUB", "VIRTUAL"))}

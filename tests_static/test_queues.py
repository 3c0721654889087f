"""Queues, their dead letters and their alarms (clause 4.2c). PYTEST_DONT_REWRITE: the message of an assertion is its evidence."""

from policies import CRITICAL, HIGH, LOW, MEDIUM, not_judged, requirement
from policies.model.cloud.functions import TakenQueue
from policies.model.cloud.plain_values import number
from policies.model.cloud.queue_access import denies_plain_text, open_statements
from policies.model.cloud.queue_throughput import LimitedQueue
from policies.model.cloud.queues import DeadLetterQueue, Queue, RedrivenQueue, SourceFifoQueue, SourceQueue
from policies.model.cloud.redrive_permission import PermittingQueue
from policies.model.cloud.resources import known
from policies.model.cloud.topics import CalledTopic
from policies.model.cloud.watched_queues import STATISTICS, QueueAlarm, WatchedDeadLetters, WatchedSource

LARGEST_COUNT = 1000
"""The most that SQS takes (Amazon SQS API Reference, SetQueueAttributes, RedrivePolicy)."""

# The queue and its dead letters


@requirement(
    "SQS-01a",
    SourceFifoQueue,
    clause="4.2c",
    severity=HIGH,
    remedy="Make it a FIFO queue: fifo_queue = true, and a name that ends in .fifo.",
)
def test_queue_keeps_the_order_of_messages(queue):
    """A standard queue delivers some messages twice and in any order: two buyers get one seat. Beside a FIFO queue, one may be meant: advice."""
    assert queue.is_fifo, queue.evidence("{} is a standard queue", queue.label)


@requirement(
    "SQS-01b",
    SourceQueue,
    clause="4.2c",
    severity=HIGH,
    remedy="Give it a redrive policy that leads to a dead-letter queue.",
)
def test_queue_has_a_dead_letter_queue(queue):
    """A message that no delivery can help comes back until it expires, and in a FIFO queue keeps its whole message group waiting."""
    if queue.redrive is None and queue.doubt is not None:
        not_judged(queue.doubt)
    assert queue.redrive is not None, queue.evidence("{} has no redrive policy", queue.label)
    if not queue.redrive.targets:
        known(queue.redrive.target)
    assert queue.redrive.targets or str(queue.redrive.target).startswith("arn:"), queue.blame_redrive(
        "the redrive policy of {} leads to no queue ({})", queue.label, queue.redrive.target
    )
    assert queue.redrive.targets != (queue.block,), queue.blame_redrive(
        "the dead-letter queue of {} is itself", queue.label
    )
    assert not queue.redrive.is_no_arn, queue.blame_redrive(
        "the redrive policy of {} leads to {}, which is no ARN", queue.label, queue.redrive.target
    )


@requirement(
    "SQS-01c",
    DeadLetterQueue,
    clause="4.2c",
    severity=HIGH,
    remedy="Make both FIFO queues.",
)
def test_dead_letter_queue_is_of_its_source_s_type(queue):
    """SQS takes no standard queue for a FIFO one's dead letters, nor the other way (Amazon SQS, "Using dead-letter queues")."""
    _taken_from(queue)
    for source in queue.sources:
        assert queue.is_fifo == source.is_fifo, queue.blame(
            ("fifo_queue",), "{} is a {} queue, and {}, whose dead letters it takes, a {} one",
            queue.label, _kind(queue), source.label, _kind(source),
        )  # fmt: skip


def _taken_from(queue):
    if not queue.sources:
        not_judged("no queue of this root is known to send its dead letters there")


def _kind(queue):
    return "FIFO" if queue.is_fifo else "standard"


@requirement(
    "SQS-01d",
    RedrivenQueue,
    clause="4.2c",
    severity=HIGH,
    remedy="Set maxReceiveCount so that all deliveries, a visibility timeout each, end well within the retention.",
)
def test_message_reaches_the_dead_letter_queue(queue):
    """SQS takes a count of 1 to 1000; a message that expires in its queue before it has failed so often is lost, and no dead letter tells of it."""
    count = known(queue.redrive.count)
    fits = count is not None and 1 <= number(count) <= LARGEST_COUNT
    assert fits, queue.blame_redrive("the maxReceiveCount of {} is {}, not 1 to {}", queue.label, count, LARGEST_COUNT)
    longest = int(number(count)) * queue.visibility_timeout
    assert longest < queue.retention, queue.blame_redrive(
        "{} deliveries of {} s each take {} s, and {} keeps a message {} s",
        count, queue.visibility_timeout, longest, queue.label, queue.retention,
    )  # fmt: skip


@requirement(
    "SQS-01e",
    Queue,
    clause="4.2c",
    severity=HIGH,
    remedy="End the name of a FIFO queue, and of no other, in .fifo.",
)
def test_queue_name_fits_its_type(queue):
    """SQS refuses a FIFO queue whose name does not end in .fifo, and a standard queue whose name does (API Reference, CreateQueue)."""
    name = known(queue.name)
    prefix = queue.get("name_prefix")
    if name is None and prefix is None:
        return  # The provider makes one that fits.
    told = name if name is not None else ".fifo" if queue.is_fifo else ""
    assert told.endswith(".fifo") == queue.is_fifo, queue.blame(
        ("name",), "the {} queue is called {}", _kind(queue), told
    )


@requirement(
    "SQS-01f",
    TakenQueue,
    clause="4.2c",
    severity=LOW,
    remedy="Set maxReceiveCount to 5 or more where a function takes the messages.",
)
def test_throttled_message_is_no_dead_letter(queue):
    """A batch that Lambda throttles counts as received: below 5, good messages become dead letters (AWS Lambda, "Using Lambda with SQS")."""
    if not queue.mappings:
        not_judged(f"no function takes the messages of {queue.label}")
    if queue.redrive is None:
        not_judged("there is no redrive policy (SQS-01b)")
    count = known(queue.redrive.count)
    enough = count is not None and number(count) >= 5
    assert enough, queue.blame_redrive(
        "a message of {} is a dead letter after {} deliveries, and a function takes it", queue.label, count
    )


@requirement(
    "SQS-01g",
    PermittingQueue,
    clause="4.2c",
    severity=HIGH,
    remedy="List the ARN of the queue whose dead letters it takes in sourceQueueArns of its redrive_allow_policy.",
)
def test_dead_letter_queue_takes_the_letters_of_its_sources(queue):
    """SQS takes no redrive policy that leads to a queue which does not permit it (API Reference, SetQueueAttributes, RedriveAllowPolicy)."""
    refused = queue.refused
    assert not refused, queue.blame_permission(
        "{} does not permit {}, whose dead letters go there", queue.label, ", ".join(one.label for one in refused)
    )


@requirement(
    "SQS-01h",
    LimitedQueue,
    clause="+",
    severity=HIGH,
    remedy='Set deduplication_scope = "messageGroup" as well.',
)
def test_throughput_by_group_goes_with_deduplication_by_group(queue):
    """SQS takes perMessageGroupId only where messages are told apart by group, too (API Reference, SetQueueAttributes, FifoThroughputLimit)."""
    scope = queue.scope_that_bars
    assert scope is None, queue.blame(
        ("deduplication_scope",),
        "the throughput of {} is limited by group, its deduplication_scope is {}",
        queue.label,
        scope,
    )


# Alarms


@requirement(
    "SQS-02a",
    WatchedDeadLetters,
    clause="4.2c",
    severity=HIGH,
    remedy="Add an alarm on AWS/SQS ApproximateNumberOfMessagesVisible whose dimension QueueName is the dead-letter queue.",
)
def test_dead_letter_queue_has_an_alarm(queue):
    """A dead letter is a purchase nobody made. NumberOfMessagesSent does not count what SQS moves there (SQS, "Available CloudWatch metrics")."""
    assert queue.watchers, queue.blame_alarms("no alarm watches the visible messages of {}", queue.label)


@requirement(
    "SQS-02b",
    WatchedDeadLetters,
    clause="4.2c",
    severity=HIGH,
    remedy="Let it fire above 0: GreaterThanThreshold with 0, or GreaterThanOrEqualToThreshold with 1.",
)
def test_alarm_fires_with_the_first_dead_letter(queue):
    """The first dead letter is the news; the hundredth comes when the customers have called already."""
    _watched(queue)
    found = [metric.alarm.fires_above for metric in queue.watchers]
    assert any(value is not None and 0 <= value < 1 for value in found), queue.blame_watchers(
        "comparison_operator" if None in found else "threshold",
        "the alarm on {} fires {}",
        queue.label,
        " and ".join("never because of many" if value is None else f"above {value:g} messages" for value in found),
    )


@requirement(
    "SQS-02c",
    WatchedDeadLetters,
    clause="4.2c",
    severity=MEDIUM,
    remedy="Take the Maximum of a period.",
)
def test_alarm_sees_every_dead_letter(queue):
    """A minimum waits for a period that was never empty, and a count of samples counts measurements, not messages: it always fires."""
    _watched(queue)
    found = [known(metric.statistic) for metric in queue.watchers]
    assert any(str(value) in STATISTICS or str(value).startswith("p") for value in found), queue.blame_watchers(
        "statistic", "the alarm on {} takes the {} of a period", queue.label, " and ".join(map(str, found))
    )


@requirement(
    "SQS-02d",
    WatchedSource,
    clause="4.2c",
    severity=MEDIUM,
    remedy="Add an alarm on AWS/SQS ApproximateAgeOfOldestMessage whose dimension QueueName is the queue.",
)
def test_queue_has_an_alarm_on_age(queue):
    """A worker that is down or too slow makes no error: the queue's oldest message is the only thing that ages."""
    if not queue.watchers and queue.doubt is not None:
        not_judged(queue.doubt)
    assert queue.watchers, queue.blame_alarms("no alarm watches the age of the oldest message of {}", queue.label)


@requirement(
    "SQS-02e",
    WatchedSource,
    clause="4.2c",
    severity=HIGH,
    remedy="Set the threshold to what a buyer may wait, far below the queue's retention.",
)
def test_alarm_fires_before_messages_expire(queue):
    """An alarm above the retention never fires: the oldest message is gone before it is so old."""
    if not queue.watchers:
        not_judged("no alarm watches its age (SQS-02d)")
    found = [metric.alarm.fires_above for metric in queue.watchers]
    assert any(value is not None and value < queue.retention for value in found), queue.blame_watchers(
        "comparison_operator" if None in found else "threshold",
        "the alarm on the age of {} fires {}, and it keeps a message {} s",
        queue.label,
        " and ".join("never because of a high age" if value is None else f"above {value:g} s" for value in found),
        queue.retention,
    )


@requirement(
    "SQS-02f",
    QueueAlarm,
    clause="4.2c",
    severity=HIGH,
    remedy="Name a topic in alarm_actions, and leave actions_enabled on.",
    maps=(
        "[CloudWatch.15] CloudWatch alarms should have specified actions configured",
        "[CloudWatch.17] CloudWatch alarm actions should be activated",
    ),
)
def test_alarm_of_queue_calls_somebody(alarm):
    """An alarm without an action changes its colour on a page that nobody looks at."""
    assert alarm.is_on, alarm.blame(("actions_enabled",), "the actions of {} are switched off", alarm.label)
    assert alarm.actions, alarm.blame(("alarm_actions",), "{} has no alarm_actions", alarm.label)


@requirement(
    "SQS-02g",
    QueueAlarm,
    clause="4.2c",
    severity=HIGH,
    remedy="Name the ARN of a topic that exists.",
)
def test_action_of_alarm_exists(alarm):
    """CloudWatch takes any ARN for an action and tells nobody when there is nothing behind it."""
    if not alarm.actions:
        not_judged("it has no action (SQS-02f)")
    assert not alarm.missing, alarm.blame(
        ("alarm_actions",), "{} calls {}, which is no address", alarm.label, " and ".join(alarm.missing)
    )


@requirement(
    "SQS-02h",
    CalledTopic,
    clause="4.2c",
    severity=MEDIUM,
    remedy="Subscribe whoever is on call.",
)
def test_topic_of_alarms_is_heard(topic):
    """A topic without a subscription takes the alarm and drops it. Subscriptions that are made by hand are not seen here: waive it then."""
    assert topic.subscriptions, topic.evidence("nothing subscribes to {}", topic.block.address)


@requirement(
    "SQS-02i",
    CalledTopic,
    clause="4.2c",
    severity=HIGH,
    remedy="Encrypt the topic with a key of your own, whose policy lets cloudwatch.amazonaws.com use kms:Decrypt and kms:GenerateDataKey*.",
)
def test_cloudwatch_may_use_the_topic_s_key(topic):
    """An alarm fires and its topic refuses it where the key does not let CloudWatch in, as alias/aws/sns (CloudWatch, "Using alarms")."""
    if topic.key is None:
        return
    assert not topic.has_default_key, topic.blame(
        ("kms_master_key_id",), "{} is encrypted with {}, which CloudWatch may not use", topic.block.address, topic.key
    )
    if topic.key_block is None:
        not_judged(f"the policy of {topic.key} is not written here")
    assert not topic.refused, topic.blame(
        ("kms_master_key_id",),
        "the policy of {} does not let CloudWatch use {}",
        topic.key_block.address,
        " and ".join(topic.refused),
    )


def _watched(queue):
    if not queue.watchers:
        not_judged("no alarm watches its visible messages (SQS-02a)")


# Time, and who may use it


@requirement(
    "SQS-03a",
    DeadLetterQueue,
    clause="+",
    severity=MEDIUM,
    remedy="Keep dead letters 14 days: message_retention_seconds = 1209600.",
)
def test_dead_letters_are_kept_longer(queue):
    """What expires first is gone before anybody looks; a standard queue counts from the first day (Amazon SQS, "Using dead-letter queues")."""
    _taken_from(queue)
    for source in queue.sources:
        enough = queue.retention >= source.retention if queue.is_fifo else queue.retention > source.retention
        assert enough, queue.blame(
            ("message_retention_seconds",), "{} keeps a message {} s, and {}, whose dead letters it takes, {} s",
            queue.label, queue.retention, source.label, source.retention,
        )  # fmt: skip


@requirement(
    "SQS-03b",
    TakenQueue,
    clause="+",
    severity=HIGH,
    remedy="Set visibility_timeout_seconds to six times the function's timeout.",
)
def test_message_stays_hidden_while_it_is_worked_off(queue):
    """Below its timeout Lambda refuses the mapping; below six times, a batch that is retried comes twice (AWS Lambda, "Using Lambda with SQS")."""
    if not queue.workers:
        not_judged(f"no function of this root takes the messages of {queue.label}")
    for worker in queue.workers:
        assert queue.visibility_timeout >= 6 * worker.timeout, queue.blame(
            ("visibility_timeout_seconds",), "a message of {} is hidden for {} s, and {} takes up to {} s",
            queue.label, queue.visibility_timeout, worker.label, worker.timeout,
        )  # fmt: skip


@requirement(
    "SQS-03c",
    Queue,
    clause="+",
    severity=MEDIUM,
    remedy="Name a key (kms_master_key_id), or set sqs_managed_sse_enabled = true.",
    maps=("[SQS.1] Amazon SQS queues should be encrypted at rest",),
)
def test_queue_is_encrypted(queue):
    """Messages hold names and orders. SQS encrypts new queues by itself only since October 2022, and one that lost its key is plain: write it down."""
    assert queue.is_encrypted, queue.evidence("{} names no key, and not sqs_managed_sse_enabled = true", queue.label)


@requirement(
    "SQS-03d",
    Queue,
    clause="+",
    severity=MEDIUM,
    remedy="Deny everybody sqs:* on the queue where aws:SecureTransport is false.",
)
def test_queue_takes_tls_alone(queue):
    """SQS answers plain HTTP as well ("Amazon SQS security best practices", "Enforce encryption of data in transit"): who is on the way reads the messages."""
    assert denies_plain_text(queue), queue.blame_statements(
        queue.statements, "", "the policy of {} does not deny what comes without TLS", queue.label
    )


@requirement(
    "SQS-03e",
    Queue,
    clause="+",
    severity=CRITICAL,
    remedy="Name the principals, or narrow the statement by aws:SourceArn, aws:SourceAccount or aws:PrincipalOrgID.",
    maps=("[SQS.3] SQS queue access policies should not allow public access",),
)
def test_queue_is_not_open_to_everybody(queue):
    """Whoever knows the address of a queue that is open to all can buy without paying, read what others bought, or delete it."""
    found = open_statements(queue)
    assert not found, queue.blame_statements(
        found, "principals", "the policy of {} lets anybody {}", queue.label,
        ", ".join(str(action) for statement in found for action in statement.actions),
    )  # fmt: skip

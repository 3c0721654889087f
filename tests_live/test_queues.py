"""The queues, by real messages (clauses 4.2c, 4.2d). PYTEST_DONT_REWRITE: the message of an assertion is its evidence."""

from policies import CRITICAL, HIGH, MEDIUM, not_judged, requirement
from policies.live.aws.queues import TriedQueue

# The queue itself


@requirement(
    "LIVE-SQSa", TriedQueue, clause="4.2c", severity=HIGH,
    remedy="Apply the queue's redrive policy as Terraform has it, and see which message is taken how often.",
)  # fmt: skip
def test_message_that_nobody_deletes_is_a_dead_letter_after_so_many_deliveries(queue):
    """A message that always fails blocks its group for ever where nothing takes it away; where it goes too early, one disturbance is a purchase lost."""
    seen, declared, target = queue.redelivery, queue.declared_deliveries, queue.declared_dead_letters
    assert seen.ended, queue.blame_redrive(
        "a message of {} still comes after {} deliveries", queue.name, seen.deliveries
    )
    assert seen.deliveries == declared, queue.blame_redrive(
        "a message of {} comes {} times, and {} are declared", queue.name, seen.deliveries, declared or "none"
    )
    assert seen.found_in == target, queue.blame_redrive(
        "after {} deliveries a message of {} is in {}, not in {}",
        seen.deliveries, queue.name, seen.found_in or "no queue", target,
    )  # fmt: skip


@requirement(
    "LIVE-SQSb", TriedQueue, clause="4.2c", severity=HIGH,
    remedy="See who else reads the queue, and how long messages are kept in it.",
)  # fmt: skip
def test_messages_behind_a_dead_letter_come_in_their_order(queue):
    """Those who waited behind a message that fails must be served, and in the order in which they came."""
    seen = queue.followers
    assert seen.came == seen.sent, queue.evidence(
        "behind a dead letter of {} came {}, and {} was sent",
        queue.name, ", ".join(seen.came) or "nothing", ", ".join(seen.sent),
    )  # fmt: skip


@requirement(
    "LIVE-SQSc", TriedQueue, clause="4.2c", severity=HIGH,
    remedy="Apply deduplication_scope and content_based_deduplication as Terraform has them.",
)  # fmt: skip
def test_message_that_is_sent_twice_comes_once(queue):
    """A sender that did not hear the answer sends again: what comes twice is bought twice, and what is taken for it and is not, never."""
    seen = queue.repetition
    assert seen.times == 1, queue.blame(
        ("deduplication_scope",),
        "a message that was sent to {} twice under one id came {} times",
        queue.name,
        seen.times,
    )
    assert seen.other_group_came == queue.deduplicates_in_groups, queue.blame(
        ("deduplication_scope",), "the same id in another group of {} {}", queue.name,
        "is a message of its own" if seen.other_group_came else "is taken for the first, and its message is lost",
    )  # fmt: skip


@requirement(
    "LIVE-SQSd", TriedQueue, clause="+", severity=CRITICAL, remedy="Take the statement out that lets everybody in.",
)  # fmt: skip
def test_queue_takes_no_message_of_another_account(queue):
    """Whoever can send to the queue makes purchases in anybody's name."""
    assert not queue.strangers.account, queue.evidence("{} takes a message of another account", queue.name)


@requirement(
    "LIVE-SQSe", TriedQueue, clause="+", severity=MEDIUM, remedy="Deny sqs:* where aws:SecureTransport is false.",
)  # fmt: skip
def test_queue_takes_no_message_without_tls(queue):
    """A message that is sent in the clear is read, and can be changed, on its way."""
    seen = queue.strangers.plain
    if seen is None:
        not_judged("it can be tried on an embedded AWS alone")
    assert not seen, queue.evidence("{} takes a message that was sent without TLS", queue.name)


# The worker, by the mapping as it is configured


@requirement(
    "LIVE-SQSf", TriedQueue, clause="4.2d", severity=HIGH,
    remedy='Apply the mapping with function_response_types = ["ReportBatchItemFailures"], and see what the worker answers.',
)  # fmt: skip
def test_poison_message_is_a_dead_letter_and_no_other_is_lost(queue):
    """What the worker cannot carry out must be found again, and must not take with it what stood in its batch."""
    seen = queue.worked_off
    assert not seen.lost, queue.blame_mappings(
        "function_response_types", "of a batch of {} with a poison message, {} is gone without being carried out",
        queue.name, ", ".join(seen.lost),
    )  # fmt: skip
    assert "poison" in seen.dead, queue.blame_mappings(
        "function_response_types", "after {} deliveries a poison message of {} is no dead letter",
        seen.deliveries, queue.name,
    )  # fmt: skip


@requirement(
    "LIVE-SQSg", TriedQueue, clause="4.2d", severity=HIGH,
    remedy='Apply the mapping with function_response_types = ["ReportBatchItemFailures"], and see what the worker may reach.',
)  # fmt: skip
def test_messages_beside_a_poison_message_are_carried_out_once(queue):
    """A purchase that stood in a batch with a bad message is made, and is not made again with each delivery of that one."""
    told = [
        f"the message {name} a poison message of {queue.name} was carried out {f'{times} times' if times else 'never'}"
        for name, times in queue.worked_off.not_once.items()
    ]
    assert not told, queue.blame_mappings("function_response_types", "{}", "; ".join(told))


@requirement(
    "LIVE-SQSj",
    TriedQueue,
    clause="4.2d",
    severity=HIGH,
    remedy="Have the worker stop at the first failure of a message group, and report it with all behind it.",
)
def test_message_behind_a_poison_message_waits_for_it(queue):
    """A cancellation that overtakes its purchase cancels nothing: within a group the order holds, also where one fails."""
    if not queue.keeps_order:
        not_judged("a standard queue keeps no order")
    assert not queue.worked_off.overtaken, queue.evidence(
        "a message behind a poison message of {} was carried out before that one was a dead letter", queue.name
    )


# Who is called


@requirement(
    "LIVE-SQSh", TriedQueue, clause="4.2c", severity=HIGH,
    remedy="Apply the alarm as Terraform has it: the dead-letter queue's name as its dimension, threshold 0.",
)  # fmt: skip
def test_dead_letter_sets_off_its_alarm(queue):
    """An alarm on another queue, or one that waits for a second dead letter, looks like one that works until it is needed."""
    fired = {one.name for one in queue.alarms if one.fired}
    silent = [name for name in queue.expected_alarms if name not in fired]
    told = {one.name: one for one in queue.alarms}
    assert not silent, queue.blame_alarms(
        "dimensions", "with a dead letter of {}, {} stays silent: {}", queue.name, silent[0], _told(told.get(silent[0]))
    )
    assert fired, queue.evidence("no alarm goes to ALARM when {} has a dead letter", queue.name)
    by_worker = queue.set_off_by_worker
    deaf = [name for name in queue.expected_alarms if by_worker is not None and name not in by_worker]
    assert not deaf, queue.blame_alarms(
        "dimensions", "with the dead letter that the worker of {} makes, {} stays silent", queue.name, deaf[0]
    )


@requirement(
    "LIVE-SQSi", TriedQueue, clause="4.2c", severity=HIGH,
    remedy="Apply the alarm's actions, and let cloudwatch.amazonaws.com publish to the topic and use its key.",
)  # fmt: skip
def test_alarm_on_dead_letters_reaches_a_subscriber(queue):
    """An alarm that calls nobody is a colour in a console; a topic whose policy or key shuts CloudWatch out swallows every call."""
    watching = [one for one in queue.alarms if one.expected or one.fired]
    if not watching:
        not_judged(f"no alarm watches the dead letters of {queue.name} (LIVE-SQSh)")
    deaf = [one.name for one in watching if not one.heard]
    assert not deaf, queue.blame_alarms("alarm_actions", "nobody hears of it when {} goes to ALARM", ", ".join(deaf))


def _told(alarm):
    if alarm is None:
        return "it is not there"
    return f"{alarm.before} before, {alarm.after} after ({alarm.told})"

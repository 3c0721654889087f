"""What hands the worker its messages, and what it may do (clause 4.2d). PYTEST_DONT_REWRITE: the message of an assertion is its evidence."""

from policies import CRITICAL, HIGH, LOW, MEDIUM, not_judged, requirement
from policies.model.execution_roles import WorkerGrant, role_of
from policies.model.functions import LARGEST_FIFO_BATCH, Mapping, Worker
from policies.model.needed_access import cannot_decrypt, lacking, names_one, unused, wide_actions, wide_resources
from policies.model.outgoing import CalledAddress
from policies.model.queue_readers import ReadQueue
from policies.read.terraform import Unknown

# The mapping


@requirement(
    "WORKER-01a",
    ReadQueue,
    clause="4.2d",
    severity=HIGH,
    remedy="Add an event source mapping from the queue to the worker.",
)
def test_queue_is_mapped_to_a_function(queue):
    """A queue that nobody reads takes purchases until they expire. Where no mapping stands beside it, somebody else may read it: not judged."""
    if not queue.mappings and not queue.other_mappings and not queue.readers:
        not_judged(f"nothing of this root takes the messages of {queue.label}; whoever does stands elsewhere")
    assert queue.mappings, queue.blame_readers("no mapping hands the messages of {} to a function", queue.label)


@requirement(
    "WORKER-01b", Mapping, clause="4.2d", severity=HIGH, remedy="Take enabled = false out.",
)  # fmt: skip
def test_mapping_is_on(mapping):
    """A mapping that is switched off reads nothing, and says so nowhere but in the console."""
    assert mapping.is_on, mapping.blame(("enabled",), "{} is switched off", mapping.block.address)


@requirement("WORKER-01c", Mapping, clause="4.2d", severity=LOW, remedy="Set batch_size to 2 or more.")
def test_mapping_takes_batches(mapping):
    """One message an invocation makes as many invocations as messages: the worker is at its limit of concurrency when a sale opens."""
    assert mapping.batch_size > 1, mapping.blame(("batch_size",), "a batch of {} is one message", mapping.block.address)


@requirement(
    "WORKER-01d",
    Mapping,
    clause="4.2d",
    severity=HIGH,
    remedy='Set function_response_types = ["ReportBatchItemFailures"].',
)
def test_mapping_takes_partial_failures(mapping):
    """Without it one message that failed brings back its whole batch, and purchases that were made are made again."""
    assert mapping.reports_failures, mapping.blame(
        ("function_response_types",), "{} does not take ReportBatchItemFailures", mapping.block.address
    )


@requirement(
    "WORKER-01e",
    Mapping,
    clause="4.2d",
    severity=MEDIUM,
    remedy="Set scaling_config maximum_concurrency to what the service behind can take, 2 to 1000.",
)
def test_worker_s_concurrency_is_bounded(mapping):
    """The queue keeps a rush away from the service behind. Reserved concurrency bounds it by throttling alone, and what is throttled counts as received."""
    found = mapping.maximum_concurrency
    assert found is not None, mapping.evidence("{} has no maximum_concurrency", mapping.block.address)
    assert 2 <= found <= 1000, mapping.blame(
        ("scaling_config", "maximum_concurrency"), "Lambda takes a maximum_concurrency of 2 to 1000, not {}", found
    )


@requirement(
    "WORKER-01f",
    Mapping,
    clause="+",
    severity=MEDIUM,
    remedy="Reserve at least the mapping's maximum_concurrency for the function.",
)
def test_function_may_run_as_often_as_its_mapping_invokes_it(mapping):
    """Beyond its reserved concurrency the function throttles, and each throttled batch counts as received (AWS Lambda, "Configuring maximum concurrency")."""
    if mapping.maximum_concurrency is None:
        not_judged("it has no maximum_concurrency (WORKER-01e)")
    if not mapping.functions:
        not_judged("the function that it invokes is none of this root")
    for function in mapping.functions:
        reserved = function.reserved_concurrency
        assert reserved is None or reserved >= mapping.maximum_concurrency, function.blame(
            ("reserved_concurrent_executions",), "{} may run {} times at once, and {} invokes it up to {} times",
            function.label, reserved, mapping.block.address, mapping.maximum_concurrency,
        )  # fmt: skip


@requirement(
    "WORKER-01g",
    Mapping,
    clause="4.2d",
    severity=HIGH,
    remedy="Take maximum_batching_window_in_seconds out.",
)
def test_fifo_mapping_has_no_batching_window(mapping):
    """Lambda refuses it: "Batching window is not supported for FIFO queues" ("Lambda parameters for Amazon SQS event source mappings")."""
    assert not (mapping.batching_window and mapping.reads_fifo), mapping.blame(
        ("maximum_batching_window_in_seconds",), "{} waits {} s for a batch of a FIFO queue",
        mapping.block.address, mapping.batching_window,
    )  # fmt: skip


@requirement(
    "WORKER-01h",
    Mapping,
    clause="4.2d",
    severity=HIGH,
    remedy="Set batch_size to 10 or less; above it a standard queue needs a window of a second or more.",
)
def test_mapping_has_a_batch_that_lambda_takes(mapping):
    """Lambda refuses a batch above 10 of a FIFO queue, and of a standard one without a window ("Lambda parameters for Amazon SQS event source mappings")."""
    if mapping.batch_size <= LARGEST_FIFO_BATCH:
        return
    assert not mapping.reads_fifo, mapping.blame(
        ("batch_size",),
        "a batch of {} has up to {} messages of a FIFO queue",
        mapping.block.address,
        mapping.batch_size,
    )
    assert mapping.batching_window >= 1, mapping.blame(
        ("batch_size",),
        "a batch of {} has up to {} messages, without a window",
        mapping.block.address,
        mapping.batch_size,
    )


# What its role may do


@requirement(
    "WORKER-04a",
    WorkerGrant,
    clause="+",
    severity=HIGH,
    remedy="Name each action.",
    maps=(
        '[IAM.1] IAM policies should not allow full "*" administrative privileges',
        "[IAM.21] IAM customer managed policies that you create should not allow wildcard actions for services",
    ),
)
def test_worker_is_granted_no_pattern_of_actions(grant):
    """A pattern grants what AWS will think of next year; sqs:* lets a worker that was taken over empty, open or delete the queue."""
    found = wide_actions(grant.statement)
    assert not found, grant.blame("actions", "{} may do {}", grant.worker.label, ", ".join(found))
    _all_known(grant.statement.actions)


@requirement(
    "WORKER-04b",
    WorkerGrant,
    clause="+",
    severity=HIGH,
    remedy="Name the resource's ARN; where AWS takes * alone, put those actions in a statement of their own.",
)
def test_worker_is_granted_no_pattern_of_resources(grant):
    """On * it can read every secret of the account. Actions that know no resource need it: ENIs, X-Ray (Service Authorization Reference)."""
    found = wide_resources(grant.statement)
    named = ", ".join(action for action in grant.statement.actions if isinstance(action, str))
    assert not found, grant.blame("resources", "{} may do {} on {}", grant.worker.label, named, ", ".join(found))
    _all_known(grant.statement.resources)


@requirement(
    "WORKER-04c",
    Worker,
    clause="+",
    severity=HIGH,
    remedy="Write a policy of its own that names its actions and resources.",
)
def test_worker_has_no_broad_policy_of_aws(worker):
    """Policies of AWS for a job or a whole service grant far more than one queue. Those for Lambda's own needs (service-role/AWSLambda…) are taken."""
    attached = role_of(worker).elsewhere
    broad = [one for one in attached if one.of_aws is not None and not one.is_for_lambda]
    assert not broad, worker.blame_lines(
        [one.location for one in broad],
        "{} has AWS' policy {}",
        worker.label,
        ", ".join(str(one.of_aws) for one in broad),
    )
    for one in attached:
        if one.of_aws is None:
            not_judged(f"what {one.arn} allows is not written here")


@requirement(
    "WORKER-04d",
    WorkerGrant,
    clause="+",
    severity=MEDIUM,
    remedy="Take the actions out that the worker does not use.",
)
def test_worker_is_granted_what_it_uses(grant):
    """It takes messages, reads its credential, writes its log and its traces. What else it may do, whoever takes it over may do."""
    found = unused(grant)
    assert not found, grant.blame(
        "actions", "{} may do {}, which it does not use", grant.worker.label, ", ".join(found)
    )


@requirement(
    "WORKER-04e",
    Worker,
    clause="4.2d",
    severity=HIGH,
    remedy="Allow sqs:ReceiveMessage, sqs:DeleteMessage and sqs:GetQueueAttributes on the queue.",
)
def test_worker_may_take_messages(worker):
    """Lambda polls in the role's name, and refuses the mapping where the role may not (AWS Lambda, "Configuring execution role permissions" for SQS)."""
    if not worker.queues:
        not_judged("the queue whose messages it takes is none of this root")
    found = list(lacking(worker))
    assert not found, worker.blame(
        ("role",),
        "{} may not do {} on {}",
        worker.label,
        ", ".join(action for action, _ in found),
        found[0][1] if found else "",
    )


@requirement(
    "WORKER-04f",
    Worker,
    clause="+",
    severity=HIGH,
    remedy="Allow kms:Decrypt on the queue's key.",
)
def test_worker_may_decrypt_messages(worker):
    """With a key of one's own, who receives must be allowed to decrypt: else the mapping is made, and every poll is refused (Amazon SQS, "Key management")."""
    if not any(queue.key for queue in worker.queues):
        not_judged("its queue is encrypted with no key of this root")
    found = [queue.label for queue in cannot_decrypt(worker)]
    assert not found, worker.blame(("role",), "{} may not decrypt the messages of {}", worker.label, ", ".join(found))


@requirement(
    "WORKER-04g",
    Worker,
    clause="+",
    severity=CRITICAL,
    remedy="Trust the service lambda.amazonaws.com, and nobody else.",
)
def test_worker_s_role_is_lambda_s_alone(worker):
    """Whoever may take the role has the worker's credential and its queue."""
    for statement in role_of(worker).trusted:
        if not statement.allows:
            continue
        others = [name for kind, name in statement.principals if (kind, name) != ("Service", "lambda.amazonaws.com")]
        _all_known(tuple(others))
        if "principals" in statement.inverted:
            others.append("all but some")
        assert not others, worker.blame(
            ("role",), "the role of {} may be taken by {} too", worker.label, ", ".join(map(str, others))
        )


def _all_known(values):
    unknown = next((one for one in values if isinstance(one, Unknown) and not names_one(one)), None)
    if unknown is not None:
        not_judged(unknown.why)


# What it calls


@requirement(
    "WORKER-04h",
    CalledAddress,
    clause="+",
    severity=HIGH,
    remedy="Let the security group out to the address's networks on its port, and name a host that the VPC's resolver knows.",
)
def test_worker_reaches_what_it_calls(address):
    """A worker that cannot reach the ticket service fails every message, and each becomes a dead letter."""
    assert not address.is_of_cluster, address.evidence(
        "{} is a name that only the cluster's own DNS knows, and a function is outside of it", address.host
    )
    if not address.is_attached:
        assert not any(network.is_private for network in address.networks), address.evidence(
            "{} is in a private network, and {} is attached to no VPC", address.host, address.worker.label
        )
        if not address.networks:
            not_judged(f"whether {address.host} is a public address is not known; state it: [[external]]")
        return
    assert address.admitting, address.blame_rules(
        "no rule of the security group of {} lets TCP {} out", address.worker.label, address.port
    )
    assert address.is_let_out, address.blame_rules(
        "the security group of {} lets TCP {} out, but not to {} ({})",
        address.worker.label, address.port, address.host, ", ".join(map(str, address.networks)),
    )  # fmt: skip

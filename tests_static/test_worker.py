"""What hands the worker messages, what it may do, what it makes of them (4.2d, 5c). PYTEST_DONT_REWRITE: the message of an assertion is its evidence."""

from policies import CRITICAL, HIGH, LOW, MEDIUM, not_judged, requirement
from policies.model.cloud.execution_roles import WorkerGrant, role_of
from policies.model.cloud.functions import LARGEST_FIFO_BATCH, Mapping, Worker
from policies.model.cloud.needed_access import cannot_decrypt, lacking, names_one, unused, wide_actions, wide_resources
from policies.model.cloud.needed_secrets import NeededSecret
from policies.model.cloud.outgoing import CalledAddress
from policies.model.cloud.queue_readers import ReadQueue
from policies.model.cloud.secret_access import DECRYPT, READ, may_not_decrypt, may_not_read
from policies.read.terraform import Unknown
from policies.worker.fates import Family
from policies.worker.faults import Fault
from policies.worker.subject import DrivenWorker

# The mapping


@requirement(
    "WORKER-01a",
    ReadQueue,
    clause="4.2d",
    severity=HIGH,
    remedy="Add an event source mapping from the queue to the worker.",
)
def test_queue_is_mapped_to_a_function(queue):
    """A queue that nobody reads takes purchases until they expire; where no mapping stands beside it, somebody else may. Lambda knows it by its ARN alone."""
    if not queue.mappings and not queue.other_mappings and not queue.readers:
        not_judged(f"nothing of this root takes the messages of {queue.label}; whoever does stands elsewhere")
    assert queue.mappings, queue.blame_readers("no mapping hands the messages of {} to a function", queue.label)
    for mapping in queue.mappings:
        assert mapping.names_arn, mapping.blame(
            ("event_source_arn",), "{} names {} by {}, which is not its ARN",
            mapping.block.address, queue.label, mapping.get("event_source_arn"),
        )  # fmt: skip


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


@requirement(
    "WORKER-04i",
    NeededSecret,
    clause="+",
    severity=HIGH,
    remedy="Allow secretsmanager:GetSecretValue on the secret that the environment names.",
)
def test_worker_may_read_its_secret(secret):
    """Who may not read its credential is refused by the service, and each message becomes a dead letter (Secrets Manager API Reference, GetSecretValue)."""
    assert not may_not_read(secret), secret.evidence(
        "{} may not do {} on {}, which its variable {} names", secret.worker.label, READ, secret.label, secret.variable
    )


@requirement(
    "WORKER-04j",
    NeededSecret,
    clause="+",
    severity=HIGH,
    remedy="Allow kms:Decrypt on the secret's key.",
)
def test_worker_may_decrypt_its_secret(secret):
    """With a key of one's own, who reads a secret must be allowed to decrypt (AWS Secrets Manager User Guide, "Secret encryption and decryption")."""
    key = secret.key
    if key is None:
        not_judged(f"{secret.label} is encrypted with no key of this root")
    assert not may_not_decrypt(secret, key), secret.evidence(
        "{} may not do {} on {}, the key of {}", secret.worker.label, DECRYPT, key.address, secret.label
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


# What it does with a message, run for real


def _judge(worker, failure, name, near=""):
    if failure is not None:
        raise AssertionError(worker.blame(failure.tried, failure.violation, name, near))


@requirement(
    "WORKER-02a",
    DrivenWorker,
    clause="5c",
    severity=CRITICAL,
    remedy="Make the module load with the variables that Terraform gives it; read the rest when a message is there.",
)
def test_worker_loads(worker):
    """A function that does not load takes no message, and each becomes a dead letter."""
    worker.require_run()
    if worker.running.unloadable:
        worker.know("timeout", "credential")
    assert not worker.running.unloadable, worker.evidence("it does not load: {}", worker.running.unloadable)


@requirement(
    "WORKER-02b",
    DrivenWorker,
    clause="5c",
    severity=CRITICAL,
    remedy="Call the endpoint that the contract names for the action, by its method, with the message's own values in the path.",
)
def test_action_reaches_its_endpoint(worker):
    """A purchase that ends at another address is not made, or is another's."""
    worker.require_probes()
    if worker.verdicts.probes.lost:
        not_judged("a plain message is the end of it (WORKER-03r)")
    worker.know("actions stated")
    _judge(worker, worker.verdicts.of_actions(Fault.ENDPOINT), "endpoint", "path|url|fetch|request")


@requirement(
    "WORKER-02c",
    DrivenWorker,
    clause="5c",
    severity=HIGH,
    remedy="Send a message once in a delivery; SQS delivers it again where that failed.",
)
def test_message_is_sent_once(worker):
    """What is sent twice is bought twice, where the service does not notice."""
    worker.require()
    found = worker.verdicts.of_actions(Fault.AGAIN) or worker.verdicts.search("SUCCESS", Fault.AGAIN)
    _judge(worker, found, "once", "fetch|request")


@requirement(
    "WORKER-02d",
    DrivenWorker,
    clause="5c",
    severity=HIGH,
    remedy="Send the message's own payload as JSON, with its Content-Type, in UTF-8.",
)
def test_message_is_sent_with_its_payload(worker):
    """The service carries out what it reads, not what was meant."""
    worker.require("body")
    _judge(worker, worker.verdicts.of_actions(Fault.BODY), "body", "body|payload")


@requirement(
    "WORKER-02e",
    DrivenWorker,
    clause="5c",
    severity=CRITICAL,
    remedy="Send the credential with every call, in the header that the service reads.",
)
def test_call_carries_the_credential(worker):
    """An internal address that takes calls without a credential takes them from everybody inside; one that does not refuses the worker."""
    worker.require("credential")
    header = worker.running.contract.header
    assert header is not None, worker.evidence("what the service knows it by stands in no header of its calls")
    _judge(worker, worker.verdicts.of_actions(Fault.CREDENTIAL), "credential", "headers")


@requirement(
    "WORKER-02f",
    DrivenWorker,
    clause="5c",
    severity=CRITICAL,
    remedy="Take the credential out of addresses, bodies and messages of errors; log what the worker itself has words for.",
)
def test_credential_stands_in_its_header_alone(worker):
    """Addresses and logs are kept for months, by many, and read by more."""
    worker.require("credential")
    told = worker.verdicts.told
    if told is not None:
        tried, place = told
        raise AssertionError(worker.blame_place(tried, f"the credential stands in {place}", "log|console"))


@requirement(
    "WORKER-02g",
    DrivenWorker,
    clause="5c",
    severity=HIGH,
    remedy="Refuse an id that is none, by a pattern of what ids are, or encode it as one segment (encodeURIComponent) and refuse . and ..",
)
def test_id_stays_in_its_place_of_the_path(worker):
    """An id like ../../admin/close reaches another endpoint, with the worker's credential."""
    worker.require()
    if not any(action.fields for action in worker.running.contract.actions):
        not_judged("no endpoint has anything of a message in its path")
    _judge(worker, worker.verdicts.search("HOSTILE_IDS", Fault.ESCAPED), "id", "path|url|fetch|request")


@requirement(
    "WORKER-02h",
    DrivenWorker,
    clause="5c",
    severity=HIGH,
    remedy="Follow no redirect: redirect: 'manual' or 'error' with fetch; http.request follows none.",
)
def test_redirect_is_not_followed(worker):
    """Where a redirect leads the credential goes along, and the answer from there is none of the service's."""
    worker.require()
    found = worker.verdicts.of_family({Family.REDIRECT}, Fault.FOLLOWED)
    _judge(worker, found, "redirect", "redirect|fetch|request")


@requirement(
    "WORKER-02i",
    DrivenWorker,
    clause="5c",
    severity=HIGH,
    remedy="Call the service's address, and AWS by its own client, and nothing else.",
)
def test_worker_reaches_the_service_alone(worker):
    """What goes elsewhere takes a purchase and a credential along; a worker's network leads to its service."""
    worker.require()
    doors = worker.verdicts.doors
    if doors is not None:
        tried, place = doors
        raise AssertionError(worker.blame_place(tried, f"it tried to reach {place}", "connect|fetch|request"))


@requirement(
    "WORKER-02j",
    DrivenWorker,
    clause="5c",
    severity=HIGH,
    remedy="Send a key that the message itself brings: its deduplication id, or its own id.",
)
def test_message_has_the_same_key_in_each_delivery(worker):
    """SQS delivers at least once: only by a key that stays does the service know a purchase that it has made already."""
    worker.require("idempotency")
    _judge(worker, worker.verdicts.search("AGAIN", Fault.KEY), "key", "(?i:idempotency[\\w-]*)")


@requirement(
    "WORKER-02k",
    DrivenWorker,
    clause="5c",
    severity=MEDIUM,
    remedy="Report the message, or do not start, where the credential cannot be had.",
)
def test_without_a_credential_nothing_is_sent(worker):
    """A call without one is refused at best, and the message taken for one that the service refused."""
    worker.require("credential", "header")
    if worker.verdicts.of_actions(Fault.CREDENTIAL) is not None:
        not_judged("it sends calls without the credential at any time (WORKER-02e)")
    found = worker.verdicts.without_credential()
    assert found is None, worker.evidence(
        "where its credential cannot be had, {}", found[1] if found else "", near="(?i:credential\\w*|secret\\w*)"
    )


# How a message ends


@requirement(
    "WORKER-03a",
    DrivenWorker,
    clause="+",
    severity=CRITICAL,
    remedy="Put the messageId of each message that failed into batchItemFailures.",
)
def test_failed_message_is_reported(worker):
    """What is not reported is deleted: a purchase that failed is lost, and nobody is told."""
    worker.require("partial-failures", "fifo")
    verdicts = worker.verdicts
    found = verdicts.everywhere(Fault.UNREPORTED)
    if found is None:
        _require_kinds(verdicts)
        found = verdicts.search("GROUPS", Fault.UNREPORTED)
    _judge(worker, found, "failed", "batchItemFailures")


@requirement(
    "WORKER-03b",
    DrivenWorker,
    clause="+",
    severity=CRITICAL,
    remedy="Report with the message that failed all that follow it in its group.",
)
def test_what_follows_a_failure_in_its_group_is_reported(worker):
    """What was not carried out because the one before it failed, and is not reported, is deleted unsent."""
    _require_groups(worker)
    _judge(worker, worker.verdicts.search("GROUPS", Fault.FOLLOWER), "followers", "batchItemFailures")


@requirement(
    "WORKER-03c",
    DrivenWorker,
    clause="+",
    severity=HIGH,
    remedy="Stop in a group at the first message that fails.",
)
def test_nothing_is_sent_after_a_failure_in_its_group(worker):
    """The order of a group is why the queue is FIFO: a cancellation that overtakes its reservation frees nothing."""
    _require_groups(worker)
    if worker.verdicts.search("GROUPS", Fault.ORDER) is not None:
        not_judged("it sends a group side by side (WORKER-03e)")
    _judge(worker, worker.verdicts.search("GROUPS", Fault.AFTER), "after", "(?i:\\w*groups?\\w*)")


@requirement(
    "WORKER-03d",
    DrivenWorker,
    clause="+",
    severity=HIGH,
    remedy="Report only what failed and what follows it in its group; throw for nothing that is one message's.",
)
def test_nothing_else_is_reported(worker):
    """What was carried out and is reported is carried out again, until it is a dead letter."""
    worker.require("partial-failures", "fifo")
    verdicts = worker.verdicts
    found = verdicts.everywhere(Fault.OVER) or verdicts.of_actions(Fault.OVER)
    if found is None:
        _require_kinds(verdicts)
        found = verdicts.search("GROUPS", Fault.OVER)
    _judge(worker, found, "others", "batchItemFailures")


@requirement(
    "WORKER-03e",
    DrivenWorker,
    clause="+",
    severity=HIGH,
    remedy="Wait for the answer to each message of a group before the next is sent.",
)
def test_group_is_sent_in_order(worker):
    """What is sent side by side arrives in any order, and cannot be taken back when the first fails."""
    _require_groups(worker)
    _judge(worker, worker.verdicts.search("GROUPS", Fault.ORDER), "order", "Promise.all|map|forEach")


@requirement(
    "WORKER-03f",
    DrivenWorker,
    clause="+",
    severity=HIGH,
    remedy="Answer { batchItemFailures: [{ itemIdentifier: messageId }, ...] }.",
)
def test_answer_is_one_that_lambda_takes(worker):
    """An id that is none of the batch, or an empty one, and Lambda takes the whole batch for failed (AWS Lambda, "Implementing partial batch responses")."""
    worker.require("partial-failures", "fifo")
    verdicts = worker.verdicts
    found = verdicts.of_actions(Fault.FORM) or verdicts.everywhere(Fault.FORM)
    if found is None:
        found = verdicts.search("GROUPS", Fault.FORM)
    _judge(worker, found, "form", "batchItemFailures")


@requirement(
    "WORKER-03g",
    DrivenWorker,
    clause="+",
    severity=HIGH,
    remedy="Catch what JSON.parse throws for each message by itself, and end it as [worker.endings] unreadable says.",
)
def test_message_that_is_no_json_ends_as_stated(worker):
    """One broken message must harm no other, and must not vanish."""
    _require_family(worker, {Family.BROKEN}, "endings.unreadable")
    _judge(worker, _of_family(worker, {Family.BROKEN}), "broken", "JSON.parse")


@requirement(
    "WORKER-03h",
    DrivenWorker,
    clause="+",
    severity=HIGH,
    remedy="Check what a message must have, each by its type, before anything is sent.",
)
def test_message_that_lacks_what_it_needs_ends_as_stated(worker):
    """What is not checked becomes /orders/undefined or /orders/[object Object], with the worker's credential."""
    _require_family(worker, {Family.LACKING}, "endings.unreadable")
    _judge(worker, _of_family(worker, {Family.LACKING}), "lacking", "JSON.parse")


@requirement(
    "WORKER-03i",
    DrivenWorker,
    clause="+",
    severity=HIGH,
    remedy="Look the action up among those that there are, with Map or Object.hasOwn, and end others as [worker.endings] unknown-action says.",
)
def test_unknown_action_ends_as_stated(worker):
    """The sender is newer than the worker: what it does not know yet must wait, not vanish, and nothing else may be done in its place."""
    _require_family(worker, {Family.UNKNOWN}, "endings.unknown-action")
    _judge(worker, _of_family(worker, {Family.UNKNOWN}), "unknown", "(?i:actions?)")


@requirement(
    "WORKER-03j",
    DrivenWorker,
    clause="+",
    severity=HIGH,
    remedy="Give every call up after its timeout (AbortSignal.timeout), and report its message.",
)
def test_service_that_does_not_answer_is_given_up_in_time(worker):
    """Lambda ends a worker that waits for ever, and its whole batch comes again, what was carried out included."""
    worker.require("partial-failures", "fifo", "timeout")
    _require_family(worker, {Family.SILENT}, waiting=True)
    found = _of_family(worker, {Family.SILENT}, Fault.ENDLESS, Fault.LATE)
    _judge(worker, found, "timeout", "(?i:\\w*timeout\\w*)")


@requirement(
    "WORKER-03k",
    DrivenWorker,
    clause="+",
    severity=MEDIUM,
    remedy="Read every answer to its end, within the same timeout, before the message is done.",
)
def test_answer_that_breaks_off_is_none(worker):
    """Half an answer says that something broke on the way, and nothing of what the service has done."""
    _require_family(worker, {Family.HALF}, waiting=True)
    _judge(worker, _of_family(worker, {Family.HALF}, Fault.ENDLESS, Fault.LATE), "half", "(?i:response|fetch)")


@requirement(
    "WORKER-03l",
    DrivenWorker,
    clause="+",
    severity=HIGH,
    remedy="Catch what a call throws for each message by itself, and report that message.",
)
def test_connection_that_breaks_is_a_failure(worker):
    """A service that is deployed anew breaks its connections; the messages of that second are the ones that count."""
    _require_family(worker, {Family.CUT})
    _judge(worker, _of_family(worker, {Family.CUT}), "cut", "(?i:catch|error)")


@requirement(
    "WORKER-03m",
    DrivenWorker,
    clause="+",
    severity=CRITICAL,
    remedy="Take nothing but 2xx for success, and report the rest.",
)
def test_error_of_the_service_is_reported(worker):
    """No client throws for 503 by itself: a service that is down would empty the queue, and no purchase would be made."""
    _require_family(worker, {Family.ERROR})
    _judge(worker, _of_family(worker, {Family.ERROR}), "error", "(?i:status\\w*|ok)")


@requirement(
    "WORKER-03n",
    DrivenWorker,
    clause="+",
    severity=HIGH,
    remedy="End what is answered with 400, 404, 410 or 422 as [worker.endings] refused says, without another try.",
)
def test_refused_message_ends_as_stated(worker):
    """What is refused once is refused always: a second try is for nothing, and whether somebody must see it the owners have said."""
    _require_family(worker, {Family.REFUSED}, "endings.refused")
    _judge(worker, _of_family(worker, {Family.REFUSED}), "refused", "(?i:status\\w*|ok)")


@requirement(
    "WORKER-03o",
    DrivenWorker,
    clause="+",
    severity=HIGH,
    remedy="End what is answered with 409 as [worker.endings] conflict says.",
)
def test_conflict_ends_as_stated(worker):
    """Where 409 says that it was done under this key before, a report makes a dead letter of each answer that was lost."""
    _require_family(worker, {Family.CONFLICT}, "endings.conflict")
    _judge(worker, _of_family(worker, {Family.CONFLICT}), "conflict", "409|(?i:status\\w*)")


@requirement(
    "WORKER-03p",
    DrivenWorker,
    clause="+",
    severity=HIGH,
    remedy="Report what is answered with 401, 403, 408, 425 or 429.",
)
def test_message_that_is_refused_for_now_is_reported(worker):
    """A credential that was replaced, or a service that asks for patience, says nothing against the message: it must come again."""
    _require_family(worker, {Family.LATER})
    _judge(worker, _of_family(worker, {Family.LATER}), "later", "(?i:status\\w*|ok)")


@requirement("WORKER-03q", DrivenWorker, clause="+", severity=HIGH, remedy="Report what is answered with 3xx.")
def test_redirected_message_is_reported(worker):
    """A redirect to a login page is no purchase."""
    _require_family(worker, {Family.REDIRECT})
    if worker.verdicts.of_family({Family.REDIRECT}, Fault.FOLLOWED) is not None:
        not_judged("it goes where a redirect leads (WORKER-02h)")
    _judge(worker, _of_family(worker, {Family.REDIRECT}), "redirected", "(?i:status\\w*|ok)")


@requirement(
    "WORKER-03r",
    DrivenWorker,
    clause="+",
    severity=CRITICAL,
    remedy="Let no message end the process or keep it busy for ever: catch, bound and await what it starts.",
)
def test_invocation_comes_to_an_end(worker):
    """Whatever ends the process brings the whole batch again, and again, until all of it is dead letters."""
    worker.require_probes()
    _judge(worker, worker.verdicts.ends_the_process, "end")


@requirement(
    "WORKER-03s",
    DrivenWorker,
    clause="+",
    severity=HIGH,
    remedy="Begin no call for which getRemainingTimeInMillis leaves no time, or give the function time for a whole batch of slow calls.",
)
def test_invocation_ends_before_the_function_s_timeout(worker):
    """A batch of slow answers that Lambda ends in the middle comes again as a whole, what was carried out included."""
    worker.require()
    if worker.verdicts.minds_the_time():
        return
    needed, given, size = worker.slowest
    if needed is None or given is None:
        not_judged(
            "it does not mind the time that is left, and the function's timeout, or that of a call, is not known"
        )
    assert needed < given, worker.evidence(
        "it does not mind the time that is left: {} slow calls take {:g} s, and Lambda ends it after {} s",
        size, needed, given, near="(?i:\\w*timeout\\w*)",
    )  # fmt: skip


@requirement(
    "WORKER-03t",
    DrivenWorker,
    clause="+",
    severity=HIGH,
    remedy="Keep nothing of a message that failed; what was done, the service knows by its key.",
)
def test_message_delivered_again_is_carried_out(worker):
    """A worker that remembers what it has seen takes the second delivery for done, and the purchase is lost."""
    worker.require("partial-failures", "fifo")
    _require_kinds(worker.verdicts)
    if worker.verdicts.of_actions(Fault.OVER) is not None:
        not_judged("what is carried out is reported at any time (WORKER-03d)")
    _judge(worker, worker.verdicts.search("AGAIN", Fault.FORGOTTEN), "again")


def _of_family(worker, families, *more):
    return worker.verdicts.of_family(families, Fault.UNREPORTED, Fault.OVER, Fault.CALLED, Fault.AGAIN, *more)


def _require_family(worker, families, *keys, waiting=False):
    worker.require("partial-failures", "fifo", *keys)
    why = worker.verdicts.why_silent(families, waiting=waiting)
    if why:
        not_judged(why)


def _require_kinds(verdicts):
    why = verdicts.why_not_generally()
    if why:
        not_judged(why)


def _require_groups(worker):
    worker.require("partial-failures", "fifo")
    if not worker.running.contract.fifo:
        not_judged("its queue keeps no order (SQS-01a)")
    _require_kinds(worker.verdicts)

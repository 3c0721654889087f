"""An account held against Terraform (clauses 4.1 to 4.3). PYTEST_DONT_REWRITE: the message of an assertion is its evidence."""

from policies import CRITICAL, HIGH, MEDIUM, requirement
from policies.live.aws.deployed.drifting import (
    AccountAlarm,
    AccountDistribution,
    AccountEdgePolicy,
    AccountFunction,
    AccountLog,
    AccountMapping,
    AccountPolicy,
    AccountQueue,
    AccountRest,
    AccountSecret,
    DeclaredResource,
)
from policies.live.aws.deployed.state_subjects import AccountLock, AccountState, FoundState
from policies.live.aws.deployed.undeclared import AccountGroup, AccountReadQueue, AccountRole

_APPLY = "Run 'terraform plan': apply it, or put into the files what was changed by hand."


@requirement(
    "LIVE-AWSa",
    DeclaredResource,
    clause="4.2a",
    severity=HIGH,
    remedy="Apply Terraform again, and find out who removed it.",
)
def test_resource_is_in_the_account(resource):
    """What was removed by hand, or never made, is missed when it is needed: an alarm in silence, a policy by whoever it kept out."""
    assert resource.is_there, resource.evidence("{} is not there", resource.block.address)


@requirement("LIVE-AWSb", AccountQueue, clause="4.2c", severity=HIGH, remedy=_APPLY)
def test_queue_keeps_messages_as_terraform_has_it(queue):
    """A retention or a count that was changed for one disturbance loses purchases in the next."""
    assert not queue.drift, queue.told()


@requirement("LIVE-AWSc", AccountPolicy, clause="4.2", severity=CRITICAL, remedy=_APPLY)
def test_policy_says_what_terraform_has_it_say(policy):
    """A statement that was added to try something lets in whom no review has seen."""
    assert not policy.drift, policy.told()


@requirement("LIVE-AWSd", AccountAlarm, clause="4.2c", severity=HIGH, remedy=_APPLY)
def test_alarm_fires_and_calls_as_terraform_has_it(alarm):
    """A threshold that was raised to have quiet, or an action that was taken out for a night, stays so."""
    assert not alarm.drift, alarm.told()


@requirement("LIVE-AWSe", AccountFunction, clause="4.2d", severity=HIGH, remedy=_APPLY)
def test_function_is_as_terraform_has_it(function):
    """A function that was changed in the console runs what nobody has tested together."""
    assert not function.drift, function.told()


@requirement("LIVE-AWSf", AccountMapping, clause="4.2d", severity=HIGH, remedy=_APPLY)
def test_mapping_is_as_terraform_has_it(mapping):
    """A mapping that was switched off lets purchases age; one without partial responses makes them twice."""
    assert not mapping.drift, mapping.told()


@requirement("LIVE-AWSg", AccountDistribution, clause="4.2b", severity=HIGH, remedy=_APPLY)
def test_distribution_is_as_terraform_has_it(distribution):
    """A behaviour that lost its function lets everybody past the queue."""
    assert not distribution.drift, distribution.told()


@requirement("LIVE-AWSh", AccountEdgePolicy, clause="4.2b", severity=HIGH, remedy=_APPLY)
def test_cloudfront_policy_is_as_terraform_has_it(policy):
    """A cache key that lost a header shows one viewer's answer to another."""
    assert not policy.drift, policy.told()


@requirement(
    "LIVE-AWSi",
    AccountGroup,
    clause="4.2d",
    severity=HIGH,
    remedy="Take the rule out, or put it into Terraform, where it is reviewed.",
)
def test_security_group_opens_nothing_but_what_terraform_has_it_open(group):
    """Rules that are resources of their own show no plan when somebody adds another."""
    opened = group.opened
    assert not opened, group.evidence("{} lets through {}", group.name, "; ".join(opened))


@requirement("LIVE-AWSj", AccountLog, clause="+", severity=MEDIUM, remedy=_APPLY)
def test_log_is_kept_as_terraform_has_it(log):
    """A log that is kept for a shorter time is gone when it is asked for; one without its key is read by others."""
    assert not log.drift, log.told()


@requirement("LIVE-AWSk", AccountSecret, clause="4.3e", severity=HIGH, remedy=_APPLY)
def test_secret_is_kept_and_rotated_as_terraform_has_it(secret):
    """Another key lets others read it; a rotation that was switched off lets a leaked value live for ever."""
    assert not secret.drift, secret.told()


@requirement(
    "LIVE-AWSl",
    AccountState,
    clause="4.1a",
    severity=CRITICAL,
    remedy="Name the bucket that the state is in, or make it.",
)
def test_state_bucket_is_there(state):
    """Without its state Terraform makes everything a second time."""
    assert state.state.bucket is not None, state.evidence("there is no bucket {}", state.state.bucket_name)


@requirement("LIVE-AWSm", FoundState, clause="4.1a", severity=HIGH, remedy="Switch the bucket's versioning on.")
def test_state_bucket_keeps_versions(state):
    """A state that was written wrongly is brought back from the one before it, or from nothing."""
    assert state.state.keeps_versions, state.evidence("{} keeps no versions", state.state.bucket_name)


@requirement(
    "LIVE-AWSn",
    FoundState,
    clause="4.1a",
    severity=HIGH,
    remedy="Encrypt the bucket by default, with the key that the backend names.",
)
def test_state_bucket_encrypts_by_the_key_that_is_named(state):
    """The state holds every value that Terraform knows, secrets among them."""
    found = state.state
    assert found.is_encrypted, state.evidence(
        "{} encrypts by {} by default, and {} is named",
        found.bucket_name,
        ", ".join(found.algorithms) or "nothing",
        found.key or "encryption",
    )


@requirement(
    "LIVE-AWSo",
    FoundState,
    clause="4.1a",
    severity=CRITICAL,
    remedy="Switch all four parts of its public access block on.",
)
def test_state_bucket_keeps_the_public_out(state):
    """One list or policy too much shows the state to the world, and nothing else is between."""
    opened = state.state.open_to
    assert not opened, state.evidence("{} does not say {}", state.state.bucket_name, ", ".join(opened))


@requirement(
    "LIVE-AWSp",
    AccountLock,
    clause="4.1a",
    severity=HIGH,
    remedy="Make the table, with the string LockID as its partition key.",
)
def test_lock_table_locks(lock):
    """Two who apply at once write one state over the other."""
    table = lock.state.table
    assert table is not None, lock.evidence("there is no table {}", lock.state.table_name)
    key = table.attributes["hash_key"]
    assert key == "LockID", lock.evidence(
        "the key of {} is {}, and Terraform locks by LockID", lock.state.table_name, key
    )


@requirement("LIVE-AWSq", AccountRest, clause="4.2", severity=MEDIUM, remedy=_APPLY)
def test_resource_is_as_terraform_has_it(resource):
    """What was changed in the account by hand is undone by the next apply, when nobody expects it."""
    assert not resource.drift, resource.told()


@requirement(
    "LIVE-AWSr",
    AccountRole,
    clause="+",
    severity=CRITICAL,
    remedy="Take the policy from the role, or put it into Terraform, where it is reviewed.",
)
def test_role_has_no_policy_but_those_that_terraform_gives_it(role):
    """A policy that was attached to try something stays, and no plan shows it."""
    given = role.given
    assert not given, role.evidence("{} has {} beside what Terraform gives it", role.name, ", ".join(given))


@requirement(
    "LIVE-AWSs", AccountReadQueue, clause="4.2d", severity=HIGH, remedy="Remove the mapping, or put it into Terraform."
)
def test_queue_is_read_by_nobody_but_those_that_terraform_has_read_it(queue):
    """A second reader takes every other message, and what it does with them nobody has seen."""
    others = queue.others
    names = ", ".join(str(one.attributes["function_name"]).rpartition(":function:")[2] for one in others)
    assert not others, queue.evidence("messages of {} are handed to {} too", queue.name, names)

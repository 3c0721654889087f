"""Where Terraform keeps its state (clause 4.1a). PYTEST_DONT_REWRITE: the message of an assertion is its evidence."""

from policies import CRITICAL, HIGH, LOW, not_judged, requirement
from policies.model.terraform.state import State


@requirement(
    "STATE-01a",
    State,
    clause="4.1a",
    severity=HIGH,
    in_development=LOW,
    remedy='Keep it in S3: backend "s3" with bucket, key and region.',
)
def test_state_is_kept_in_s3(state):
    """A state on somebody's disk is lost with it, and nobody else can apply. An example without a backend is tried and thrown away: not judged."""
    assert state.kind == "s3", state.evidence("its state is kept by {!r}, not in S3", state.kind)


@requirement("STATE-01b", State, clause="4.1a", severity=HIGH, remedy="Set encrypt = true in the backend.")
def test_state_is_encrypted(state):
    """A state holds every value in plain text, generated passwords among them (Terraform documentation, "Sensitive data in state")."""
    _in_s3(state)
    assert state.is_encrypted, state.blame("encrypt", "the backend does not say encrypt = true")


@requirement(
    "STATE-01c",
    State,
    clause="4.1a",
    severity=HIGH,
    in_development=LOW,
    remedy="Name a table of DynamoDB (dynamodb_table), or set use_lockfile = true.",
)
def test_state_is_locked(state):
    """Two who apply at once without a lock write over each other's state: what one made is then nobody's (Terraform, "Backend Type: s3", "State locking")."""
    _in_s3(state)
    assert state.is_locked, state.evidence("the backend names neither dynamodb_table nor use_lockfile = true")


@requirement(
    "STATE-01d",
    State,
    clause="4.1a",
    severity=CRITICAL,
    remedy="Give each root a key of its own, as its path in the repository.",
)
def test_state_has_a_key_of_its_own(state):
    """Two roots in one state take each other's resources for leftovers, and the next apply destroys them."""
    _in_s3(state)
    bucket, key = state.address
    assert not state.sharers, state.blame_sharers(
        "{} of the bucket {} holds the state of {} too",
        key, bucket, " and ".join(other.deployed.folder for other in state.sharers),
    )  # fmt: skip


def _in_s3(state):
    if state.kind != "s3":
        not_judged("it is not kept in S3 (STATE-01a)")

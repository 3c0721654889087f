"""What an embedded AWS was filled with (clause 4.2a). PYTEST_DONT_REWRITE: the message of an assertion is its evidence."""

from policies import HIGH, requirement
from policies.live.aws.resources import CreatedResource


@requirement(
    "LIVE-FILLa", CreatedResource, clause="+", severity=HIGH,
    remedy="Put right what is refused; 'terraform apply' would be refused the same.",
)  # fmt: skip
def test_resource_is_taken_as_terraform_resolves_it(resource):
    """What AWS refuses comes up when it is applied, and half of the rest is there by then. What has no row here is not judged, by its name."""
    refusal = resource.created.refusal
    assert not refusal, resource.evidence("{} is refused: {}", resource.created.block.address, refusal)

"""The network, by real connections (clauses 2a, 2b, 2c). PYTEST_DONT_REWRITE: the message of an assertion is its evidence."""

from policies import HIGH, not_judged, requirement
from policies.model.network.observed import PairAsReadBack, TriedPair

_REMEDY = "Find out which of the two is wrong: does the cluster enforce NetworkPolicies at all, and does it have these?"


@requirement("LIVE-NETa", TriedPair, clause="2a, 2b, 2c", severity=HIGH, remedy=_REMEDY)
def test_connections_are_those_that_the_manifests_predict(pair):
    """A policy that nobody enforces, or that means something else than was thought, is found out by the connection that it should stop."""
    _listens(pair)
    assert not pair.disagreements, pair.blame()


@requirement("LIVE-NETb", PairAsReadBack, clause="2a, 2b, 2c", severity=HIGH, remedy=_REMEDY)
def test_connections_are_those_that_the_clusters_policies_predict(pair):
    """What the API server gives back is what is in force: where it differs from the manifests, something stands between the two."""
    _listens(pair)
    assert not pair.disagreements, pair.blame()


def _listens(pair):
    if pair.is_dead:
        not_judged(
            f"{pair.target} did not answer {pair.source} even without policies, so a refusal would prove nothing"
        )

"""Configuration (clauses 3b, 7b, 8b). PYTEST_DONT_REWRITE: the message of an assertion is its evidence."""

from policies import HIGH, requirement
from policies.model.configuration.keys import EnvironmentKey


@requirement("CFG-02", EnvironmentKey, clause="3b, 7b, 8b", severity=HIGH, remedy="Keep one declaration of the key.")
def test_key_is_declared_once(key):
    """A key declared twice says two things; which one wins depends on the reader, and kustomize takes neither."""
    assert len(key.declarations) == 1, key.evidence("{} is declared {} times", key.key, len(key.declarations))

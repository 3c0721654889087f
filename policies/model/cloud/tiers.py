"""Tiers of a VPC's subnets: by which words a subnet says what it is for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from policies.intent.values import TierName
from policies.model.secrets.credential_names import words_of

TIERS: Final = ("public", "app", "db", "cache", "streaming")
"""The tiers that the suite knows."""

INNER: Final = ("db", "cache", "streaming")
"""The tiers that keep the data: nothing of them goes to the internet, and nothing comes from there."""

USUAL: Final[Mapping[str, tuple[str, ...]]] = {
    "public": ("public", "dmz"),
    "app": (
        *("app", "apps", "application", "applications", "node", "nodes", "worker", "workers", "compute", "workload"),
        *("workloads", "eks", "ecs", "pods"),
    ),
    "db": ("db", "dbs", "database", "databases", "rds", "aurora", "postgres", "postgresql", "mysql", "persistence"),
    "cache": ("cache", "caches", "redis", "valkey", "elasticache", "memcached", "dragonfly"),
    "streaming": ("streaming", "stream", "streams", "kafka", "msk", "broker", "brokers", "kinesis", "messaging"),
}
"""The words that people use for each tier."""

_LOOSE: Final = {"private": "app"}
"""Words that mean a tier where no other does: who parts a VPC in public and private runs all that is his in the second."""


def tier_of(
    texts: Iterable[str], common: Iterable[str] = (), words: Mapping[TierName, Sequence[str]] | None = None
) -> str | None:
    """Give the tier that one of the texts names, the first that names just one; None where none does.

    `common` are words that say nothing here, for every subnet has them: a VPC may be called app. `words` are those that owners state.
    """
    shared = set(common)
    read = [frozenset(words_of(text)) for text in texts]
    for known, loose in ((words or USUAL, {}), *([] if words else [(USUAL, _LOOSE)])):
        for said in read:
            for part in (said, said - shared):
                tiers = {
                    tier for tier, own in known.items() if part & {word for name in own for word in words_of(name)}
                }
                tiers = tiers or {tier for word, tier in loose.items() if word in part}
                if len(tiers) == 1:
                    return next(iter(tiers))
    return None


def words_in_common(texts: Sequence[str]) -> frozenset[str]:
    """Give the words that stand in each of several texts."""
    every = [frozenset(words_of(text)) for text in texts]
    return frozenset.intersection(*every) if every else frozenset()

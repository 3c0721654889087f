"""Every type of resource or data source that is read of an account, and what belongs to each that was found."""

from __future__ import annotations

from collections.abc import Mapping

from policies.live.aws.deployed.looking import Row
from policies.live.aws.deployed.services import (
    alarms,
    buckets,
    caches,
    clusters,
    databases,
    distributions,
    edge_policies,
    firewalls,
    functions,
    groups,
    identity,
    keys,
    network_rows,
    queues,
    tables,
    topics,
    vault,
)

ROWS: Mapping[str, Row] = {
    **identity.ROWS,
    **keys.ROWS,
    **queues.ROWS,
    **topics.ROWS,
    **alarms.ROWS,
    **functions.ROWS,
    **edge_policies.ROWS,
    **distributions.ROWS,
    **firewalls.ROWS,
    **groups.ROWS,
    **network_rows.ROWS,
    **buckets.ROWS,
    **tables.ROWS,
    **vault.ROWS,
    **databases.ROWS,
    **caches.ROWS,
    **clusters.ROWS,
}
"""By type; data sources begin with `data.`."""

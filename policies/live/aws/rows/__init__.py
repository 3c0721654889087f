"""What is done for each type of resource or data source, by service: small functions from values to what AWS gave."""

from __future__ import annotations

from collections.abc import Mapping

from policies.live.aws.provision import Row
from policies.live.aws.rows import (
    alarms,
    distributions,
    edge_policies,
    firewalls,
    functions,
    identity,
    keys,
    network,
    outside,
    queues,
    storage,
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
    **network.ROWS,
    **storage.ROWS,
    **vault.ROWS,
    **outside.ROWS,
}
"""Every row, by type; data sources begin with `data.`."""

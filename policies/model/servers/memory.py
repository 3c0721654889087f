"""How much memory Redis takes before it evicts, and how much its container may have (https://redis.io/docs/latest/develop/reference/eviction/)."""

from __future__ import annotations

import re
from decimal import Decimal

from policies.model.servers.caches import IMAGES, Nodes
from policies.model.workloads.images import Image
from policies.model.workloads.pods import mapping
from policies.model.workloads.quantities import parse
from policies.model.workloads.workload import Container

_AMOUNT = re.compile(r"(?P<number>\d{1,18})(?P<unit>b|kb?|mb?|gb?)?\Z", re.I)
_UNITS = {"": 1, "b": 1, "k": 10**3, "kb": 2**10, "m": 10**6, "mb": 2**20, "g": 10**9, "gb": 2**30}
"""`1k` is 1000 bytes, `1kb` is 1024, in any letters (redis.conf)."""


def amount(text: str) -> int | None:
    """Give the bytes that an amount of memory in Redis' words is, or None where it is none."""
    match = _AMOUNT.match(text.strip())
    return int(match["number"]) * _UNITS[(match["unit"] or "").lower()] if match else None


def limited(nodes: Nodes) -> tuple[Container, str, Decimal] | None:
    """Give the container that reads `maxmemory`, with its limit for memory as written and in bytes; None where that is not plain."""
    setting = nodes.setting("maxmemory")
    readers = {one.id: one for one in setting.readers} if setting is not None else {}
    found = [
        one
        for one in readers.values()
        if one.document is nodes.workload
        and one.path[-2] == "containers"
        and Image.parse(str(one.body.get("image") or "")).last_name in IMAGES
    ]
    if len(found) != 1:
        return None
    stated = mapping(mapping(found[0].body.get("resources")).get("limits")).get("memory")
    limit = parse(stated)
    return (found[0], str(stated), limit) if limit is not None else None

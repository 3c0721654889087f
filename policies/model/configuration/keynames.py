"""What the name of a key says about its value: that it is an address, a host, or something for people's browsers."""

from __future__ import annotations

import re
from collections.abc import Mapping

_OF_BROWSERS = re.compile(
    r"(?:^|_)(?:cors|origins?|issuers?|audiences?|redirect|callback|allowed_hosts?|referr?ers?|public|external|frontend_url|site_url|root_url"
    r"|base_href|cookie|schema|xmlns|namespaces?|accept|homepage|docs?|documentation|runbook|license|terms|help|contact|virtual_host)(?:_|$)"
)
_OF_HOSTS = re.compile(
    r"(?:^|_)\w*(?:host|hosts|hostname|hostnames)$|_(?:addr|addrs|address|endpoint|endpoints|server|servers|nodes)$"
)
_OF_ADDRESSES = re.compile(
    r"(?:^|_)(?:addr|addrs|address|addresses|bootstrap|broker|brokers|connect|dsn|endpoint|endpoints|host|hosts|join|members|nodes?|peers?"
    r"|points|seeds|servers?|targets?|upstreams?|uris?|urls?|voters)$"
)


def canonical(name: str) -> str:
    """Give a key as relaxed readers see it: `spring.data.redis.host`, `SPRING_DATA_REDIS_HOST` and `springDataRedisHost` are one."""
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])", "_", name).lower()).strip("_")


def is_of_browsers(name: str) -> bool:
    """Whether a key's name says that its addresses are for people's browsers, or are names and no places: CORS origins, issuers, schemas."""
    return bool(_OF_BROWSERS.search(canonical(name)))


def is_of_addresses(name: str) -> bool:
    """Whether a key's name says that what stands behind it is an address: `…_URL`, `…_SERVERS`, `--endpoint`."""
    return bool(_OF_ADDRESSES.search(canonical(name)))


def names_host(name: str) -> bool:
    """Whether a key's name says that a host without a port may stand behind it; `HOST` alone is one to listen on."""
    plain = canonical(name)
    return bool(_OF_HOSTS.search(plain)) and plain != "host"


def pairs(settings: Mapping[str, str]) -> dict[str, str]:
    """Give, for each key that names a host alone (`REDIS_HOST`, `redis.host`), the key of its port (`REDIS_PORT`)."""
    known = {canonical(name): name for name in settings}
    found = {}
    for name in settings:
        stem, separator, last = canonical(name).rpartition("_")
        port = known.get(f"{stem}{separator}port")
        if last in ("host", "hostname", "addr", "address") and port is not None and settings[port].strip().isdigit():
            found[name] = port
    return found

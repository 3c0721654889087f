"""Flows to the Services that a command's options name: `psql --host=db`, `-h db`, `host=db dbname=x`.

What stands behind such an option may be an address to listen on as well, so none is demanded; but what passes there is not in excess.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.model.configuration.services import Directory, Meaning
from policies.model.network.flow import Flow
from policies.model.network.parties import Party
from policies.model.network.site import Site
from policies.model.workloads.pods import PodTemplate

_OPTION = re.compile(r"(?<![\w-])(?:--host(?:name)?|-h|host)(?:=|\s+)([a-z][a-z0-9.-]{0,252})(?![\w:/.-])")
_FIELDS = ("command", "args")


def named_by_options(site: Site, names: Directory) -> Iterator[Flow]:
    """Yield what workloads may call by an option that names a Service, and that is not their own."""
    for party in site.own:
        if party.template is not None:
            for host in _hosts(party.template):
                yield from _to(site, names, party, party.template, host)


def _to(site: Site, names: Directory, party: Party, template: PodTemplate, host: str) -> Iterator[Flow]:
    target = names.look_up(host, template.document.namespace)
    if target.meaning is not Meaning.SERVICE or target.service is None:
        return
    places = (template.document.origin.locate(template.path),)
    why = f"an option of its command names {target.service}"
    for other, protocol, port in site.reached(target.service, None):
        if other != party:
            yield Flow(party, other, protocol, port, why, False, places, host)


def _hosts(template: PodTemplate) -> Iterator[str]:
    for container in template.containers:
        listed = [word for field in _FIELDS for word in container.body.get(field) or () if isinstance(word, str)]
        # Joined, for an option and its value may be two words of the list.
        yield from (match[1] for match in _OPTION.finditer(" ".join(listed)))

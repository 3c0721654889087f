"""Flows to the Services that a command's options name: `psql --host=db`, `-h db`, `host=db dbname=x`.

What stands behind such an option may be an address to listen on as well, so none is demanded; but what passes there is not in excess.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.model.flow import Flow
from policies.model.pods import PodTemplate
from policies.model.services import Directory, Meaning
from policies.model.site import Site

_OPTION = re.compile(r"(?<![\w-])(?:--host(?:name)?|-h|host)(?:=|\s+)([a-z][a-z0-9.-]{0,252})(?![\w:/.-])")
_FIELDS = ("command", "args")


def named_by_options(site: Site, names: Directory) -> Iterator[Flow]:
    """Yield what workloads may call by an option that names a Service, and that is not their own."""
    for party in site.own:
        for host in _hosts(party.template) if party.template is not None else ():
            assert party.template is not None  # noqa: S101 (mypy does not see it)
            document = party.template.document
            target = names.look_up(host, document.namespace)
            if target.meaning is not Meaning.SERVICE or target.service is None:
                continue
            for other, protocol, port in site.reached(target.service, None):
                if other != party:
                    why = f"an option of its command names {target.service}"
                    yield Flow(
                        party, other, protocol, port, why, False, (document.origin.locate(party.template.path),), host
                    )


def _hosts(template: PodTemplate) -> Iterator[str]:
    for container in template.containers:
        listed = [word for field in _FIELDS for word in container.body.get(field) or () if isinstance(word, str)]
        # Joined, for an option and its value may be two words of the list.
        yield from (match[1] for match in _OPTION.finditer(" ".join(listed)))

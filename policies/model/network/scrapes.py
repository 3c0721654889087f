"""Flows of Prometheus: the targets that its configuration lists, and those that it finds itself.

Source: https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config. A job whose relabelling puts another address
in `__address__` calls that one, a prober, and the prober calls the targets.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from policies.errors import SourceError
from policies.evidence import Location
from policies.model.configuration.addresses import in_setting
from policies.model.configuration.services import Directory, Meaning
from policies.model.configuration.settings import Setting, readers_of
from policies.model.network.flow import Flow
from policies.model.network.parties import Party
from policies.model.network.site import Site
from policies.model.workloads.pods import listed, mapping
from policies.model.workloads.targets import is_service
from policies.read import yaml
from policies.read.documents import Document

JOBS = "scrape_configs"
"""The field of the configuration that lists what is scraped."""

_SCRAPE, _PORT = "prometheus.io/scrape", "prometheus.io/port"
"""The annotations that Prometheus' own example configuration keeps targets by (`documentation/examples/prometheus-kubernetes.yml`)."""


@dataclass(frozen=True)
class Job:
    """A job of a Prometheus' configuration, who runs it, and its line."""

    scrapers: tuple[Party, ...]
    body: dict[str, Any]
    location: Location
    namespace: str

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self.body.get("job_name"))

    @property
    def calls(self) -> Iterator[tuple[str | None, str]]:
        """Yield each target as it is listed, or as the DNS is asked for it, with the prober that calls it; None where Prometheus does."""
        for _, group in listed(self.body.get("static_configs")):
            yield from ((self._prober(mapping(group.get("labels"))), str(one)) for one in group.get("targets") or ())
        for _, group in listed(self.body.get("dns_sd_configs")):
            yield from ((self._prober({}), f"{name}:{group.get('port')}") for name in group.get("names") or ())

    def _prober(self, labels: dict[str, Any]) -> str | None:
        """Give the address that relabelling puts in a target's place: as it is written, or from a label of the target."""
        for _, step in listed(self.body.get("relabel_configs")):
            if step.get("target_label") != "__address__":
                continue
            replacement = str(step.get("replacement") or "$1")
            if "$" not in replacement:
                return replacement
            for label in step.get("source_labels") or ():
                if label in labels:
                    return str(labels[label])
        return None


def scraped(site: Site, names: Directory) -> Iterator[Flow]:
    """Yield what is scraped: by a job's list, through its prober, or by the annotations of what it discovers."""
    for job in _jobs(site):
        for prober, target in job.calls:
            yield from _called(site, names, job, prober, target)
        yield from _discovered(site, job)


def _called(site: Site, names: Directory, job: Job, prober: str | None, target: str) -> Iterator[Flow]:
    for called, port, host in _ends(site, names, prober or target, job.namespace):
        for scraper in job.scrapers:
            why = f"the job {job.name} scrapes it"
            yield Flow(scraper, called, "TCP", port, why, not _itself(scraper, called), (job.location,), host)
        namespace = called.template.document.namespace if called.template is not None else ""
        for probed, number, name in _ends(site, names, target, namespace) if prober is not None else ():
            why = f"the job {job.name} has it probed"
            yield Flow(called, probed, "TCP", number, why, not _itself(called, probed), (job.location,), name)


def _itself(scraper: Party, target: Party) -> bool:
    return scraper == target and scraper.is_single


def _ends(site: Site, names: Directory, text: str, namespace: str) -> Iterator[tuple[Party, int, str]]:
    """Yield where an address leads that somebody in a namespace calls: who, the port there, and the name."""
    for address in in_setting("target", text):
        target = names.look_up(address.host, namespace)
        if target.meaning in (Meaning.SERVICE, Meaning.POD) and target.service is not None:
            for party, protocol, port in site.reached(target.service, address.port):
                if protocol == "TCP":
                    yield party, port, address.host


def _jobs(site: Site) -> Iterator[Job]:
    for document in site.item.documents:
        for key, text in mapping(document.get("data")).items() if document.kind == "ConfigMap" else ():
            readers = readers_of(site.item, document, key) if f"{JOBS}:" in str(text) else ()
            scrapers = dict.fromkeys(
                party for reader in readers if (party := site.party_of(reader.document)) is not None
            )
            for parsed in _parsed(str(text), key) if scrapers else ():
                for index, body in listed(parsed.data.get(JOBS)):
                    line = parsed.line_of((JOBS, index)) - 1
                    setting = Setting(site.place, document, ("data", key), key, JOBS, "", line, readers)
                    yield Job(tuple(scrapers), body, setting.location, document.namespace)


def _parsed(text: str, name: str) -> Iterator[yaml.YamlDocument]:
    try:
        yield from (one for one in yaml.parse(text.encode(), name) if isinstance(one.data, dict))
    except (SourceError, UnicodeEncodeError):
        return


def _discovered(site: Site, job: Job) -> Iterator[Flow]:
    """Yield what a job finds by annotation (`kubernetes_sd_configs`, kept by `prometheus.io/scrape`)."""
    roles = {str(one.get("role")) for _, one in listed(job.body.get("kubernetes_sd_configs"))}
    steps = [str(step.get("source_labels")) for _, step in listed(job.body.get("relabel_configs"))]
    if not roles or not any("annotation_prometheus_io_scrape" in step for step in steps):
        return
    for target, port, document, path in _annotated(site):
        if roles & ({"endpoints", "endpointslice", "service"} if document.kind == "Service" else {"pod"}):
            for scraper in job.scrapers:
                why = f"the job {job.name} scrapes what has the annotation {_SCRAPE}"
                yield Flow(scraper, target, "TCP", port, why, locations=(document.origin.locate(path),))


def _annotated(site: Site) -> Iterator[tuple[Party, int, Document, tuple[str | int, ...]]]:
    for party in site.parties:
        if party.template is not None:
            path = (*party.template.metadata_path, "annotations")
            document = party.template.document
            for port in _ports(party, mapping(document.get(*path))):
                yield party, port, document, (*path, _SCRAPE)
    for document in site.documents:
        annotations = mapping(document.metadata.get("annotations")) if is_service(document) else {}
        for party in site.behind(document) if annotations.get(_SCRAPE) == "true" else ():
            for port in _ports(party, annotations):
                yield party, port, document, ("metadata", "annotations", _SCRAPE)


def _ports(party: Party, annotations: dict[str, Any]) -> Iterator[int]:
    if annotations.get(_SCRAPE) != "true":
        return
    stated = str(annotations.get(_PORT, ""))
    if stated.isdecimal() and 0 < int(stated) < 65536:
        yield int(stated)
    elif not stated:
        yield from sorted({number for _, protocol, number in party.declared if protocol == "TCP"})

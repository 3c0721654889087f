"""The labels that a workload's controller adds to its pods (Deployment, StatefulSet, DaemonSet, Job, CronJob: each one's page, and `JobSpec`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from policies.model.configuration.services import pod_names
from policies.model.configuration.serving import number
from policies.model.workloads.pod_labels import (
    COMPLETION,
    GENERATION,
    HASH,
    JOB_IDS,
    JOB_NAMES,
    POD_INDEX,
    POD_NAME,
    REVISION,
    Added,
)
from policies.model.workloads.pods import mapping
from policies.read.documents import Document

_UNKNOWN: frozenset[str] = frozenset()
_MOST = 1000
"""Of more pods than these no names are listed."""


def added(document: Document, labels: Iterable[str]) -> Added:
    """Give the labels that a workload's controller adds to those of the template, or puts in their place.

    Those by which a Job finds its pods stay as they are where they are written, as an API's Job has them.
    """
    spec = mapping(document.get("spec"))
    made: dict[str, frozenset[str]] = {}
    if document.kind == "Deployment":
        made = {HASH: _UNKNOWN}
    elif document.kind == "DaemonSet":
        made = {REVISION: _UNKNOWN, GENERATION: _UNKNOWN}
    elif document.kind == "StatefulSet":
        # Where no number is written an autoscaler may set one.
        names = pod_names(document) if (number(spec.get("replicas")) or _MOST) < _MOST else ()
        indices = frozenset(name.rpartition("-")[2] for name in names)
        made = {REVISION: _UNKNOWN, POD_NAME: frozenset(names), POD_INDEX: indices}
    elif document.kind == "Job":
        made = _of_job(spec, frozenset({document.name}) if document.metadata.get("name") else _UNKNOWN)
    elif document.kind == "CronJob":
        # Its Jobs are called after the minute of their start.
        made = _of_job(mapping(mapping(spec.get("jobTemplate")).get("spec")), _UNKNOWN)
    kept = {key for key in labels if key in (*JOB_NAMES, *JOB_IDS)}
    return frozenset((key, values) for key, values in made.items() if key not in kept)


def _of_job(spec: Mapping[str, Any], names: frozenset[str]) -> dict[str, frozenset[str]]:
    made: dict[str, frozenset[str]] = {}
    if spec.get("manualSelector") is not True:  # With it nothing is generated (`JobSpec.manualSelector`).
        made = {**dict.fromkeys(JOB_NAMES, names), **dict.fromkeys(JOB_IDS, _UNKNOWN)}
    if spec.get("completionMode") == "Indexed":
        count = number(spec.get("completions")) or _MOST
        made[COMPLETION] = frozenset(map(str, range(count))) if count < _MOST else _UNKNOWN
    return made

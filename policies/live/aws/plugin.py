"""The pytest plugin of `tox -e live` for AWS: which account, what is provisioned and driven there, and that it is gone again.

Loaded beside `policies.plugin`, alone or after `policies.live.plugin`, whose options it shares.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest

from policies.errors import TurnstileError
from policies.live.aws.access import Asked
from policies.live.aws.observing import observe
from policies.live.aws.seen import CloudNotTried, QueueSeen
from policies.live.interrupts import interrupted_by_sigterm
from policies.session.session import Session
from policies.verdict import printable

STAND_IN = "no environment was named: of AWS only an embedded stand-in is tried, filled from Terraform"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of a live run; those that Kubernetes' half has too are added once."""
    group = parser.getgroup("turnstile-live", "Turnstile, live: what is looked at")
    with suppress(ValueError):
        group.addoption("--environment", metavar="NAME", help="an environment of platform.toml ([environments.NAME])")
    with suppress(ValueError):
        group.addoption("--allow-production", action="store_true", help="touch what looks like production")
    group.addoption(
        "--aws", choices=["embedded", "none"], help="an AWS that is made for the run, or none (default: embedded, where nothing is named)",
    )  # fmt: skip
    group.addoption("--aws-endpoint-url", metavar="URL", help="an emulator of AWS that runs")
    group.addoption("--allow-writes", action="store_true", help="send messages and create what is removed after it")
    for name, what in (
        ("--entry-token-key", "the key of queue entry tokens"),
        ("--origin-header-value", "the value of CloudFront's header"),
    ):
        group.addoption(
            name, metavar="FILE|secretsmanager:NAME",
            help=f"for an environment's URLs: where {what} is read; it is never shown",
        )  # fmt: skip


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Look, before anything is collected."""
    session = config.pluginmanager.get_plugin("turnstile-session")
    option = config.option
    if not isinstance(session, Session) or option.collectonly or option.help or option.aws == "none":
        return
    if session.worker is not None or getattr(option, "numprocesses", None):
        raise pytest.UsageError("a live run is one process, for it looks once at what runs; leave out -n")
    reporter = config.pluginmanager.get_plugin("terminalreporter")

    def progress(text: str) -> None:
        if reporter is not None:
            reporter.write_line(f"turnstile: {printable(text)}")

    asked = Asked(
        option.environment, option.aws_endpoint_url, option.allow_writes, option.allow_production,
        option.entry_token_key, option.origin_header_value,
    )  # fmt: skip
    if _names_nothing(config):
        progress(STAND_IN)
    # What runs is judged, and the files say what is expected of it.
    files = replace(session.platform, only_clusters=False)
    try:
        with interrupted_by_sigterm():
            seen = tuple(observe(files, asked, progress))
    except TurnstileError as error:
        raise pytest.UsageError(printable(str(error))) from None
    driven = [one for one in seen if isinstance(one, QueueSeen)]
    left = sum(isinstance(one, CloudNotTried) and one.resource for one in seen)
    told = ", ".join(f"{one.queue.label} {one.seconds:.1f} s" for one in driven)
    progress(f"{len(driven)} queues tried in AWS ({told}); {left} resources not provisioned")
    session.platform = replace(
        session.platform, only_clusters=True, observations=(*session.platform.observations, *seen)
    )


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say once more, as the last line, where only a stand-in was tried."""
    if _names_nothing(config):
        terminalreporter.write_line(f"turnstile: {STAND_IN}")


def _names_nothing(config: pytest.Config) -> bool:
    return not (config.option.environment or config.option.aws_endpoint_url or config.option.aws == "none")

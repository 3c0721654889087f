"""A worker of which nobody says anything: its actions are found by asking it, and it is judged by what holds of every worker."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import AS_CLONED, REFERENCE, ROOT

from policies.catalogue import OWN, catalogue
from policies.platform import Platform
from policies.verdict import Collected, Outcome, Verdict, cases, judge
from policies.worker import running
from policies.worker.subject import DrivenWorker

REQUIREMENTS = tuple(item for item in catalogue(OWN) if item.subject is DrivenWorker)
ARENA = ROOT / "tests_policies" / "platforms" / "arena"

PLAIN = """
const URL = process.env.TICKETS_URL;

async function call(path, body) {
  const answer = await fetch(`${URL}${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${process.env.TICKETS_TOKEN}` },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`it answered ${answer.status}`);
}

exports.handler = async (event) => {
  const batchItemFailures = [];
  for (const record of event.Records) {
    try {
      const message = JSON.parse(record.body);
      switch (message.action) {
        case 'ADMIT': await call('/internal/admit', message); break;
        case 'CONFIRM': await call(`/internal/orders/${encodeURIComponent(message.orderId)}/confirm`, message); break;
        default: console.warn('no such action');
      }
    } catch (error) {
      console.error(error.message);
      batchItemFailures.push({ itemIdentifier: record.messageId });
    }
  }
  return { batchItemFailures };
};
"""

STATED = """
[worker]
handler = "worker/index.js"
url = "TICKETS_URL"
fifo = true
partial-failures = true
[worker.credential]
environment = "TICKETS_TOKEN"
"""


@pytest.fixture(autouse=True)
def ended() -> Iterator[None]:
    """End what a test started."""
    yield
    running.close_all()


def worker(root: Path, code: str = PLAIN, stated: str = STATED) -> DrivenWorker:
    """Write a platform of one worker."""
    (root / "worker").mkdir()
    (root / "worker" / "index.js").write_text(code, encoding="utf-8")
    (root / "platform.toml").write_text(stated, encoding="utf-8")
    (found,) = DrivenWorker.collect(Platform.open(root))
    assert isinstance(found, DrivenWorker)
    return found


def verdicts(platform: Platform) -> dict[str, Verdict]:
    """Judge a worker."""
    collected: dict[type, Collected] = {}
    return {item.id: judge(case) for item in REQUIREMENTS for case in cases(item, platform, collected)}


def actions(found: DrivenWorker) -> dict[str, str]:
    """Give the actions that a worker was found to know."""
    return {one.name: f"{one.method} {one.template}" for one in found.running.contract.actions}


ADMIT, CONFIRM = "call('/internal/admit', message)", "call(`/internal/orders/${message.orderId}/confirm`, message)"
TABLE = f"const table = {{\n ADMIT: () => {ADMIT},\n CONFIRM: () => {CONFIRM},\n }};\n if (table[message.action]) await table[message.action]();"
PAIRS = f"const table = new Map([['ADMIT', () => {ADMIT}], ['CONFIRM', () => {CONFIRM}]]);\n await table.get(message.action)?.();"
COMPARED = f"const {{ action, payload = {{}} }} = message;\n if (action === 'ADMIT') await {ADMIT};\n if (action === 'CONFIRM') await {CONFIRM};"
STYLES = {
    "a switch": PLAIN,
    "a table": PLAIN.replace("switch (message.action)", f"{TABLE} switch (0)"),
    "a map": PLAIN.replace("switch (message.action)", f"{PAIRS} switch (0)"),
    "comparisons": PLAIN.replace("switch (message.action)", f"{COMPARED} switch (0)"),
    "another name, in a payload": PLAIN.replace("message.action", "message.eventType").replace(
        "message.orderId", "message.payload.orderId"
    ),
}


@pytest.mark.parametrize("style", STYLES)
def test_actions_are_found_in_every_style(tmp_path: Path, style: str) -> None:
    """What arrives shows method and path, and which of the message's values stand in it."""
    found = actions(worker(tmp_path, STYLES[style]))
    id = "payload.orderId" if "payload" in style else "orderId"
    assert found == {"ADMIT": "POST /internal/admit", "CONFIRM": f"POST /internal/orders/{{{id}}}/confirm"}


def test_what_was_found_is_said_and_not_called_right(tmp_path: Path) -> None:
    """That an action leads where it leads proves nothing; what else holds of every worker is judged."""
    found = verdicts(worker(tmp_path).platform)
    assert found["WORKER-02b"].outcome is Outcome.NOT_JUDGED
    assert "found by asking: ADMIT = POST /internal/admit" in found["WORKER-02b"].message
    failed = {id for id, one in found.items() if one.outcome in (Outcome.FAILED, Outcome.ERROR)}
    # It sends what follows a failure, follows redirects with its credential, takes .. for an id, and calls without a credential.
    assert {"WORKER-02g", "WORKER-02h", "WORKER-02k", "WORKER-03c"} <= failed
    # What it reports is right, and it sends one after the other.
    assert not failed & {"WORKER-02a", "WORKER-02c", "WORKER-02e", "WORKER-03a", "WORKER-03d", "WORKER-03e"}


def test_reference_worker_is_found_as_its_owners_state_it(tmp_path: Path) -> None:
    """Without a word on its actions the same ones are found, and nothing of it fails."""
    root = tmp_path / "platform"
    for part in ("lambda/ticket-worker", "terraform", "contracts"):
        shutil.copytree(REFERENCE / part, root / part, ignore=AS_CLONED)
    text = (REFERENCE / "platform.toml").read_text(encoding="utf-8")
    text = re.sub(r"\[worker\.actions\]\n(?:\w+ = .*\n)+", "", text)
    (root / "platform.toml").write_text(text.replace('action = "action"\n', ""), encoding="utf-8")
    platform = Platform.open(root)
    (found,) = DrivenWorker.collect(platform)
    assert isinstance(found, DrivenWorker)
    stated = Platform.open(REFERENCE).intent.worker
    assert stated is not None
    assert actions(found) == stated.actions
    bad = {id: one.message for id, one in verdicts(platform).items() if one.outcome in (Outcome.FAILED, Outcome.ERROR)}
    assert not bad


STATED_ACTIONS = (
    STATED
    + """[worker.actions]
ADMIT = "POST /internal/admit"
CONFIRM = "POST /internal/orders/{orderId}/confirm"
"""
)


@pytest.mark.parametrize("name", ["action", "eventType"])
def test_where_a_stated_action_stands_is_found_by_asking(tmp_path: Path, name: str) -> None:
    """Who states the actions alone is judged by them: the field is found as it is where nobody states them."""
    made = worker(tmp_path, PLAIN.replace("message.action", f"message.{name}"), STATED_ACTIONS)
    assert made.running.contract.action == name
    assert not {"action", "actions", "actions stated"} & made.running.unknown.keys()
    found = verdicts(made.platform)
    assert found["WORKER-02b"].outcome is Outcome.PASSED
    assert found["WORKER-02g"].outcome is Outcome.FAILED


def test_a_worker_that_is_slow_at_first_is_found_whole(tmp_path: Path) -> None:
    """What its process does for the first time may take longer than it waits: that hides no action."""
    cold = "let warm = false;\nasync function call(path, body) {\n  if (!warm) { warm = true; throw new Error('timeout'); }\n"
    code = PLAIN.replace("async function call(path, body) {\n", cold)
    assert set(actions(worker(tmp_path, code))) == {"ADMIT", "CONFIRM"}

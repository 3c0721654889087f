"""Workers as subjects: a second one in another style, one of which little is stated, and hostile ones, each a verdict and no crash."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from policies.catalogue import OWN, catalogue
from policies.edge import confinement
from policies.platform import Platform
from policies.verdict import Collected, Outcome, Verdict, cases, judge
from policies.worker import attacks, bridge, running
from policies.worker.faults import Fault
from policies.worker.search import NotGeneratedError, Search
from policies.worker.subject import DrivenWorker

REFERENCE = OWN.parent / "reference"
ARENA = Path(__file__).resolve().parent / "platforms" / "arena"
FUNCTION = "lambda/ticket-worker"
REQUIREMENTS = tuple(item for item in catalogue(OWN) if item.subject is DrivenWorker)
FINE = (Outcome.PASSED, Outcome.NOT_JUDGED)


@pytest.fixture(autouse=True)
def nothing_goes_on() -> Iterator[None]:
    """Leave nothing running."""
    yield
    running.close_all()


def judged(root: Path, *ids: str) -> dict[str, Verdict]:
    """Judge a platform's worker by all that is demanded of it, or some."""
    platform, collected = Platform.open(root), dict[type, Collected]()
    wanted = [item for item in REQUIREMENTS if not ids or item.id in ids]
    return {item.id: judge(case) for item in wanted for case in cases(item, platform, collected)}


def bad(verdicts: dict[str, Verdict]) -> dict[str, str]:
    """Give what is neither passed nor not judged."""
    return {id: item.message for id, item in verdicts.items() if item.outcome not in FINE}


def unjudged(verdicts: dict[str, Verdict]) -> dict[str, str]:
    """Give what is not judged."""
    return {id: item.message for id, item in verdicts.items() if item.outcome is Outcome.NOT_JUDGED}


def arena(tmp_path: Path, *changes: tuple[str, str], statement: str = "") -> Path:
    """Copy the second platform with other texts in its worker, and with a statement of its own."""
    root = tmp_path / "arena"
    shutil.copytree(ARENA, root)
    file = root / "worker" / "take.mjs"
    text = file.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")
    if statement:
        (root / "platform.toml").write_text(statement, encoding="utf-8")
    return root


def written(tmp_path: Path, code: str, *, stated: str = "", package: str = "{}") -> Path:
    """Write a platform that is one worker: `handler(event)`, with RESERVE alone."""
    (tmp_path / "worker").mkdir(parents=True)
    (tmp_path / "worker" / "index.js").write_text(code, encoding="utf-8")
    (tmp_path / "worker" / "package.json").write_text(package, encoding="utf-8")
    (tmp_path / "platform.toml").write_text(
        '[worker]\nhandler = "worker/index.js"\naction = "action"\nbody = "payload"\nurl = "URL"\ntimeout = "WAIT_MS"\n'
        f'fifo = true\npartial-failures = true\n{stated}\n[worker.actions]\nRESERVE = "PUT /r/{{id}}"\n'
        '[worker.credential]\nenvironment = "TOKEN"\n'
        '[worker.endings]\nunreadable = "reported"\nunknown-action = "reported"\nrefused = "reported"\n',
        encoding="utf-8",
    )
    return tmp_path


PLAIN = """
const http = require('node:http');
function ask(id, payload, key) {
  return new Promise((resolve, reject) => {
    const request = http.request(`${process.env.URL}/r/${id}`, { method: 'PUT', signal: AbortSignal.timeout(Number(process.env.WAIT_MS)),
      headers: { 'content-type': 'application/json', 'x-token': process.env.TOKEN, 'x-key': key } }, (response) => {
      response.on('error', reject).on('end', () => (response.statusCode < 300 ? resolve() : reject(new Error('no')))).resume();
    });
    request.on('error', reject);
    request.write(JSON.stringify(payload).slice(0, 5));
    request.end(JSON.stringify(payload).slice(5));
  });
}
exports.handler = async ({ Records }) => {
  if (!process.env.TOKEN) throw new Error('no token');
  const failed = [], stopped = new Set();
  for (const { messageId, body, attributes } of Records) {
    const group = attributes.MessageGroupId ?? messageId;
    try {
      if (stopped.has(group)) throw new Error('stopped');
      const { action, id, payload } = JSON.parse(body);
      if (action !== 'RESERVE' || typeof id !== 'string' || !/^[\\w-]{1,64}$/.test(id)) throw new Error('unreadable');
      await ask(id, payload, messageId);
    } catch {
      stopped.add(group);
      failed.push({ itemIdentifier: messageId });
    }
  }
  return { batchItemFailures: failed };
};
"""
"""A worker of few lines, which sends its body in chunks; hostile ones are made of it."""


def test_a_worker_in_another_style_is_judged_by_its_statement_alone() -> None:
    """One that calls back, with fetch, seats by UUID, a bearer's credential, and endings of its own: nothing fails, and what is not known is named."""
    verdicts = judged(ARENA)
    assert bad(verdicts) == {}
    assert set(unjudged(verdicts)) == {"WORKER-03s"}


def test_a_worker_of_few_lines_is_judged(tmp_path: Path) -> None:
    """CommonJS, a body in chunks, headers that nobody stated."""
    verdicts = judged(written(tmp_path, PLAIN))
    assert bad(verdicts) == {}
    assert set(unjudged(verdicts)) == {"WORKER-03s"}


ARENA_DEFECTS = {
    "WORKER-02b": ("method: 'DELETE'", "method: 'POST'"),
    "WORKER-02d": ("message.wish ?? null", "message ?? null"),
    "WORKER-02f": ("OFFICE + to(seat)", "`${OFFICE}${to(seat)}?key=${KEY}`"),
    "WORKER-02h": ("redirect: 'manual'", "redirect: 'follow'"),
    "WORKER-03b": ("      stopped.add(group);\n      failed.push", "      if (stopped.has(group)) continue;\n      stopped.add(group);\n      failed.push"),
    "WORKER-03g": ("    throw new Hopeless();\n  }", "    throw new Error();\n  }"),
    "WORKER-03i": ("!(kind in WAYS)", "!((kind in WAYS) || console.assert(false) || thrown())"),
    "WORKER-03j": ("    signal: AbortSignal.timeout(WAIT),\n", ""),
    "WORKER-03k": ("  await answer.text();\n", ""),
    "WORKER-03n": ("400, 404, 409, 410, 422", "400, 409, 410, 422"),
    "WORKER-03o": ("400, 404, 409, 410, 422", "400, 404, 410, 422"),
    "WORKER-03p": ("400, 404, 409, 410, 422", "400, 404, 409, 410, 422, 429"),
    "WORKER-03r": ("function wanted(text) {", "function wanted(text) {\n  if (text === '') for (;;);"),
}  # fmt: skip


@pytest.mark.parametrize("id", ARENA_DEFECTS)
def test_a_defect_of_the_other_style_is_found(tmp_path: Path, id: str) -> None:
    """The second worker can fail as well, and by that requirement alone."""
    assert set(bad(judged(arena(tmp_path, ARENA_DEFECTS[id])))) == {id}


def test_what_a_failure_tells(tmp_path: Path) -> None:
    """The smallest batch, what arrived, what was answered, what is due; and the same in every run."""
    change = ARENA_DEFECTS["WORKER-03b"]
    messages = []
    for name in ("a", "b"):
        messages.append(judged(arena(tmp_path / name, change), "WORKER-03b")["WORKER-03b"].message)
        running.close_all()
    assert messages[0] == messages[1]
    batch = messages[0].partition("the batch: ")[2].partition("; arrived: ")[0]
    assert [part.split(" ", 1)[0] for part in batch.split("; ")] == ["1", "2"]
    for part in ("message 2: it is not reported", "due: reported, for it follows message 1", "the worker reports 1"):
        assert part in messages[0]


def test_a_failure_is_written_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole batch as Lambda gave it, and all that came of it."""
    monkeypatch.setattr(confinement.asked, "failures", tmp_path / "reports" / "edge")
    judged(arena(tmp_path, ("method: 'DELETE'", "method: 'POST'")), "WORKER-02b")
    data = json.loads((tmp_path / "reports" / "worker" / "endpoint.json").read_text(encoding="utf-8"))
    (delivery,) = data["deliveries"]
    assert [record["eventSource"] for record in delivery["records"]] == ["aws:sqs"]
    assert [one["method"] for one in delivery["arrived"]] == ["POST"]
    assert delivery["answered"]["kind"] == "answers"


def reference(tmp_path: Path, *left_out: str) -> Path:
    """Copy the reference platform's worker and Terraform, without some lines of its statement."""
    root = tmp_path / "platform"
    shutil.copytree(REFERENCE / FUNCTION, root / FUNCTION, ignore=shutil.ignore_patterns("node_modules"))
    shutil.copytree(REFERENCE / "terraform", root / "terraform")
    shutil.copytree(REFERENCE / "contracts", root / "contracts")
    lines = (REFERENCE / "platform.toml").read_text(encoding="utf-8").split("[worker]\n")
    kept = [line for line in lines[1].splitlines() if not line.startswith(left_out)]
    (root / "platform.toml").write_text(lines[0] + "[worker]\n" + "\n".join(kept), encoding="utf-8")
    return root


def test_what_nobody_states_is_found(tmp_path: Path) -> None:
    """Terraform names the code, its variables, queue and mapping; the headers are seen."""
    root = reference(
        tmp_path, "handler", "url", "timeout", "header", "idempotency", "[worker.credential]", "secrets-manager"
    )
    (worker,) = DrivenWorker.collect(Platform.open(root))
    assert isinstance(worker, DrivenWorker)
    assert worker.handler == f"{FUNCTION}/index.js"
    provision, contract = worker.running.provision, worker.running.contract
    assert (provision.url, provision.timeout) == ("TICKET_SERVICE_URL", "TICKET_SERVICE_TIMEOUT_MS")
    assert provision.credential is not None
    assert provision.credential.secrets_manager == "INTERNAL_API_TOKEN_SECRET_ID"
    assert (contract.header, contract.idempotency) == ("x-ticketing-internal-token", "idempotency-key")
    assert contract.fifo
    assert worker.slowest == (50.0, 60, 10)
    verdicts = judged(root)
    assert bad(verdicts) == {}
    assert unjudged(verdicts) == {}


def test_what_is_neither_stated_nor_found_is_named(tmp_path: Path) -> None:
    """Without a word of its owners a worker is asked for its actions; what a demand still waits for is said."""
    root = reference(tmp_path)
    (root / "platform.toml").unlink()
    verdicts = judged(root)
    assert bad(verdicts) == {}
    assert verdicts["WORKER-02a"].outcome is Outcome.PASSED
    assert verdicts["WORKER-03b"].outcome is Outcome.PASSED
    reasons = unjudged(verdicts)
    assert "found by asking: RESERVE = PUT /internal/reservations/{reservationId}" in reasons["WORKER-02b"]
    assert [message for message in reasons.values() if "state it: [worker" not in message] == []


@pytest.mark.parametrize(
    ("left_out", "id", "key"),
    [
        ("unreadable", "WORKER-03g", "[worker.endings] unreadable"),
        ("unknown-action", "WORKER-03i", "[worker.endings] unknown-action"),
        ("refused", "WORKER-03n", "[worker.endings] refused"),
        ("body", "WORKER-02d", "[worker] body"),
        ("timeout", "WORKER-03j", "[worker] timeout"),
        ("url", "WORKER-02a", "[worker] url"),
        ("environment", "WORKER-02e", "[worker.credential] environment, secrets-manager"),
        ("fifo", "WORKER-03b", "[worker] fifo"),
        ("partial-failures", "WORKER-03a", "[worker] partial-failures"),
    ],
)
def test_what_is_not_stated_is_not_judged(tmp_path: Path, left_out: str, id: str, key: str) -> None:
    """Each demand names the key that it waits for."""
    root = arena(tmp_path)
    file = root / "platform.toml"
    _, table, worker = file.read_text(encoding="utf-8").partition("[worker]\n")
    kept = [line for line in worker.splitlines() if not line.startswith(left_out)]
    file.write_text(table + "\n".join(kept), encoding="utf-8")
    found = judged(root, id)[id]
    assert found.outcome is Outcome.NOT_JUDGED
    assert key in found.message


def test_a_queue_without_partial_failures_is_another_requirement_s(tmp_path: Path) -> None:
    """Whatever the worker answers is not asked for then."""
    root = arena(tmp_path)
    file = root / "platform.toml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("partial-failures = true", "partial-failures = false"), "utf-8"
    )
    assert "(WORKER-01d)" in judged(root, "WORKER-03a")["WORKER-03a"].message


def test_a_standard_queue_has_no_groups(tmp_path: Path) -> None:
    """Each message stands for itself: what follows one that failed must be sent."""
    root = written(tmp_path, PLAIN, stated="")
    file = root / "platform.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("fifo = true", "fifo = false"), encoding="utf-8")
    verdicts = judged(root)
    assert bad(verdicts) == {}
    assert all("(SQS-01a)" in verdicts[id].message for id in ("WORKER-03b", "WORKER-03c", "WORKER-03e"))


def test_a_handler_that_is_stated_and_not_there_fails(tmp_path: Path) -> None:
    """A promise is no gap."""
    (tmp_path / "platform.toml").write_text('[worker]\nhandler = "worker/index.js"\n', encoding="utf-8")
    assert {item.outcome for item in judged(tmp_path).values()} == {Outcome.FAILED}


def test_a_platform_without_a_worker_is_not_judged(tmp_path: Path) -> None:
    """Nothing found is never a pass."""
    verdicts = judged(tmp_path)
    assert {item.outcome for item in verdicts.values()} == {Outcome.NOT_JUDGED}
    assert "has no worker" in verdicts["WORKER-02a"].message


def test_dependencies_that_are_not_installed_are_named(tmp_path: Path) -> None:
    """With the command that installs them; those that Lambda itself brings are not asked for."""
    package = '{"dependencies": {"undici": "^7.0.0", "@aws-sdk/client-secrets-manager": "^3.0.0"}}'
    verdicts = judged(written(tmp_path, PLAIN, package=package))
    assert {item.outcome for item in verdicts.values()} == {Outcome.NOT_JUDGED}
    assert all("npm ci --omit=dev --prefix worker" in item.message for item in verdicts.values())


def test_dependencies_that_are_installed_are_taken(tmp_path: Path) -> None:
    """What stands in node_modules is run with it."""
    root = written(tmp_path, f"require('helper');\n{PLAIN}", package='{"dependencies": {"helper": "1.0.0"}}')
    module = root / "worker" / "node_modules" / "helper"
    module.mkdir(parents=True)
    (module / "index.js").write_text("module.exports = 1;", encoding="utf-8")
    assert judged(root, "WORKER-02a", "WORKER-02b")["WORKER-02b"].outcome is Outcome.PASSED


def test_where_no_network_of_its_own_can_be_had_nothing_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A filter alone would leave its sockets open to everything; who trusts the platform says so."""
    from policies.edge import seal

    broken = tmp_path / "seal.py"
    text = Path(seal.__file__).read_text(encoding="utf-8")
    assert text.count("walls = [unplug(libc)]\n") == 1
    broken.write_text(text.replace("walls = [unplug(libc)]\n", "walls = [False]\n"), encoding="utf-8")
    real = confinement.command
    monkeypatch.setattr(
        "policies.edge.process.command",
        lambda *given: [str(broken) if part.endswith("seal.py") else part for part in real(*given)],
    )
    root = written(tmp_path / "platform", PLAIN)
    verdicts = judged(root)
    assert {item.outcome for item in verdicts.values()} == {Outcome.NOT_JUDGED}
    assert all("--trust-javascript" in item.message for item in verdicts.values())
    running.close_all()
    monkeypatch.setattr(confinement.asked, "trusted", True)
    assert judged(root, "WORKER-02b")["WORKER-02b"].outcome is Outcome.PASSED


_WRITES = "for (let fd = 3; fd < 40; fd += 1) try { require('fs').writeSync(fd, 'x'.repeat(64)) } catch {}"
HOSTILE = {
    "throws at load": ("throw new Error('no');\n" + PLAIN, {"WORKER-02a"}),
    "exits at load": ("process.exit(0);\n" + PLAIN, {"WORKER-02a"}),
    "loops": (PLAIN.replace("=> {\n  if (!process", "=> {\n  for (;;);\n  if (!process"), {"WORKER-03r"}),
    "exits": (PLAIN.replace("=> {\n  if (!process", "=> {\n  process.exit(0);\n  if (!process"), {"WORKER-03r"}),
    "aborts": (PLAIN.replace("=> {\n  if (!process", "=> {\n  process.abort();\n  if (!process"), {"WORKER-03r"}),
    "never answers": (PLAIN.replace("=> {\n  if (!process", "=> {\n  await new Promise(() => {});\n  if (!process"), {"WORKER-03r"}),
    "floods its output": (
        PLAIN.replace("=> {\n  if (!process", "=> {\n  for (;;) console.log('x'.repeat(1 << 20));\n  if (!process"),
        {"WORKER-03r"},
    ),
    "takes all memory": (
        PLAIN.replace("=> {\n  if (!process", "=> {\n  const a = []; for (;;) a.push(new Array(1e6).fill(1.5));\n  if (!process"),
        {"WORKER-03r"},
    ),
    "writes into our channel": (
        PLAIN.replace("=> {\n  if (!process", f"=> {{\n  {_WRITES}\n  if (!process"),
        {"WORKER-03r"},
    ),
    "answers a circle": (PLAIN.replace("return { batchItemFailures: failed }", "const a = {}; a.a = a; return a"), {"WORKER-03d"}),
    "answers something else": (PLAIN.replace("return { batchItemFailures: failed }", "return { batchItemFailures: 7 }"), {"WORKER-03f"}),
    "answers nothing": (PLAIN.replace("return { batchItemFailures: failed }", "return"), {"WORKER-03a"}),
    "opens a socket": (
        PLAIN.replace("=> {\n  if (!process", "=> {\n  require('node:net').connect(9, '192.0.2.1').on('error', () => {});\n  if (!process"),
        {"WORKER-02i"},
    ),
    "looks a name up": (
        PLAIN.replace("=> {\n  if (!process", "=> {\n  require('node:dns').lookup('exfil.other.internal', () => {});\n  if (!process"),
        {"WORKER-02i"},
    ),
    "starts a process": (
        PLAIN.replace("=> {\n  if (!process", "=> {\n  try { require('node:child_process').execSync('id') } catch {}\n  if (!process"),
        {"WORKER-02i"},
    ),
    "floods the service": (
        PLAIN.replace("await ask(id, payload, messageId);", "for (let i = 0; i < 12; i += 1) await ask(id, payload, messageId);"),
        {"WORKER-02c"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_worker_is_a_verdict(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it does is told by one requirement, and harms nobody."""
    monkeypatch.setattr("policies.edge.process.LOAD_SECONDS", 6.0)
    monkeypatch.setattr(bridge, "ANSWER_SECONDS", 2.0)
    code, expected = HOSTILE[kind]
    assert code != PLAIN
    verdicts = judged(written(tmp_path, code))
    assert set(bad(verdicts)) == expected
    assert not [item for item in verdicts.values() if item.outcome is Outcome.ERROR]


def test_its_network_leads_to_the_service_alone(tmp_path: Path) -> None:
    """Neither a port of this machine nor a socket in its file system is reached; that it tried is a finding."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as local:
        path = str(tmp_path / "s")
        local.bind(path)
        local.listen()
        for one in (server, local):
            one.settimeout(0.2)
        port = server.getsockname()[1]
        door = """
        const net = require('net');
        const call = (where) => new Promise((end) => net.connect(where).on('connect', () => end('open')).on('error', () => end('shut')));
        """
        code = (door + PLAIN).replace(
            "=> {\n  if (!process",
            f"=> {{\n  const seen = [await call({{ port: {port}, host: '127.0.0.1' }}), await call({{ path: {path!r} }})];\n"
            "  if (seen.includes('open')) process.exit(1);\n  if (!process",
        )
        verdicts = judged(written(tmp_path / "platform", code), "WORKER-02i", "WORKER-03r")
        for one in (server, local):
            with pytest.raises(TimeoutError):
                one.accept()
    assert verdicts["WORKER-03r"].outcome is Outcome.PASSED
    assert verdicts["WORKER-02i"].outcome is Outcome.FAILED
    assert f"127.0.0.1:{port}" in verdicts["WORKER-02i"].message
    assert path in verdicts["WORKER-02i"].message


def test_a_class_that_was_not_generated_fails_the_run(tmp_path: Path) -> None:
    """What was never tried is not known."""
    (worker,) = DrivenWorker.collect(Platform.open(written(tmp_path, PLAIN)))
    assert isinstance(worker, DrivenWorker)
    few = attacks.Attack(
        "few",
        lambda _: ("a batch of a thousand",),
        attacks.SUCCESS.plain,
        attacks.SUCCESS.batches,
        attacks.SUCCESS.count,
        2,
    )
    with pytest.raises(NotGeneratedError, match="a batch of a thousand"):
        Search(worker.running, few, (Fault.AGAIN,)).run()


def test_a_function_in_another_language_is_named(tmp_path: Path) -> None:
    """It is not judged for what it runs on."""
    root = reference(tmp_path)
    (root / "platform.toml").unlink()
    file = root / "terraform" / "modules" / "lambda-worker" / "main.tf"
    file.write_text(file.read_text(encoding="utf-8").replace('"nodejs22.x"', '"python3.13"'), encoding="utf-8")
    assert "runs on python3.13" in judged(root, "WORKER-02a")["WORKER-02a"].message

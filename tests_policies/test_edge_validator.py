"""Validators as subjects: a second one in another style, one of which nobody states anything, and what a failure leaves behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from policies import cli
from policies.catalogue import OWN, catalogue
from policies.edge import confinement, judges, running, search
from policies.edge.attacks import headers, valid
from policies.edge.counterexample import shown
from policies.edge.package import find_handlers, pack
from policies.edge.search import NotGeneratedError, Search
from policies.edge.validator import Validator
from policies.intent.entry import Edge
from policies.platform import Platform
from policies.read.tree import Tree
from policies.requirement import Severity
from policies.verdict import Collected, Outcome, Verdict, cases, judge

REFERENCE = OWN.parent / "reference"
ARENA = Path(__file__).resolve().parent / "platforms" / "arena"
FUNCTION = "lambda/edge-queue-check"
REQUIREMENTS = tuple(item for item in catalogue(OWN) if item.subject is Validator)


@pytest.fixture(autouse=True)
def few_examples(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Try the first examples only, and leave nothing running."""
    real = search._runner
    monkeypatch.setattr(search, "_runner", lambda examples: real(min(examples, 4)))
    yield
    while running._running:
        running._running.popitem()[1].close()


def judged(root: Path, *ids: str) -> dict[str, Verdict]:
    """Judge a platform by the chapter's requirements, or some of them."""
    platform, collected = Platform.open(root), dict[type, Collected]()
    wanted = [item for item in REQUIREMENTS if not ids or item.id in ids]
    return {item.id: judge(case) for item in wanted for case in cases(item, platform, collected)}


def copied(tmp_path: Path, *, stated: bool = True, change: tuple[str, str, str] | None = None) -> Path:
    """Copy what of the reference platform a validator is judged by; `change` replaces a text in a file of the function."""
    root = tmp_path / "platform"
    shutil.copytree(REFERENCE / FUNCTION, root / FUNCTION, ignore=shutil.ignore_patterns("node_modules"))
    if stated:
        shutil.copy(REFERENCE / "platform.toml", root)
    if change is not None:
        file = root / FUNCTION / change[0]
        text = file.read_text(encoding="utf-8")
        assert text.count(change[1]) == 1
        file.write_text(text.replace(change[1], change[2]), encoding="utf-8")
    return root


def test_a_validator_in_another_style_is_judged_by_its_statement_alone() -> None:
    """An ES module that calls back, a header alone, other names, a key in base64: nothing fails, and what it has not is named."""
    verdicts = judged(ARENA)
    assert {
        id: item.message for id, item in verdicts.items() if item.outcome not in (Outcome.PASSED, Outcome.NOT_JUDGED)
    } == {}
    unjudged = {
        id: item.message.partition("state it: ")[2]
        for id, item in verdicts.items()
        if item.outcome is Outcome.NOT_JUDGED
    }
    cookie = dict.fromkeys(["EDGE-01a", "EDGE-05a", "EDGE-05b", "EDGE-05c", "EDGE-05f", "EDGE-05h"], "[edge] cookie")
    assert unjudged == {**cookie, "EDGE-04s": "[edge.claims] audience"}


ARENA_DEFECTS = {
    "EDGE-04n": ("pass.js", "end * 1000 + LEEWAY <= now", "end * 1000 + 60_000 <= now"),
    "EDGE-04u": ("pass.js", " || claims.get('holder').length === 0", ""),
    "EDGE-04r": ("pass.js", "|| seat === show", "|| true"),
    "EDGE-03c": ("door.js", "segments[at] === segment)", "segments[at]?.startsWith(segment))"),
    "EDGE-02c": ("door.js", "private, no-store", "private"),
    "EDGE-01c": (
        "door.js",
        "request.headers = headers;",
        "request.headers = { ...headers, 'x-new': [{ key: 'X-New', value: '1' }] };",
    ),
}


@pytest.mark.parametrize("id", ARENA_DEFECTS)
def test_a_defect_of_the_other_style_is_found(tmp_path: Path, id: str) -> None:
    """The second validator can fail as well."""
    file, old, new = ARENA_DEFECTS[id]
    root = tmp_path / "arena"
    shutil.copytree(ARENA, root)
    text = (root / "edge" / file).read_text(encoding="utf-8")
    assert text.count(old) == 1
    (root / "edge" / file).write_text(text.replace(old, new), encoding="utf-8")
    assert judged(root, id)[id].outcome is Outcome.FAILED


def test_who_compares_both_lists_in_small_letters_opens_nothing(tmp_path: Path) -> None:
    """Where capitals make no difference, a bypass in capitals is the bypass: to let it in is no defect (EDGE-03d's own remedy makes it so)."""
    change = ("index.js", "isUnder(path, prefix));", "isUnder(path.toLowerCase(), prefix));")
    assert judged(copied(tmp_path, change=change), "EDGE-03d")["EDGE-03d"].outcome is Outcome.PASSED


def test_what_nobody_states_is_found_by_asking(tmp_path: Path) -> None:
    """Without platform.toml the handler, its paths, its carriers and its claims are found; what cannot be is not judged, by its key."""
    root = copied(tmp_path, stated=False)
    verdicts = judged(root)
    (validator,) = (one for one in Validator.collect(Platform.open(root)) if isinstance(one, Validator))
    found = validator.running.contract
    assert set(found.protected) == {"/api/tickets", "/api/reservations", "/api/payments", "/booking"}
    assert {"/api/queue", "/queue", "/api/auth"} <= set(found.bypass)
    assert (found.queue, found.cookie, found.token_header) == ("/queue", "vwr-entry-token", "x-queue-entry-token")
    rules = found.claims
    assert (rules.issuer, rules.audience, rules.event) == ("queue-service", "ticketing-entry", "event")
    assert set(rules.not_before) == {"nbf", "iat"}
    bad = {id: item for id, item in verdicts.items() if item.outcome not in (Outcome.PASSED, Outcome.NOT_JUDGED)}
    assert set(bad) == {"EDGE-03m"}
    assert bad["EDGE-03m"].severity is Severity.ADVICE
    assert "vwr-entry-token" in bad["EDGE-03m"].message
    unjudged = {id for id, item in verdicts.items() if item.outcome is Outcome.NOT_JUDGED}
    assert unjudged == {"EDGE-01d", "EDGE-03a", "EDGE-03b"}
    assert all("state it: [edge" in verdicts[id].message for id in unjudged)


def test_a_handler_that_is_stated_and_not_there_fails(tmp_path: Path) -> None:
    """A promise is no gap."""
    (tmp_path / "platform.toml").write_text('[edge]\nhandler = "edge/index.js"\n', encoding="utf-8")
    assert {item.outcome for item in judged(tmp_path).values()} == {Outcome.FAILED}


def test_a_platform_without_a_validator_is_not_judged(tmp_path: Path) -> None:
    """Nothing found is never a pass."""
    verdicts = judged(tmp_path)
    assert {item.outcome for item in verdicts.values()} == {Outcome.NOT_JUDGED}
    assert "has no token validator" in verdicts["EDGE-01a"].message


def test_a_handler_that_does_not_load_hides_nothing(tmp_path: Path) -> None:
    """One failure, and the rest says which."""
    verdicts = judged(copied(tmp_path, change=("index.js", "'use strict';", "throw new Error('no');")))
    assert [id for id, item in verdicts.items() if item.outcome is Outcome.FAILED] == ["EDGE-06a"]
    assert all("(EDGE-06a)" in item.message for id, item in verdicts.items() if id != "EDGE-06a")


def test_the_owners_own_secret_is_never_read(tmp_path: Path) -> None:
    """A config.json that lies there, ignored by git, is neither copied nor asked."""
    root = copied(tmp_path)
    (root / FUNCTION / "config.json").write_text(
        '{"QUEUE_ENTRY_TOKEN_SECRET": "the-owners-own-secret-0123456789abcdef"}', encoding="utf-8"
    )
    stated = Platform.open(root).intent.edge
    assert stated is not None
    package = pack(Tree(root), f"{FUNCTION}/index.js", stated)
    assert not any(b"the-owners-own" in content for _, content in package.files)
    assert judged(root, "EDGE-01a")["EDGE-01a"].outcome is Outcome.PASSED


def test_missing_dependencies_are_named(tmp_path: Path) -> None:
    """What would install them is said."""
    root = copied(tmp_path)
    (root / FUNCTION / "package.json").write_text('{"dependencies": {"jose": "6"}}', encoding="utf-8")
    verdicts = judged(root, "EDGE-01a", "EDGE-06a")
    assert {item.outcome for item in verdicts.values()} == {Outcome.NOT_JUDGED}
    assert f"npm ci --omit=dev --prefix {FUNCTION}" in verdicts["EDGE-06a"].message


def test_a_failure_is_the_same_in_every_run_and_can_be_sent_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The shrunk request is written; replayed, it fails on what is broken and holds on what is not."""
    monkeypatch.setattr(confinement.asked, "failures", tmp_path / "failures")
    root = copied(tmp_path, change=("token.js", "now < exp * 1000 &&", ""))
    first = judged(root, "EDGE-04n")["EDGE-04n"]
    running._running.popitem()[1].close()
    second = judged(root, "EDGE-04n")["EDGE-04n"]
    assert first.outcome is Outcome.FAILED
    assert first.message == second.message
    assert first.fingerprint == second.fingerprint
    assert "GET /api/tickets/e " in first.message  # The smallest visit there is.
    assert (first.locations[0].source, "exp" in first.message) == (f"{FUNCTION}/token.js", True)
    (file,) = (tmp_path / "failures").iterdir()
    assert file.name == "expired.refused.json"
    assert cli.main(["edge", "replay", str(file), "--platform", str(root)]) == 1
    assert "expired" in capsys.readouterr().out
    assert cli.main(["edge", "replay", str(file), "--platform", str(REFERENCE)]) == 0
    assert "as it must be" in capsys.readouterr().out


def test_a_failure_by_what_came_before_is_told_with_it(tmp_path: Path) -> None:
    """One request alone would not show it."""
    root = copied(
        tmp_path,
        change=(
            "token.js",
            "return holds(claims, now) ? claims : null;",
            "return (kept[token] ??= holds(claims, now) ? claims : undefined) ?? null;",
        ),
    )
    with (root / FUNCTION / "token.js").open("a", encoding="utf-8") as stream:
        stream.write("\nconst kept = {};\n")
    found = judged(root, "EDGE-06h", "EDGE-04n")
    assert found["EDGE-06h"].outcome is Outcome.FAILED
    assert "after" in found["EDGE-06h"].message
    assert found["EDGE-04n"].outcome is Outcome.PASSED


def test_a_class_that_does_not_come_about_is_an_error(tmp_path: Path) -> None:
    """What was never sent proves nothing."""
    (validator,) = (one for one in Validator.collect(Platform.open(copied(tmp_path))) if isinstance(one, Validator))
    ran = validator.running
    more = replace(headers.none_algorithm, labels=(*headers.none_algorithm.labels, "what nobody makes"))
    with pytest.raises(NotGeneratedError, match="what nobody makes"):
        Search(ran.bridge, ran.contract, more, judges.refused, ran.statistics).run()
    # A token that holds is none of those that must be refused: it does not count.
    wrong = replace(valid.valid_cookie, name="wrong", expects=headers.none_algorithm.expects)
    with pytest.raises(NotGeneratedError):
        Search(ran.bridge, ran.contract, wrong, judges.refused, ran.statistics).run()


def test_the_same_code_is_run_and_attacked_once(tmp_path: Path) -> None:
    """Another platform with the same function costs nothing."""
    one, other = copied(tmp_path / "a"), copied(tmp_path / "b")
    judged(one, "EDGE-04c")
    (first,) = running._running.values()
    starts = first.bridge.starts
    judged(other, "EDGE-04c")
    assert list(running._running.values()) == [first]
    assert first.bridge.starts == starts


def test_handlers_are_told_from_other_javascript(tmp_path: Path) -> None:
    """A worker, a response handler and a test are none."""
    files = {
        "a/index.js": "exports.handler = async (event) => event.Records[0].cf.request;",
        "b/main.mjs": "export const handler = async ({ Records: [{ cf }] }) => cf.request;",
        "worker/index.js": "exports.handler = async (event) => event.Records.map((record) => record.body);",
        "response/index.js": "exports.handler = async (event) => event.Records[0].cf.response;",
        "a/test/index.test.js": "exports.handler = async (event) => event.Records[0].cf.request;",
    }
    for name, code in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(code, encoding="utf-8")
    assert list(find_handlers(Tree(tmp_path))) == ["a/index.js", "b/main.mjs"]
    assert pack(Tree(tmp_path), "a/index.js", Edge()).file == "index.js"


def test_statistics_and_contract_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """What was sent, class by class, and what is known of the validator."""
    assert cli.main(["edge", "statistics", "--platform", str(ARENA)]) == 0
    assert "none_algorithm" in capsys.readouterr().out
    assert cli.main(["edge", "contract", "--platform", str(ARENA)]) == 0
    out = capsys.readouterr().out
    assert 'header = "X-Arena-Pass"' in out
    assert "# not known: cookie" in out


def test_where_its_javascript_cannot_be_shut_in_it_is_not_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the option that would run it nevertheless."""
    from policies.edge import process

    real = confinement.command
    monkeypatch.setattr(process, "command", lambda *given: [real(*given)[0], "-c", "import sys; sys.exit(96)"])
    verdicts = judged(copied(tmp_path), "EDGE-01a", "EDGE-06a", "EDGE-04z")
    assert {item.outcome for item in verdicts.values()} == {Outcome.NOT_JUDGED}
    assert "--trust-javascript" in verdicts["EDGE-01a"].message


def test_a_key_that_only_the_code_describes_is_given(tmp_path: Path) -> None:
    """The file that the code reads, and that no example shows, is made for it."""
    root = copied(tmp_path)
    text = (root / "platform.toml").read_text(encoding="utf-8")
    before, _, rest = text.partition("[edge.secret]")
    (root / "platform.toml").write_text(before + rest[rest.index("[edge.claims]") :], encoding="utf-8")
    (root / FUNCTION / "config.json.example").unlink()
    assert {item.outcome for item in judged(root, "EDGE-01a", "EDGE-04c").values()} == {Outcome.PASSED}


def test_a_key_that_nobody_describes_is_named(tmp_path: Path) -> None:
    """A handler that takes no token of ours for want of a key is not accused of it."""
    root = copied(tmp_path)
    text = (root / "platform.toml").read_text(encoding="utf-8")
    before, _, rest = text.partition("[edge.secret]")
    (root / "platform.toml").write_text(before + rest[rest.index("[edge.claims]") :], encoding="utf-8")
    (root / FUNCTION / "config.json.example").unlink()
    keys = root / FUNCTION / "keys.js"
    code = keys.read_text(encoding="utf-8")
    assert "'./config.json'" in code
    keys.write_text(code.replace("'./config.json'", "['.', 'config', 'json'].join('/')"), encoding="utf-8")
    verdicts = judged(root, "EDGE-01a", "EDGE-04c")
    assert {item.outcome for item in verdicts.values()} == {Outcome.NOT_JUDGED}
    assert "[edge.secret]" in verdicts["EDGE-01a"].message


_ROOM = "const QUEUE_PATH = require('./config.json').room;"
_TERRAFORM = """
data "archive_file" "check" {
  type        = "zip"
  output_path = "check.zip"
  source {
    filename = "config.json"
    content  = templatefile("${path.module}/../%s/config.json.tftpl", { room = "/queue", key = "x" })
  }
}
"""


@pytest.mark.parametrize("template", [True, False])
def test_what_stands_beside_the_key_is_not_guessed(tmp_path: Path, template: bool) -> None:
    """Where a refusal is made of it, it comes from Terraform's template, or else nothing is said of it, and it is named."""
    ids = ("EDGE-01a", "EDGE-02b", "EDGE-02c", "EDGE-02d", "EDGE-02e")
    root = copied(tmp_path, change=("index.js", "const QUEUE_PATH = '/queue';", _ROOM))
    (root / FUNCTION / "config.json.example").unlink()
    if template:
        text = '{"QUEUE_ENTRY_TOKEN_SECRET": ${jsonencode(key)}, "room": ${jsonencode(room)}}'
        (root / FUNCTION / "config.json.tftpl").write_text(text, encoding="utf-8")
        (root / "infra").mkdir()
        (root / "infra" / "main.tf").write_text(_TERRAFORM % FUNCTION, encoding="utf-8")
    verdicts = judged(root, *ids)
    outcomes = {id: item.outcome for id, item in verdicts.items()}
    if template:
        assert outcomes == dict.fromkeys(ids, Outcome.PASSED)
        return
    assert {id for id, outcome in outcomes.items() if outcome is Outcome.NOT_JUDGED} >= {"EDGE-02b"}
    assert Outcome.FAILED not in outcomes.values()
    assert "config.json.example" in verdicts["EDGE-02b"].message


def test_claims_that_nobody_states_are_asked_for_where_the_carriers_are_stated(tmp_path: Path) -> None:
    """With cookie and header stated, what a token holds is still what the handler is seen to ask for."""
    root = copied(tmp_path, change=("token.js", "{ iss, aud, sub, event,", "{ iss, aud, visitor: sub, event,"))
    text = (root / "platform.toml").read_text(encoding="utf-8")
    before, _, rest = text.partition("[edge.claims]")
    (root / "platform.toml").write_text(before + rest[rest.index("\n[") + 1 :], encoding="utf-8")
    (validator,) = (one for one in Validator.collect(Platform.open(root)) if isinstance(one, Validator))
    rules = validator.running.contract.claims
    assert (rules.subject, rules.issuer, rules.audience) == ("visitor", "queue-service", "ticketing-entry")
    assert {item.outcome for item in judged(root, "EDGE-01a", "EDGE-01b").values()} == {Outcome.PASSED}


def test_what_nobody_sees_is_spelled_out() -> None:
    """White space of other kinds, and what has no width, stand in a failure by their numbers."""
    request = {"method": "GET", "uri": "/a\u2003b\u200b", "headers": {"cookie": [{"value": "\u00a0é x"}]}}
    assert shown(request) == "GET /a\\u2003b\\u200b with cookie: \\xa0é x"


def test_another_node_must_be_new_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Node that lacks a permission mode is refused in one sentence."""
    old = tmp_path / "node"
    old.write_text("#!/bin/sh\necho v18.0.0\n", encoding="utf-8")
    old.chmod(0o755)
    monkeypatch.setenv(confinement.NODE_VARIABLE, str(old))
    verdict = judged(copied(tmp_path), "EDGE-06a")["EDGE-06a"]
    assert verdict.outcome is Outcome.ERROR
    assert "v18.0.0" in verdict.message


_DIGEST = """
import hashlib, sys
from pathlib import Path
from policies.edge import judges
from policies.edge.attacks import cookies, paths, shapes, signatures, transport
from policies.edge.search import Search
from policies.edge.validator import Validator
from policies.platform import Platform
ran = next(iter(Validator.collect(Platform.open(Path(sys.argv[1]))))).running
made = hashlib.sha256()
for one in (cookies.cookie_lookalikes, paths.dot_segments, shapes.rubbish, signatures.altered, transport.elsewhere, transport.header_joined):
    search = Search(ran.bridge, ran.contract, one, judges.alike, ran.statistics)
    search.run()
    made.update(repr([(t.variant, t.decision, t.answer) for batch in search.batches for t in batch]).encode())
print(made.hexdigest())
"""


def test_every_run_sends_the_same(tmp_path: Path) -> None:
    """Whatever order Python gives to sets, on whatever day: the same requests, decisions and answers."""
    digests = {
        subprocess.run(
            [sys.executable, "-c", _DIGEST, str(copied(tmp_path / seed))],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1

"""The bridge to a handler: every style of handler answers, and whatever one does is an answer, never a crash of ours."""

from __future__ import annotations

import os
import re
import socket
import time
from pathlib import Path

import pytest
from edge_handlers import NOW, REFUSED, bridge, request

from policies.edge import bridge as bridge_module
from policies.edge import seal
from policies.edge.answers import Kind
from policies.edge.bridge import UnloadableError

STYLES = {
    "exports": f"exports.handler = async (event) => event.Records[0].cf.request.uri === '/' ? event.Records[0].cf.request : {REFUSED};",
    "module.exports": f"module.exports = {{ handler: async (e) => e.Records[0].cf.request.uri === '/' ? e.Records[0].cf.request : {REFUSED} }};",
    "callback": f"exports.handler = (e, c, done) => done(null, e.Records[0].cf.request.uri === '/' ? e.Records[0].cf.request : {REFUSED});",
    "late callback": "exports.handler = (e, c, done) => { setImmediate(() => done(null, e.Records[0].cf.request.uri === '/'"
    f" ? e.Records[0].cf.request : {REFUSED})); }};",
    "promise": f"exports.handler = (e) => Promise.resolve(e.Records[0].cf.request.uri === '/' ? e.Records[0].cf.request : {REFUSED});",
    "ES module": f"export const handler = async (e) => e.Records[0].cf.request.uri === '/' ? e.Records[0].cf.request : {REFUSED};",
    "ES function": f"export async function handler(e) {{ return e.Records[0].cf.request.uri === '/' ? e.Records[0].cf.request : {REFUSED}; }}",
    "ES default": f"export default {{ handler: async (e) => e.Records[0].cf.request.uri === '/' ? e.Records[0].cf.request : {REFUSED} }};",
}


@pytest.mark.parametrize("style", STYLES)
def test_every_style_of_handler_answers(tmp_path: Path, style: str) -> None:
    """CommonJS and ES modules, promises and callbacks."""
    made = bridge(tmp_path / "f", STYLES[style])
    through, refused = made.decide([request("/"), request("/x")], NOW)
    assert through.through
    assert through.value is None
    assert (refused.kind, refused.status, refused.header("location")) == (Kind.REFUSED, "302", ["/wait"])


def test_what_a_handler_changes_is_told(tmp_path: Path) -> None:
    """A request that goes on changed comes back whole."""
    made = bridge(tmp_path / "f", "exports.handler = async (e) => ({ ...e.Records[0].cf.request, uri: '/other' });")
    (answer,) = made.decide([request("/")], NOW)
    assert answer.through
    assert answer.value["uri"] == "/other"


FAULTS = {
    "throws": ("throw new TypeError('no')", Kind.THREW, "TypeError: no"),
    "throws a text": ("throw 'no'", Kind.THREW, "string: no"),
    "rejects": ("return Promise.reject(new Error('no'))", Kind.THREW, "Error: no"),
    "answers nothing": ("return undefined", Kind.NOTHING, ""),
    "answers a function": ("return () => 1", Kind.NOTHING, "function"),
    "answers neither": ("return { body: 'x' }", Kind.NOTHING, "neither a request nor a response"),
    "answers in a circle": ("const a = {}; a.a = a; return a", Kind.THREW, "circular"),
    "answers too much": ("return { status: '200', body: 'x'.repeat(2e6) }", Kind.LARGE, ""),
    "never answers": ("return new Promise(() => {})", Kind.NEVER, ""),
    "waits for ever": ("return new Promise((end) => setTimeout(end, 1e8))", Kind.HUNG, ""),
    "loops": ("for (;;);", Kind.HUNG, ""),
    "exits": ("process.exit(0)", Kind.DIED, "exits"),
    "aborts": ("process.abort()", Kind.DIED, "exit code"),
    "throws later": (
        "setImmediate(() => { throw new Error('late') }); return new Promise(() => {})",
        Kind.DIED,
        "Error: late",
    ),
    "takes all memory": ("const a = []; for (;;) a.push(new Array(1e6).fill(1.5))", Kind.DIED, "memory"),
    "takes all buffers": ("const a = []; for (;;) a.push(Buffer.alloc(1e8, 1))", Kind.THREW, ""),
    "writes our channel": (
        "for (let fd = 3; fd < 40; fd += 1) try { require('fs').writeSync(fd, 'x'.repeat(64)) } catch {}",
        Kind.DIED,
        "channel|exit code",  # Node's own descriptors are among those: it may fall before it has written into ours.
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_an_answer_and_the_next_request_is_answered(
    tmp_path: Path, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever one request does to the process, those around it are decided."""
    monkeypatch.setattr(bridge_module, "ANSWER_SECONDS", 2.0)
    code, kind, detail = FAULTS[fault]
    made = bridge(
        tmp_path / "f",
        f"exports.handler = async (e) => {{ const r = e.Records[0].cf.request; if (r.uri === '/bad') {{ {code} }} return r; }};",
    )
    before, answer, after = made.decide([request("/"), request("/bad"), request("/x")], NOW)
    assert before.through
    assert after.through
    # On a busy machine the time is over before the memory is.
    expected = {kind, Kind.DIED, Kind.HUNG} if fault in ("takes all buffers", "takes all memory") else {kind}
    assert answer.kind in expected
    assert re.search(detail, answer.detail) or answer.kind is not kind
    starts = made.starts
    assert made.decide([request("/bad")], NOW)[0].kind in expected
    if kind in (Kind.HUNG, Kind.NEVER, Kind.DIED):
        assert made.starts <= starts + 1  # What ends a process is remembered, not tried again.


UNLOADABLE = {
    "throws at load": ("throw new Error('no key')", "Error: no key"),
    "exits at load": ("process.exit(3)", "exited"),
    "loops at load": ("for (;;);", "does not end"),
    "is no JavaScript": ("exports.handler = async (", "SyntaxError"),
    "exports another name": ("exports.handle = async () => 1", "no function called handler"),
    "needs what is not there": ("require('./missing')", "Cannot find module"),
    "waits at load": ("export const handler = async () => 1; await new Promise(() => {});", "never"),
    "reads outside": ("require('fs').readFileSync('/etc/passwd')", "ERR_ACCESS_DENIED|Access to this API"),
    "writes": ("require('fs').writeFileSync(__dirname + '/x', 'x')", "Access to this API"),
    "starts a process": ("require('child_process').execSync('id')", "Access to this API"),
    "starts a worker": ("new (require('worker_threads').Worker)('1', { eval: true })", "Access to this API"),
    "makes code of text": ("eval('1')", "EvalError"),
}


@pytest.mark.parametrize("fault", UNLOADABLE)
def test_a_handler_that_does_not_load_says_why(tmp_path: Path, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what it may not do at load it may not do at all."""
    monkeypatch.setattr("policies.edge.process.LOAD_SECONDS", 4.0)
    code, why = UNLOADABLE[fault]
    made = bridge(tmp_path / "f", code)
    with pytest.raises(UnloadableError) as caught:
        made.start()
    assert any(part in str(caught.value) for part in why.split("|"))


def test_flooding_its_output_harms_nobody(tmp_path: Path) -> None:
    """A file of bounded size takes it; our own channel is another."""
    code = "exports.handler = async (e) => { for (let i = 0; i < 64; i += 1) console.log('x'.repeat(1 << 20)); return e.Records[0].cf.request; };"
    made = bridge(tmp_path / "f", code)
    answers = made.decide([request("/"), request("/x")], NOW)
    assert all(answer.through or answer.kind is Kind.DIED for answer in answers)
    assert len(made.noticed.said) <= 4 * seal.OUTPUT_BYTES


def test_a_socket_leads_nowhere_and_is_noticed(tmp_path: Path) -> None:
    """The listening server of this test is not reached: not over a network, not by a socket in the file system."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as local:
        path = str(tmp_path / "s")
        local.bind(path)
        local.listen()
        for one in (server, local):
            one.settimeout(0.2)
        port = server.getsockname()[1]
        code = f"""
        const net = require('net');
        const call = (where) => new Promise((end) => net.connect(where).on('connect', () => end('open')).on('error', (error) => end(error.code)));
        const both = async () => [await call({{ port: {port}, host: '127.0.0.1' }}), await call({{ path: {path!r} }})];
        exports.handler = async () => ({{ status: '200', body: JSON.stringify(await both()) }});
        """
        made = bridge(tmp_path / "f", code)
        (answer,) = made.decide([request("/")], NOW)
        assert "open" not in answer.value["body"]
        for one in (server, local):
            with pytest.raises(TimeoutError):
                one.accept()
    assert made.noticed.touched == {"a socket"}


def test_other_processes_are_out_of_reach(tmp_path: Path) -> None:
    """It cannot signal us."""
    made = bridge(
        tmp_path / "f",
        f"exports.handler = async () => {{ process.kill({os.getpid()}, 'SIGUSR1'); return {REFUSED}; }};",
    )
    (answer,) = made.decide([request("/")], NOW)
    assert answer.kind is Kind.THREW
    assert "EPERM" in answer.detail


def test_nothing_of_our_environment_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what the test gives."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-for-you")
    made = bridge(
        tmp_path / "f",
        "exports.handler = async () => ({ status: '200', body: JSON.stringify(process.env) });",
        environment={"KEY": "x"},
    )
    (answer,) = made.decide([request("/")], NOW)
    assert answer.value["body"] == '{"KEY":"x"}'


def test_the_clock_is_the_tests(tmp_path: Path) -> None:
    """Date in all its forms, performance and hrtime; it goes back too, and each request has its own."""
    code = """
    exports.handler = async () => ({ status: '200', body: JSON.stringify([Date.now(), new Date().getTime(), +new Date(), new Date(5).getTime(),
      Date().slice(0, 3), new Date() instanceof Date, Math.round(performance.timeOrigin + performance.now()), Date.UTC(1970, 0)]) });
    """
    made = bridge(tmp_path / "f", code)
    answers = made.decide([request("/")] * 3, [NOW, NOW + 5000.0, NOW - 1.0])
    for answer, now in zip(answers, (NOW, NOW + 5000, NOW - 1), strict=True):
        assert (
            answer.value["body"]
            == f'[{now:.0f},{now:.0f},{now:.0f},5,"{time.strftime("%a", time.gmtime(now / 1000))}",true,{now:.0f},0]'
        )


SECRETS = {
    "environment": ("process.env.KEY", "exports.handler = async () => ({ status: '200', body: process.env.KEY });"),
    "v3": (
        "import { SecretsManagerClient, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';",
        "import { SecretsManagerClient, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';\n"
        "const c = new SecretsManagerClient({ region: 'us-east-1' });\n"
        "export const handler = async () => ({ status: '200', body: (await c.send(new GetSecretValueCommand({ SecretId: 'a/key' }))).SecretString });",
    ),
    "v3 by require": (
        "",
        "const { SecretsManagerClient, GetSecretValueCommand } = require('@aws-sdk/client-secrets-manager');\n"
        "const get = () => new SecretsManagerClient({}).send(new GetSecretValueCommand({ SecretId: 'a/key' }));\n"
        "exports.handler = async () => ({ status: '200', body: (await get()).SecretString });",
    ),
    "v2": (
        "",
        "const AWS = require('aws-sdk');\nconst s = new AWS.SecretsManager();\n"
        "exports.handler = async () => ({ status: '200', body: (await s.getSecretValue({ SecretId: 'a/key' }).promise()).SecretString });",
    ),
}


@pytest.mark.parametrize("way", SECRETS)
def test_the_secret_comes_as_the_code_takes_it(tmp_path: Path, way: str) -> None:
    """From the environment, and from Secrets Manager through a stub, by every client's interface."""
    made = bridge(tmp_path / "f", SECRETS[way][1], environment={"KEY": "the-secret"}, secrets={"a/key": "the-secret"})
    (answer,) = made.decide([request("/")], NOW)
    assert answer.value["body"] == "the-secret"
    assert made.noticed.asked == (set() if way == "environment" else {"a/key"})


def test_where_nothing_keeps_the_network_away_nothing_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither namespace nor filter: it is refused, unless the user trusts the platform."""
    from policies.edge import confinement
    from policies.edge.process import UnsealedError

    broken = tmp_path / "seal.py"
    text = (
        Path(seal.__file__)
        .read_text(encoding="utf-8")
        .replace("walls = [unplug(libc), filter_calls(libc)]", "walls = [False, False]")
    )
    broken.write_text(text, encoding="utf-8")
    real = confinement.command
    monkeypatch.setattr(
        "policies.edge.process.command",
        lambda *given: [str(broken) if part.endswith("seal.py") else part for part in real(*given)],
    )
    made = bridge(tmp_path / "f", STYLES["exports"])
    with pytest.raises(UnsealedError, match="--trust-javascript"):
        made.decide([request("/")], NOW)
    monkeypatch.setattr(confinement.asked, "trusted", True)
    assert made.decide([request("/")], NOW)[0].through


@pytest.mark.parametrize("other", ["unplug(libc)", "filter_calls(libc)"])
def test_each_wall_alone_keeps_the_network_away(tmp_path: Path, other: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A container often grants no namespace, and an old kernel no filter."""
    from policies.edge import confinement

    half = tmp_path / "seal.py"
    before, walls, after = Path(seal.__file__).read_text(encoding="utf-8").partition("    walls = [")
    half.write_text(before + walls + after.replace(other, "False", 1), encoding="utf-8")
    real = confinement.command
    monkeypatch.setattr(
        "policies.edge.process.command",
        lambda *given: [str(half) if part.endswith("seal.py") else part for part in real(*given)],
    )
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        code = f"""exports.handler = () => new Promise((end) => require('net').connect({server.getsockname()[1]}, '127.0.0.1')
          .on('connect', () => end({{ status: '200' }})).on('error', () => end({{ status: '403' }})));"""
        (answer,) = bridge(tmp_path / "f", code).decide([request("/")], NOW)
        assert answer.status == "403"
        with pytest.raises(TimeoutError):
            server.accept()

"""How a handler takes its key, where nobody states it: the file that it reads is made for it, with the key under the name that it looks for."""

from __future__ import annotations

import json

import pytest

from policies.edge.contract import SECRET
from policies.edge.provision import guess_secret, provide
from policies.intent.entry import EdgeSecret

STYLES = {
    "a member of what is required": ("const config = require('./config.json');\nconst K = config.secret;", "config.json", "secret"),
    "taken apart": ('const { ENTRY_TOKEN_SECRET, ISSUER } = require("./config.json");', "config.json", "ENTRY_TOKEN_SECRET"),
    "renamed as it is taken apart": ("const { jwtSecret: K } = require('./settings.json');", "settings.json", "jwtSecret"),
    "without its ending": ("const c = require('./config');\nuse(c['hmac_key']);", "config.json", "hmac_key"),
    "read and parsed": (
        "const raw = fs.readFileSync(path.join(__dirname, 'config.json'), 'utf8');\nreturn JSON.parse(raw).QUEUE_SECRET;",
        "config.json",
        "QUEUE_SECRET",
    ),
    "beside tokens of other things": (
        "const c = require('./config.json');\nconst t = request.headers.token;\nverify(t, c.signingSecret);",
        "config.json",
        "signingSecret",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("code", "file", "key"), STYLES.values(), ids=STYLES)
def test_file_that_only_code_names_is_found(code: str, file: str, key: str) -> None:
    """Whatever the style, file and key are those that the code reads."""
    assert guess_secret({"index.js": code.encode()}) == EdgeSecret(file=file, key=key)


OTHERS = {
    "a module of its own": ("const keys = require('./keys');\nkeys.secret", {"keys.js": b""}, None),
    "a file that is there": ("const c = require('./paths.json');\nc.secretPaths", {"paths.json": b"{}"}, None),
    "a variable": ("const K = process.env.ENTRY_SECRET;", {}, EdgeSecret(environment="ENTRY_SECRET")),
}


@pytest.mark.parametrize(("code", "beside", "found"), OTHERS.values(), ids=OTHERS)
def test_other_files_are_not_taken_for_it(code: str, beside: dict[str, bytes], found: EdgeSecret | None) -> None:
    """What is there holds no key of the tests', and a variable is a variable."""
    assert guess_secret({"index.js": code.encode(), **beside}) == found


TEMPLATE = b'{"key": ${jsonencode(key)}, "room": ${jsonencode(room)}, "url": "https://${host}/w", "kept": 3, "of": ["${host}"]}'
TEMPLATES = {
    "all is known": (
        {"host": "a.b", "room": "/w"},
        {"room": "/w", "url": "https://a.b/w", "kept": 3, "of": ["a.b"]},
        "",
    ),
    "a part is": ({"host": None, "room": "/w"}, {"room": "/w", "kept": 3}, "config.json"),
    "nothing is": ({}, {"kept": 3}, "config.json"),
}


@pytest.mark.parametrize(("names", "data", "partial"), TEMPLATES.values(), ids=TEMPLATES)
def test_template_beside_it_is_the_example(names: dict[str, str | None], data: dict[str, object], partial: str) -> None:
    """Terraform's template is read as the JSON that it comes to; what its names stand for is Terraform's to say, and the key is ours."""
    files = {"config.json.tftpl": TEMPLATE}
    given = {"f/config.json.tftpl": names}
    provided = provide(EdgeSecret(file="f/config.json", key="key"), "f", files, given)
    assert json.loads(files["config.json"]) == {**data, "key": SECRET}
    assert provided.partial == partial


@pytest.mark.parametrize("template", [b"%{ if a }{}%{ endif }", b'{"a": ${b.c}}', b"[]", b"\xff"])
def test_template_that_is_not_read_is_no_example(template: bytes) -> None:
    """What is more than names in JSON says nothing."""
    files = {"config.tftpl": template}
    assert provide(EdgeSecret(file="config.json", key="key"), ".", files, {}).partial == "config.json"
    assert json.loads(files["config.json"]) == {"key": SECRET}

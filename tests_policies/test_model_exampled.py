"""Files that an example stands for: which of them hold a secret that somebody reads, and what git makes of them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from plain_platform import plain_platform, subjects

from policies.model.secrets.exampled import ExampledFile

SECRETS = '{\n  "name": "x",\n  "TOKEN_SECRET": "CHANGE_ME"\n}\n'


def found(root: Path, files: dict[str, str], statement: str = "") -> list[ExampledFile]:
    """Give the subjects of a platform in a repository in which everything is added."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    platform = plain_platform(root, "", statement)
    for command in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", "-C", str(root), *command], check=True)
    return subjects(ExampledFile, platform)


@pytest.mark.parametrize(
    "files",
    [
        {"a/config.json.example": SECRETS, "a/keys.js": "module.exports = require('./config.json');\n"},
        {"a/config.json.example": SECRETS, "a/src/keys.js": "\nread('../config.json');\n"},
        {"a/local.properties.example": "db.password=CHANGE_ME\n", "a/build.gradle": "load('local.properties')\n"},
    ],
)
def test_file_that_code_reads_a_secret_from(tmp_path: Path, files: dict[str, str]) -> None:
    """Whatever its format, its example tells that it holds a credential, and code that it is read."""
    (one,) = found(tmp_path, files)
    assert one.ignored is None
    assert one.tracked is False


@pytest.mark.parametrize(
    "files",
    [
        {"a/config.json.example": '{"name": "x", "tokenTtl": 60}', "a/keys.js": "require('./config.json');\n"},
        {"a/config.json.example": SECRETS, "a/keys.js": "// require('./config.json')\nrequire('./my-config.json');\n"},
        {"a/config.json.example": SECRETS, "b/keys.js": "require('./config.json');\n"},
    ],
)
def test_file_that_nobody_reads_a_secret_from(tmp_path: Path, files: dict[str, str]) -> None:
    """An example without credentials, or of a file that nobody reads, stands for no secret."""
    assert not found(tmp_path, files)


def test_file_that_owners_state(tmp_path: Path) -> None:
    """What platform.toml states as the validator's secret is one, whatever code says."""
    files = {"a/config.json.example": "{}", "a/index.js": "", "a/config.json": "{}", ".gitignore": "config.json\n"}
    stated = '[edge]\nhandler = "a/index.js"\n[edge.secret]\nfile = "a/config.json"\nkey = "K"\n'
    (one,) = found(tmp_path, files, stated)
    assert one.ignored is not None
    assert one.tracked is False

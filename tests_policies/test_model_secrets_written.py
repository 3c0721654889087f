"""Credentials that are written in code and in pipelines: which lines hold one."""

from __future__ import annotations

from pathlib import Path

import pytest
from plain_platform import subjects

from policies.model.secrets.code import CodeFile, SettingsFile
from policies.model.secrets.pipeline_secrets import held_in_pipeline
from policies.platform import Platform

HIDDEN = "q8Zr3TnV0yLk5PdX2wCb7MhS9eAf4UjG"


@pytest.mark.parametrize(
    "line",
    [
        f"return [config.QUEUE_ENTRY_TOKEN_SECRET ?? '{HIDDEN}', config.OTHER]",
        f"return [config.QUEUE_ENTRY_TOKEN_SECRET || '{HIDDEN}']",
        f"use(config['TOKEN_SECRET'] ?? \"{HIDDEN}\")",
        f"config.TOKEN_SECRET ??= '{HIDDEN}';",
        f"use(settings.get('TOKEN_SECRET') or '{HIDDEN}')",
        f'use(find("token.secret").orElse("{HIDDEN}"));',
        "connect(options.password ?? 'fahrkarten')",
    ],
)
def test_default_in_code_is_a_literal_secret(line: str) -> None:
    """What a program takes where nothing is set is a secret that everybody has."""
    (found,) = CodeFile.holds("keys.js", line)
    assert found[0] == 1
    assert HIDDEN not in found[1]


@pytest.mark.parametrize(
    "line",
    [
        "return [config.TOKEN_SECRET ?? '']",
        "return [config.TOKEN_SECRET ?? config.OTHER]",
        "fetch(url, { ...init, credentials: init.credentials ?? 'same-origin' })",
        "log(token ?? 'none')",
        "log(claims.token || 'anonymous')",
        "const name = options.cookieToken ?? 'vwr-entry-token';",
        "return names.token_header or 'x-token-2'",
        "fail(config.TOKEN_SECRET || 'no secret is set')",
    ],
)
def test_default_in_code_is_no_secret(line: str) -> None:
    """A word about what is not there is none, nor is the name of a thing."""
    assert not list(CodeFile.holds("keys.js", line))


def test_pipeline_holds_a_password() -> None:
    """A key's name tells, and so does a token's form; what the service fills in is no literal."""
    text = (
        "permissions:\n  id-token: write\njobs:\n  a:\n    secrets: inherit\n    services:\n      db:\n        env: {POSTGRES_PASSWORD: hunter1}\n"
        "    steps:\n      - with:\n          password: ${{ secrets.REGISTRY_PASSWORD }}\n          token: x-${{ github.token }}\n"
        "      - with:\n          password: Tr0ub4dor-and-3-horses\n        env:\n          PGPASSWORD: hunter1\n          API_TOKEN: token-of-tests\n"
        "          DB_PASSWORD: CHANGE_ME\n      - with: {x: ghp_16C7e42F292c6912E7710c838347Ae178B4a}\n"
        "      - with:\n          password: ${{ secrets.REGISTRY_PASSWORD || 'Tr0ub4dor-and-3-horses' }}\n"
    )
    found = list(held_in_pipeline(".github/workflows/release.yaml", text))
    assert [line for line, _ in found] == [14, 19, 21]
    assert not any("Tr0ub4dor" in told or "ghp_" in told for _, told in found)


def test_hidden_pipelines_are_looked_into(tmp_path: Path) -> None:
    """Workflows and actions stand in a hidden folder, as other services' files do."""
    held = "jobs:\n  password: Tr0ub4dor-and-3-horses\n"
    for path in (".github/workflows/a.yaml", ".github/actions/b/action.yml", ".gitlab-ci.yml"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(held)
    found = subjects(SettingsFile, Platform.open(tmp_path))
    assert {one.path for one in found if one.held} == {
        ".github/workflows/a.yaml",
        ".github/actions/b/action.yml",
        ".gitlab-ci.yml",
    }

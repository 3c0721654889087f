"""Files of secrets: placeholders, and what is looked for in files that git tracks."""

from __future__ import annotations

import pytest

from policies.model.secrets.placeholders import is_placeholder
from policies.model.secrets.tracked import _held


@pytest.mark.parametrize(
    "value",
    [
        "", "  ", "''", '""', "CHANGE_ME", "changeme", "change-me-in-production", "ChangeIt", "REPLACE_ME", "replace_with_32_bytes", "<password>",
        "<32 random bytes>", "${DB_PASSWORD}", "your-password", "YOUR_JWT_SECRET", "your password here", "xxx", "XXXXXXXX", "********", "TODO",
        "todo: ask ops", "FIXME", "placeholder", "place_holder", "example", "sample-token", "dummy", "...", "[secret]", "to-be-set", "set-me",
        "generate_me", "fill-in", "insert-token-here", "not-a-real-secret", "secret-goes-here", "'CHANGE_ME'", "postgresql://app:CHANGE_ME@postgres/tickets",
        "postgresql://app:<password>@postgres/tickets", "${DB_PASSWORD:}", "${DB_PASSWORD:-CHANGE_ME}", "${DB_PASSWORD:?set it}",
    ],
)  # fmt: skip
def test_value_is_a_placeholder(value: str) -> None:
    """A value that nobody could take for the real one holds its place."""
    assert is_placeholder(value)


@pytest.mark.parametrize(
    "value",
    [
        "admin", "password", "secret", "hunter2", "Tr0ub4dor&3", "0f47c5e1a9b2", "grafana", "dev", "123456", "AKIAQ3EGRIVENG4XT7PL", "yourls",
        "postgresql://app:hunter2@db.example.com/tickets", "redis://:hunter2@redis:6379", "c2VjcmV0LWZvci1kZXZlbG9wbWVudA==", "local-dev-token",
        "${DB_PASSWORD:fahrkarten}", "${DB_PASSWORD:-hunter2}",
    ],
)  # fmt: skip
def test_value_is_no_placeholder(value: str) -> None:
    """A value that works somewhere is a secret that everybody has."""
    assert not is_placeholder(value)


@pytest.mark.parametrize(
    ("path", "content", "lines"),
    [
        ("config.env", "A=1\nDB_PASSWORD=hunter2\n", [2]),
        (
            "config.env",
            "# DB_PASSWORD=hunter2\nDB_PASSWORD=\nDB_PASSWORD=${X}\nexport TOKEN=CHANGE_ME\nTOKEN_TTL=3600\n",
            [],
        ),
        ("config.env", "export DB_PASSWORD='hunter2'\n", [1]),
        ("application.properties", "spring.datasource.password = hunter2\nserver.port=8080\n", [1]),
        ("application.properties", "spring.datasource.password=${DB_PASSWORD:hunter2}\n", [1]),
        ("server.key", "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n", [1]),
        ("ca.pem", "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----\n", []),
        ("id_ed25519", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n", [1]),
        (".npmrc", "registry=https://npm.shop.internal/\n//npm.shop.internal/:_authToken=npm_0123456789\n", [2]),
        (".npmrc", "//npm.shop.internal/:_authToken=${NPM_TOKEN}\n", []),
        (".netrc", "machine git.ticketing.internal login ci password hunter2\n", [1]),
        (".pgpass", "postgres:5432:tickets:app:hunter2\n", [1]),
        (".dockerconfigjson", '{\n"auths": {"registry.ticketing.internal": {\n"auth": "dXNlcjpodW50ZXIy"\n}}}\n', [3]),
        (
            "credentials",
            "[default]\naws_access_key_id = AKIAQ3EGRIVENG4XT7PL\naws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCYzzzz\n",
            [2, 3],
        ),
        (
            "kubeconfig",
            "users:\n- name: me\n  user:\n    client-key-data: LS0tLS1CRUdJTg==\n    token: abcdefgh\n",
            [4, 5],
        ),
        ("prod.tfvars", 'db_password = "hunter2"\ntoken_ttl = 3600\n', [1]),
        ("terraform.tfstate", '  "password": "hunter2",\n  "password_length": "16",\n', [1]),
        ("terraform.tfstate", '{"version": 4, "outputs": {}, "resources": [{"type": "random_password"}]}', [1]),
        ("terraform.tfstate.backup", '{"version": 4, "outputs": {"x": {"value": 1}}, "resources": []}', [1]),
        ("a/terraform.tfstate.1767225600.backup", '{"version": 3, "modules": [{"resources": {"a": {}}}]}', [1]),
        ("terraform.tfstate", '{"version": 4, "outputs": {}, "resources": []}', []),
        ("terraform.tfstate", '{"serial": 1, "encrypted_data": "x", "encryption_version": "v0"}', []),
        ("terraform.tfstate", '{"resources": "ENC[x]", "sops": {"version": "3"}}', []),
        ("prod.tfplan", "PK\3\4\0\0", [1]),
        ("tfplan", "PK\3\4\0\0", [1]),
        ("tfplan", "\0GITCRYPT\0", []),
        ("secrets.yaml", "password: hunter2\n", [1]),
        (
            "secret.yaml",
            "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nspec:\n  data:\n    - secretKey: DB_PASSWORD\n",
            [],
        ),
        ("secret.yaml", "apiVersion: v1\nkind: Secret\nstringData:\n  key: AKIAQ3EGRIVENG4XT7PL\n", [4]),
        (".env", "ghp_16C7e42F292c6912E7710c838347Ae178B4a\n", [1]),
        ("server.jks", "anything", [1]),
        ("config.env", "binary\0DB_PASSWORD=hunter2\n", []),
    ],
)
def test_lines_that_hold_a_secret(path: str, content: str, lines: list[int]) -> None:
    """In files that are named as secrets are, each line that holds one is found, and what is said of it holds none."""
    found = list(_held(path, content.encode(), is_example=False))
    assert [line for line, _ in found] == lines
    for _, told in found:
        assert not any(
            secret in told
            for secret in ("hunter2", "ghp_16", "AKIAQ3", "npm_01", "MIIE", "dXNlcj", "LS0tLS1", "abcdefgh", "wJalr")
        )


def test_example_is_judged_by_form_alone() -> None:
    """The values of an example are judged one by one elsewhere; a key that was pasted into it is still seen."""
    content = b"DB_PASSWORD=hunter2\n-----BEGIN PRIVATE KEY-----\nMIIE\n"
    assert [line for line, _ in _held("secrets.env.example", content, is_example=True)] == [2]

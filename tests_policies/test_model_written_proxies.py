"""Proxies that a module has and that nothing switches on."""

from __future__ import annotations

from pathlib import Path

import pytest
from judged_terraform import block, told, verdicts

_PASSED, _FAILED, _OPEN = "passed", "failed", "not judged"
_SWITCH = 'variable "on" {\n default = false\n}\nvariable "tls" {}\n'
_AUTH = 'auth {\nauth_scheme = "SECRETS"\nsecret_arn = "arn:aws:secretsmanager:eu-west-1:482915630718:secret:a"\n}'


@pytest.mark.parametrize(
    ("tls", "outcome"),
    [
        ("require_tls = false", _FAILED),
        ("require_tls = true", _PASSED),
        ("", _FAILED),
        ("require_tls = var.tls", _OPEN),
    ],
)
@pytest.mark.parametrize("switch", ["count = var.on ? 1 : 0", "for_each = var.on ? toset(['a']) : toset([])"])
def test_proxy_that_is_off(tmp_path: Path, tls: str, outcome: str, switch: str) -> None:
    """What is written of it is what it will be; of its clients nothing is known until it is there."""
    text = _SWITCH + block("aws_db_proxy", f"{switch}\n{tls}\n{_AUTH}".replace("'", '"'))
    assert told(tmp_path, text, "RDS-01b", "RDS-01c") == {"RDS-01b": [outcome], "RDS-01c": [_OPEN]}
    found = verdicts(tmp_path, text, "RDS-01b", "RDS-01c")
    assert all("aws_db_proxy.it" in (one.message or "") for one in found if one.outcome.value == _OPEN)


def test_proxy_of_a_module_that_is_taken(tmp_path: Path) -> None:
    """In a root that switches it on, it is one proxy; in one that does not, it is what the module writes."""
    module = _SWITCH + block("aws_db_proxy", f"count = var.on ? 1 : 0\nrequire_tls = false\n{_AUTH}")
    for on in ("true", "false"):
        files = {"main.tf": f'module "db" {{\n source = "./db"\n on = {on}\n tls = 1\n}}\n', "db/main.tf": module}
        assert told(tmp_path, files, "RDS-01b") == {"RDS-01b": [_FAILED]}


def test_no_proxy(tmp_path: Path) -> None:
    """Where none is written there is none."""
    assert told(tmp_path, block("aws_db_instance", 'engine = "postgres"'), "RDS-01b") == {"RDS-01b": [_OPEN]}

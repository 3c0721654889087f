"""Shell scripts that are followed: assignments, loops over plain lists, and what is not known of them."""

from __future__ import annotations

import time

import pytest

from policies.model.configuration.shell_runs import followed, given_in


def last(script: str, **known: str) -> dict[str, str]:
    """Give the variables at a script's last command."""
    found = followed(f"{script}\nend", known)
    return found[-1][1] if found else {}


@pytest.mark.parametrize(
    ("script", "value"),
    [
        ("x=1", "1"),
        ("x=a y=b", "a"),
        ("export x='a b'", "a b"),
        ("a=1; x=\"$a\"'$a'${a}", "1$a1"),
        ("x=${N}", "6"),
        ("x=${M:-7}", "7"),
        ("x=1 # x=2", "1"),
        ("# x=2\nrun \\\n  x=1", "$x"),
        ("for i in 0 1 2; do x=$x$i; done", "012"),
        ("x=; for i in 0 1 2; do x=$x$i; done", "012"),
        ('x=; for i in 0 1\ndo\n  for j in a b; do x="$x $i$j"; done\ndone', " 0a 0b 1a 1b"),
        ("x=; for i in $(seq 3); do x=$x$i; done", "123"),
        ("x=; for i in `seq 0 2`; do x=$x$i; done", "012"),
        ("x=; for i in {4..6}; do x=$x$i; done", "456"),
        ("l='a b'; x=; for i in $l; do x=$x$i; done", "ab"),
        ("x=0; while x=$((x + 1)); do y=1; done", "$x"),
        ("x=0; if a; then x=1; fi", "$x"),
        ("x=0; a && x=1", "$x"),
        ("x=0; read x", "$x"),
        ("x=0; f() { x=1; }; f", "$x"),
        ("x=$(run 'a;b')", "$x"),
        ("x=0; x=1 run", "$x"),
        ("x=; for i in $(names); do x=$x$i; done", "$x"),
        ("x=; for i in *.txt; do x=$x$i; done", "$x"),
        ("x=; for i in 0 1; do x=$x$i; a && break; done", "$x"),
        ("x=1; if a; then x=${x:-2}; fi; x=${x:-3}", "$x"),
    ],
)
def test_variable(script: str, value: str | None) -> None:
    """What is plain has its value; what is not has its own reference, for which no default stands."""
    assert last(script, N="6").get("x") == value


@pytest.mark.parametrize("script", ["cat <<END\nx=1\nEND", "for i in 1; do", "if a; then x=1", "f() { x=1"])
def test_script_that_is_not_followed(script: str) -> None:
    """Texts of their own, and blocks without an end."""
    assert followed(script, {}) == ()


@pytest.mark.parametrize(
    "script",
    [
        "x=a\n" + "for i in {0..99999}; do for j in {0..99999}; do x=$x$x; done; done",
        "x=aa\n" + "x=$x$x\n" * 500,
        "if a; then\n" * 300 + "fi\n" * 300,
        "$(" * 4000,
        "for i in {0..999999999}; do :; done",
        "for i in 1 2; for j in 1 2; x=1; done; done",
    ],
)
def test_script_that_would_run_for_ever(script: str) -> None:
    """It is left at that."""
    start = time.monotonic()
    followed(script, {})
    assert time.monotonic() - start < 2


def test_what_a_script_gives() -> None:
    """Assigned, counted, read."""
    assert given_in("a=1; for b in x; do read -r c d; done\n# e=1\nrun --f=1 g+=2") == {"a", "b", "c", "d", "g"}

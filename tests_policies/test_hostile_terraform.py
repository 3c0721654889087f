"""Terraform that an attacker, or a bad day, sends: each an error with file and line or a value that is not known, in bounded time and memory."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from policies.errors import ToolError
from policies.platform import Platform
from policies.read import terraform_evaluate
from policies.read.terraform import Root, Unknown

OK = 'resource "aws_x" "ok" {\n  a = 1\n}\n'
CHILD = Path(terraform_evaluate.__file__).with_name("terraform_child.py")


def evaluate(root: Path, files: dict[str, str | bytes]) -> tuple[Root, ...]:
    """Write files below a directory, and evaluate its roots."""
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return Platform.open(root).terraform.roots


def errors(roots: tuple[Root, ...]) -> list[str]:
    """Give the errors of roots, each with its file and line."""
    assert all(error.line is not None for root in roots for error in root.errors)
    return [str(error) for root in roots for error in root.errors]


def is_ok(roots: tuple[Root, ...]) -> bool:
    """Whether what stands beside the defect is judged."""
    return any((block := root.find("aws_x.ok")) is not None and block.get("a") == 1 for root in roots)


# Files that are not HCL


BROKEN: dict[str, tuple[str | bytes, int, str]] = {
    "heredoc": ('resource "aws_x" "y" {\n  a = <<EOT\nnever\n', 2, "the heredoc EOT does not end"),
    "string": ('resource "aws_x" "y" {\n  a = "never\n}\n', 2, "a string does not end"),
    "interpolation": ('locals {\n  a = "${f(1"\n}\n', 2, "does not end"),
    "block": ('resource "aws_x" "y" {\n', 1, "the block resource that begins here does not end"),
    "bracket": ("locals {\n  a = [1\n}\n", 3, "closes nothing that is open"),
    "no block": ('resource "aws_x" "y"\n  a = 1\n}\n', 1, "is neither a block nor an attribute"),
    "nul": ('locals {\n  a = "\0"\n}\n', 2, "NUL"),
    "not UTF-8": (b'locals {\n\n  a = "\xff\xfe"\n}\n', 3, "is not UTF-8"),
    "400 blocks": ("a {\n" * 600, 501, "nested more than 500 deep"),
    "many lists": ("locals {\n  a = " + "[" * 50_000 + "]" * 50_000 + "\n}\n", 2, "nested more than 500 deep"),
    "deep templates": ("locals {\n  a = " + '"${' * 5000 + "1" + '}"' * 5000 + "\n}\n", 2, "nested more than 500 deep"),
    "expression": ('resource "aws_x" "y" {\n  a = 1 +\n}\n', 3, "is not HCL"),
    "argument": ('resource "aws_x" "y" {\n  a = f(1 2)\n}\n', 2, "is not HCL"),
}


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Root]:
    """Every case twice: in a root, and in a module that a root takes in."""
    module = 'module "inner" {\n  source = "./inner"\n}\n'
    files: dict[str, str | bytes] = {}
    for number, (content, _, _) in enumerate(BROKEN.values()):
        for kind, folder in (("root", ""), ("module", "inner/")):
            at = f"{kind}-{number}"
            files |= {f"{at}/main.tf": OK + module, f"{at}/inner/other.tf": OK, f"{at}/{folder}broken.tf": content}
    return {root.folder: root for root in evaluate(tmp_path_factory.mktemp("broken"), files)}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize(("kind", "folder"), [("root", ""), ("module", "inner/")])
def test_broken_file_is_an_error_and_the_rest_is_judged(
    broken: dict[str, Root], name: str, kind: str, folder: str
) -> None:
    """Of a root or of a module: the file and the line are named, what stands in other files is judged."""
    _, line, problem = BROKEN[name]
    at = f"{kind}-{list(BROKEN).index(name)}"
    (told,) = errors((broken[at],))
    assert told.startswith(f"{at}/{folder}broken.tf:{line}: "), told
    assert problem in told
    assert is_ok((broken[at],))
    assert broken[at].find("module.inner.aws_x.ok") is not None


@pytest.mark.parametrize("name", ["main.tf.json", "main_override.tf", "override.tf", "main.tofu"])
def test_forms_that_are_not_read_are_told(tmp_path: Path, name: str) -> None:
    """JSON, overriding files and OpenTofu's own are not evaluated: what they say may change everything."""
    platform = Platform.open(tmp_path)
    (tmp_path / "main.tf").write_text(OK)
    (tmp_path / name).write_text("{}" if name.endswith("json") else OK)
    assert [error.file for error in platform.configuration.unreadable] == [name]
    assert [error.file for error in platform.terraform.roots[0].errors] == [name]


def test_byte_order_mark_and_line_ends_of_windows(tmp_path: Path) -> None:
    """Both are read, and the lines are right."""
    (root,) = evaluate(tmp_path, {"main.tf": b"\xef\xbb\xbf" + OK.replace("\n", "\r\n").encode()})
    block = root.find("aws_x.ok")
    assert block is not None
    assert (block.get("a"), block.line, block.locate("a").line, block.last_line) == (1, 1, 2, 3)
    assert root.errors == ()


def test_400_nested_lists_are_a_value(tmp_path: Path) -> None:
    """As deep as adversary.md says: read, and its references too."""
    text = (
        'resource "aws_x" "ok" {\n  a = 1\n  b = '
        + "[" * 400
        + "aws_x.other.arn"
        + "]" * 400
        + '\n}\nresource "aws_x" "other" {}\n'
    )
    roots = evaluate(tmp_path, {"main.tf": text})
    assert errors(roots) == []
    assert is_ok(roots)
    assert roots[0].resources()[0].locate("b", *[0] * 400).line == 3
    (tmp_path / "main.tf").write_text(
        text
        + "locals {\n  a = "
        + "[" * 400
        + "aws_x.ok.b"
        + "]" * 400
        + '\n}\nresource "aws_x" "z" {\n  b = local.a\n}\n'
    )
    deeper = Platform.open(tmp_path).terraform.roots[0]
    assert is_ok((deeper,)) or deeper.errors


def test_broken_file_of_values(tmp_path: Path) -> None:
    """Its variables have no value then, and the file is named."""
    files: dict[str, str | bytes] = {"main.tf": 'variable "a" {}\nresource "aws_x" "y" {\n  a = var.a\n}\n' + OK}
    (root,) = evaluate(tmp_path, {**files, "terraform.tfvars": "a = \n", "x.auto.tfvars.json": "{\n\n]"})
    assert [str(error).split(": ")[0] for error in root.errors] == ["terraform.tfvars:1", "x.auto.tfvars.json:3"]
    assert root.unset == ("a",)
    assert is_ok((root,))


# What would not end


def test_modules_that_take_each_other_in(tmp_path: Path) -> None:
    """A cycle is told once, with the call, and cut."""
    files: dict[str, str | bytes] = {
        "main.tf": OK + 'module "a" {\n  source = "./a"\n}\n',
        "a/main.tf": 'module "b" {\n  source = "../b"\n}\n',
        "b/main.tf": 'module "a" {\n  source = "../a"\n}\nresource "aws_x" "y" {\n  a = module.a.x\n}\n',
    }
    roots = evaluate(tmp_path, files)
    assert errors(roots) == ["b/main.tf:1: the module a takes a in, which takes it in itself"]
    assert is_ok(roots)
    block = roots[0].find("module.a.module.b.aws_x.y")
    assert block is not None
    assert isinstance(block.get("a"), Unknown)


@pytest.mark.parametrize("source", [".", "./", "../self"])
def test_module_that_takes_itself_in(tmp_path: Path, source: str) -> None:
    """It is a root all the same, and the call is named."""
    roots = evaluate(tmp_path, {"self/main.tf": OK + f'module "me" {{\n  source = "{source}"\n}}\n'})
    assert errors(roots) == ["self/main.tf:4: the module me takes self in, which takes it in itself"]
    assert is_ok(roots)


def test_modules_that_double(tmp_path: Path) -> None:
    """Twenty modules that each call the next twice come to a million: they are cut."""
    files: dict[str, str | bytes] = {
        f"m{number}/main.tf": "".join(f'module "{name}" {{\n  source = "../m{number + 1}"\n}}\n' for name in "ab")
        for number in range(20)
    }
    started = time.monotonic()
    roots = evaluate(tmp_path, {**files, "m20/main.tf": OK})
    assert "comes to more than 1000 module calls" in errors(roots)[0]
    assert time.monotonic() - started < 60


ENDLESS = {
    "count": 'resource "aws_x" "y" {\n  count = 1000000\n}\n',
    "for_each": 'locals {\n  r = range(1000)\n}\nresource "aws_x" "y" {\n  for_each = toset([for x in setproduct(local.r, local.r) : "${x[0]}-${x[1]}"])\n}\n',
    "list bomb": "locals {\n  a0 = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n"
    + "".join(f"  a{n + 1} = [{', '.join([f'local.a{n}'] * 10)}]\n" for n in range(9))
    + "}\n",
    "string bomb": 'locals {\n  a0 = "xxxxxxxxxx"\n'
    + "".join(f'  a{n + 1} = "{"".join([f"${{local.a{n}}}"] * 10)}"\n' for n in range(9))
    + "}\n",
}


@pytest.mark.parametrize("name", ENDLESS)
def test_what_would_not_end_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A million instances, a bomb of lists: the root is an error, and the other roots are judged."""
    monkeypatch.setattr(terraform_evaluate, "SECONDS", 4)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    started = time.monotonic()
    roots = evaluate(tmp_path, {"a/main.tf": OK, "bomb/main.tf": ENDLESS[name], "z/main.tf": OK})
    assert time.monotonic() - started < 60
    (told,) = errors(roots)
    assert told.startswith("bomb/main.tf:1: it ")
    assert [root.folder for root in roots if root.find("aws_x.ok") is not None] == ["a", "z"]
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 3 * 1024 * 1024


def test_a_megabyte_in_one_expression(tmp_path: Path) -> None:
    """A policy of a megabyte is slow, and read."""
    text = (
        'resource "aws_x" "ok" {\n  a = 1\n  b = "'
        + "x" * 1_000_000
        + '"\n  c = ['
        + '"y", ' * 30_000
        + "aws_x.ok.arn]\n}\n"
    )
    started = time.monotonic()
    roots = evaluate(tmp_path, {"main.tf": text})
    assert is_ok(roots)
    assert len(roots[0].resources()[0].get("b")) == 1_000_000
    assert len(roots[0].resources()[0].get("c")) == 30_001
    assert time.monotonic() - started < 60


def test_values_that_come_from_themselves(tmp_path: Path) -> None:
    """A cycle of locals, of resources, and a chain of a thousand: no value, no hang."""
    chain = "".join(f"  c{number + 1} = local.c{number}\n" for number in range(300))
    text = (
        "locals {\n  a = local.b\n  b = local.a\n  c0 = 1\n" + chain + "}\n" + OK
        + 'resource "aws_x" "y" {\n  a = local.a\n  b = aws_x.z.b\n  c = local.c300\n}\nresource "aws_x" "z" {\n  b = aws_x.y.b\n}\n'
    )  # fmt: skip
    roots = evaluate(tmp_path, {"main.tf": text})
    assert is_ok(roots)
    block = roots[0].find("aws_x.y")
    assert block is not None
    assert isinstance(block.get("a"), Unknown)
    assert isinstance(block.get("b"), Unknown)
    assert block.get("c") == 1 or isinstance(block.get("c"), Unknown)


def test_dynamic_block_over_no_collection(tmp_path: Path) -> None:
    """It kills tfparse; in the copy it cannot."""
    text = OK + 'resource "aws_x" "y" {\n  dynamic "b" {\n    for_each = "text"\n    content {}\n  }\n}\n'
    roots = evaluate(tmp_path, {"main.tf": text})
    assert is_ok(roots)
    assert errors(roots) == []
    assert roots[0].resources()[-1].blocks("b")[0].unknown is not None


def test_block_that_tfparse_dies_of_takes_no_other_with_it(tmp_path: Path) -> None:
    """A null among strings kills it: the block is an error with its line and may be there, the rest is judged."""
    dying = 'resource "aws_x" "dies{0}" {{\n  a = toset(["a", null])\n}}\n'
    more = "".join(f'resource "aws_x" "more{number}" {{\n  a = {number}\n}}\n' for number in range(12))
    files: dict[str, str | bytes] = {
        "main.tf": 'resource "aws_lb" "lb" {}\nlocals {\n  b = aws_lb.lb.dns_name\n}\n' + dying.format(1) + more + 'module "m" {\n  source = "./m"\n}\n' + OK,
        "m/main.tf": more + OK + dying.format(2),
    }  # fmt: skip
    roots = evaluate(tmp_path, files)
    assert is_ok(roots)
    told = errors(roots)
    assert sorted(one.partition(": ")[0] for one in told) == ["m/main.tf:40", "main.tf:5"], told
    assert sorted(block.address for block in roots[0].uncertain) == ["aws_x.dies1", "module.m.aws_x.dies2"]
    assert len(roots[0].resources("aws_x")) == 2 * 13 + 2


def test_tfparse_that_dies_takes_one_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever ends the process, the roots before and after it are judged."""
    child = tmp_path / "child.py"
    child.write_text(
        CHILD.read_text().replace(
            "signal.setitimer(", 'if job["folder"] == "b":\n            os.abort()\n        signal.setitimer('
        )
    )
    monkeypatch.setattr(terraform_evaluate, "_CHILD", child)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    roots = evaluate(tmp_path / "platform", {f"{name}/main.tf": OK for name in "abc"})
    assert [len(root.resources()) for root in roots] == [1, 0, 1]
    assert "tfparse ended without an answer" in errors(roots)[0]


def test_tfparse_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an error of the machine, not of the platform."""
    child = tmp_path / "child.py"
    child.write_text(CHILD.read_text().replace("from tfparse import", "from tfparse_that_is_gone import"))
    monkeypatch.setattr(terraform_evaluate, "_CHILD", child)
    with pytest.raises(ToolError, match="tfparse"):
        evaluate(tmp_path / "platform", {"main.tf": OK})


# What lies outside


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A platform's directory beside a secret."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.txt").write_text("the-secret")
    (tmp_path / "outside" / "main.tf").write_text('output "o" {\n  value = "the-secret"\n}\n')
    (tmp_path / "platform").mkdir()
    return tmp_path / "platform"


OUTSIDE = (
    'fileset("/", "etc/host*")',
    'file("{outside}/secret.txt")', 'file("../outside/secret.txt")', 'file("${{path.module}}/../outside/secret.txt")',
    'filebase64("../outside/secret.txt")', 'templatefile("../outside/secret.txt", {{}})', 'fileset("{outside}", "*")',
    'fileset("../outside", "*")', 'file("link.txt")', 'file("links/secret.txt")', 'filesha256("{outside}/secret.txt")',
    'fileexists("{outside}/secret.txt")',
)  # fmt: skip
COMPUTED = (
    'file(join("/", ["..", "outside", "secret.txt"]))', 'file(local.path)', 'file("${{local.up}}/outside/secret.txt")',
    'fileset(local.up, "outside/*")', 'file(format("%s", "{outside}/secret.txt"))', 'fileset(path.module, "../outside/*")',
    'fileset(path.module, "links/*")',
)  # fmt: skip


def test_nothing_outside_is_read(secret: Path) -> None:
    """By an absolute path, by `..`, by links, by a path that is computed: what lies outside is not in any value."""
    (secret / "link.txt").symlink_to(secret.parent / "outside" / "secret.txt")
    (secret / "links").symlink_to(secret.parent / "outside")
    written = [one.format(outside=secret.parent / "outside") for one in (*OUTSIDE, *COMPUTED)]
    text = OK + 'locals {\n  up = ".."\n  path = "../outside/secret.txt"\n'
    first = text.count("\n") + 1
    text += "".join(f"  value{number} = {one}\n" for number, one in enumerate(written)) + "}\n"
    text += "".join(f'output "o{number}" {{\n  value = local.value{number}\n}}\n' for number in range(len(written)))
    roots = evaluate(secret, {"main.tf": text})
    assert is_ok(roots)
    assert "the-secret" not in json.dumps(roots[0].reader.answer.blocks)
    told = errors(roots)
    for number, expression in enumerate(written):
        output = roots[0].find(f"output.o{number}")
        assert output is not None
        value = output.get("value")
        assert isinstance(value, Unknown) or value in ([], False), (expression, value)
        named = [one for one in told if one.startswith(f"main.tf:{first + number}: ") and "leads out" in one]
        assert len(named) == (1 if number < len(OUTSIDE) else 0), (expression, told)


@pytest.mark.parametrize("source", ["../outside", "./link", "../../../../../../../../etc", "./links/../../outside"])
def test_module_outside_is_not_read(secret: Path, source: str) -> None:
    """A module's folder that leads out, by its path or by a link, is an error at the call."""
    (secret / "link").symlink_to(secret.parent / "outside")
    roots = evaluate(
        secret,
        {"main.tf": OK + f'module "out" {{\n  source = "{source}"\n}}\noutput "o" {{\n  value = module.out.o\n}}\n'},
    )
    assert is_ok(roots)
    (told,) = errors(roots)
    assert told.startswith("main.tf:4: the source of the module out")
    output = roots[0].find("output.o")
    assert output is not None
    assert isinstance(output.get("value"), Unknown)


def test_what_is_no_plain_file_is_not_read(tmp_path: Path) -> None:
    """A pipe, a link to nothing, a file that is too large: told, and the rest is judged."""
    os.mkfifo(tmp_path / "pipe.tf")
    (tmp_path / "gone.tf").symlink_to("nothing.tf")
    with (tmp_path / "large.tf").open("wb") as large:
        large.truncate(1024**3)
    roots = evaluate(tmp_path, {"main.tf": OK})
    assert is_ok(roots)
    assert sorted(error.file for error in roots[0].errors) == ["gone.tf", "large.tf", "pipe.tf"]


WAYS = ["any", "landlock"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux shuts a process in by these")
@pytest.mark.parametrize("way", WAYS)
def test_process_is_shut_in(tmp_path: Path, way: str) -> None:
    """Without any check of ours before it: tfparse itself finds nothing but the copy, by either way of shutting it in."""
    outside = tmp_path / "secret.txt"
    outside.write_text("the-secret")
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "link.txt").symlink_to(outside)
    (copy / "inside.txt").write_text("inside")
    paths = ("../secret.txt", "link.txt", str(outside), "inside.txt", "/etc/hostname", "/proc/self/environ")
    lines = "\n".join(f'  a{number} = file("{path}")' for number, path in enumerate(paths))
    (copy / "main.tf").write_text(f'locals {{\n{lines}\n  s = fileset("..", "*")\n}}\n')
    job = json.dumps({"folder": ".", "variables": [], "workspace": "w"})
    done = subprocess.run(
        [sys.executable, "-I", str(CHILD), str(copy), "20", way],
        input=job.encode(),
        env={},
        capture_output=True,
        check=True,
    )
    if b"refused" in done.stdout:
        pytest.skip(done.stdout.decode())
    values = json.loads(done.stdout)["blocks"]["locals"][0]
    assert values["a3"] == "inside"
    assert [values[f"a{number}"] for number in (0, 1, 2, 4, 5)] == [None] * 5
    assert "secret" not in str(values["s"])


def test_nothing_is_fetched(tmp_path: Path) -> None:
    """A module of a registry, of git, of an address: reported as not here, its values not known."""
    sources = (
        "terraform-aws-modules/vpc/aws",
        "git::https://example.invalid/x.git",
        "https://example.invalid/x.zip",
        "github.com/x/y",
        "s3::https://x/y.zip",
    )
    text = OK + "".join(
        f'module "m{number}" {{\n  source = "{source}"\n}}\noutput "o{number}" {{\n  value = module.m{number}.x\n}}\n'
        for number, source in enumerate(sources)
    )
    started = time.monotonic()
    roots = evaluate(tmp_path, {"main.tf": text})
    assert is_ok(roots)
    assert [str(call) for call in roots[0].remote] == [f"module.m{number}" for number in range(len(sources))]
    assert all(isinstance(output.get("value"), Unknown) for output in roots[0].outputs)
    assert time.monotonic() - started < 20


def test_nothing_runs(tmp_path: Path) -> None:
    """`external`, `http` and provisioners are blocks like others: nothing of them runs."""
    mark = tmp_path / "mark"
    text = f"""
data "external" "x" {{
  program = ["touch", "{mark}"]
}}
data "http" "x" {{
  url = "https://example.invalid/"
}}
resource "null_resource" "x" {{
  provisioner "local-exec" {{
    command = "touch {mark}"
  }}
}}
output "o" {{
  value = "${{data.external.x.result.a}}${{data.http.x.response_body}}"
}}
{OK}"""
    roots = evaluate(tmp_path / "platform", {"main.tf": text})
    assert is_ok(roots)
    assert not mark.exists()
    output = roots[0].find("output.o")
    assert output is not None
    assert isinstance(output.get("value"), Unknown)


def test_files_of_the_platform_do_not_come_into_the_process(tmp_path: Path) -> None:
    """A `tfparse.py` or a `sitecustomize.py` of the platform is not imported."""
    mark = tmp_path / "mark"
    program = f"open({str(mark)!r}, 'w').close()\n"
    names = ("tfparse.py", "sitecustomize.py", "usercustomize.py", "json.py", "x.pth")
    roots = evaluate(tmp_path / "platform", {"main.tf": OK, **dict.fromkeys(names, program)})
    assert is_ok(roots)
    assert not mark.exists()


def test_stand_ins_written_by_the_platform(tmp_path: Path) -> None:
    """Who writes our marks, or an identity, into a file gains nothing but a value that is not known."""
    text = (
        OK
        + 'resource "aws_x" "y" {\n  a = "⟦|aws_x.ok|arn⟧"\n  b = "⟦"\n  turnstile_probe_1 = 1\n  c = "00000000-0000-4000-8000-000000000000"\n}\n'
    )
    roots = evaluate(tmp_path, {"main.tf": text, "turnstile-stand-ins.tf": OK.replace("ok", "other")})
    assert is_ok(roots)
    block = roots[0].find("aws_x.y")
    assert block is not None
    assert isinstance(block.get("b"), Unknown)
    assert block.get("c") == "00000000-0000-4000-8000-000000000000"
    assert any("turnstile-stand-ins.tf" in told for told in errors(roots))

"""Files that must not be read, run or fetched: links, pipes, devices, floods, other people's files, and every way in which kustomize reaches out."""

from __future__ import annotations

import http.server
import json
import os
import stat
import threading
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from policies.discovery import find_kustomizations
from policies.errors import MissingSourceError, OutsidePlatformError, SourceError
from policies.read import collecting, kustomize_attempt
from policies.read.collecting import collect
from policies.read.kustomization import DefectKind, Sources
from policies.read.kustomize import Build, build
from policies.read.manifests import sweep
from policies.read.provenance import rendered_documents
from policies.read.tree import Tree

GOOD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: good}\ndata: {a: b}\n"
STOLEN = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: stolen}\ndata: {a: the-secret}\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A platform of one overlay with one good manifest, and a secret outside of it."""
    platform = tmp_path / "platform"
    write(platform / "app" / "good.yaml", GOOD)
    write(tmp_path / "outside.yaml", STOLEN)
    write(tmp_path / "outside.env", "A=the-secret\n")
    write(tmp_path / "outside" / "kustomization.yaml", "resources: [stolen.yaml]\n")
    write(tmp_path / "outside" / "stolen.yaml", STOLEN)
    return platform


def write(file: Path, text: str | bytes) -> Path:
    """Write a file, and the folders that it stands in."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def overlay(root: Path, **fields: Any) -> tuple[Sources, Build]:
    """Write the overlay's kustomization, collect it and build it."""
    write(root / "app" / "kustomization.yaml", json.dumps({"resources": ["good.yaml"], **fields}))
    sources = collect(Tree(root), "app")
    return sources, build(sources)


def built(sources: Sources, made: Build) -> list[str]:
    """The names of what was rendered."""
    assert made.output is not None, made.defects
    return sorted(document.name for document in rendered_documents(sources, made.output))


# Links and ways out

WAYS_OUT: dict[str, dict[str, Any]] = {
    "a manifest above": {"resources": ["good.yaml", "../../outside.yaml"]},
    "a folder above": {"resources": ["good.yaml", "../../outside"]},
    "an absolute path": {"resources": ["good.yaml", "/etc/hostname"]},
    "a link to a manifest": {"resources": ["good.yaml", "link.yaml"]},
    "a link to a folder": {"resources": ["good.yaml", "link"]},
    "a manifest behind a link": {"resources": ["good.yaml", "link/stolen.yaml"]},
    "a patch": {"patches": [{"path": "link.yaml"}]},
    "a patch of old": {"patchesStrategicMerge": ["link.yaml"]},
    "an environment file": {"configMapGenerator": [{"name": "x", "envs": ["link.env"]}]},
    "a file of a generator": {"configMapGenerator": [{"name": "x", "files": ["key=link.env"]}]},
    "a file of secrets": {"secretGenerator": [{"name": "x", "envs": ["link/../../../outside.env"]}]},
    "a component": {"components": ["link"]},
    "a schema": {"openapi": {"path": "link.yaml"}},
    "out and in again": {"resources": ["good.yaml", "../../platform/app/good.yaml"]},
    "a file of secrets, out and in again": {"secretGenerator": [{"name": "x", "envs": ["../../platform/app/s.env"]}]},
    "a device": {"resources": ["good.yaml", "zero.yaml"]},
    "a transformer's file": {"transformers": ["t.yaml"]},
}


@pytest.mark.parametrize("way", WAYS_OUT)
def test_nothing_outside_the_platform_is_read(root: Path, tmp_path: Path, way: str) -> None:
    """What leads out is named with its line, is not read, and does not keep the rest from being built."""
    for name, target in {"link.yaml": "outside.yaml", "link.env": "outside.env", "link": "outside"}.items():
        (root / "app" / name).symlink_to(tmp_path / target)
    (root / "app" / "zero.yaml").symlink_to("/dev/zero")
    write(
        root / "app" / "t.yaml", "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: t}\npath: link.yaml\n"
    )
    before = sorted(path for path in tmp_path.rglob("*") if path.name != "kustomization.yaml")
    sources, made = overlay(root, **WAYS_OUT[way])
    assert "good" in built(sources, made)
    assert "the-secret" not in f"{made}{sources.contents}{sources.environments}"
    (defect,) = made.defects
    assert (defect.kind, defect.file, defect.line) == (DefectKind.UNREADABLE, "app/kustomization.yaml", 1)
    assert "leads out of the platform" in defect.text
    assert sorted(path for path in tmp_path.rglob("*") if path.name != "kustomization.yaml") == before


def test_links_within_the_platform_are_followed(root: Path) -> None:
    """A link to another file of the platform is a common way to share one; the file's own name stands in the evidence."""
    write(root / "shared" / "more.yaml", GOOD.replace("good", "more"))
    write(root / "shared" / "part" / "kustomization.yaml", "resources: [part.yaml]\n")
    write(root / "shared" / "part" / "part.yaml", GOOD.replace("good", "part"))
    write(root / "shared" / "c.env", "A=1\n")
    (root / "app" / "more.yaml").symlink_to("../shared/more.yaml")
    (root / "app" / "folder").symlink_to("../shared")
    (root / "app" / "c.env").symlink_to("../shared/c.env")
    (root / "app" / "s.env").symlink_to("../shared/c.env")
    generator = {"name": "x", "envs": ["c.env"], "options": {"disableNameSuffixHash": True}}
    sources, made = overlay(root, resources=["folder/part", "good.yaml", "more.yaml"], configMapGenerator=[generator])
    # kustomize itself takes a manifest only from the kustomization's own folder, whatever the link is called.
    assert made.output is not None
    assert {"good", "part"} <= set(built(sources, made))
    by_name = {document.name: document for document in rendered_documents(sources, made.output)}
    assert str(by_name["part"].origin.locate(("data", "a"))) == "shared/part/part.yaml:4"


def test_a_link_in_a_circle_is_an_error_of_that_entry(root: Path) -> None:
    """A link to itself names no file."""
    (root / "app" / "a.yaml").symlink_to("b.yaml")
    (root / "app" / "b.yaml").symlink_to("a.yaml")
    (root / "ring").symlink_to("ring")
    sources, made = overlay(root, resources=["good.yaml", "a.yaml", "../ring"])
    assert built(sources, made) == ["good"]
    assert [defect.kind for defect in made.defects] == [DefectKind.UNREADABLE, DefectKind.UNREADABLE]
    with pytest.raises(SourceError):
        Tree(root).read("app/a.yaml")
    assert sweep(Tree(root), ()).unreadable


def test_dangling_link_is_missing(root: Path) -> None:
    """A link to nothing is as good as no file."""
    (root / "app" / "a.yaml").symlink_to("nothing.yaml")
    with pytest.raises(MissingSourceError):
        Tree(root).read("app/a.yaml")
    sources, made = overlay(root, resources=["good.yaml", "a.yaml"])
    assert built(sources, made) == ["good"]
    assert "is not there" in made.defects[0].text


@pytest.mark.parametrize(
    "path",
    ["../outside.yaml", "app/../../outside.yaml", "/etc/hostname", "..", "app/../..", "../platform/app/good.yaml"],
)
def test_path_out_of_the_tree_is_refused(root: Path, path: str) -> None:
    """Whoever asks for a path, the tree gives nothing that is not below its root."""
    with pytest.raises(OutsidePlatformError):
        Tree(root).read(path)


# What is no plain file


def test_pipe_does_not_stop_the_run(root: Path) -> None:
    """Opening a pipe that nobody writes to would wait for ever, wherever it is named or found."""
    for name in ("pipe.yaml", "pipe.env", "secret.env.example"):
        os.mkfifo(root / "app" / name)
    write(root / "other" / "x.yaml", GOOD)
    os.mkfifo(root / "other" / "kustomization.yaml")
    sources, made = overlay(
        root, resources=["good.yaml", "pipe.yaml", "../other"], patches=[{"path": "pipe.yaml"}],
        configMapGenerator=[{"name": "x", "envs": ["pipe.env"], "files": ["pipe.env"]}], secretGenerator=[{"name": "y", "envs": ["secret.env"]}],
    )  # fmt: skip
    assert "good" in built(sources, made)
    assert [defect.text.startswith("is not a plain file") for defect in made.defects].count(True) == 4
    found = find_kustomizations(Tree(root))
    assert set(found.kustomizations) == {"app"}
    assert {error.file for error in sweep(Tree(root), ()).unreadable} == {"app/pipe.yaml", "other/kustomization.yaml"}


@pytest.mark.parametrize("name", ["app", "app/folder.yaml"])
def test_directory_is_no_file(root: Path, name: str) -> None:
    """A directory that is called like a file is an error, and no crash."""
    (root / "app" / "folder.yaml").mkdir()
    with pytest.raises(SourceError):
        Tree(root).read(name)
    sources, made = overlay(root, resources=["good.yaml", "folder.yaml"], patches=[{"path": "folder.yaml"}])
    assert built(sources, made) == ["good"]
    assert len(made.defects) == 2


def test_flood_is_refused_by_its_size(root: Path) -> None:
    """A gigabyte, as a manifest, a patch, an environment file or a kustomization, is refused before it is read."""
    for name in ("app/flood.yaml", "app/flood.env", "other/kustomization.yaml", "app/s.env.example"):
        file = write(root / name, "kind: Pod\n")
        os.truncate(file, 1 << 30)
    tracemalloc.start()
    try:
        sources, made = overlay(
            root, resources=["good.yaml", "flood.yaml", "../other"], patches=[{"path": "flood.yaml"}],
            configMapGenerator=[{"name": "x", "envs": ["flood.env"], "files": ["flood.env"]}], secretGenerator=[{"name": "y", "envs": ["s.env"]}],
        )  # fmt: skip
        found, plain = find_kustomizations(Tree(root)), sweep(Tree(root), ())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1024 * 1024
    assert "good" in built(sources, made)
    assert [defect.text for defect in made.defects] == [
        "is larger than 4,194,304 bytes (1,073,741,824) and was not read"
    ] * 6
    assert [error.file for error in found.unreadable] == ["other/kustomization.yaml"]
    assert {error.file for error in plain.unreadable} == {"app/flood.yaml", "other/kustomization.yaml"}


def test_made_up_file_is_cut_off() -> None:
    """A file that says that it is empty can still pour: what it holds is counted, not what it says."""
    tree = Tree(Path("/proc/self"))
    assert os.stat("/proc/self/status").st_size == 0
    with pytest.raises(SourceError, match="larger than 10 bytes"):
        tree.read("status", 10)


def test_large_file_that_is_no_manifest_is_nobodys_error(root: Path) -> None:
    """A lock file of some megabytes is not a manifest that could not be read."""
    write(root / "lock.yaml", "packages:\n" + "  - name: x\n" * 500_000)
    assert sweep(Tree(root), ()).unreadable == []


# Names


def test_odd_names_are_names(root: Path) -> None:
    """Files may be called with line feeds, escapes, markup, in one name in two cases, and with bytes that are no UTF-8."""
    names = [
        b"new\nline.yaml",
        b"\x1b[31mred.yaml",
        b"]]><b>.yaml",
        b"Case.yaml",
        b"case.yaml",
        b"\xff\xfe.yaml",
        "größe.yaml".encode(),
        b" .yaml",
        b"-f.yaml",
        b"#.yaml",
        b"[a].yaml",
    ]
    for index, name in enumerate(names):
        with open(os.path.join(os.fsencode(root / "app"), name), "wb") as stream:
            stream.write(GOOD.replace("good", f"odd{index}").encode())
    readable = [name.decode() for name in names if name != b"\xff\xfe.yaml"]
    sources, made = overlay(root, resources=["good.yaml", *readable])
    assert made.defects == ()
    assert len(built(sources, made)) == len(names)
    plain = sweep(Tree(root), ())
    assert not plain.unreadable
    assert len(plain.folders["app"]) == len(names) + 1


def test_many_files_are_found_and_too_many_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wide directory and a deep one are read; beyond a limit the platform is refused, in one sentence."""
    (root / "wide").mkdir()
    for number in range(3_000):
        (root / "wide" / f"{number}.txt").touch()
    deep = root / "/".join(["deep"] * 500)
    deep.mkdir(parents=True)
    (deep / "end.txt").touch()
    assert len(Tree(root).files) == 3_002
    monkeypatch.setattr("policies.read.tree.MAXIMUM_FILES", 3_000)
    with pytest.raises(SourceError, match="more than 3,000 files"):
        _ = Tree(root).files


def test_other_peoples_files_are_not_searched(root: Path) -> None:
    """Packages bring manifests of their own, and nobody deploys them; a folder called alike is not one of them."""
    for folder in (
        "node_modules/x",
        "app/node_modules/@y/z",
        "venv/lib",
        ".git",
        ".terraform/modules/m",
        "lib/site-packages/k",
        "node_modules_ours",
    ):
        write(root / folder / "kustomization.yaml", "resources: [m.yaml]\n")
        write(root / folder / "m.yaml", GOOD)
    assert set(find_kustomizations(Tree(root)).kustomizations) == {"node_modules_ours"}
    assert [path for path in Tree(root).files if "m.yaml" in path] == ["node_modules_ours/m.yaml"]


def test_template_is_told_from_what_is_broken(root: Path) -> None:
    """A template is not YAML before it is rendered; what is broken without one is an error."""
    write(
        root / "t" / "deployment.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Values.name }}\n{{- if .x }}\n  a: b\n{{- end }}\n",
    )
    write(root / "t" / "broken.yaml", "apiVersion: v1\nkind: Pod\nmetadata: [\n")
    write(root / "chart" / "Chart.yaml", "name: x\n")
    write(root / "chart" / "templates" / "d.yaml", "kind: {{ .Values.kind }}\n")
    plain = sweep(Tree(root), ())
    assert [error.file for error in plain.templates] == ["t/deployment.yaml"]
    assert [(error.file, error.line) for error in plain.unreadable] == [("t/broken.yaml", 3)]
    assert plain.charts == ["chart"]


def test_folder_that_cannot_be_listed_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without permission is not an empty one."""
    write(root / "closed" / "x.yaml", GOOD)
    real = os.scandir

    def refuse(path: str) -> Any:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert [str(error) for error in sweep(Tree(root), ()).unreadable] == ["closed: cannot be listed: Permission denied"]


# What kustomize would fetch or run


@dataclass
class Net:
    """A server on this machine that counts who asks it for what."""

    url: str
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def net() -> Iterator[Net]:
    """A server that answers everything with a manifest."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(GOOD.encode())

        do_HEAD = do_POST = do_CONNECT = do_GET  # noqa: N815 (the server's own names)

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield Net(f"http://127.0.0.1:{server.server_port}", asked)
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Programs that kustomize may call, first on the path, each of which leaves a mark; gives the mark."""
    mark = tmp_path / "mark"
    for name in ("git", "helm", "docker", "sh", "bash", "python3", "node"):
        program = write(tmp_path / "bin" / name, f"#!/bin/sh\necho {name} $@ >> {mark}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    return mark


BUILTIN = "apiVersion: builtin\nmetadata: {name: x}\n"


def remote_fields(url: str) -> dict[str, dict[str, Any]]:
    """Every way in which a kustomization names something elsewhere, by what it is."""
    file = f"{url}/x.yaml"
    return {
        "resource": {"resources": ["good.yaml", file]},
        "resource in capitals": {"resources": ["good.yaml", file.replace("http", "HTTP")]},
        "repository": {"resources": ["good.yaml", f"{url}/org/repository//sub?ref=main"]},
        "repository with .git": {"resources": ["good.yaml", f"{url}/org/repository.git"]},
        "github": {"resources": ["good.yaml", "github.com/org/repository//sub?ref=v1"]},
        "github without ref": {"resources": ["good.yaml", "github.com/org/repository"]},
        "host without scheme": {"resources": ["good.yaml", "example.com/org/repository//sub?ref=v1"]},
        "git over ssh": {"resources": ["good.yaml", "git@127.0.0.1:org/repository.git"]},
        "git prefix": {"resources": ["good.yaml", f"git::{url}/org/repository"]},
        "ssh": {"resources": ["good.yaml", "ssh://git@127.0.0.1:9/org/repository"]},
        "file": {"resources": ["good.yaml", "file:///tmp/repository"]},
        "base": {"bases": [f"{url}/org/repository"]},
        "component": {"components": [f"{url}/org/repository?ref=v1"]},
        "patch": {"patches": [{"path": file}]},
        "patch of old": {"patchesStrategicMerge": [file]},
        "patch by operations": {"patchesJson6902": [{"target": {"version": "v1", "kind": "ConfigMap", "name": "good"}, "path": file}]},
        "replacement": {"replacements": [{"path": file}]},
        "schema": {"openapi": {"path": file}},
        "custom resource": {"crds": [file]},
        "configuration": {"configurations": [file]},
        "generator": {"generators": [file]},
        "transformer": {"transformers": [file]},
        "validator": {"validators": [file]},
        "environment file": {"configMapGenerator": [{"name": "x", "envs": [file]}]},
        "environment file of old": {"configMapGenerator": [{"name": "x", "env": file}]},
        "file of a generator": {"configMapGenerator": [{"name": "x", "files": [file]}]},
        "named file of a generator": {"configMapGenerator": [{"name": "x", "files": [f"key={file}"]}]},
        "secrets": {"secretGenerator": [{"name": "x", "envs": [file]}]},
        "file of secrets": {"secretGenerator": [{"name": "x", "files": [f"key={file}"]}]},
        "inline generator": {"generators": [f"{BUILTIN}kind: ConfigMapGenerator\nname: x\nfiles: [{file}]\n"]},
        "inline generator in JSON": {"generators": [json.dumps({"apiVersion": "builtin", "kind": "ConfigMapGenerator", "envs": [file]})]},
        "inline transformer": {"transformers": [f"{BUILTIN}kind: PatchTransformer\npath: {file}\n"]},
        "inline transformer of old": {"transformers": [f"{BUILTIN}kind: PatchStrategicMergeTransformer\npaths: [{file}]\n"]},
        "inline replacement": {"transformers": [f"{BUILTIN}kind: ReplacementTransformer\nreplacements:\n- path: {file}\n"]},
        "generator in a file": {"generators": ["in-file.yaml"]},
        "transformer in a folder": {"transformers": ["in-folder"]},
        "component's resource": {"components": ["part"]},
        "base's resource": {"resources": ["good.yaml", "base"]},
    }  # fmt: skip


REMOTE = list(remote_fields("x"))
CHART = {"name": "x", "repo": "http://127.0.0.1:9/", "releaseName": "x"}


@pytest.mark.parametrize("way", REMOTE)
def test_nothing_is_fetched(root: Path, net: Net, programs: Path, way: str) -> None:
    """What would be fetched is named with its file and line; no request is made, no program called, and the rest is built."""
    file = f"{net.url}/x.yaml"
    write(root / "app" / "in-file.yaml", f"{BUILTIN}kind: ConfigMapGenerator\nname: x\nfiles:\n- key={file}\n")
    write(root / "app" / "in-folder" / "kustomization.yaml", "resources: [t.yaml]\n")
    write(root / "app" / "in-folder" / "t.yaml", f"{BUILTIN}kind: PatchTransformer\npath: {file}\n")
    write(
        root / "app" / "part" / "kustomization.yaml",
        f"apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources:\n- {file}\n",
    )
    write(root / "app" / "base" / "kustomization.yaml", f"resources:\n- {file}\n")
    sources, made = overlay(root, **remote_fields(net.url)[way])
    assert net.asked == []
    assert not programs.exists()
    assert "good" in built(sources, made)
    (defect,) = made.defects
    assert defect.kind is DefectKind.REMOTE
    assert defect.file.startswith("app/")
    assert (root / defect.file).is_file()


def attempt_unguarded(root: Path, entry: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hand kustomize an entry that our reader would have left out."""
    write(root / "app" / "kustomization.yaml", json.dumps({"resources": ["good.yaml", entry]}))
    monkeypatch.setattr(collecting._Collector, "_follow", lambda *_: None)
    sources = collect(Tree(root), "app")
    sources.contents["app/good.yaml"] = GOOD.encode()
    output, refusal = kustomize_attempt.Attempt(sources).run()
    assert refusal or output


def test_without_the_guard_kustomize_fetches(root: Path, net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the tests above count can happen: a file by http is what kustomize does fetch from this machine."""
    attempt_unguarded(root, f"{net.url}/x.yaml", monkeypatch)
    assert net.asked


@pytest.mark.parametrize(
    "entry",
    [
        "github.com/org/repository//sub?ref=v1",
        "git@127.0.0.1:org/repository.git",
        "ssh://git@127.0.0.1:9/org/repository",
    ],
)
def test_without_the_guard_kustomize_finds_no_program(
    root: Path, programs: Path, monkeypatch: pytest.MonkeyPatch, entry: str
) -> None:
    """A repository that our reader did not know for one is still not cloned: kustomize has no path to look for git on."""
    attempt_unguarded(root, entry, monkeypatch)
    assert not programs.exists()


RUNS: dict[str, tuple[dict[str, Any], DefectKind]] = {
    "helm chart": ({"helmCharts": [CHART]}, DefectKind.HELM),
    "helm chart of old": ({"helmChartInflationGenerator": [{"chartName": "x", "chartRepoUrl": "http://127.0.0.1:9/"}]}, DefectKind.HELM),
    "helm generator": ({"generators": [f"{BUILTIN}kind: HelmChartInflationGenerator\nname: x\nrepo: http://127.0.0.1:9/\n"]}, DefectKind.REFUSED),
    "program": ({"generators": ["exec.yaml"]}, DefectKind.REFUSED),
    "program as a transformer": ({"transformers": ["exec.yaml"]}, DefectKind.REFUSED),
    "program as a validator": ({"validators": ["exec.yaml"]}, DefectKind.REFUSED),
    "container": ({"generators": ["container.yaml"]}, DefectKind.REFUSED),
    "script": ({"transformers": ["starlark.yaml"]}, DefectKind.REFUSED),
    "plugin by its name": ({"generators": ["apiVersion: someteam.example.com/v1\nkind: ./run.sh\nmetadata: {name: x}\n"]}, DefectKind.REFUSED),
}  # fmt: skip


@pytest.mark.parametrize("way", RUNS)
def test_nothing_is_run(root: Path, programs: Path, way: str) -> None:
    """A generator or a transformer that is a program, a container or a chart is named, is not run, and the rest is built."""
    run = write(root / "app" / "run.sh", f"#!/bin/sh\necho run >> {programs}\n")
    run.chmod(0o755)
    for name, function in {
        "exec": "exec: {path: ./run.sh}",
        "container": "container: {image: example/x, network: true}",
        "starlark": "starlark: {path: ./s.star}",
    }.items():
        write(
            root / "app" / f"{name}.yaml",
            f"apiVersion: v1\nkind: Run\nmetadata:\n  name: x\n  annotations:\n    config.kubernetes.io/function: |\n      {function}\n",
        )
    write(root / "app" / "s.star", "print('x')\n")
    fields, kind = RUNS[way]
    sources, made = overlay(root, **fields)
    assert not programs.exists()
    assert built(sources, made) == ["good"]
    assert {defect.kind for defect in made.defects} == {kind}


INLINE_BOMBS = {
    "cycle": "data: &a {x: *a}",
    "laughs": "l0: &l0 [x,x,x,x,x,x,x,x,x,x]\n"
    + "\n".join(f"l{i}: &l{i} [{','.join([f'*l{i - 1}'] * 10)}]" for i in range(1, 12)),
    "depth": "data: " + "[" * 20_000,
}
"""What ends kustomize with gigabytes of stack or heap; it follows aliases without counting."""


@pytest.mark.parametrize("bomb", INLINE_BOMBS)
@pytest.mark.parametrize("where", ["patch", "patch of old", "transformer", "patch in a transformer"])
def test_inline_bomb_does_not_reach_kustomize(root: Path, where: str, bomb: str) -> None:
    """YAML that stands as text in a kustomization is held to the same bounds as a file, with the line where it stands."""
    text = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: good}}\n{INLINE_BOMBS[bomb]}\n"
    indented = text.replace("\n", "\n    ")
    fields = {
        "patch": f"patches:\n- patch: |-\n    {indented}\n",
        "patch of old": f"patchesStrategicMerge:\n- |-\n    {indented}\n",
        "transformer": f"transformers:\n- |-\n    {indented}\n",
        "patch in a transformer": f"transformers:\n- {json.dumps(BUILTIN + 'kind: PatchTransformer' + chr(10) + 'patch: ' + json.dumps(text))}\n",
    }
    write(root / "app" / "kustomization.yaml", f"resources: [good.yaml]\n{fields[where]}")
    sources = collect(Tree(root), "app")
    made = build(sources)
    assert built(sources, made) == ["good"]
    (defect,) = made.defects
    assert defect.kind is DefectKind.UNREADABLE
    assert defect.file == "app/kustomization.yaml"
    assert defect.line is not None
    assert "alias" in defect.text or "nests deeper" in defect.text

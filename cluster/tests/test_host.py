"""The machine's side without a cluster: what is missing is told, images are what a runtime reads, versions follow their sources."""

import hashlib
import io
import json
import os
import tarfile
from pathlib import Path

import pytest
from host import cgroups, images, needs, places


def test_root_is_demanded_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without root nothing else is asked: one sentence names sudo."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert [("sudo" in told) for told in needs.unmet()] == [True]


@pytest.mark.skipif(os.geteuid() != 0, reason="root is demanded first")
def test_missing_programs_are_told_with_the_command_that_installs_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every missing program stands in one sentence, with the command that installs them all."""
    monkeypatch.setattr(
        needs.shutil,
        "which",
        lambda name, **_: None if name in {"runc", "nft", "containerd", "ctr"} else f"/bin/{name}",
    )
    monkeypatch.setattr(needs, "FILES", {Path("/nowhere/ptp"): "containernetworking-plugins"})
    (told,) = needs.unmet(to_build=False)
    assert "containerd, ctr, runc, nft, /nowhere/ptp" in told
    assert "apt-get install --no-install-recommends containerd containernetworking-plugins nftables runc" in told


@pytest.mark.skipif(os.geteuid() != 0, reason="root is demanded first")
@pytest.mark.parametrize(("says", "told"), [("", "there is no go"), ("go1.19.8", "go1.19.8"), ("devel", "devel")])
def test_go_is_demanded_to_build(says: str, told: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No Go, one that is too old, and one that tells no version are each told with what is found."""
    if says:
        (tmp_path / "go").write_text(f"#!/bin/sh\necho {says}\n")
        (tmp_path / "go").chmod(0o755)
    real = needs.shutil.which
    monkeypatch.setattr(
        needs.shutil, "which", lambda name, **_: real("go", path=str(tmp_path)) if name == "go" else "/bin/true"
    )
    monkeypatch.setattr(needs, "FILES", {})
    (sentence,) = needs.unmet(to_build=True)
    assert told in sentence
    assert "Go 1.25 or later" in sentence


@pytest.mark.skipif(os.geteuid() != 0, reason="root is demanded first")
def test_a_kernel_that_refuses_is_told_with_its_module(monkeypatch: pytest.MonkeyPatch, possible: None) -> None:
    """What a kernel refuses is told in its own words, with the module that would give it."""
    monkeypatch.setitem(needs.TRIALS, "bridges", ("echo no such device >&2; false", "modprobe bridge"))
    assert needs.unmet(to_build=False) == [
        "the local cluster needs bridges, and this kernel (or container) refuses: no such device; way out: modprobe bridge"
    ]


@pytest.mark.parametrize("name", ["", "A", "a/b", "..", "a" * 33, "-a"])
def test_names_stay_inside_the_folder(name: str) -> None:
    """A name that is no name of a folder is refused: what is removed by it lies inside ours."""
    with pytest.raises(places.ClusterError):
        places.state(name)


def test_version_is_kubernetes_and_what_is_built_from(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is built has its sources' digest in its name; their tests do not count."""
    (tmp_path / "node").mkdir()
    (tmp_path / "node" / "go.mod").write_text("require (\n\tk8s.io/kubernetes v1.34.4\n)\n")
    monkeypatch.setattr(places, "SOURCES", tmp_path)
    monkeypatch.setattr(places, "BUILT_FROM", ("node",))
    first = places.version()
    assert first.startswith("1.34.4-")
    (tmp_path / "node" / "a_test.go").write_text("package node")
    assert places.version() == first, "a test changes nothing that is built"
    (tmp_path / "node" / "a.go").write_text("package node")
    assert places.version() != first


@pytest.mark.skipif(not images.BUSYBOX.exists(), reason="no busybox")
def test_image_is_an_oci_archive_whose_digests_hold(tmp_path: Path) -> None:
    """Every blob lies under its digest, and has the size that its descriptor states."""
    program = tmp_path / "probe"
    program.write_bytes(b"\x7fELF")
    images.write_program(tmp_path / "probe.tar", "turnstile.local/probe:1", program)
    with tarfile.open(tmp_path / "probe.tar") as archive:
        blobs = {member.name: archive.extractfile(member).read() for member in archive}  # type: ignore[union-attr]
    for name, data in blobs.items():
        assert not name.startswith("blobs/") or name == f"blobs/sha256/{hashlib.sha256(data).hexdigest()}"

    def blob(descriptor: dict[str, str]) -> bytes:
        data = blobs[descriptor["digest"].replace("sha256:", "blobs/sha256/")]
        assert len(data) == int(descriptor["size"])
        return data

    (described,) = json.loads(blobs["index.json"])["manifests"]
    assert described["annotations"]["io.containerd.image.name"] == "turnstile.local/probe:1"
    manifest = json.loads(blob(described))
    config = json.loads(blob(manifest["config"]))
    assert config["rootfs"]["diff_ids"] == [layer["digest"] for layer in manifest["layers"]]
    assert config["config"]["Entrypoint"] == ["/probe"]
    with tarfile.open(fileobj=io.BytesIO(blob(manifest["layers"][-1]))) as last:
        assert [(member.name, member.mode) for member in last] == [("probe", 0o755)]


def test_version_2_of_control_groups_hands_controllers_down(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A tree of files stands for the kernel: which files are read and written is what is shown, not what the kernel then does."""
    root = tmp_path / "cgroup"
    root.mkdir()
    (root / "cgroup.controllers").write_text("cpuset cpu io memory hugetlb pids rdma\n")
    (root / "cgroup.subtree_control").write_text("cpu io memory pids\n")
    monkeypatch.setattr(cgroups, "ROOT", root)
    monkeypatch.setattr(cgroups, "HANDED_DOWN", tmp_path / "handed-down")
    monkeypatch.setattr(cgroups, "_mounted", lambda *kinds: iter([root] if "cgroup2" in kinds else []))
    cgroups.make("test")
    assert (root / "cgroup.subtree_control").read_text() == "+cpuset", "only what was not handed down yet"
    assert sorted(place.name for place in (root / "turnstile-test").iterdir()) == ["keeper", "node"]
    (root / "cgroup.subtree_control").write_text("cpu io memory pids cpuset\n")
    (root / "turnstile-test" / "node" / "kubepods").mkdir()
    cgroups.take_back()
    assert "-" not in (root / "cgroup.subtree_control").read_text(), "a cluster is there still"
    cgroups.remove("test")
    assert not (root / "turnstile-test").exists()
    cgroups.take_back()
    assert (root / "cgroup.subtree_control").read_text() == "-cpuset"

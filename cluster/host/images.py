"""OCI image archives by hand: no registry, no Docker. Each image is busybox, for a shell, and at most one static program."""

import hashlib
import io
import json
import platform
import subprocess
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

BUSYBOX = Path("/bin/busybox")
FOLDERS = ("bin", "dev", "etc", "proc", "root", "sys", "var", "var/run", "www")
FILES = {
    "etc/passwd": b"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
    "etc/group": b"root:x:0:\nnogroup:x:65534:\n",
    "www/index.html": b"hello\n",
}
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
OCI = "application/vnd.oci.image"


def write_base(folder: Path) -> None:
    """The sandbox of pods and a shell."""
    write(
        folder / "busybox.tar",
        "turnstile.local/busybox:1",
        {"Cmd": ["/bin/sh"], "Env": ["PATH=/bin"], "WorkingDir": "/"},
    )
    write(
        folder / "pause.tar",
        "turnstile.local/pause:1",
        {"Entrypoint": ["/bin/sleep", "2147483647"], "User": "65535:65535"},
    )


def write_program(path: Path, name: str, program: Path) -> None:
    """An image that runs a static program, its entry point."""
    config = {"Entrypoint": [f"/{program.name}"], "Env": ["PATH=/bin:/"], "WorkingDir": "/"}
    write(path, name, config, _layer([_file(program.name, program.read_bytes(), 0o755)]))


def write(path: Path, name: str, config: Mapping[str, Any], *layers: bytes) -> None:
    """An archive of an image: busybox below, then the layers. Layers are not compressed: they are read once, at once."""
    blobs: dict[str, bytes] = {}

    def descriptor(data: bytes, kind: str) -> dict[str, Any]:
        digest = hashlib.sha256(data).hexdigest()
        blobs[digest] = data
        return {"mediaType": f"{OCI}.{kind}", "digest": f"sha256:{digest}", "size": len(data)}

    described = [descriptor(layer, "layer.v1.tar") for layer in (_busybox(), *layers)]
    image = {
        "architecture": ARCHITECTURES.get(platform.machine(), platform.machine()),
        "os": "linux",
        "config": config,
        "rootfs": {"type": "layers", "diff_ids": [layer["digest"] for layer in described]},
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{OCI}.manifest.v1+json",
        "config": descriptor(json.dumps(image).encode(), "config.v1+json"),
        "layers": described,
    }
    named = descriptor(json.dumps(manifest).encode(), "manifest.v1+json")
    named["annotations"] = {
        "io.containerd.image.name": name,
        "org.opencontainers.image.ref.name": name.rsplit(":", 1)[-1],
    }
    files = {
        "oci-layout": b'{"imageLayoutVersion":"1.0.0"}',
        "index.json": json.dumps({"schemaVersion": 2, "manifests": [named]}).encode(),
    }
    files |= {f"blobs/sha256/{digest}": data for digest, data in blobs.items()}
    path.write_bytes(_layer([_file(file, data, 0o644) for file, data in files.items()]))


Entry = tuple[tarfile.TarInfo, bytes]


def _busybox() -> bytes:
    applets = subprocess.run([BUSYBOX, "--list"], check=True, capture_output=True, text=True).stdout.split()
    entries = [_of_type(name, tarfile.DIRTYPE, 0o755) for name in FOLDERS] + [_of_type("tmp", tarfile.DIRTYPE, 0o1777)]
    entries.append(_file("bin/busybox", BUSYBOX.read_bytes(), 0o755))
    entries += [
        _of_type(f"bin/{applet}", tarfile.SYMTYPE, 0o777, "busybox") for applet in applets if applet != "busybox"
    ]
    entries += [_file(name, data, 0o644) for name, data in FILES.items()]
    return _layer(entries)


def _of_type(name: str, kind: bytes, mode: int, target: str = "") -> Entry:
    info = tarfile.TarInfo(name)
    info.type, info.mode, info.linkname = kind, mode, target
    return info, b""


def _file(name: str, data: bytes, mode: int) -> Entry:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), mode
    return info, data


def _layer(entries: Iterable[Entry]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for info, data in entries:
            archive.addfile(info, io.BytesIO(data))
    return packed.getvalue()

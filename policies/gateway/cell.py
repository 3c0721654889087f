"""The walls around a gateway: a loopback and nothing else, its own few files, its own processes. Standard library alone.

It runs in an interpreter without Turnstile's libraries, as `policies/edge/seal.py` does, and builds what a container is built of: namespaces of
network, files, processes (`unshare(2)`), a root with what Java needs (`mount(2)`, `chroot(2)`), nobody's rights (`setuid(2)`, no new
privileges), limits (`setrlimit(2)`). All or nothing: where one of them cannot be had, `SealError`.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import glob
import os
import resource
import signal
import socket
import struct
import sys

UNSEALED = 96
"""The exit code where the walls cannot be had."""

NOBODY = 65534
OUTPUT_BYTES = 256 * 1024 * 1024
"""The largest file that it may write: an archive of its classes has 50 MB."""

DATA_BYTES = 2 * 1024 * 1024 * 1024

_NEW_FILES, _NEW_IPC, _NEW_USER, _NEW_PROCESSES, _NEW_NETWORK = 0x20000, 0x08000000, 0x10000000, 0x20000000, 0x40000000
_READ_ONLY, _NO_SUID, _NO_DEVICES, _NO_EXEC, _REMOUNT, _BIND, _RECURSIVE, _PRIVATE = (
    1,
    2,
    4,
    8,
    32,
    4096,
    16384,
    1 << 18,
)
_SET_PARENT_DEATH, _NO_NEW_PRIVILEGES = 1, 38
_SET_FLAGS, _UP_RUNNING = 0x8914, 0x41
_PROGRAMS = ("/usr", "/bin", "/lib", "/lib64", "/lib32")
_DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")


class SealError(Exception):
    """A wall that cannot be had."""


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def enclose() -> None:
    """Go into namespaces of one's own, in which there is a loopback and no other network. Raises SealError."""
    if sys.platform != "linux":
        raise SealError("only Linux has namespaces")
    libc, user, group = _libc(), os.getuid(), os.getgid()
    parts = _NEW_NETWORK | _NEW_FILES | _NEW_IPC
    if libc.unshare(parts) != 0:
        if libc.unshare(parts | _NEW_USER) != 0:
            raise SealError(f"unshare: {os.strerror(ctypes.get_errno())}")
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{NOBODY} {user} 1"),
            ("gid_map", f"{NOBODY} {group} 1"),
        ):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as stream:
                stream.write(text)
    mount("none", "/", "", _RECURSIVE | _PRIVATE)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as loopback:
        fcntl.ioctl(loopback, _SET_FLAGS, struct.pack("16sh14x", b"lo", _UP_RUNNING))


def die_with_parent() -> None:
    """Have this process killed when the one that forked it ends, where there is such a thing."""
    if sys.platform == "linux":
        _libc().prctl(_SET_PARENT_DEATH, signal.SIGKILL, 0, 0, 0)


def mount(source: str, target: str, kind: str, flags: int, data: str = "") -> None:
    """Mount. Raises SealError."""
    if _libc().mount(source.encode(), target.encode(), kind.encode() or None, flags, data.encode() or None) != 0:
        raise SealError(f"mount {target}: {os.strerror(ctypes.get_errno())}")


def furnish(root: str, java: str, held: dict[str, str]) -> None:
    """Make a root of what Java needs, and of `held`: folders, by the names that they have inside. Raises SealError."""
    mount("tmpfs", root, "tmpfs", _NO_SUID | _NO_DEVICES, "mode=755,size=268435456")
    os.chmod(root, 0o755)  # noqa: S103 (nobody has to go through it)
    homes = [] if java.startswith("/usr/") else [java]
    for path in (*_PROGRAMS, *homes, *glob.glob("/etc/java*"), "/etc/ld.so.cache"):
        _show(root, path, path)
    for path in _DEVICES:
        _show(root, path, path, writable=True)
    for name, path in held.items():
        _show(root, path, name)
    for name, mode in (("tmp", 0o1777), ("proc", 0o555)):
        os.makedirs(root + "/" + name)
        os.chmod(f"{root}/{name}", mode)
    with open(f"{root}/etc/hosts", "w", encoding="ascii") as stream:
        stream.write("127.0.0.1 localhost\n")


def _show(root: str, path: str, name: str, writable: bool = False) -> None:
    """Show a file or a folder in the root, to be read alone; what is a link outside is one inside."""
    target = root + name
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if os.path.islink(path):
        os.symlink(os.readlink(path), target)
        return
    if not os.path.exists(path):
        return
    if os.path.isdir(path):
        os.makedirs(target, exist_ok=True)
    else:
        with open(target, "wb"):
            pass
    mount(path, target, "", _BIND | _RECURSIVE)
    if not writable:
        # In a user namespace flags that were there must stay.
        kept = os.statvfs(path).f_flag & (_NO_SUID | _NO_DEVICES | _NO_EXEC)
        mount("none", target, "", _BIND | _REMOUNT | _READ_ONLY | kept)


def start(root: str, command: list[str], environment: dict[str, str], output: int) -> tuple[int, int]:
    """Start a program in a root, as nobody, with `output` for what it says. Raises SealError.

    Gives the process to wait for, and the program's own: the first of its namespace of processes, with which all that it starts ends.
    """
    ready, told = os.pipe()
    waiting = os.fork()
    if waiting == 0:
        try:
            os.close(ready)
            _stand_between(root, command, environment, output, told)
        except (OSError, SealError) as error:
            os.write(told, str(error).encode())
        os._exit(UNSEALED)
    os.close(told)
    said = b""
    while part := os.read(ready, 4096):  # To the end: it closes where the program takes the place.
        said += part
    os.close(ready)
    own, _, problem = said.partition(b";")
    if problem or not own.isdigit():
        os.waitpid(waiting, 0)
        raise SealError((problem or said).decode("utf-8", "replace"))
    return waiting, int(own)


def _stand_between(root: str, command: list[str], environment: dict[str, str], output: int, told: int) -> None:
    """Fork the first process of a new namespace, and end as it does: who makes one can make no threads any more."""
    libc = _libc()
    die_with_parent()
    if libc.unshare(_NEW_PROCESSES) != 0:
        raise SealError(f"unshare: {os.strerror(ctypes.get_errno())}")
    program = os.fork()
    if program == 0:
        _become(root, command, environment, output, told)
    os.write(told, f"{program};".encode())
    os.close(told)
    _, status = os.waitpid(program, 0)
    code = os.waitstatus_to_exitcode(status)
    os._exit(code if code >= 0 else 128 - code)


def _become(root: str, command: list[str], environment: dict[str, str], output: int, told: int) -> None:
    libc = _libc()
    # A container may keep it back; Java does without.
    with contextlib.suppress(SealError):
        mount("proc", f"{root}/proc", "proc", _NO_SUID | _NO_DEVICES | _NO_EXEC)
    os.chroot(root)
    os.chdir("/tmp")  # noqa: S108 (its own)
    for what, most in (
        (resource.RLIMIT_FSIZE, OUTPUT_BYTES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_DATA, DATA_BYTES),
    ):
        resource.setrlimit(what, (most, most))
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    die_with_parent()
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
    os.set_inheritable(told, False)
    os.closerange(3, told)
    os.closerange(told + 1, 4096)
    os.execve(command[0], command, environment)  # noqa: S606 (what was asked for, within the walls)

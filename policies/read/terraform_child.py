"""The process that evaluates Terraform: tfparse, shut into a copy of the platform's files. Run by `terraform_evaluate`, imported by nobody.

It is told by its arguments where the copy stands, and by its input, one line of JSON a root, what to evaluate; it answers with one line of
JSON each. What it evaluates is untrusted: `file("/etc/passwd")` and the like find nothing but the copy, because the process is shut in (by
`chroot` in a user namespace of its own, which also takes the network away, or by Landlock) before it reads the first file.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import json
import os
import resource
import signal
import struct
import sys

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446
READ_FILE, READ_DIRECTORY, EVERY_ACCESS = 1 << 2, 1 << 3, (1 << 13) - 1
"""Landlock's rights over files, of its first version (docs.kernel.org/userspace-api/landlock.html)."""

CAP_SYS_CHROOT = 18

LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64")
"""Where the system's own libraries are, which tfparse's needs: read under Landlock, which must come before it."""

OUTPUT = 64 * 1024 * 1024
"""How much may be answered; a root of some size comes to a tenth of a megabyte."""

MEMORY = 3 * 1024**3
"""Address space; Go reserves most of what it never uses. GOMEMLIMIT, which the parent sets, makes it collect before."""


def leave_namespaces() -> bool:
    """Enter a user and a network namespace of our own, if we may; this must come before Go starts its threads."""
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        return bool(libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0)
    except (OSError, AttributeError):
        return False


def may_change_root() -> bool:
    """Whether we have the capability to change our root directory without a namespace."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            capabilities = next(line for line in status if line.startswith("CapEff:"))
    except (OSError, StopIteration):
        return False
    return bool(int(capabilities.split()[1], 16) & 1 << CAP_SYS_CHROOT)


def landlock(*folders: str) -> None:
    """Allow this process, in every thread that it starts from now on, to read below these folders and nothing else."""
    libc = ctypes.CDLL(None, use_errno=True)

    def call(number: int, *arguments: object) -> int:
        result = libc.syscall(number, *arguments)
        if result < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        return int(result)

    handled = ctypes.create_string_buffer(struct.pack("=Q", EVERY_ACCESS), 8)
    ruleset = call(LANDLOCK_CREATE_RULESET, handled, 8, 0)
    for folder in folders:
        below = os.open(folder, os.O_PATH | os.O_CLOEXEC)
        rule = ctypes.create_string_buffer(struct.pack("=Qi", READ_FILE | READ_DIRECTORY, below), 12)
        call(LANDLOCK_ADD_RULE, ruleset, 1, rule, 0)
    if libc.prctl(38, 1, 0, 0, 0):  # PR_SET_NO_NEW_PRIVS
        raise OSError(ctypes.get_errno(), "no_new_privs")
    call(LANDLOCK_RESTRICT_SELF, ruleset, 0)


def limit() -> None:
    """Bound what this process may take: no core dump, so much output, so much memory."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT, OUTPUT))
    with contextlib.suppress(ValueError, OSError):  # macOS knows no limit of address space
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def main() -> None:
    """Shut ourselves in, then evaluate root after root. The third argument is the way: `any`, `chroot`, `landlock` or `none`."""
    copy, seconds, way = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    limit()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # while Go is at work nobody would hear of it
    answers, nowhere = os.fdopen(os.dup(1), "wb"), os.open(os.devnull, os.O_WRONLY)
    changes_root = way in ("any", "chroot") and (leave_namespaces() or may_change_root())
    if not changes_root and way != "none":
        package = importlib.util.find_spec("tfparse")
        packages = os.path.dirname(os.path.dirname(str(package.origin if package else __file__)))
        libraries = [folder for folder in LIBRARIES if os.path.isdir(folder)]
        try:
            # Landlock holds for a thread and those that it starts: it must come before Go starts its own, which come with the library.
            landlock(copy, packages, os.path.dirname(os.__file__), *libraries)
        except OSError as error:
            answers.write(json.dumps({"refused": f"neither chroot nor Landlock can be had ({error})"}).encode())
            return
    from tfparse import ParseError, load_from_path

    os.dup2(nowhere, 1)  # what Go prints is no answer
    root = copy
    if changes_root:
        os.chroot(copy)
        os.chdir("/")
        root = "/"
    for line in sys.stdin:
        job = json.loads(line)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        answer: dict[str, object] = {"folder": job["folder"], "root": root}
        try:
            answer["blocks"] = load_from_path(
                os.path.join(root, job["folder"]), workspace_name=job["workspace"], vars_paths=job["variables"]
            )
        except ParseError as error:
            answer["problem"] = str(error)
        answers.write(json.dumps(answer).encode("utf-8", "surrogateescape") + b"\n")
        answers.flush()


if __name__ == "__main__":
    main()

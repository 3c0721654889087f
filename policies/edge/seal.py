"""Puts a program behind limits and without a network, then becomes it: `python seal.py closed|open PROGRAM ARGUMENT...`.

Two walls, each of which is enough: an empty network namespace (its own, or one of a user namespace of its own), and a seccomp filter
that refuses to make sockets, to signal or to trace other processes. `closed` gives up with code 96 where neither can be
had. It imports nothing of Turnstile: it runs in an interpreter of its own, with nothing but the standard library.
"""

import ctypes
import os
import platform
import resource
import struct
import sys

UNSEALED = 96
"""The exit code where neither wall can be had."""

OUTPUT_BYTES = 16 * 1024 * 1024
MEMORY_BYTES = 1024 * 1024 * 1024

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _FILTER_MODE = 22, 38, 2
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050001, 0x80000000
# socket, kill, ptrace, process_vm_readv and _writev, pidfd_send_signal, io_uring_setup (by which sockets can be made too)
_MACHINES = {
    "x86_64": (0xC000003E, (41, 62, 101, 310, 311, 424, 425)),
    "aarch64": (0xC00000B7, (198, 129, 117, 270, 271, 424, 425)),
}
_FIRST_OF_X32 = 0x40000000


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def limit() -> None:
    """Bound what it can write, hold and leave behind."""
    for what, most in ((resource.RLIMIT_FSIZE, OUTPUT_BYTES), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(what, (most, most))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))


def unplug(libc: ctypes.CDLL) -> bool:
    """Go into a network namespace in which there is nothing."""
    if sys.platform != "linux":
        return False
    user, group = os.getuid(), os.getgid()
    if libc.unshare(_CLONE_NEWNET) == 0:
        return True
    if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
        return False
    try:
        for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as stream:
                stream.write(text)
    except OSError:
        pass  # It is then nobody in there, which is enough to read what everybody may.
    return True


def filter_calls(libc: ctypes.CDLL) -> bool:
    """Refuse the system calls that lead out."""
    machine = _MACHINES.get(platform.machine())
    if sys.platform != "linux" or machine is None:
        return False
    architecture, refused = machine
    last = len(refused) + 1
    program = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, 0)]
    program.append((_AT_LEAST, last, 0, _FIRST_OF_X32))
    program += [(_EQUAL, last - 1 - index, 0, number) for index, number in enumerate(refused)]
    program += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in program)
    pointer = ctypes.byref(_Program(len(program), code))
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.prctl(_PR_SET_SECCOMP, _FILTER_MODE, pointer, 0, 0) == 0)


def main() -> None:
    """Limit, unplug, filter, and become the program."""
    mode, program = sys.argv[1], sys.argv[2:]
    libc = ctypes.CDLL(None, use_errno=True)
    limit()
    walls = [unplug(libc), filter_calls(libc)]
    if mode != "open" and not any(walls):
        sys.exit(UNSEALED)
    os.execve(program[0], program, {})  # noqa: S606 (the program is the one that was asked for)


if __name__ == "__main__":
    main()

"""Puts a program behind limits and without a network, then becomes it: `python seal.py closed|open PROGRAM ARGUMENT...`.

Two walls, each of which is enough: an empty network namespace (its own, or one of a user namespace of its own), and a seccomp filter
that refuses to make sockets, to signal or to trace other processes. `closed` gives up with code 96 where neither can be
had. It imports nothing of Turnstile: it runs in an interpreter of its own, with nothing but the standard library.

With `--serve=DESCRIPTOR` the program has a loopback device, and on it two ports that listen: they are handed out through the descriptor (a
socket of the file system's kind) to whoever started it, who serves them from outside. The namespace is then the only wall, and one that must
be had; the filter leaves sockets of the internet's kind. The ports' numbers are the program's last two arguments.
"""

import ctypes
import os
import platform
import resource
import socket
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
# socket; kill, ptrace, process_vm_readv and _writev, unshare and setns (into another network), pidfd_send_signal, io_uring_setup (by
# which sockets can be made too)
_MACHINES = {
    "x86_64": (0xC000003E, 41, (62, 101, 310, 311, 272, 308, 424, 425)),
    "aarch64": (0xC00000B7, 198, (129, 117, 270, 271, 97, 268, 424, 425)),
}
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 0x1
PORTS = (8080, 8081)
"""Of what is served; nothing else listens in a namespace of its own."""
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


def filter_calls(libc: ctypes.CDLL, *, internet: bool = False) -> bool:
    """Refuse the system calls that lead out; `internet` leaves sockets of that kind, for a namespace in which there is no other."""
    machine = _MACHINES.get(platform.machine())
    if sys.platform != "linux" or machine is None:
        return False
    architecture, make, refused = machine
    families = (socket.AF_INET, socket.AF_INET6) if internet else ()
    body: list[tuple[int, str, str, int]] = [
        (_AT_LEAST, "refuse", "", _FIRST_OF_X32),
        *((_EQUAL, "refuse", "", number) for number in refused),
        (_EQUAL, "", "allow", make),
        (_LOAD, "", "", _FIRST_ARGUMENT),
        *((_EQUAL, "allow", "", family) for family in families),
        (_RETURN, "", "", _REFUSE),
        (_RETURN, "", "", _ALLOW),
    ]
    place = {"refuse": len(body) - 2, "allow": len(body) - 1}
    program = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        *(
            (code, *(place[to] - at - 1 if to else 0 for to in (yes, no)), value)
            for at, (code, yes, no, value) in enumerate(body)
        ),
    ]
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in program)
    pointer = ctypes.byref(_Program(len(program), code))
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.prctl(_PR_SET_SECCOMP, _FILTER_MODE, pointer, 0, 0) == 0)


def serve(descriptor: int, *, apart: bool) -> list[str]:
    """Listen on loopback for whoever started this, and give the ports; `apart`: in a namespace of its own, whose device is down yet."""
    if apart:
        import fcntl

        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device:
            asked = struct.pack("16sH14x", b"lo", 0)
            (flags,) = struct.unpack("16xH14x", fcntl.ioctl(device, _GET_FLAGS, asked))
            fcntl.ioctl(device, _SET_FLAGS, struct.pack("16sH14x", b"lo", flags | _UP))
    listening = [socket.create_server(("127.0.0.1", port if apart else 0), backlog=128) for port in PORTS]
    with socket.socket(fileno=descriptor) as there:
        socket.send_fds(there, [b"."], [one.fileno() for one in listening])
    return [str(one.getsockname()[1]) for one in listening]


def main() -> None:
    """Limit, unplug, filter, and become the program."""
    mode, program = sys.argv[1], sys.argv[2:]
    served = int(program.pop(0).partition("=")[2]) if program[0].startswith("--serve=") else None
    libc = ctypes.CDLL(None, use_errno=True)
    limit()
    if served is None:
        walls = [unplug(libc), filter_calls(libc)]
    else:
        # The filter leaves what leads to the ports that are served, and would lead to others: the namespace must be had.
        walls = [unplug(libc)]
        filter_calls(libc, internet=True)
    if mode != "open" and not any(walls):
        sys.exit(UNSEALED)
    if served is not None:
        try:
            program += serve(served, apart=walls[0])
        except OSError:
            sys.exit(UNSEALED)
    os.execve(program[0], program, {})  # noqa: S606 (the program is the one that was asked for)


if __name__ == "__main__":
    main()

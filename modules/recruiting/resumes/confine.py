"""What a process gives up before it looks at a stranger's file. Linux only, no privilege needed.

Held always: memory, processor time, file size, open files (``setrlimit``), no new privileges, no core dump.
Held where the kernel lets it, each told by ``confine``:

* ``filter``: seccomp refuses sockets, new programs and processes, signals to others, and every change to a file. It
  needs no privilege, and is there on x86-64 and ARM64 unless a container's own profile forbids setting one.
* ``files``: Landlock (Linux 5.13) leaves only the Python installation and fonts to be read, so that no key or
  database of the service can be.
* ``network``: a network namespace without any interface; for other users than root it needs unprivileged user
  namespaces, which some distributions forbid. The filter stands without it.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import struct
import sys
from pathlib import Path

_PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _SECCOMP_MODE_FILTER = 4, 22, 38, 2
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_ALLOW, _EPERM, _ENOSYS = 0x7FFF0000, 0x00050001, 0x00050026
#: by audit architecture: system calls refused (names in the kernel's tables of each architecture)
# socket.. sockets; clone, fork, exec; kill; truncate, rename, link, chmod..; ptrace, mount, namespaces, keys, limits
_NEWER = (424, 425, 428, 429, 430, 434, 437, 438, 442, 452)  # pidfds, io_uring, mounts, openat2, fchmodat2
_X86_64 = (
    *(29, 37, 38, 41, 42, 43, 44, 45, 46, 49, 50, 53, 56, 57, 58, 59, 62, 76, 77, 82, 83, 84, 85, 86, 87, 88, 90, 91),
    *(92, 93, 94, 101, 133, 160, 161, 165, 166, 175, 200, 240, 248, 249, 250, 258, 259, 260, 263, 264, 265, 266, 268),
    *(272, 288, 298, 302, 304, 308, 310, 311, 313, 316, 319, 321, 322, 323),
)
_ARM64 = (
    *(33, 34, 35, 36, 37, 38, 39, 40, 45, 46, 51, 52, 53, 54, 55, 97, 103, 105, 117, 129, 130, 164, 180, 194, 198, 199),
    *(200, 201, 202, 203, 206, 207, 211, 217, 218, 219, 220, 221, 241, 242, 261, 265, 268, 270, 271, 273, 276, 279),
    *(280, 281, 282),
)
_CLONE3 = 435
#: where these take their flags: the call's number, and the offset of that argument in struct seccomp_data
_OPEN, _OPENAT_X86_64, _OPENAT_ARM64 = (2, 24), (257, 32), (56, 32)
#: O_WRONLY, O_RDWR, O_CREAT, O_TRUNC: the same on both architectures
_TO_WRITE = 0o1103
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3


def hide(readable: tuple[str, ...] = ()) -> frozenset[str]:
    """Once, for a process and all it forks: no privileges, no network, no files but programs and fonts.
    Returns which of ``network`` and ``files`` hold."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    holds = set()
    if libc.unshare(_CLONE_NEWNET) == 0 or libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0:
        holds.add("network")
    if _landlock(libc, (*_program_places(), *readable)):
        holds.add("files")
    return frozenset(holds)


def address_space_bytes() -> int:
    """What this process and a copy of it have mapped. To be asked before ``hide``."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def confine(memory_bytes: int, cpu_s: int) -> bool:
    """For the rest of this process's life. Returns whether the system call filter holds."""
    for what, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(what, (most, most))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    return _filter(libc)


def _filter(libc: ctypes.CDLL) -> bool:
    machine = platform.machine()
    denied: tuple[int, ...]
    opens: tuple[tuple[int, int], ...]
    if machine == "x86_64":
        audit, denied, opens = 0xC000003E, _X86_64 + _NEWER, (_OPEN, _OPENAT_X86_64)
    elif machine == "aarch64":
        audit, denied, opens = 0xC00000B7, _ARM64 + _NEWER, (_OPENAT_ARM64,)
    else:
        return False
    # each is struct sock_filter: code, jump if true, jump if false, k
    program = [(0x20, 0, 0, 4), (0x15, 1, 0, audit), (0x06, 0, 0, _EPERM), (0x20, 0, 0, 0)]
    program += [(0x35, 0, 1, 0x40000000), (0x06, 0, 0, _EPERM)]  # x32 calls have numbers of their own
    for number in denied:
        program += [(0x15, 0, 1, number), (0x06, 0, 0, _EPERM)]
    for number, flags in opens:
        program += [(0x15, 0, 4, number), (0x20, 0, 0, flags), (0x45, 0, 1, _TO_WRITE)]
        program += [(0x06, 0, 0, _EPERM), (0x06, 0, 0, _ALLOW)]
    program += [(0x15, 0, 1, _CLONE3), (0x06, 0, 0, _ENOSYS), (0x06, 0, 0, _ALLOW)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *each) for each in program))
    head = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(program), ctypes.addressof(code)))
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    return bool(libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, head, 0, 0) == 0)


def _landlock(libc: ctypes.CDLL, readable: tuple[str, ...]) -> bool:
    version = libc.syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), 1)
    if version < 1:
        return False
    files = (1 << (13 if version == 1 else 14 if version == 2 else 15)) - 1
    attributes = ctypes.create_string_buffer(struct.pack("QQ", files, 3 if version >= 4 else 0))
    rules = libc.syscall(_LANDLOCK_CREATE, attributes, ctypes.c_size_t(16 if version >= 4 else 8), 0)
    if rules < 0:
        return False
    try:
        for place in readable:
            try:
                folder = os.open(place, os.O_PATH | os.O_CLOEXEC)
            except OSError:
                continue
            may = _READ_FILE | _READ_DIR if os.path.isdir(place) else _READ_FILE
            below = ctypes.create_string_buffer(struct.pack("=Qi", may, folder))
            added = libc.syscall(_LANDLOCK_ADD, rules, 1, below, 0)
            os.close(folder)
            if added != 0:
                return False
        return bool(libc.syscall(_LANDLOCK_RESTRICT, rules, 0) == 0)
    finally:
        os.close(rules)


def _program_places() -> tuple[str, ...]:
    code = str(Path(__file__).resolve().parent)
    library = (f"{prefix}/lib" for prefix in {sys.prefix, sys.base_prefix, sys.exec_prefix})
    return (*library, code, "/usr/lib", "/lib", "/lib64", "/usr/lib64", "/usr/share/fonts", "/usr/share/zoneinfo")

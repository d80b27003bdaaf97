"""A process that stands ready with its libraries loaded, and makes a copy of itself for each file.

It is asked over a socket with one message and two descriptors: the file, and where the answer goes. The copy (``fork``)
confines itself, reads this one file, answers with one msgpack map and ends: no process that has seen a file ever sees
another. The one that stands ready sees none, kills copies that outstay their time, and ends with whoever asked, or
when nobody has asked for a while.
"""

from __future__ import annotations

import array
import gc
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec

from modules.recruiting.resumes.confine import address_space_bytes, confine, hide
from modules.recruiting.resumes.document import NeedsOcr, Refused
from modules.recruiting.resumes.schemas import Limits, Parsed

IDLE_S = 60.0
MAX_REQUEST_BYTES = 1 << 16


class Request(msgspec.Struct):
    """``today`` is ISO; ``tried`` what the first reading said when this is the second."""

    name: str
    today: str
    limits: Limits
    ocr: bool = False


class Answer(msgspec.Struct):
    """Exactly one of ``parsed``, ``refused``, ``needs_ocr`` and ``killed`` (by which signal) says what came of it."""

    parsed: Parsed | None = None
    refused: str = ""
    where: str = ""
    needs_ocr: bool = False
    killed: int = 0
    #: what held while it was read, and the most memory the process had
    holds: tuple[str, ...] = ()
    peak_bytes: int = 0


_REQUEST = msgspec.msgpack.Decoder(Request)

Read = Callable[[bytes, Request], Parsed]


def serve(control: socket.socket, read: Read) -> None:
    """Until the other end closes, or nobody asked for ``IDLE_S``."""
    has_bytes = address_space_bytes()
    holds = hide()
    gc.collect()
    gc.freeze()
    copies: dict[int, tuple[int, int, float]] = {}  # pidfd -> pid, answer, deadline
    selector = selectors.DefaultSelector()
    selector.register(control, selectors.EVENT_READ)
    asked_s = time.monotonic()
    while True:
        wait_s = min([0.5 if copies else IDLE_S, *(one[2] - time.monotonic() for one in copies.values())])
        ready = {key.fd for key, _ in selector.select(max(wait_s, 0.01))}
        for watch in [fd for fd in copies if fd in ready]:
            selector.unregister(watch)
            _ended(watch, *copies.pop(watch)[:2])
        for pid, _answer, deadline_s in copies.values():
            if time.monotonic() > deadline_s:
                os.kill(pid, signal.SIGKILL)
        if control.fileno() in ready:
            message, descriptors = _receive(control)
            if not message:
                break
            asked_s = time.monotonic()
            request = _REQUEST.decode(message)
            watch, one = _copy(request, *descriptors, read=read, control=control, holds=holds, has_bytes=has_bytes)
            copies[watch] = one
            selector.register(watch, selectors.EVENT_READ)
        elif not copies and time.monotonic() - asked_s > IDLE_S:
            break
    for pid, *_ in copies.values():
        os.kill(pid, signal.SIGKILL)


def _receive(control: socket.socket) -> tuple[bytes, list[int]]:
    descriptors = array.array("i")
    message, extra, _flags, _from = control.recvmsg(MAX_REQUEST_BYTES, socket.CMSG_LEN(2 * descriptors.itemsize))
    for level, kind, data in extra:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            descriptors.frombytes(data[: len(data) - len(data) % descriptors.itemsize])
    return message, list(descriptors)


def _copy(
    request: Request,
    file: int,
    answer: int,
    *,
    read: Read,
    control: socket.socket,
    holds: frozenset[str],
    has_bytes: int,
) -> tuple[int, tuple[int, int, float]]:
    wall_s = request.limits.ocr_wall_s if request.ocr else request.limits.text_wall_s
    pid = os.fork()
    if pid == 0:
        # whatever happens, a copy never goes back to what it was copied from
        try:
            control.close()
            _once(request, file, answer, read=read, holds=holds, has_bytes=has_bytes)
        finally:
            os._exit(0)
    os.close(file)
    return os.pidfd_open(pid), (pid, answer, time.monotonic() + wall_s)


def _once(request: Request, file: int, answer: int, *, read: Read, holds: frozenset[str], has_bytes: int) -> None:
    limits = request.limits
    wall_s = limits.ocr_wall_s if request.ocr else limits.text_wall_s
    signal.setitimer(signal.ITIMER_REAL, wall_s)  # kept by the kernel, even in native code that never returns
    with open(file, "rb") as source:
        data = source.read()
    filtered = confine(
        has_bytes + (limits.ocr_memory_bytes if request.ocr else limits.text_memory_bytes),
        limits.ocr_cpu_s if request.ocr else limits.text_cpu_s,
    )
    held = (*sorted(holds), *(("filter",) if filtered else ()))
    told: Answer
    try:
        told = Answer(parsed=read(data, request))
    except Refused as refusal:
        told = Answer(refused=refusal.code, where=refusal.where[:100])
    except NeedsOcr:
        told = Answer(needs_ocr=True)
    except (MemoryError, RecursionError):
        told = Answer(refused="too_heavy")
    except Exception as error:  # every way a parser breaks down is a file that cannot be read
        told = Answer(refused="broken", where=type(error).__name__)
    told.holds = held
    told.peak_bytes = _peak_bytes()
    left = memoryview(msgspec.msgpack.encode(told))
    while left:
        left = left[os.write(answer, left) :]


def _peak_bytes() -> int:
    import resource  # noqa: PLC0415 - beside its only use

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _ended(watch: int, pid: int, answer: int) -> None:
    """Tells how a copy died that could not say so itself; the answer ends here, not before."""
    os.close(watch)
    _pid, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        with suppress(OSError):  # who asked may have gone
            os.write(answer, msgspec.msgpack.encode(Answer(killed=os.WTERMSIG(status))))
    os.close(answer)


def main(arguments: list[str]) -> None:
    """``arguments``: the socket's descriptor, and ``text`` or ``ocr``: what to load before the first file."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    from modules.recruiting.resumes import readers  # noqa: PLC0415 - heavy, and of the helper only

    ready: Any = readers.prepare(ocr=arguments[1] == "ocr")
    serve(socket.socket(fileno=int(arguments[0])), ready)


if __name__ == "__main__":
    main(sys.argv[1:])

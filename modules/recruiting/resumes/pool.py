"""This process's side of the helpers: starts them when first needed, hands files over, takes answers back."""

from __future__ import annotations

import array
import atexit
import os
import select
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Final, Literal

import msgspec

from modules.recruiting.resumes.helper import Answer, Request

Kind = Literal["text", "ocr"]

_ROOT: Final = Path(__file__).resolve().parents[3]
_MAX_ANSWER_BYTES: Final = 16 << 20
_ANSWER: Final = msgspec.msgpack.Decoder(Answer)
#: a copy that lives for one file gives no memory back before its end: glibc would, and take it again a moment later
_ENVIRONMENT: Final = {
    "LANG": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_MMAP_THRESHOLD_": str(1 << 30),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 30),
}
#: isolated, and without what the packages above would import: nothing of the service is loaded in a helper
_START: Final = """
import sys, types
root = sys.argv.pop(1)
for name in ("modules", "modules.recruiting"):
    package = types.ModuleType(name)
    package.__path__ = [root + "/" + name.replace(".", "/")]
    sys.modules[name] = package
from modules.recruiting.resumes import helper
helper.main(sys.argv[1:])
"""


class Helper:
    """One process that stands ready. Used from several threads."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def ask(self, data: bytes, request: Request, wall_s: float) -> Answer:
        """Blocks until the file is read or its time is over. A helper that was just ending is asked once more."""
        for attempt in (1, 2):
            answer = self._ask(data, request, wall_s)
            if answer is not None:
                return answer
            if attempt == 1:
                self.close()
        return Answer(killed=9)

    def _ask(self, data: bytes, request: Request, wall_s: float) -> Answer | None:
        """None: the helper was gone before it took the file."""
        file = os.memfd_create("resume", os.MFD_CLOEXEC)
        reading, writing = os.pipe2(os.O_CLOEXEC)
        try:
            with open(file, "wb", closefd=False) as sink:
                sink.write(data)
            os.lseek(file, 0, os.SEEK_SET)
            passed = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [file, writing]))]
            with self._lock:
                try:
                    self._standing().sendmsg([msgspec.msgpack.encode(request)], passed)
                except OSError:
                    return None
        finally:
            os.close(writing)
            os.close(file)
        try:
            # the helper keeps the time; this is for a helper that no longer does
            return _take(reading, time.monotonic() + wall_s + 10)
        finally:
            os.close(reading)

    def _standing(self) -> socket.socket:
        if self._control is None or self._process is None or self._process.poll() is not None:
            self._drop()
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-I", "-c", _START, str(_ROOT), str(theirs.fileno()), self._kind],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    cwd="/",
                    env=_ENVIRONMENT,
                    pass_fds=[theirs.fileno()],
                )
            self._control = ours
        return self._control

    def close(self) -> None:
        """Ends the helper and any copy that still reads."""
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            try:
                self._process.wait(2)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._control = self._process = None


def _take(reading: int, deadline_s: float) -> Answer | None:
    """What is written until the pipe ends. None when nothing was."""
    got = bytearray()
    while True:
        left_s = deadline_s - time.monotonic()
        if left_s <= 0 or not select.select([reading], [], [], left_s)[0]:
            return Answer(killed=14)
        part = os.read(reading, 1 << 16)
        if not part:
            break
        got += part
        if len(got) > _MAX_ANSWER_BYTES:
            return Answer(refused="too_heavy")
    if not got:
        return None
    try:
        return _ANSWER.decode(bytes(got))
    except msgspec.DecodeError:
        return Answer(refused="broken")


HELPERS: Final[dict[Kind, Helper]] = {"text": Helper("text"), "ocr": Helper("ocr")}


@atexit.register
def close() -> None:
    for helper in HELPERS.values():
        helper.close()

"""One résumé, whatever it is, into fields or into a refusal that says what now."""

from __future__ import annotations

import asyncio
import datetime
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from modules.recruiting.resumes.errors import refusal
from modules.recruiting.resumes.helper import Answer, Request
from modules.recruiting.resumes.pool import HELPERS
from modules.recruiting.resumes.schemas import Limits, Parsed
from zhiren.helpers import cores

#: files read at once; more wait their turn
AT_ONCE: Final = max(1, cores())
_threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="resume")

_PICTURES: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
_DEFAULT: Final = Limits()


async def parse(data: bytes, name: str, *, limits: Limits = _DEFAULT, today: datetime.date | None = None) -> Parsed:
    """Reads ``data`` in a process of its own without network, under ``limits``; ``name`` helps and decides nothing.
    Work that goes on is counted until ``today``. Raises ResumeRefused, whatever the file does to its reader."""
    answer = await ask(data, name, limits=limits, today=today)
    if answer.parsed is None:
        raise refusal(_reason(answer), shown(name), answer.where)
    return answer.parsed


async def ask(data: bytes, name: str, *, limits: Limits = _DEFAULT, today: datetime.date | None = None) -> Answer:
    """As ``parse``, with what the reading cost and held; a refusal is in the answer."""
    if len(data) > limits.file_bytes:
        return Answer(refused="file_too_big", where=f"{len(data) >> 20} MB")
    request = Request(
        name=shown(name), today=(today or datetime.datetime.now(datetime.UTC).date()).isoformat(), limits=limits
    )
    return await asyncio.get_running_loop().run_in_executor(_threads, _ask, data, request)


def shown(name: str) -> str:
    """The name without folders or what cannot be seen, for messages."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(each for each in last if each.isprintable())[-100:]


def _ask(data: bytes, request: Request) -> Answer:
    if not data.startswith(_PICTURES):
        answer = HELPERS["text"].ask(data, request, request.limits.text_wall_s)
        if not answer.needs_ocr:
            return answer
    request.ocr = True
    return HELPERS["ocr"].ask(data, request, request.limits.ocr_wall_s)


def _reason(answer: Answer) -> str:
    if not answer.killed:
        return answer.refused or "broken"
    return "timeout" if answer.killed in {signal.SIGALRM, signal.SIGXCPU, signal.SIGKILL} else "broken"

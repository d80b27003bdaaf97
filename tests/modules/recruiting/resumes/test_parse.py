"""Strangers' files through the confined helpers: the corpus, the hostile ones, and what the confinement holds."""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from modules.recruiting.resumes import corpus, helper, pool
from modules.recruiting.resumes.check import FIELDS, SCAN_AIM, TEXT_AIM, check
from modules.recruiting.resumes.errors import (
    NOTICES,
    REFUSALS,
    ResumeEncrypted,
    ResumeRefused,
    ResumeTooBig,
    ResumeUnreadable,
    ResumeUnsafe,
)
from modules.recruiting.resumes.parse import ask, parse
from modules.recruiting.resumes.schemas import Limits
from tests.modules.recruiting.resumes.hostile import GOOD, Hostile, hostile, pdf, word

ROOT = Path(helper.__file__).parents[3]
#: of the whole process, libraries and Python included
TEXT_PEAK_BYTES, PICTURE_PEAK_BYTES = 700 << 20, 1700 << 20
TEXTS = tuple(name for name, (_ending, scan, _make) in corpus.LAYOUTS.items() if not scan)
SCANS = tuple(name for name, (_ending, scan, _make) in corpus.LAYOUTS.items() if scan)
HOSTILE = hostile()


# WeasyPrint and ReportLab warn of what other libraries will change
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_text_is_read_right() -> None:
    score = await check(corpus.corpus(TEXTS))
    assert score.asked[("text", "name")] == 32
    low = {field: score.share("text", field) for field in FIELDS if score.share("text", field) < TEXT_AIM}
    assert low == {}, score.wrong


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_scans_are_read_right() -> None:
    score = await check(corpus.corpus(SCANS))
    assert score.asked[("scan", "name")] == 8
    assert score.asked[("scan",)] == 8 * len(FIELDS)
    low = {field: score.share("scan", field) for field in FIELDS if score.share("scan", field) < SCAN_AIM}
    assert low == {}, score.wrong


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_same_seed_makes_the_same_people() -> None:
    first, again = (corpus.corpus(("board",), each=3, seed=5) for _ in range(2))
    assert [one.truth for one in first] == [one.truth for one in again]
    assert corpus.corpus(("board",), each=1, seed=6)[0].truth != first[0].truth


def test_there_are_at_least_fifty_hostile_files() -> None:
    assert len(HOSTILE) >= 50
    assert len({one.name for one in HOSTILE}) == len(HOSTILE)


@pytest.mark.parametrize("one", HOSTILE, ids=[one.name.replace("\0", "0") for one in HOSTILE])
async def test_a_hostile_file_does_no_harm(one: Hostile) -> None:
    began_s = time.monotonic()
    answer = await ask(one.data, one.name)
    took_s = time.monotonic() - began_s
    assert took_s < Limits().text_wall_s + Limits().ocr_wall_s
    assert answer.peak_bytes < (TEXT_PEAK_BYTES if not one.name.endswith((".png", ".jpg")) else PICTURE_PEAK_BYTES)
    if one.refused:
        assert answer.parsed is None
        assert answer.refused in one.refused
    elif answer.parsed is not None:
        assert set(one.notices) <= {notice.code for notice in answer.parsed.notices}
        assert not one.text or one.text not in answer.parsed.text
    else:
        # harmless because it was given up
        assert not one.notices
        assert answer.refused in REFUSALS or answer.killed
    good = await parse(GOOD.encode(), "good.txt")
    assert good.name is not None
    assert good.name.value == "王小明"


@pytest.mark.parametrize(
    ("data", "name", "kind", "says"),
    [
        (b"", "a.pdf", ResumeUnreadable, "没有内容"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "旧.doc", ResumeUnreadable, ".docx"),
        (b"x" * (21 << 20), "大.txt", ResumeTooBig, "太大"),
        (word(b'<!DOCTYPE x [<!ENTITY e "x">]><a/>'), "x.docx", ResumeUnsafe, "实体"),
        (next(one.data for one in HOSTILE if one.name == "locked.pdf"), "锁.pdf", ResumeEncrypted, "密码"),
    ],
)
async def test_a_refusal_says_what_where_and_what_now(
    data: bytes, name: str, kind: type[ResumeRefused], says: str
) -> None:
    with pytest.raises(kind) as refused:
        await parse(data, f"C:\\Users\\{name}")
    error = refused.value
    assert error.code == kind.code
    assert says in error.message + error.hint
    assert error.message.startswith(name)
    assert error.hint


def test_every_notice_has_words() -> None:
    used = {notice for one in HOSTILE for notice in one.notices}
    assert used <= NOTICES.keys()


async def test_time_is_up() -> None:
    slow = next(one for one in HOSTILE if one.name == "flate.pdf")
    answer = await ask(slow.data, slow.name, limits=Limits(text_wall_s=0.3))
    assert answer.killed
    with pytest.raises(ResumeTooBig):
        await parse(slow.data, slow.name, limits=Limits(text_wall_s=0.3))


async def test_memory_is_out() -> None:
    answer = await ask(word(b"<w:p>" + b" " * (40 << 20)), "big.docx", limits=Limits(text_memory_bytes=16 << 20))
    assert answer.parsed is None
    assert (await parse(GOOD.encode(), "good.txt")).name is not None


async def test_many_at_once() -> None:
    files = [GOOD.replace("王小明", f"李{name}").encode() for name in "伟芳娜敏静丽强磊军洋勇艳"]
    parsed = await asyncio.gather(*(parse(data, f"{number}.txt") for number, data in enumerate(files)))
    names = [one.name.value for one in parsed if one.name is not None]
    assert names == [f"李{name}" for name in "伟芳娜敏静丽强磊军洋勇艳"]


async def test_a_lost_helper_is_replaced() -> None:
    await parse(GOOD.encode(), "a.txt")
    process = pool.HELPERS["text"]._process
    assert process is not None
    process.kill()
    process.wait()
    assert (await parse(GOOD.encode(), "a.txt")).name is not None


async def test_what_holds_is_told() -> None:
    answer = await ask(GOOD.encode(), "a.txt")
    # the filter needs no privilege, and is what everything else may fall back on
    assert "filter" in answer.holds


async def test_a_picture_without_words_is_refused_in_words() -> None:
    sink = io.BytesIO()
    Image.new("RGB", (200, 200), "white").save(sink, "PNG")
    with pytest.raises(ResumeUnreadable):
        await parse(sink.getvalue(), "white.png")


async def test_a_pdf_says_on_which_page() -> None:
    parsed = await parse(pdf(), "a.pdf")
    assert parsed.mobile is not None
    assert (parsed.mobile.value, parsed.mobile.page, parsed.pages) == ("13800008000", 1, 1)
    assert parsed.read_as == "text"


_TRIES = """
import os, socket, sys
sys.path[:0] = [{root!r}]
from modules.recruiting.resumes import confine
mapped = confine.address_space_bytes()
os.chdir({folder!r})
if {user}:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
held = confine.hide() if {hidden} else ()
print("files" in held, confine.confine(mapped + (100 << 20), 5), flush=True)
def tries(name, act):
    try:
        act()
    except BaseException as error:
        print(name, type(error).__name__, flush=True)
    else:
        print(name, "DONE", flush=True)
tries("socket", lambda: socket.socket())
tries("unix", lambda: socket.socketpair())
tries("fork", os.fork)
tries("exec", lambda: os.execv("/bin/true", ["true"]))
tries("kill", lambda: os.kill(os.getppid(), 0))
tries("write", lambda: open("new", "w").write("x" * 9) and os.stat("new"))
tries("remove", lambda: os.remove("there"))
tries("read", lambda: open("secret").read())
tries("passwd", lambda: open("/etc/passwd").read())
tries("memory", lambda: bytearray(300 << 20))
tries("raise", lambda: __import__("resource").setrlimit(9, (1 << 40, 1 << 40)))
"""


@pytest.mark.parametrize(
    ("user", "hidden"),
    [(False, True), (True, True), (False, False)],
    ids=["same user", "nobody", "a kernel without Landlock"],
)
def test_confined(tmp_path: Path, user: bool, hidden: bool) -> None:
    if user and os.getuid() != 0:
        pytest.skip("only root can become another user")
    tmp_path.chmod(0o777)
    for above in tmp_path.parents:
        if user and not above.stat().st_mode & 0o001:
            above.chmod(above.stat().st_mode | 0o001)
    (tmp_path / "there").write_text("x")
    (tmp_path / "secret").write_text("x")
    done = subprocess.run(
        [sys.executable, "-c", _TRIES.format(root=str(ROOT), folder=str(tmp_path), user=user, hidden=hidden)],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(ROOT / "platform"), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    first, *lines = done.stdout.splitlines()
    told = dict(line.split() for line in lines)
    files, filtered = first.split()
    assert filtered == "True", done.stderr
    needs_landlock = {"read", "passwd"}
    for name, came in told.items():
        if name not in needs_landlock or files == "True":
            assert came in {"PermissionError", "MemoryError", "OSError", "ValueError"}, (name, came)
    assert len(told) == 11
    assert (tmp_path / "there").exists()


def test_a_helper_has_none_of_the_service_in_it() -> None:
    """What reads strangers' files is started with next to nothing."""
    code = pool._START.replace(
        "helper.main(sys.argv[1:])", "from modules.recruiting.resumes import readers; readers.prepare(ocr=False)"
    )
    code += "\nservice = {'zhiren', 'sqlalchemy', 'litestar'}"
    code += "\nprint(sorted(name for name in sys.modules if name.split('.')[0] in service))"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, str(ROOT)],
        capture_output=True,
        text=True,
        check=True,
        env={"LANG": "C.UTF-8"},
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.slow
def test_models_stand_ready_before_the_first_picture() -> None:
    """Copies are made of the process that has loaded them; one that had to load would take twice as long."""
    code = pool._START.replace(
        "helper.main(sys.argv[1:])",
        "import os, onnxruntime; from modules.recruiting.resumes.readers import ocr",
    )
    code += "\nbegun = len(os.listdir('/proc/self/task'))\nmade = ocr.Ocr()._engine"
    code += "\nassert made.text_det is not None and made.text_rec is not None"
    # the library begins one of its own, which copies do without; none may be added
    code += "\nprint(len(os.listdir('/proc/self/task')) - begun)"
    code += "\nprint(ocr._longer_side(1754, 1240), ocr._longer_side(600, 400), ocr._longer_side(1000, 2000))"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, str(ROOT)],
        capture_output=True,
        text=True,
        check=True,
        env={"LANG": "C.UTF-8", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )
    assert done.stdout.split() == ["0", "1222", "600", "1382"]

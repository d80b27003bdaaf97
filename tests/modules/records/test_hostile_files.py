"""Files that mean harm, or are merely broken: refused with a reason, or made harmless and said so."""

from __future__ import annotations

import asyncio
import io
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from modules.records.errors import ImportRefused
from modules.records.rules.imports.guess import lay_out
from modules.records.service.imports import reader
from modules.records.service.imports.reader import NOTICES, REFUSALS, read_spreadsheet
from tests.modules.records import sheets

ROWS = [list(sheets.ROSTER), *sheets.roster(5)]
DATA = Path(__file__).parent / "data"


def repacked(change: Callable[[str, bytes], bytes | None], *, more: dict[str, bytes] | None = None) -> bytes:
    """A good workbook with its parts changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sheets.xlsx(ROWS))) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = change(name, old.read(name))
            if data is not None:
                new.writestr(name, data)
        for name, data in (more or {}).items():
            new.writestr(name, data)
    return out.getvalue()


def bomb() -> bytes:
    return repacked(lambda name, data: data, more={"xl/media/image1.png": b"\0" * (400 << 20)})


def lying_bomb() -> bytes:
    """The directory says a few bytes; the stream goes on for 200 MB."""
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"".join(stream.compress(b"\0" * (1 << 20)) for _ in range(200)) + stream.flush()
    good = bytearray(repacked(lambda name, data: data, more={"xl/x.xml": b"x"}))
    name = b"xl/y.xml"
    head = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 8, 0, 33, 0, len(packed), 64, len(name), 0) + name
    end = good.rindex(b"PK\5\6")
    directory_size, directory_at = struct.unpack("<II", good[end + 12 : end + 20])
    directory = good[directory_at : directory_at + directory_size]
    entry = struct.pack(
        "<4sHHHHHHIIIHHHHHII",
        b"PK\1\2",
        20,
        20,
        0,
        8,
        0,
        33,
        0,
        len(packed),
        64,
        len(name),
        0,
        0,
        0,
        0,
        0,
        directory_at,
    )
    count = struct.unpack("<H", good[end + 10 : end + 12])[0] + 1
    tail = struct.pack(
        "<4sHHHHIIH",
        b"PK\5\6",
        0,
        0,
        count,
        count,
        directory_size + len(entry) + len(name),
        directory_at + len(head) + len(packed),
        0,
    )
    return bytes(good[:directory_at]) + head + packed + bytes(directory) + entry + name + tail


def entity() -> bytes:
    def change(name: str, data: bytes) -> bytes:
        if name != "xl/workbook.xml":
            return data
        return b'<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]>' + data

    return repacked(change)


def entity_in_utf16() -> bytes:
    text = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY y "z">]><x>&y;</x>'
    return repacked(lambda name, data: text.encode("utf-16") if name == "xl/styles.xml" else data)


def far_corner() -> bytes:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet["A1"] = "工号"
    sheet.cell(1_048_576, 16_384, "x")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def ole(stream: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + stream.encode("utf-16-le") + b"\0" * 3000


def too_many_rows() -> bytes:
    return b"\xe5\xb7\xa5\xe5\x8f\xb7,\xe5\xa7\x93\xe5\x90\x8d\n" + b"1,x\n" * 60_000


@pytest.mark.parametrize(
    ("name", "make", "reason"),
    [
        ("a.xlsx", bomb, "zip_bomb"),
        ("a.xlsx", lying_bomb, "truncated"),
        ("a.xlsx", entity, "xxe"),
        ("a.xlsx", entity_in_utf16, "xxe"),
        ("a.xlsx", far_corner, "too_large"),
        ("a.xlsx", lambda: ole("EncryptedPackage"), "password"),
        ("a.xls", lambda: ole("nothing that is known"), "broken"),
        ("a.xlsx", lambda: sheets.xlsx(ROWS)[:3000], "truncated"),
        ("a.xlsx", lambda: sheets.xlsx(ROWS)[:-40], "truncated"),
        ("a.xlsx", lambda: repacked(lambda n, d: None if n == "xl/workbook.xml" else d), "not_a_spreadsheet"),
        ("a.xlsx", lambda: repacked(lambda n, d: b"<x" if n.endswith("sheet1.xml") else d), "broken"),
        ("a.xls", lambda: sheets.xls(ROWS)[:700], "broken"),
        ("a.xls", lambda: b"<html><body><table><tr><td>1</td></tr></table></body></html>", "html"),
        ("a.csv", lambda: b"", "empty"),
        ("a.csv", lambda: b"\xef\xbb\xbf\n\n , ,\n", "empty"),
        ("a.csv", lambda: b"%PDF-1.7\n1 0 obj", "not_a_spreadsheet"),
        ("a.csv", lambda: bytes(range(256)) * 20, "not_a_spreadsheet"),
        ("a.csv", lambda: "社員番号,名前\n1,田中さん、東京に住んでいます\n".encode("shift-jis"), "encoding"),
        ("a.csv", lambda: "員工編號,姓名\n1,陳大文在這裡工作嗎\n".encode("big5"), "encoding"),
        ("a.csv", too_many_rows, "too_many_rows"),
        ("a.csv", lambda: b"a," * 300 + b"b\n1,2\n", "too_many_columns"),
        ("a.csv", lambda: b"x" * (reader.MAX_FILE_BYTES + 1), "file_too_big"),
    ],
)  # fmt: skip
async def test_a_bad_file_is_refused_with_its_reason(name: str, make: Callable[[], bytes], reason: str) -> None:
    with pytest.raises(ImportRefused) as refusal:
        await read_spreadsheet(name, make())
    assert refusal.value.params["reason"] == reason
    assert refusal.value.message.startswith(REFUSALS[reason][0])
    assert refusal.value.hint == REFUSALS[reason][1]


async def test_a_million_empty_rows_cost_nothing() -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True})
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True})
    sheet.write_row(0, 0, ["工号", "姓名"])
    sheet.write_row(1, 0, ["1", "王伟"])
    for row in range(2, 1_000_000):
        sheet.write_blank(row, 0, None, bold)
    book.close()
    found = await read_spreadsheet("a.xlsx", out.getvalue())
    assert found.sheets[0].rows == [[1, "工号", "姓名"], [2, "1", "王伟"]]


async def test_formulas_are_not_run_and_only_their_last_values_read() -> None:
    rows = [["工号", "姓名"], ["1", '=HYPERLINK("http://evil.example","王伟")'], ["2", "=1+1"]]
    found = await read_spreadsheet("a.xlsx", sheets.xlsx(rows))
    assert found.sheets[0].rows == [[1, "工号", "姓名"], [2, "1"], [3, "2"]]


async def test_macros_are_left_alone_and_told() -> None:
    data = repacked(lambda name, data: data, more={"xl/vbaProject.bin": b"macro"})
    found = await read_spreadsheet("a.xlsm", data)
    assert [notice["code"] for notice in found.notices] == ["macros"]
    assert len(found.sheets[0].rows) == 6


async def test_merged_cells_are_filled_as_they_are_seen() -> None:
    def merge(book: Any) -> None:
        sheet = book.active
        sheet.merge_cells("A1:C1")
        sheet.merge_cells("C3:C5")

    rows = [["员工花名册"], ["工号", "姓名", "部门"], ["1", "王伟", "制造中心"], ["2", "李娜"], ["3", "张敏"]]
    found = await read_spreadsheet("a.xlsx", sheets.xlsx(rows, merge))
    layout = lay_out(found.sheets[0].rows)
    assert [row[3] for row in layout.data] == ["制造中心"] * 3
    assert found.notices[0]["code"] == "merged"
    assert set(NOTICES) >= {notice["code"] for notice in [*found.notices, *layout.notices]}


async def test_an_odd_old_workbook_of_a_time_clock_is_read() -> None:
    found = await read_spreadsheet("考勤.xls", (DATA / "zkteco_kq803_campus-a_MIT.xls").read_bytes())
    assert found.kind == "ole"
    layout = lay_out(found.sheets[0].rows)
    assert not {"id_number", "bank_account", "mobile"} & {column.guess for column in layout.columns}


async def test_the_reader_can_write_no_file_and_open_no_connection(tmp_path: Path) -> None:
    """The limits are set before the first byte is looked at; this runs the very function that sets them."""
    script = tmp_path / "probe.py"
    sandbox = Path(reader.__file__).with_name("sandbox.py")
    script.write_text(
        f"import sys; sys.path.insert(0, {str(sandbox.parent)!r})\n"
        "import sandbox, socket\nsandbox.confine()\n"
        f"try:\n    with open({str(tmp_path / 'x')!r}, 'w') as f: f.write('x')\n    print('written')\n"
        "except OSError: print('no file')\n"
        "try:\n    bytearray(4 << 30); print('memory')\nexcept MemoryError: print('no memory')\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", str(script), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, _err = await process.communicate()
    assert out.split(b"\n")[:2] == [b"no file", b"no memory"]

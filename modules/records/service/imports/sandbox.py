"""Reads one untrusted spreadsheet in a process of its own: ``python -I sandbox.py NAME < file > answer``.

The process gives up memory, CPU time, files and, where the kernel lets it, the network before it looks at one byte. It
writes one msgpack map: ``{"sheets": [...], "notices": [...]}`` or ``{"refused": code, "detail": text}``. Whatever
kills it (memory, CPU, a crash of a parser) is a refusal to the parent, never an error of the service.

Started by path and isolated, it imports nothing of zhiren.
"""

from __future__ import annotations

import codecs
import csv
import ctypes
import datetime
import io
import os
import re
import resource
import sys
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any

MEMORY_BYTES = 1536 << 20
CPU_S = 30
MAX_INFLATED_BYTES = 300 << 20
MAX_ZIP_ENTRIES = 5_000
MAX_RATIO = 250
MAX_ROWS = 50_000
MAX_COLUMNS = 200
MAX_CELL_CHARS = 2_000
MAX_SHEETS = 20

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_NO_NEW_PRIVS = 38


class Refused(Exception):
    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.detail = code, detail


def confine() -> None:
    """Limits that cannot be taken back. Losing the network needs a kernel that allows it: best effort."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.unshare(_CLONE_NEWNET) != 0:
        libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


# --- what the bytes are, whatever the file is called -----------------------------------------------------------------


_OTHER_FILES = (b"%pdf", b"\x89png", b"\xff\xd8\xff", b"gif8", b"mz", b"\x7felf", b"rar!", b"7z\xbc\xaf", b"\x1f\x8b")


def kind_of(data: bytes) -> str:
    if not data.strip(b"\0 \t\r\n"):
        raise Refused("empty")
    if data[:4] == b"PK\x03\x04":
        return "zip"
    if data[:2] == b"PK":
        raise Refused("truncated")
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return "ole"
    head = data[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<html", b"<!doctype html", b"<table", b"<meta")):
        raise Refused("html")
    if head.startswith(b"<?xml") or head.startswith(b"<!doctype"):
        raise Refused("xml")
    if head.startswith(
        (b"%pdf", b"\x89png", b"\xff\xd8\xff", b"gif8", b"mz", b"\x7felf", b"rar!", b"7z\xbc\xaf", b"\x1f\x8b")
    ):
        raise Refused("not_a_spreadsheet")
    return "text"


def inspect_zip(data: bytes, notices: list[dict[str, Any]]) -> None:
    """Refuses what a parser should not meet: bombs, entities, encrypted or broken archives."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, EOFError, ValueError) as error:
        raise Refused("truncated") from error
    entries = archive.infolist()
    names = {entry.filename for entry in entries}
    if len(entries) > MAX_ZIP_ENTRIES or len(names) != len(entries):
        raise Refused("zip_bomb", f"{len(entries)}")
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused("password")
    if "xl/workbook.xml" not in names and "xl/workbook.bin" not in names and "content.xml" not in names:
        raise Refused("not_a_spreadsheet")
    declared = sum(entry.file_size for entry in entries)
    if declared > MAX_INFLATED_BYTES:
        raise Refused("zip_bomb", f"{declared >> 20} MB")
    left = MAX_INFLATED_BYTES
    for entry in entries:
        left -= _inflate(archive, entry, left)
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        notices.append({"code": "macros"})
    if any("externallinks/" in name.lower() for name in names):
        notices.append({"code": "external_links"})


def _inflate(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> int:
    """Bytes of one entry, counted as they come out and searched for a document type."""
    size, tail = 0, b""
    is_xml = entry.filename.lower().endswith((".xml", ".rels", ".vml"))
    try:
        with archive.open(entry) as stream:
            while chunk := stream.read(1 << 16):
                size += len(chunk)
                if size > left or size > max(1 << 20, entry.compress_size * MAX_RATIO):
                    raise Refused("zip_bomb", entry.filename)
                if is_xml:
                    seen = (tail + chunk).replace(b"\0", b"").upper()  # UTF-16 spells the same letters with zeros
                    if b"<!DOCTYPE" in seen or b"<!ENTITY" in seen:
                        raise Refused("xxe", entry.filename)
                    tail = chunk[-32:]
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError) as error:
        raise Refused("truncated", entry.filename) from error
    except Exception as error:
        if isinstance(error, Refused):
            raise
        raise Refused("truncated", entry.filename) from error  # zlib.error, lzma.LZMAError
    return size


# --- workbooks -------------------------------------------------------------------------------------------------------

_CELL_AT = re.compile(rb'<(?:\w+:)?c [^>]*?\br="([A-Z]{1,3})(\d+)"')


def check_extent(data: bytes) -> None:
    """The corner cells of every sheet, before a parser makes a rectangle of them: one cell in the last row and column
    would cost 17 thousand million."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    for name in archive.namelist():
        if not name.startswith("xl/worksheets/") or not name.endswith(".xml"):
            continue
        rows = columns = 0
        tail = b""
        with archive.open(name) as stream:
            while chunk := stream.read(1 << 18):
                for letters, row in _CELL_AT.findall(tail + chunk):
                    rows = max(rows, int(row))
                    columns = max(columns, _column_number(letters))
                tail = chunk[-256:]
                if rows * columns > 40_000_000:
                    raise Refused("too_large", f"{rows} × {columns}")


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def plain(value: Any) -> Any:  # noqa: PLR0911 - one for each kind
    """A cell as msgpack carries it: str, int, float, bool, None, or ``{"d": ISO date}``."""
    if value is None or value == "":
        return None
    if isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e15 else value
    if isinstance(value, datetime.datetime):
        return {"d": value.date().isoformat()}
    if isinstance(value, datetime.date):
        return {"d": value.isoformat()}
    if isinstance(value, (datetime.time, datetime.timedelta)):
        return str(value)
    text = str(value)
    return text if len(text) <= MAX_CELL_CHARS else text[:MAX_CELL_CHARS]


def sheets_of_workbook(data: bytes, notices: list[dict[str, Any]]) -> list[dict[str, Any]]:
    import python_calamine as calamine  # noqa: PLC0415 - after the limits are set

    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    except calamine.PasswordError as error:
        raise Refused("password") from error
    except Exception as error:  # every parser error is a refusal
        if "assword" in str(error) or "ncrypt" in str(error):
            raise Refused("password") from error
        raise Refused("broken", type(error).__name__) from error
    found: list[dict[str, Any]] = []
    for meta in book.sheets_metadata[:MAX_SHEETS]:
        if meta.typ is not calamine.SheetTypeEnum.WorkSheet:
            continue
        try:
            sheet = book.get_sheet_by_name(meta.name)
            merged = sheet.merged_cell_ranges or []
            if sheet.total_width > 0 and sheet.total_height * sheet.total_width > 40_000_000:
                raise Refused("too_large", f"{sheet.total_height} × {sheet.total_width}")
            start = sheet.start or (0, 0)
            rows = keep_rows(iter(sheet.to_python(skip_empty_area=True)), start[0] + 1, start[1])
        except Refused:
            raise
        except Exception as error:
            raise Refused("broken", type(error).__name__) from error
        filled = fill_merged(rows, merged)
        if filled:
            notices.append({"code": "merged", "sheet": meta.name, "count": filled})
        hidden = meta.visible is not calamine.SheetVisibleEnum.Visible
        found.append({"name": meta.name, "hidden": hidden, "rows": rows})
    if len(book.sheets_metadata) > MAX_SHEETS:
        notices.append({"code": "sheets_cut", "count": MAX_SHEETS})
    return found


def keep_rows(rows: Iterator[Iterable[Any]], first_row: int, first_column: int) -> list[list[Any]]:
    """``[row number, cell, cell, ...]`` of the rows that hold anything. A million empty rows cost time, not space."""
    kept: list[list[Any]] = []
    for number, row in enumerate(rows, first_row):
        cells = [None] * first_column + [plain(value) for value in row]
        while cells and (cells[-1] is None or (isinstance(cells[-1], str) and not cells[-1].strip())):
            cells.pop()
        if not cells:
            continue
        if len(cells) > MAX_COLUMNS:
            raise Refused("too_many_columns", f"{len(cells)}")
        if len(kept) >= MAX_ROWS:
            raise Refused("too_many_rows", f"{MAX_ROWS}")
        kept.append([number, *cells])
    return kept


def fill_merged(rows: list[list[Any]], ranges: list[tuple[tuple[int, int], tuple[int, int]]]) -> int:
    """A merged cell's value is written into every row it spans, downwards only: what a reader of the sheet sees.

    Returns how many ranges were filled. Merged titles that run across columns stay in their first cell.
    """
    at = {row[0]: row for row in rows}
    filled = 0
    for (top, left), (bottom, _right) in ranges[:20_000]:
        source = at.get(top + 1)
        if source is None or bottom == top or left + 1 >= len(source) or bottom - top > MAX_ROWS:
            continue
        value = source[left + 1]
        touched = False
        for number in range(top + 2, bottom + 2):
            row = at.get(number)
            if row is None:
                continue
            row.extend([None] * (left + 2 - len(row)))
            if row[left + 1] is None:
                row[left + 1] = value
                touched = True
        filled += touched
    return filled


# --- text ------------------------------------------------------------------------------------------------------------


def decode(data: bytes, notices: list[dict[str, Any]]) -> str:
    """UTF-8 (with or without BOM), UTF-16 with BOM, GB18030 (which holds GBK and GB2312); anything else is refused."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            try:
                return data.decode(name)
            except UnicodeDecodeError as error:
                raise Refused("encoding", name) from error
    if b"\0" in data:
        raise Refused("not_a_spreadsheet")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError as error:
        raise Refused("encoding", "") from error
    letters = [letter for letter in text if ord(letter) > 127]
    common = sum(1 for letter in letters if _is_gb2312(letter))
    # other encodings read as GB18030 come out as characters that nobody writes
    if common < 0.9 * len(letters):
        raise Refused("encoding", "")
    notices.append({"code": "gb18030"})
    return text


def _is_gb2312(letter: str) -> bool:
    try:
        letter.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def sheet_of_text(data: bytes, notices: list[dict[str, Any]]) -> list[dict[str, Any]]:
    text = decode(data, notices)
    if sum(1 for letter in text[:20_000] if ord(letter) < 32 and letter not in "\t\r\n\f") > 5:
        raise Refused("not_a_spreadsheet")
    lines = text[:65_536].splitlines()[:30]
    delimiter = max(",\t;|，", key=lambda mark: sum(min(line.count(mark), 50) for line in lines))
    csv.field_size_limit(1 << 20)
    try:
        rows = keep_rows(
            ([cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)),
            1,
            0,
        )
    except csv.Error as error:
        raise Refused("broken", "csv") from error
    return [{"name": "csv", "hidden": False, "rows": rows}]


# --- all together ----------------------------------------------------------------------------------------------------

_EXPECTED = {"zip": (".xlsx", ".xlsm", ".xlsb", ".ods"), "ole": (".xls",), "text": (".csv", ".txt", ".tsv")}


def read(name: str, data: bytes) -> dict[str, Any]:
    notices: list[dict[str, Any]] = []
    kind = kind_of(data)
    if kind == "zip":
        inspect_zip(data, notices)
        check_extent(data)
        sheets = sheets_of_workbook(data, notices)
    elif kind == "ole":
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise Refused("password")
        if "_VBA_PROJECT".encode("utf-16-le") in data:
            notices.append({"code": "macros"})
        sheets = sheets_of_workbook(data, notices)
    else:
        sheets = sheet_of_text(data, notices)
    extension = os.path.splitext(name.lower())[1]
    if extension not in _EXPECTED[kind]:
        notices.append({"code": "extension", "extension": extension, "kind": kind})
    sheets = [sheet for sheet in sheets if sheet["rows"]]
    if not sheets:
        raise Refused("empty")
    return {"sheets": sheets, "notices": notices, "kind": kind}


def main() -> None:
    import msgspec  # noqa: PLC0415 - loaded before files are limited

    confine()
    data = sys.stdin.buffer.read()
    answer: dict[str, Any]
    try:
        answer = read(sys.argv[1] if len(sys.argv) > 1 else "", data)
    except Refused as refusal:
        answer = {"refused": refusal.code, "detail": refusal.detail}
    except MemoryError:
        answer = {"refused": "too_large", "detail": ""}
    sys.stdout.buffer.write(msgspec.msgpack.encode(answer))


if __name__ == "__main__":
    main()

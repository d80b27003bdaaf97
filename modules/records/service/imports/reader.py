"""Hands an untrusted file to the sandbox and turns the answer into rows, or into a refusal that says what now."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any, Final

import msgspec

from modules.records.errors import ImportRefused
from zhiren.i18n import N_, _

MAX_FILE_BYTES: Final = 20 << 20
_MAX_ANSWER_BYTES: Final = 256 << 20
_TIMEOUT_S: Final = 60
_SANDBOX: Final = Path(__file__).with_name("sandbox.py")

#: code -> what it is, what to do now
REFUSALS: Final[dict[str, tuple[str, str]]] = {
    "empty": (N_("文件里没有内容"), N_("请确认选对了文件，表格里至少要有一行标题和一行数据。")),
    "truncated": (N_("文件不完整，可能没有传完或已损坏"), N_("请用 Excel 或 WPS 打开确认，另存为 xlsx 后再上传。")),
    "broken": (N_("表格内部结构损坏，读不出来"), N_("请用 Excel 或 WPS 打开，另存为 xlsx 后再上传。")),
    "zip_bomb": (N_("文件解压后大得不正常，已拒绝打开"), N_("请把员工数据复制到一个新表格里再上传。")),
    "too_large": (N_("表格范围太大"), N_("最末行或最右列可能有多余的格子；请把数据复制到一个新表格里再上传。")),
    "too_many_rows": (N_("行数太多，一次最多 50,000 行"), N_("请分成几个文件导入。")),
    "too_many_columns": (N_("列数太多，一次最多 200 列"), N_("请删去不需要的列再上传。")),
    "password": (N_("文件设了密码"), N_("请在 Excel 或 WPS 里取消密码，另存后再上传。")),
    "xxe": (N_("文件里有外部实体声明，这不是正常表格会有的内容，已拒绝打开"), N_("请把数据复制到一个新表格里再上传。")),
    "html": (N_("这是网页另存成的表格，不是真正的 xls"), N_("请用 Excel 或 WPS 打开，另存为 xlsx 后再上传。")),
    "xml": (N_("这是 XML 文件，不是表格"), N_("请用 Excel 或 WPS 打开，另存为 xlsx 后再上传。")),
    "not_a_spreadsheet": (N_("这不是表格文件"), N_("可以导入 xlsx、xls 和 csv。")),
    "encoding": (N_("认不出文字编码"), N_("请另存为 xlsx，或编码为 UTF-8 的 csv。")),
    "file_too_big": (N_("文件超过 20 MB"), N_("请删去图片和不需要的工作表，或分成几个文件。")),
    "timeout": (N_("读取这个文件用时太长，已停止"), N_("请把数据复制到一个新表格里再上传。")),
}

#: things done to make the file harmless or readable, told on the page
NOTICES: Final[dict[str, str]] = {
    "macros": N_("文件带有宏，只读取了数据，没有运行宏。"),
    "external_links": N_("文件引用了其他文件，只读取了已保存的值。"),
    "merged": N_("工作表「{sheet}」有 {count} 处合并单元格，已按所见填到每一行。"),
    "gb18030": N_("文件编码为 GBK/GB18030，已转换。"),
    "extension": N_("扩展名 {extension} 与内容不符，已按实际内容读取。"),
    "sheets_cut": N_("工作表太多，只读取前 {count} 个。"),
    "totals": N_("跳过了 {count} 行合计、说明或重复的标题。"),
    "headerless": N_("没有找到标题行，列是按内容猜的，请核对。"),
}


class Sheet(msgspec.Struct):
    """``rows`` are ``[row number, cell, ...]`` of the rows that hold anything; a date is ``{"d": "2020-03-01"}``."""

    name: str
    hidden: bool
    rows: list[list[Any]]


class Workbook(msgspec.Struct):
    sheets: list[Sheet]
    notices: list[dict[str, Any]]
    kind: str


class _Answer(msgspec.Struct):
    refused: str | None = None
    detail: str = ""
    sheets: list[Sheet] = msgspec.field(default_factory=list)
    notices: list[dict[str, Any]] = msgspec.field(default_factory=list)
    kind: str = ""


_ANSWER: Final = msgspec.msgpack.Decoder(_Answer)


def refusal(code: str, detail: str = "") -> ImportRefused:
    what, now = REFUSALS[code]
    message = _(what) + (f" ({detail})" if detail and code not in {"encoding", "broken", "truncated"} else "")
    return ImportRefused(message, hint=_(now), params={"reason": code})


async def read_spreadsheet(name: str, data: bytes) -> Workbook:
    """Reads ``data`` in a confined process of its own. Raises ImportRefused, whatever the file does to it."""
    if len(data) > MAX_FILE_BYTES:
        raise refusal("file_too_big")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        str(_SANDBOX),
        name[-100:].replace("\0", ""),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"LANG": "C.UTF-8"},
        limit=_MAX_ANSWER_BYTES,
    )
    try:
        out, _err = await asyncio.wait_for(process.communicate(data), _TIMEOUT_S)
    except TimeoutError as error:
        raise refusal("timeout") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0 or not out or len(out) > _MAX_ANSWER_BYTES:
        # killed by its own limits, or a parser broke down
        raise refusal("too_large" if process.returncode and process.returncode < 0 else "broken")
    answer = _ANSWER.decode(out)
    if answer.refused is not None:
        raise refusal(answer.refused if answer.refused in REFUSALS else "broken", answer.detail)
    return Workbook(answer.sheets, answer.notices, answer.kind)
